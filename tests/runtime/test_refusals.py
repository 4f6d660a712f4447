"""Refused calls leave records; a flood leaves a few, and how many there were."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ccc.runtime.refusals import BURST, PER_S, Refusals
from ccc.snapshot.model import Instance

FACTS = {"caller": "138", "callee": "4000", "trunk": "t", "flow": "menu", "flow_version": None}


class Kept:
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
    assert record["answered_at"] is None and kept.counted == [record]


def test_a_flood_says_how_many_it_was() -> None:
    kept = Kept()
    assert [kept.refuse(1.0) for _ in range(BURST + 40)].count(True) == BURST
    assert kept.refuse(1.0, "other"), "another instance has a budget of its own"
    assert kept.refuse(2.0)
    assert "40 more calls were refused" in kept.records[-1]["cause_detail"]
    assert kept.refuse(2.0) and kept.records[-1]["cause_detail"] == "Trunk limit reached"
    assert len(kept.counted) == BURST + 43


@given(st.lists(st.floats(0, 30), max_size=300))
def test_every_call_is_counted_and_the_disk_is_safe(gaps: list[float]) -> None:
    kept, now = Kept(), 0.0
    for gap in gaps:
        now += gap
        kept.refuse(now)
    assert len(kept.counted) == len(gaps)
    assert len(kept.records) <= BURST + PER_S * now + 1
