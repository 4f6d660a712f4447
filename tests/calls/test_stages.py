"""The caller hangs up at every stage; each time the call ends cleanly and the record says where."""

from __future__ import annotations

from ccc.bus import request
from tests.calls.callers import dial, new_caller, run_sipp
from tests.calls.sounds import path
from tests.calls.system import System, wait_for


def calls_in_progress(system: System) -> int:
    health = request(system.home.socket("runtime"), {"op": "health"})
    count: int = health["calls"]
    return count


def test_before_the_answer(flows: System) -> None:
    caller = new_caller()
    result = run_sipp(flows, "cancel", "4100", caller=caller)
    assert (result.code, result.ok) == (0, 1), result.errors
    record = flows.record_of(f"{caller}1")
    assert (record["cause"], record["answered_at"]) == ("cancelled", None)
    assert [step["node"] for step in record["steps"]] == ["start"]


def test_in_the_prompt(flows: System) -> None:
    dialled = dial(flows, "4105", "--seconds", "1")
    assert dialled.wait()["ended_by"] == "caller"
    record = flows.record_of(dialled.caller)
    assert (record["cause"], path(record)) == ("caller-hangup", ["start.next", "tone.None"])


def test_while_the_flow_waits(flows: System) -> None:
    dialled = dial(flows, "4105", "--seconds", "3")
    dialled.wait()
    record = flows.record_of(dialled.caller)
    assert (record["cause"], path(record)) == ("caller-hangup", ["start.next", "tone.done", "stay.None"])


def test_while_keys_are_collected(flows: System) -> None:
    dialled = dial(flows, "4002", "--keys", "12", "--seconds", "3")
    dialled.wait()
    record = flows.record_of(dialled.caller)
    assert (record["cause"], path(record)[-1]) == ("caller-hangup", "ask.None")


def test_in_the_queue(flows: System) -> None:
    dialled = dial(flows, "4000", "--seconds", "4")
    report = dialled.wait()
    assert any(stretch["kind"] != "silence" for stretch in report["heard"])
    record = flows.record_of(dialled.caller)
    assert record["cause"] == "abandoned"
    assert record["steps"][-1]["type"] == "queue" and record["agent"] is None


def test_a_hundred_at_once_right_after_the_answer(flows: System) -> None:
    caller = new_caller()[:7]
    result = run_sipp(flows, "hangup", "4105", "-d", "0", calls=100, rate=100, caller=caller)
    assert (result.code, result.ok, result.failed) == (0, 100, 0), result.errors
    wait_for("every call gone", lambda: calls_in_progress(flows) == 0)

    def mine() -> bool:
        return len([record for record in flows.calls() if record["caller"].startswith(caller)]) == 100

    wait_for("100 records", mine, 15, 0.5)
