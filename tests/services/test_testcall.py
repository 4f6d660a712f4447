"""Before a test call: who may make it, through what, and what is told when it cannot be."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from ccc.bus.server import serve
from ccc.errors import ForbiddenError, InvalidError, NotFoundError, UnavailableError
from ccc.flow.document import FlowInvalid
from ccc.loader import Registry, load
from ccc.services import flows, numbers, testcall
from ccc.services.actor import Actor
from ccc.store import Store
from ccc.store.repos import audit
from tests.services.test_flow_admin import flow

OWNER = Actor("owner", {}, account="acme", account_role="owner")
BOSS = Actor("boss", {"demo": "admin"}, account="acme")
LEAD = Actor("lead", {"demo": "supervisor"}, account="acme")
STRANGER = Actor("s", {"foreign": "admin"}, account="else")


@pytest.fixture(scope="module")
def registry() -> Registry:
    return load(entry_points=False)


@pytest.fixture
def filled(store: Store, registry: Registry) -> Store:
    """4001 runs a published flow, 4002 none; ``draft`` is only a draft."""
    for name in ("live", "draft"):
        flows.import_flow(store, registry, BOSS, "demo", flow(name))
    flows.publish_flow(store, registry, BOSS, "demo", "live")
    for number, bound in (("4001", "live"), ("4002", "")):
        numbers.add_account_number(store, OWNER, "acme", number)
        numbers.take_numbers(store, BOSS, "demo", [number], bound)
    return store


@contextmanager
def runtime(store: Store, answer: dict[str, Any]) -> Iterator[list[dict[str, Any]]]:
    """A telephone side that answers everything with ``answer``; yields what it was asked."""
    asked: list[dict[str, Any]] = []
    ready, loop = threading.Event(), asyncio.new_event_loop()
    stop = asyncio.Event()

    async def main() -> None:
        async def take(message: dict[str, Any]) -> dict[str, Any]:
            asked.append(message)
            return answer

        async with serve(store.home.socket("runtime"), take):
            ready.set()
            await stop.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(main(),))
    thread.start()
    assert ready.wait(5)
    try:
        yield asked
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(5)
        loop.close()


def test_a_number_whose_flow_is_live_can_be_called(filled: Store) -> None:
    assert testcall.number_to_call(filled, BOSS, "demo", "4001") == testcall.Target("number:4001", "4001")
    with filled.read() as session:
        assert audit.newest(session, "4001", "number.test-call", instance="demo", account="") is not None


def test_what_cannot_be_called(filled: Store, registry: Registry) -> None:
    with pytest.raises(InvalidError, match="No published flow is bound to 4002"):
        testcall.number_to_call(filled, BOSS, "demo", "4002")
    with pytest.raises(NotFoundError):
        testcall.number_to_call(filled, BOSS, "demo", "4009")
    with pytest.raises(UnavailableError):
        testcall.draft_to_call(filled, registry, BOSS, "demo", "draft")


@pytest.mark.parametrize(("actor", "error"), [(LEAD, ForbiddenError), (STRANGER, NotFoundError)])
def test_only_those_who_may_change_flows_and_numbers(
    filled: Store, registry: Registry, actor: Actor, error: type[Exception]
) -> None:
    with pytest.raises(error):
        testcall.number_to_call(filled, actor, "demo", "4001")
    with pytest.raises(error):
        testcall.draft_to_call(filled, registry, actor, "demo", "draft")


def test_a_draft_is_handed_over_and_not_published(filled: Store, registry: Registry) -> None:
    with runtime(filled, {"draft": "d1"}) as asked:
        target = testcall.draft_to_call(filled, registry, BOSS, "demo", "live")
    assert target == testcall.Target("draft:d1", "4001"), "the number the flow is bound to is what the caller dialled"
    message = next(message for message in asked if message["op"] == "test-draft")
    assert (message["user"], message["instance"], message["document"]["name"]) == ("boss", "demo", "live")
    with runtime(filled, {"draft": "d2"}):
        assert testcall.draft_to_call(filled, registry, BOSS, "demo", "draft").callee == ""
    assert [item.version for item in flows.flow_versions(filled, BOSS, "demo", "draft")] == []


def test_a_draft_with_mistakes_is_told_before_anybody_is_asked(filled: Store, registry: Registry) -> None:
    broken = flow("broken")
    broken["edges"] = []
    flows.import_flow(filled, registry, BOSS, "demo", broken)
    with runtime(filled, {"draft": "d1"}) as asked, pytest.raises(FlowInvalid) as refused:
        testcall.draft_to_call(filled, registry, BOSS, "demo", "broken")
    assert refused.value.problems
    assert not [message for message in asked if message["op"] == "test-draft"]


@pytest.mark.parametrize(("code", "error"), [("too-large", InvalidError), ("internal", UnavailableError)])
def test_what_the_telephone_side_refuses_is_told(
    filled: Store, registry: Registry, code: str, error: type[Exception]
) -> None:
    with runtime(filled, {"error": {"code": code, "message": "no"}}), pytest.raises(error, match="no"):
        testcall.draft_to_call(filled, registry, BOSS, "demo", "draft")
