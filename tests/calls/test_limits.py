"""Limits hold on real calls: length of a call, calls of a trunk and of an instance, legs of a media worker."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import text

from ccc.bus import request
from ccc.services.snapshot import export_snapshot
from ccc.store import open_store
from tests.calls.agent import Browser, working
from tests.calls.callers import Dialled, dial
from tests.calls.sounds import path
from tests.calls.system import System, running, wait_for
from tests.calls.test_stages import calls_in_progress

STAY = "4105"


@contextmanager
def limit(system: System, table: str, name: str, column: str, value: int) -> Iterator[None]:
    """One limit set in the store and in force on the telephone side; as before at the end."""

    def put(number: int) -> int:
        with store.write() as session:
            row = {"name": name}
            before: int = session.execute(text(f"SELECT {column} FROM {table} WHERE name=:name"), row).scalar_one()
            session.execute(text(f"UPDATE {table} SET {column}=:value WHERE name=:name"), {**row, "value": number})
        counter = export_snapshot(store)
        wait_for("the snapshot in force", lambda: health(system)["snapshot"] >= counter)
        return before

    store = open_store(system.home)
    try:
        before = put(value)
        try:
            yield
        finally:
            put(before)
    finally:
        store.close()


def health(system: System) -> dict[str, int]:
    """What the telephone side says of itself."""
    return request(system.home.socket("runtime"), {"op": "health"})


def talking(system: System, number: str) -> Dialled:
    """A call that is in progress (and the only one)."""
    wait_for("no call in progress", lambda: calls_in_progress(system) == 0)
    dialled = dial(system, number, "--seconds", "8")
    wait_for("the call", lambda: calls_in_progress(system) == 1)
    return dialled


def test_a_call_ends_at_its_maximum_length(flows: System) -> None:
    with limit(flows, "instances", "demo", "max_call_s", 4):
        dialled = dial(flows, STAY, "--seconds", "20")
        report = dialled.wait()
    assert (report["exit"], report["ended_by"]) == (0, "far-side")
    assert 3700 <= report["ended_ms"] <= 5000
    record = flows.record_of(dialled.caller)
    assert (record["cause"], path(record)) == ("max-length", ["start.next", "tone.done", "stay.None"])


def test_a_call_that_only_rings_ends_too(flows: System) -> None:
    with limit(flows, "instances", "demo", "max_call_s", 2):
        dialled = dial(flows, "4100")
        report = dialled.wait()
    assert (report["result"], report["sip_status"]) == ("no-answer", 408)
    record = flows.record_of(dialled.caller)
    assert (record["cause"], record["answered_at"]) == ("max-length", None)


def test_a_conversation_ends_for_the_agent_too(flows: System) -> None:
    with limit(flows, "instances", "demo", "max_call_s", 6), working(flows, Browser(flows, "agent1")) as agent:
        dialled = dial(flows, "4000", "--seconds", "30")
        call = agent.accept()
        report = dialled.wait()
        agent.wait_state("wrap-up")
        agent.do("wrap-up-done", call=call["id"], note="", disposition="")
    assert report["ended_by"] == "far-side" and 5700 <= report["ended_ms"] <= 7500
    record = flows.record_of(dialled.caller)
    assert (record["cause"], record["agent"]) == ("max-length", "agent1")


@pytest.mark.parametrize(
    ("table", "name", "status"), [("trunks", "loopback", 503), ("instances", "demo", 486)], ids=["trunk", "instance"]
)
def test_one_call_too_many(flows: System, table: str, name: str, status: int) -> None:
    with limit(flows, table, name, "max_calls", 1):
        first = talking(flows, STAY)
        refused = dial(flows, STAY)
        second = refused.wait()
        assert (second["exit"], second["result"], second["sip_status"]) == (3, "refused", status)
        record = flows.record_of(refused.caller)
        assert (record["cause"], record["callee"], record["answered_at"]) == ("limit", STAY, None)
        assert "limit" in second["reason"].lower()
        assert first.wait()["ended_by"] == "caller", "the call in progress is not touched"
        wait_for("the line free again", lambda: calls_in_progress(flows) == 0)
        third = dial(flows, STAY, "--seconds", "1").wait()
        assert (third["exit"], third["ended_by"]) == (0, "caller")


def test_no_media_capacity_is_503_until_a_leg_is_free() -> None:
    with running("--media-capacity", "1") as system:
        first = talking(system, "4003")
        refused = dial(system, "4003")
        second = refused.wait()
        assert (second["exit"], second["result"], second["sip_status"]) == (3, "refused", 503)
        assert "capacity" in second["reason"].lower()
        status, body = system.healthz()
        assert (status, body["calls_possible"], body["refusing"]) == (503, False, "No media capacity")
        assert first.wait()["ended_by"] == "caller"
        wait_for("room again", lambda: system.healthz()[0] == 200)
        assert dial(system, "4003", "--seconds", "1").wait()["exit"] == 0
        record = system.record_of(refused.caller)
        assert (record["cause"], record["callee"], record["steps"]) == ("full", "4003", [])
