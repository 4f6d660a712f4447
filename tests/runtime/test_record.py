"""A call's record, and what recovery makes of a journal without a closing record."""

from __future__ import annotations

from typing import Any

from ccc.journal.recover import Recovery
from ccc.runtime.record import MAX_KEYS, CallRecord
from ccc.runtime.recovery import lost_record


class Lines:
    def __init__(self) -> None:
        self.records: list[dict[str, Any]] = []

    def append(self, record: dict[str, Any]) -> None:
        self.records.append(record)


FACTS = {
    "instance": "demo",
    "account": "acme",
    "direction": "inbound",
    "caller": "13800138000",
    "callee": "4000",
    "trunk": "t1",
    "flow": "welcome",
    "flow_version": 2,
}


def walked(lines: Lines) -> CallRecord:
    record = CallRecord(lines, "c1", FACTS)
    record.opened({"call_id": "x"})
    record.entered(0, "start", "Start", "start")
    record.left(0, "next", {})
    record.answered({"call_id": "x", "local_seq": 1})
    record.entered(1, "menu", "Menu", "menu")
    record.key("1")
    return record


def test_the_closing_record_tells_the_whole_call() -> None:
    lines = Lines()
    record = walked(lines)
    record.left(1, "key_1", {"choice": "1"})
    cdr = record.close("normal")
    assert [entry["k"] for entry in lines.records] == ["open", "step", "step", "answered", "step", "step", "close"]
    assert lines.records[-1] == {"k": "close", "id": "c1", "cdr": cdr}
    assert cdr["caller"] == "13800138000"
    assert cdr["keys"] == "1"
    assert [(step["node"], step["exit"]) for step in cdr["steps"]] == [("start", "next"), ("menu", "key_1")]
    assert cdr["steps"][1]["variables"] == {"choice": "1"}
    assert cdr["started_at"] <= cdr["answered_at"] <= cdr["ended_at"]


def test_only_the_first_cause_counts_and_it_is_written_once() -> None:
    lines = Lines()
    record = walked(lines)
    record.close("caller-hangup")
    assert record.close("normal")["cause"] == "caller-hangup"
    assert [entry["k"] for entry in lines.records].count("close") == 1


def test_a_running_step_ends_with_the_call_and_has_no_exit() -> None:
    record = walked(Lines())
    cdr = record.close("caller-hangup")
    assert cdr["steps"][1]["left_at"] == cdr["ended_at"]
    assert cdr["steps"][1]["exit"] is None


def test_keys_are_bounded() -> None:
    record = walked(Lines())
    for _ in range(1000):
        record.key("5")
    assert len(record.keys) == MAX_KEYS


def test_what_the_journal_told_becomes_a_lost_record() -> None:
    lines = Lines()
    record = walked(lines)
    record.recording_started("2026/11/20/c1.wav")
    record.talking("agent1", "default")
    recovery = Recovery()
    for entry in lines.records:
        recovery.apply(entry, 1)
    cdr = lost_record(recovery.calls["c1"], record.now() + 1)
    assert cdr["cause"] == "lost"
    assert cdr["agent"] == "agent1"
    assert cdr["recording"] == "2026/11/20/c1.wav"
    assert [step["node"] for step in cdr["steps"]] == ["start", "menu"]
    assert cdr["answered_at"] == record.answered_at
    assert cdr["flow_version"] == 2


def test_a_closed_call_is_not_recovered() -> None:
    lines = Lines()
    walked(lines).close("normal")
    recovery = Recovery()
    for entry in lines.records:
        recovery.apply(entry, 1)
    assert recovery.calls == {}
