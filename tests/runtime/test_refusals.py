"""Refused calls leave records; a flood leaves a few, and how many there were."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ccc.runtime.refusals import BURST, PER_S, Refusals
from ccc.snapshot.model import Instance

FACTS = {"caller": "138", "callee": "4000", "trunk": "t", "flow": "menu", "flow_version": None}


class Kept:
    healthy = True

    def __init__(self) -> None:
        self.records: list[dict[str, Any]] = []
        self.counted: list[Any] = []
        self.refusals = Refusals(self, self.counted.append)

    def append(self, record: dict[str, Any]) -> None:
        self.records.append(record["cdr"])

    def refuse(self, now: float, name: str = "demo") -> bool:
        instance = Instance(name, name, "acme")
        return self.refusals.note(f"c{len(self.counted)}", instance, FACTS, "limit", "Trunk limit reached", now)


def test_one_refused_call_is_a_record() -> None:
    kept = Kept()
    assert kept.refuse(5.0)
    (record,) = kept.records
    assert (record["instance"], record["account"], record["caller"], record["cause"], record["cause_detail"]) == (
        "demo", "acme", "138", "limit", "Trunk limit reached",
    )  # fmt: skip
    assert record["answered_at"] is None
    assert [(call["instance"], call["cause"]) for call in kept.counted] == [("demo", "limit")]


def test_a_flood_says_how_many_it_was() -> None:
    kept = Kept()
    assert [kept.refuse(1.0) for _ in range(BURST + 40)].count(True) == BURST
    assert kept.refuse(1.0, "other"), "another instance has a budget of its own"
    assert kept.refuse(2.0)
    assert "40 more calls were refused" in kept.records[-1]["cause_detail"]
    assert kept.refuse(2.0) and kept.records[-1]["cause_detail"] == "Trunk limit reached"
    assert len(kept.counted) == BURST + 43


def test_the_end_of_a_flood_is_told_without_another_call() -> None:
    kept = Kept()
    for _ in range(BURST + 40):
        kept.refuse(1.0)
    assert kept.refusals.unrecorded == 40
    kept.refusals.catch_up(1.0)
    assert len(kept.records) == BURST, "the disk is still safe"
    kept.refusals.catch_up(11.0)
    assert "39 more calls were refused before it" in kept.records[-1]["cause_detail"]
    assert (len(kept.records), kept.refusals.unrecorded) == (BURST + 1, 0)
    kept.refusals.catch_up(21.0)
    assert len(kept.records) == BURST + 1 and len(kept.counted) == BURST + 40


def test_while_the_journal_refuses_calls_are_counted_and_told_of_later() -> None:
    kept = Kept()
    kept.healthy = False
    assert not any(kept.refuse(at) for at in (1.0, 2.0, 3.0))
    kept.refusals.catch_up(10.0)
    assert (kept.records, kept.refusals.unrecorded, len(kept.counted)) == ([], 3, 3)
    kept.healthy = True
    kept.refusals.catch_up(20.0)
    (record,) = kept.records
    assert "2 more calls were refused before it" in record["cause_detail"]
    assert record["started_at"] == round(kept.counted[-1]["started_at"], 3), "when it was, not when it is told"


@given(st.lists(st.floats(0, 30), max_size=300))
def test_every_call_is_counted_and_the_disk_is_safe(gaps: list[float]) -> None:
    kept, now = Kept(), 0.0
    for gap in gaps:
        now += gap
        kept.refuse(now)
    assert len(kept.counted) == len(gaps)
    assert len(kept.records) <= BURST + PER_S * now + 1
