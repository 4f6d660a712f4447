"""The State Council's calendar for 2026, and years nobody knows yet."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from ccc.hours import CalendarDay, Decision, Schedule, WeeklyHours, china_day, decide, known_until

CHINA = ZoneInfo("Asia/Shanghai")
OFFICE = Schedule(hours=(WeeklyHours(),))


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2026, 1, 1), CalendarDay("holiday", "元旦")),
        (date(2026, 2, 14), CalendarDay("workday", "春节")),  # a Saturday
        (date(2026, 2, 17), CalendarDay("holiday", "春节")),
        (date(2026, 10, 1), CalendarDay("holiday", "国庆节")),
        (date(2026, 10, 10), CalendarDay("workday", "国庆节")),
        (date(2026, 11, 21), CalendarDay("ordinary")),  # a plain Saturday
        (date(2003, 1, 1), CalendarDay("unknown")),
        (date(2999, 1, 1), CalendarDay("unknown")),
    ],
)
def test_days(day: date, expected: CalendarDay) -> None:
    assert china_day(day) == expected


def test_every_day_it_knows_can_be_asked() -> None:
    end = known_until()
    assert end >= date(2026, 12, 31)
    assert all(
        china_day(date.fromordinal(n)).kind != "unknown"
        for n in range(date(2004, 1, 1).toordinal(), end.toordinal() + 1)
    )
    assert china_day(date(end.year + 1, 1, 1)).kind == "unknown"


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2026-02-14 10:00", Decision("open", "春节")),
        ("2026-02-14 20:00", Decision("closed", "春节")),
        ("2026-02-17 10:00", Decision("holiday", "春节")),
        ("2026-11-21 10:00", Decision("closed")),
        ("2999-11-22 10:00", Decision("open", "", unknown_year=True)),  # a Friday
    ],
)
def test_office_hours_in_china(at: str, expected: Decision) -> None:
    assert decide(OFFICE, datetime.fromisoformat(at).replace(tzinfo=CHINA), china_day) == expected
