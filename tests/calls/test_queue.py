"""Queues without agents: time-out, nobody on duty."""

from __future__ import annotations

from tests.calls.callers import dial
from tests.calls.sounds import path, tones
from tests.calls.system import System


def test_queue_times_out_into_its_exit(flows: System) -> None:
    dialled = dial(flows, "4101")
    report = dialled.wait()
    assert (report["ended_by"], tones(report)[-1]) == ("far-side", 900)
    record = flows.record_of(dialled.caller)
    assert path(record) == ["start.next", "wait.timeout", "busy.done", "end.None"]
    assert record["cause"] == "normal"


def test_nobody_on_duty_leaves_at_once(flows: System) -> None:
    dialled = dial(flows, "4102")
    report = dialled.wait()
    assert tones(report) == [1200]
    assert report["ended_ms"] - report["answered_ms"] < 3000
    assert path(flows.record_of(dialled.caller)) == ["start.next", "wait.no_agent", "none.done", "end.None"]
