"""The edit lock and the revision of a draft: nobody's work is lost without a question."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ccc.errors import ForbiddenError, InvalidError, NotFoundError, StaleError
from ccc.flow.document import FlowInvalid
from ccc.loader import Registry, load
from ccc.services import drafts, flows
from ccc.services.actor import Actor
from ccc.services.drafts import LOCK_LASTS, LockedError
from ccc.store import Store
from ccc.store.repos import audit

NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)
ADMIN = Actor("zhao", {"demo": "admin"})
SUPERVISOR = Actor("li", {"demo": "supervisor"})
AGENT = Actor("wang", {"demo": "agent"})
DOCUMENT: dict[str, Any] = {
    "format": 1,
    "name": "hello",
    "nodes": [{"id": "start", "type": "start"}, {"id": "end", "type": "hangup"}],
    "edges": [{"from": "start", "exit": "next", "to": "end"}],
}


@pytest.fixture(scope="module")
def registry() -> Registry:
    return load(entry_points=False)


@pytest.fixture
def flow(store: Store, registry: Registry) -> Store:
    flows.import_flow(store, registry, ADMIN, "demo", DOCUMENT)
    return store


def lock(store: Store, who: Actor = ADMIN, token: str = "", at: datetime = NOW, *, taking: bool = False) -> str:
    made = drafts.take_lock(
        store, who, "demo", "hello", token=token, shown_name=who.user.title(), now=at, from_holder=taking
    )
    return made.token


def save(store: Store, token: str, revision: int = 1, who: Actor = ADMIN, at: datetime = NOW, **values: Any) -> int:
    raw = {**DOCUMENT, **values}
    saved = drafts.save_draft(
        store, who, "demo", "hello", raw, revision=revision, token=token, shown_name=who.user, now=at
    )
    return saved.revision


def test_one_page_edits_and_another_is_told_who(flow: Store) -> None:
    token = lock(flow)
    assert lock(flow, token=token) == token, "the same page keeps it"
    with pytest.raises(LockedError) as refused:
        lock(flow, SUPERVISOR)
    assert refused.value.message == "Zhao is editing this flow."
    held = drafts.holder(flow, SUPERVISOR, "demo", "hello", NOW)
    assert held is not None and (held.user, held.token) == ("zhao", ""), "the token is nobody else's business"


def test_taking_over_stops_the_first_page_from_saving(flow: Store) -> None:
    first = lock(flow)
    assert save(flow, first, title="Mine") == 2
    second = lock(flow, SUPERVISOR, taking=True)
    with pytest.raises(LockedError):
        save(flow, first, 2, title="Lost?")
    assert save(flow, second, 2, SUPERVISOR, title="Theirs") == 3
    with flow.read() as session:
        actions = [(entry.action, entry.user) for entry in audit.find(session, instance="demo")]
    assert ("flow.take_over", "li") in actions and actions.count(("flow.edit", "zhao")) == 1


def test_a_page_that_is_gone_frees_the_lock(flow: Store) -> None:
    first = lock(flow)
    later = NOW + LOCK_LASTS + timedelta(seconds=1)
    assert drafts.holder(flow, ADMIN, "demo", "hello", later) is None
    assert save(flow, first, at=later, title="Back from sleep") == 2, "nobody took it: the page goes on"
    second = lock(flow, SUPERVISOR, at=later + LOCK_LASTS + timedelta(seconds=1))
    assert second != first
    drafts.release_lock(flow, ADMIN, "demo", "hello", first)
    assert drafts.holder(flow, ADMIN, "demo", "hello", later + LOCK_LASTS + timedelta(seconds=2)) is not None
    drafts.release_lock(flow, SUPERVISOR, "demo", "hello", second)
    assert drafts.holder(flow, ADMIN, "demo", "hello", later + LOCK_LASTS + timedelta(seconds=2)) is None


def test_a_stale_save_changes_nothing(flow: Store, registry: Registry) -> None:
    token = lock(flow)
    flows.import_flow(flow, registry, ADMIN, "demo", {**DOCUMENT, "title": "By command"})
    with pytest.raises(StaleError):
        save(flow, token, 1, title="Old")
    assert drafts.draft(flow, ADMIN, "demo", "hello").title == "By command"
    assert save(flow, token, 2, title="Seen") == 3


def test_what_is_no_document_is_not_saved(flow: Store) -> None:
    token = lock(flow)
    with pytest.raises(FlowInvalid):
        save(flow, token, nodes="none")
    with pytest.raises(InvalidError):
        save(flow, token, name="another")
    assert drafts.draft(flow, ADMIN, "demo", "hello").revision == 1


def test_publishing_takes_what_was_seen_and_an_administrator(flow: Store, registry: Registry) -> None:
    token = lock(flow, SUPERVISOR)
    save(flow, token, who=SUPERVISOR, title="New")
    with pytest.raises(ForbiddenError):
        drafts.publish_draft(flow, registry, SUPERVISOR, "demo", "hello", revision=2, message="")
    with pytest.raises(StaleError):
        drafts.publish_draft(flow, registry, ADMIN, "demo", "hello", revision=1, message="")
    assert drafts.publish_draft(flow, registry, ADMIN, "demo", "hello", revision=2, message="go").version.version == 1


def test_agents_and_strangers_see_no_draft(flow: Store) -> None:
    with pytest.raises(ForbiddenError):
        lock(flow, AGENT)
    with pytest.raises(NotFoundError):
        drafts.draft(flow, Actor("x", {"other": "admin"}), "demo", "hello")
    with pytest.raises(NotFoundError):
        drafts.take_lock(flow, ADMIN, "demo", "none", token="", shown_name="", now=NOW)


def test_names_for_the_settings(flow: Store, registry: Registry) -> None:
    found = drafts.names(flow, registry, SUPERVISOR, "demo")
    assert ("hello", "hello") in found["flow"] and found["voice"]
