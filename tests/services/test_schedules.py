"""Publishing planned for later: exactly what was planned, once, late with a note, refused with reasons."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ccc.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError, StaleError
from ccc.flow.document import FlowInvalid
from ccc.loader import Registry
from ccc.services import audio, flow_admin, flows, publishing, schedules
from ccc.services.actor import Actor
from ccc.services.flow_tests import TestsFailedError
from ccc.services.log import last_change
from ccc.services.schedules import cancel_plan, change_plan, plan_publishing, plans, publish_due
from ccc.snapshot import load as load_snapshot
from ccc.store import Store
from ccc.store.repos import audio as repo
from ccc.store.repos import notices, users
from ccc.store.repos.publications import ScheduleRecord
from tests.prompts.test_convert import tone, wav_bytes
from tests.services.test_flow_admin import flow as named
from tests.services.test_numbers import BOSS, registry

__all__ = ["registry"]
NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
AT = NOW + timedelta(hours=1)
Plan = Callable[..., ScheduleRecord]


def flow(name: str, title: str = "first", audio: str = "") -> dict[str, Any]:
    document = named(name) | {"title": title}
    if audio:
        document["nodes"][1]["config"] = {"prompts": [{"kind": "audio", "name": audio}]}
    return document


@pytest.fixture
def drawn(store: Store, registry: Registry) -> Store:
    flows.import_flow(store, registry, BOSS, "demo", flow("a"))
    with store.write() as session:
        users.add(session, "acme", "boss", "Boss", "boss@example.com", "x")
        users.set_role(session, "boss", "demo", "admin")
    return store


@pytest.fixture
def plan(drawn: Store, registry: Registry) -> Plan:
    def make(at: datetime = AT, message: str = "", **more: Any) -> ScheduleRecord:
        return plan_publishing(drawn, registry, BOSS, "demo", "a", at, message, now=NOW, **more)

    return make


def live(store: Store) -> tuple[int, str] | None:
    found = load_snapshot(store.home.snapshot).flows
    return (found[0].version, found[0].document["title"]) if found else None


def state(store: Store, registry: Registry) -> str:
    return flow_admin.flow_item(store, registry, BOSS, "demo", "a", NOW).state


def test_what_was_planned_is_published_once_whatever_the_draft_says_then(
    drawn: Store, plan: Plan, registry: Registry
) -> None:
    made = plan(message="evening", revision=1)
    assert (made.state, made.at, made.by, made.revision) == ("waiting", AT, "boss", 1)
    flows.import_flow(drawn, registry, BOSS, "demo", flow("a", title="edited since"))
    assert publish_due(drawn, registry, AT - timedelta(seconds=1)) == []
    (done,) = publish_due(drawn, registry, AT)
    assert (done.state, done.version, done.ended_at, done.reasons) == ("published", 1, AT, ())
    assert live(drawn) == (1, "first")
    assert publish_due(drawn, registry, AT) == [], "once"
    assert state(drawn, registry) == "updated_unpublished"
    version = flow_admin.version_of(drawn, BOSS, "demo", "a", 1)
    assert (version.author, version.message) == ("boss", "evening")
    entry = last_change(drawn, BOSS, "demo", "a", "flow.publish")
    assert entry is not None and entry.user == "system" and entry.detail["scheduled_by"] == "boss"


def test_late_after_the_jobs_were_down_it_says_so(drawn: Store, plan: Plan, registry: Registry) -> None:
    plan(message="m")
    publish_due(drawn, registry, AT + timedelta(minutes=45))
    message = flow_admin.version_of(drawn, BOSS, "demo", "a", 1).message
    assert message == "m [planned for 2026-11-21 10:00 UTC, 45 min late]"


def test_several_come_in_their_order(drawn: Store, plan: Plan, registry: Registry) -> None:
    plan(AT + timedelta(hours=1), "later")
    flows.import_flow(drawn, registry, BOSS, "demo", flow("a", title="second"))
    plan(AT, "earlier")
    item = flow_admin.flow_item(drawn, registry, BOSS, "demo", "a", NOW)
    assert [each.message for each in item.plans] == ["earlier", "later"]
    publish_due(drawn, registry, AT + timedelta(hours=3))
    assert live(drawn) == (2, "first")


def test_cancel_and_change(drawn: Store, plan: Plan, registry: Registry) -> None:
    made, other = plan(message="m"), plan(AT + timedelta(hours=1))
    later = AT + timedelta(hours=5)
    moved = change_plan(drawn, BOSS, "demo", "a", made.id, later, None, NOW)
    assert (moved.at, moved.message, moved.hash) == (later, "m", made.hash)
    with pytest.raises(ConflictError, match="already"):
        change_plan(drawn, BOSS, "demo", "a", made.id, other.at, None, NOW)
    cancel_plan(drawn, BOSS, "demo", "a", made.id, NOW)
    assert [each.state for each in publish_due(drawn, registry, later)] == ["published"]
    assert [each.state for each in plans(drawn, BOSS, "demo", "a")] == ["cancelled", "published"]
    for number in (made.id, other.id):
        with pytest.raises(ConflictError, match="not planned any more"):
            cancel_plan(drawn, BOSS, "demo", "a", number, NOW)
    with pytest.raises(NotFoundError):
        cancel_plan(drawn, BOSS, "demo", "a", 99, NOW)


def test_what_cannot_be_planned(drawn: Store, plan: Plan, registry: Registry) -> None:
    for at in (NOW, NOW - timedelta(days=1), NOW + timedelta(days=1000)):
        with pytest.raises(InvalidError) as refused:
            plan(at)
        assert refused.value.field == "at"
    with pytest.raises(StaleError):
        plan(revision=7)
    plan()
    with pytest.raises(ConflictError, match="already"):
        plan()
    with pytest.raises(ForbiddenError):
        plan_publishing(drawn, registry, Actor("s", {"demo": "supervisor"}), "demo", "a", AT, now=NOW)
    flows.import_flow(drawn, registry, BOSS, "demo", flow("a", audio="nowhere"))
    with pytest.raises(FlowInvalid):
        plan(AT + timedelta(hours=2))


def test_checked_again_at_its_time_and_a_failure_is_told(drawn: Store, plan: Plan, registry: Registry) -> None:
    audio.add_audio(drawn, BOSS, "demo", "night", wav_bytes(tone(8000, 1), 8000))
    flows.publish_flow(drawn, registry, BOSS, "demo", "a")
    flows.import_flow(drawn, registry, BOSS, "demo", flow("a", audio="night"))
    plan()
    with drawn.write() as session:
        repo.remove(session, "demo", "night")
    (done,) = publish_due(drawn, registry, AT)
    assert done.state == "failed" and "night" in done.reasons[0]["message"] and done.reasons[0]["node"] == "p"
    assert live(drawn) == (1, "first"), "the live version goes on"
    item = flow_admin.flow_item(drawn, registry, BOSS, "demo", "a", NOW)
    assert item.state == "publish_failed" and item.failure is not None and item.failure.reasons == done.reasons
    entry = last_change(drawn, BOSS, "demo", "a", "flow.publish-failed")
    assert entry is not None and "night" in str(entry.detail["failed"])
    with drawn.read() as session:
        (mail,) = notices.due(session, AT)
    assert (mail.to, mail.channel) == ("boss@example.com", "mail") and "night" in mail.text
    publishing.forget_failure(drawn, BOSS, "demo", "a")
    assert state(drawn, registry) == "updated_unpublished"


@pytest.mark.parametrize("role", ["supervisor", None])
def test_who_planned_it_may_still_publish_when_its_time_has_come(
    drawn: Store, plan: Plan, registry: Registry, role: str | None
) -> None:
    plan()
    with drawn.write() as session:
        users.set_role(session, "boss", "demo", role)
    (done,) = publish_due(drawn, registry, AT)
    assert done.state == "failed" and "boss, who planned this, may not publish" in done.reasons[0]["message"]
    assert live(drawn) is None


def test_a_disabled_planner_publishes_nothing(drawn: Store, plan: Plan, registry: Registry) -> None:
    plan()
    with drawn.write() as session:
        users.set_active(session, "boss", False)
    (done,) = publish_due(drawn, registry, AT)
    assert done.state == "failed" and live(drawn) is None


def test_test_cases_run_again_unless_somebody_said_why(drawn: Store, plan: Plan, registry: Registry) -> None:
    wrong = flow("a") | {"tests": [{"name": "t", "steps": [{"hears": "nothing like it"}]}]}
    flows.import_flow(drawn, registry, BOSS, "demo", wrong)
    with pytest.raises(TestsFailedError):
        plan()
    plan(override="known")
    (done,) = publish_due(drawn, registry, AT)
    assert done.state == "published"
    assert "1 tests fail: known" in flow_admin.version_of(drawn, BOSS, "demo", "a", 1).message


def test_a_renamed_flow_is_published_under_its_new_name(drawn: Store, plan: Plan, registry: Registry) -> None:
    plan()
    flow_admin.rename_flow(drawn, registry, BOSS, "demo", "a", "b", "B", 1)
    publish_due(drawn, registry, AT)
    assert load_snapshot(drawn.home.snapshot).flows[0].name == "b"


def test_two_at_once_publish_it_once(
    drawn: Store, plan: Plan, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process is at it: this one leaves it alone; killed before the commit, the next look does it."""
    made = plan()
    original = flows.render_prompts

    def meanwhile(*args: Any) -> None:
        monkeypatch.setattr(flows, "render_prompts", original)
        assert state(drawn, registry) == "publishing"
        assert [each.state for each in publish_due(drawn, registry, AT)] == ["waiting"], "the lock is held"
        raise SystemExit  # as a kill: nothing of the block is undone

    monkeypatch.setattr(flows, "render_prompts", meanwhile)
    with pytest.raises(SystemExit):
        publish_due(drawn, registry, AT)
    assert live(drawn) is None
    assert publishing.settle(drawn, AT) == 1
    assert state(drawn, registry) == "publish_failed", "until it is tried again"
    (done,) = publish_due(drawn, registry, AT)
    assert (done.id, done.state) == (made.id, "published") and live(drawn) == (1, "first")
    assert state(drawn, registry) == "published"
    assert schedules.any_due(drawn, AT + timedelta(days=9)) is False
