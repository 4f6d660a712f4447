"""Today's figures: what counts, on which day, and that nothing is lost or counted twice over a restart."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccc.journal import Writer
from ccc.journal.recover import scan
from ccc.runtime.config import Index
from ccc.runtime.tallies import Tallies
from ccc.runtime.tally import MAX_GROUPS, SAMPLES, Tally
from ccc.snapshot.model import Instance, SkillGroup, Snapshot

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOON = datetime(2026, 11, 20, 12, 0, tzinfo=SHANGHAI).timestamp()
MIDNIGHT = datetime(2026, 11, 20, tzinfo=SHANGHAI).timestamp()
INDEX = Index(
    Snapshot(
        counter=1,
        made_at=0.0,
        instances=(Instance("demo", "Demo", "acme"),),
        skill_groups=(SkillGroup("sales", "demo", service_level_s=10.0),),
    )
)


def record(started_at: float = NOON - 600, **facts: Any) -> dict[str, Any]:
    base = {"id": "c", "instance": "demo", "agent": None, "skill_group": None, "waited_s": 0.0, "cause": "normal"}
    return {**base, "started_at": started_at, "ended_at": started_at + 60, **facts}


ANSWERED = {"agent": "wang", "skill_group": "sales", "waited_s": 4.0, "cause": "caller-hangup"}
LATE = {**ANSWERED, "waited_s": 30.0}
GONE = {"skill_group": "sales", "waited_s": 50.0, "cause": "abandoned"}


def test_a_day_of_calls() -> None:
    tally = Tally("Asia/Shanghai")
    for facts in (ANSWERED, ANSWERED, LATE, GONE, {"skill_group": "sales"}, {}, {"cause": "abandoned"}):
        tally.add(record(**facts), 10.0, NOON)
    day = tally.today([], NOON)
    assert day.shown() == {"day": "2026-11-20", "calls": 7, "answered": 3, "abandoned": 2, "other": 2}
    assert day.groups["sales"].shown() == {
        "answered": 3, "abandoned": 1, "left": 1, "service_level": 0.5, "average_wait_s": pytest.approx(12.7, abs=0.05),
    }  # fmt: skip
    assert tally.charts(day)["buckets"] == [[11 * 12 + 10, 3, 2, 2]]


def test_running_calls_count_as_far_as_they_are_decided_and_only_once() -> None:
    tally = Tally("Asia/Shanghai")
    running = [(record(**{**ANSWERED, "cause": None}), 10.0), (record(skill_group="sales", cause=None), 10.0)]
    for _ in range(2):
        day = tally.today(running, NOON)
        assert (day.calls, day.totals) == (2, [1, 0, 0])
    tally.add(record(**ANSWERED), 10.0, NOON)
    assert tally.today([], NOON).totals == [1, 0, 0]


def test_the_day_is_the_instances_day() -> None:
    tally = Tally("Asia/Shanghai")
    tally.add(record(MIDNIGHT - 1), 10.0, NOON)
    assert tally.today([], NOON).calls == 0
    tally.add(record(MIDNIGHT), 10.0, NOON)
    assert tally.charts(tally.today([], NOON))["buckets"] == [[0, 0, 0, 1]]
    assert tally.today([], MIDNIGHT + 86_400).shown()["calls"] == 0
    new_york = Tally("America/New_York")
    new_york.add(record(MIDNIGHT), 10.0, MIDNIGHT + 60)
    assert new_york.today([], MIDNIGHT + 60).shown()["day"] == "2026-11-19"


@given(st.lists(st.tuples(st.integers(0, 86_399), st.sampled_from([ANSWERED, LATE, GONE, {}])), max_size=60))
def test_nothing_is_lost_by_writing_and_reading(calls: list[tuple[int, dict[str, Any]]]) -> None:
    tally, end = Tally("Asia/Shanghai"), MIDNIGHT + 86_399
    for offset, facts in calls:
        tally.add(record(MIDNIGHT + offset, **facts), 10.0, end)
    tally.sample(3, end)
    again = Tally("Asia/Shanghai")
    again.load(json.loads(json.dumps(tally.dump())), end)
    day = again.today([], end)
    assert day == tally.today([], end)
    assert again.charts(day) == tally.charts(day)
    assert sum(day.totals) == sum(sum(counts) for counts in day.buckets.values()) == day.calls == len(calls)


def test_it_is_bounded_whatever_the_records_say() -> None:
    tally = Tally("Asia/Shanghai")
    for n in range(MAX_GROUPS + 50):
        tally.add(record(skill_group=f"g{n}"), 10.0, NOON)
        tally.sample(n, NOON + n)
    assert len(tally.today([], NOON).groups) == MAX_GROUPS
    assert len(tally.charts(tally.today([], NOON))["waiting"]) == SAMPLES


def configured(path: Path, journal: Path, now: float) -> Tallies:
    """As the runtime starts."""
    tallies = Tallies(path, now)
    tallies.catch_up(scan(journal, tallies.since).closed)
    tallies.configure(INDEX, now)
    return tallies


def test_a_restart_finds_the_file_and_what_closed_after_it(short_dir: Path) -> None:
    path, folder = short_dir / "tally.json", short_dir / "journal"
    tallies = configured(path, folder, NOON)
    with Writer(folder) as journal:
        for n in range(4):
            if n == 2:
                path.write_text(tallies.dump(NOON + 2))
            closed = record(id=f"c{n}", **ANSWERED) | {"ended_at": NOON + n + 0.5}
            journal.append({"k": "close", "id": f"c{n}", "cdr": closed})
            tallies.add(closed, NOON + n)
    for _ in range(2):  # reading changes nothing
        again = configured(path, folder, NOON + 10)
        assert again.tally("demo").today([], NOON) == tallies.tally("demo").today([], NOON)
    path.unlink()
    assert configured(path, folder, NOON + 10).tally("demo").today([], NOON).calls == 4


@pytest.mark.parametrize(
    "text", ["", "[]", '{"at": 1}', '{"at": "x", "instances": {}}', '{"at": 1, "instances": {"demo": {"day": 3}}}']
)
def test_a_damaged_file_costs_the_day_not_the_start(short_dir: Path, text: str) -> None:
    path = short_dir / "tally.json"
    path.write_text(text)
    assert configured(path, short_dir / "journal", NOON).tally("demo").today([], NOON).calls == 0


def test_a_new_time_zone_keeps_what_is_of_the_same_day(short_dir: Path) -> None:
    tallies = configured(short_dir / "tally.json", short_dir / "journal", NOON)
    tallies.add(record(**ANSWERED), NOON)
    moved = Snapshot(counter=2, made_at=0.0, instances=(Instance("demo", "Demo", "acme", timezone="Asia/Tokyo"),))
    tallies.configure(Index(moved), NOON)
    assert tallies.tally("demo").today([], NOON).calls == 1
    tallies.configure(Index(Snapshot(counter=3, made_at=0.0)), NOON)
    with pytest.raises(KeyError):
        tallies.tally("demo")
