"""Today's figures of one instance: counted from closing records, bounded, without clock or files (pure).

A call belongs to the day it began on, on the instance's wall clock. ``answered``: an agent talked to it;
``abandoned``: the caller hung up in the queue; ``left``: it waited and went another way (timeout, overflow, key).
Service level = answered within the group's threshold / (answered + abandoned).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

BUCKET_S = 300
SAMPLE_S = 10
SAMPLES = 30 * 60 // SAMPLE_S + 1
MAX_GROUPS = 1000
"""Names come from records: nothing may grow without end, whatever they say."""
ANSWERED, ABANDONED, OTHER = range(3)


@dataclass(slots=True)
class GroupCount:
    """One skill group's day."""

    answered: int = 0
    abandoned: int = 0
    left: int = 0
    within: int = 0
    """Answered within the service level's time."""
    waited_s: float = 0.0
    """Sum over the answered ones."""

    def shown(self) -> dict[str, Any]:
        """``{answered, abandoned, left, service_level: 0..1 | None, average_wait_s | None}``."""
        decided = self.answered + self.abandoned
        return {
            "answered": self.answered,
            "abandoned": self.abandoned,
            "left": self.left,
            "service_level": round(self.within / decided, 4) if decided else None,
            "average_wait_s": round(self.waited_s / self.answered, 1) if self.answered else None,
        }


@dataclass(slots=True)
class Day:
    """One day's counts. ``buckets``: five minutes of the day -> [answered, abandoned, other]."""

    day: str
    calls: int = 0
    totals: list[int] = field(default_factory=lambda: [0, 0, 0])
    groups: dict[str, GroupCount] = field(default_factory=dict)
    buckets: dict[int, list[int]] = field(default_factory=dict)

    def add(self, record: Mapping[str, Any], bucket: int, level_s: float) -> None:
        """Count a record; one without ``cause`` is of a running call and counts as far as it is decided."""
        self.calls += 1
        outcome = outcome_of(record)
        if outcome is None:
            return
        self.totals[outcome] += 1
        self.buckets.setdefault(bucket, [0, 0, 0])[outcome] += 1
        name = record.get("skill_group")
        if name and (name in self.groups or len(self.groups) < MAX_GROUPS):
            _count(self.groups.setdefault(name, GroupCount()), outcome, float(record.get("waited_s") or 0.0), level_s)

    def copy(self) -> Day:
        """Another one to count running calls on top; buckets are not copied deeper than they are written."""
        groups = {name: GroupCount(**asdict(count)) for name, count in self.groups.items()}
        buckets = {number: list(counts) for number, counts in self.buckets.items()}
        return Day(self.day, self.calls, list(self.totals), groups, buckets)

    def shown(self) -> dict[str, Any]:
        """``{day, calls, answered, abandoned, other}``."""
        answered, abandoned, other = self.totals
        return {"day": self.day, "calls": self.calls, "answered": answered, "abandoned": abandoned, "other": other}


def outcome_of(record: Mapping[str, Any]) -> int | None:
    """ANSWERED, ABANDONED, OTHER; None while it is open."""
    if record.get("agent"):
        return ANSWERED
    cause = record.get("cause")
    if not cause:
        return None
    return ABANDONED if cause == "abandoned" else OTHER


def _count(group: GroupCount, outcome: int, waited_s: float, level_s: float) -> None:
    if outcome == ANSWERED:
        group.answered += 1
        group.waited_s += waited_s
        group.within += waited_s <= level_s
    elif outcome == ABANDONED:
        group.abandoned += 1
    else:
        group.left += 1


class Tally:
    """One instance's day and the last half hour of its queues. Times are UTC epoch seconds."""

    def __init__(self, zone: str) -> None:
        self.zone = ZoneInfo(zone)
        self._day = Day("")
        self._waiting: deque[tuple[int, int]] = deque(maxlen=SAMPLES)

    def add(self, record: Mapping[str, Any], level_s: float, now: float) -> None:
        """Count a closing record, unless it began on another day than today."""
        day = self._today(now)
        local = self._local(float(record["started_at"]))
        if local.date().isoformat() == day.day:
            day.add(record, _bucket(local), level_s)

    def sample(self, waiting: int, now: float) -> None:
        """How many wait now; call it every SAMPLE_S."""
        self._waiting.append((round(now), waiting))

    def today(self, running: Iterable[tuple[Mapping[str, Any], float]], now: float) -> Day:
        """The day with the calls in progress (record, its group's level) on top."""
        day = self._today(now).copy()
        for record, level_s in running:
            local = self._local(float(record["started_at"]))
            if local.date().isoformat() == day.day:
                day.add(record, _bucket(local), level_s)
        return day

    def charts(self, day: Day) -> dict[str, Any]:
        """``{day, bucket_s, buckets: [[n, answered, abandoned, other]], waiting: [[epoch ms, callers]]}``."""
        return {
            "day": day.day,
            "bucket_s": BUCKET_S,
            "buckets": [[number, *counts] for number, counts in sorted(day.buckets.items())],
            "waiting": [[at * 1000, waiting] for at, waiting in self._waiting],
        }

    def dump(self) -> dict[str, Any]:
        """JSON values for :meth:`load`."""
        return {"day": asdict(self._day), "waiting": [list(sample) for sample in self._waiting]}

    def load(self, saved: Mapping[str, Any], now: float) -> None:
        """What :meth:`dump` gave; another day's is dropped. TypeError, ValueError or KeyError when it is not that."""
        day = saved["day"]
        if day["day"] == self._local(now).date().isoformat():
            self._day = Day(
                date.fromisoformat(day["day"]).isoformat(),
                int(day["calls"]),
                [int(count) for count in day["totals"]],
                {str(name): GroupCount(**count) for name, count in day["groups"].items()},
                {int(number): [int(count) for count in counts] for number, counts in day["buckets"].items()},
            )
        since = now - SAMPLES * SAMPLE_S
        self._waiting.extend((int(at), int(waiting)) for at, waiting in saved["waiting"] if since < at <= now)

    def _today(self, now: float) -> Day:
        day = self._local(now).date().isoformat()
        if day != self._day.day:
            self._day = Day(day)
        return self._day

    def _local(self, at: float) -> datetime:
        return datetime.fromtimestamp(at, self.zone)


def _bucket(local: datetime) -> int:
    return (local.hour * 3600 + local.minute * 60) // BUCKET_S
