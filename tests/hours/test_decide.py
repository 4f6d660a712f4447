"""Working hours against a second, slower definition: minute by minute, day by day."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from ccc.hours import CalendarDay, Decision, ExceptionDay, Schedule, Span, WeeklyHours, decide
from ccc.hours.model import minutes

ZONES = [ZoneInfo(name) for name in ("Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe")]
clocks = st.builds(lambda minute: f"{minute // 60:02}:{minute % 60:02}", st.integers(0, 24 * 60 - 1))
ends = st.one_of(clocks, st.just("24:00"))
pairs = st.tuples(clocks, ends).filter(lambda pair: pair[0] != pair[1])
spans = pairs.map(lambda pair: Span(start=pair[0], end=pair[1]))
weekdays = st.lists(st.integers(1, 7), min_size=1, max_size=7, unique=True)
weekly = st.builds(lambda pair, days: WeeklyHours(start=pair[0], end=pair[1], days=tuple(days)), pairs, weekdays)
days = st.dates(date(2026, 1, 2), date(2026, 12, 30))
exceptions = st.builds(
    lambda day, more, hours: ExceptionDay(day=day, until=day + timedelta(days=more), hours=tuple(hours), name="own"),
    days,
    st.integers(0, 3),
    st.lists(spans, max_size=2),
)
schedules = st.builds(
    lambda hours, own, like: Schedule(hours=tuple(hours), exceptions=tuple(own), makeup_like=like),
    st.lists(weekly, max_size=4),
    st.lists(exceptions, max_size=3),
    st.integers(1, 7),
)
kinds = st.sampled_from(["holiday", "workday", "ordinary", "unknown"])
moments = st.builds(
    lambda day, minute, zone: datetime(day.year, day.month, day.day, minute // 60, minute % 60, tzinfo=zone),
    days,
    st.integers(0, 24 * 60 - 1),
    st.sampled_from(ZONES),
)


def oracle(schedule: Schedule, moment: datetime, kind_of: dict[date, str]) -> str:
    """Lay every span out in minutes since the day before yesterday's midnight and look whether one covers now."""
    today = moment.date()
    now = 24 * 60 + moment.hour * 60 + moment.minute
    covered, holiday = False, False
    for back in (1, 0):
        day = today - timedelta(days=back)
        own = [item for item in schedule.exceptions if item.day <= day <= item.until]
        begin = (1 - back) * 24 * 60
        if own:
            mine, off = list(own[-1].hours), not own[-1].hours
        elif kind_of.get(day) == "holiday":
            mine, off = [], True
        else:
            number = schedule.makeup_like if kind_of.get(day) == "workday" else day.isoweekday()
            mine, off = [line for line in schedule.hours if number in line.days], False
        if back and [item for item in schedule.exceptions if item.day <= today <= item.until]:
            continue
        for span in mine:
            length = (minutes(span.end) - minutes(span.start)) % (24 * 60) or 24 * 60
            covered |= begin + minutes(span.start) <= now < begin + minutes(span.start) + length
        holiday = off
    return "open" if covered else "holiday" if holiday else "closed"


@settings(max_examples=500)
@given(schedules, moments, kinds, kinds)
def test_as_laid_out_in_minutes(schedule: Schedule, moment: datetime, today: str, before: str) -> None:
    kind_of = {moment.date(): today, moment.date() - timedelta(days=1): before}
    found = decide(schedule, moment, lambda day: CalendarDay(kind_of.get(day, "ordinary")))
    assert found.state == oracle(schedule, moment, kind_of)
    own = any(item.holds_on(moment.date()) for item in schedule.exceptions)
    assert found.unknown_year == (today == "unknown" and not own)


@given(schedules, moments, kinds)
def test_an_exception_wins(schedule: Schedule, moment: datetime, kind: str) -> None:
    closed = ExceptionDay(day=moment.date(), name="盘点")
    always = ExceptionDay(day=moment.date(), hours=(Span(start="00:00", end="24:00"),))
    for own, state in ((closed, "holiday"), (always, "open")):
        changed = schedule.model_copy(update={"exceptions": (*schedule.exceptions, own)})
        assert decide(changed, moment, lambda day: CalendarDay(kind)).state == state


@given(schedules, days, st.sampled_from(ZONES))
def test_only_the_clock_on_the_wall_counts(schedule: Schedule, day: date, zone: ZoneInfo) -> None:
    """Walk through a day second by second of real time (steps of 15 minutes), set-backs and set-forwards included."""
    start = datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)
    for quarter in range(0, 26 * 4):
        moment = (start + timedelta(minutes=15 * quarter)).astimezone(zone)
        naive = moment.replace(tzinfo=None)
        assert decide(schedule, moment) == decide(schedule, naive.replace(tzinfo=UTC))


OFFICE = Schedule(
    hours=(
        WeeklyHours(days=(1, 2, 3, 4, 5), start="09:00", end="12:00"),
        WeeklyHours(days=(1, 2, 3, 4, 5), start="13:30", end="18:00"),
        WeeklyHours(days=(5,), start="22:00", end="06:00"),
    )
)
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("at", "state"),
    [
        ("2026-11-20 08:59", "closed"),  # a Friday
        ("2026-11-20 09:00", "open"),
        ("2026-11-20 11:59", "open"),
        ("2026-11-20 12:00", "closed"),
        ("2026-11-20 17:59", "open"),
        ("2026-11-20 18:00", "closed"),
        ("2026-11-20 23:59", "open"),
        ("2026-11-21 00:00", "open"),
        ("2026-11-21 05:59", "open"),
        ("2026-11-21 06:00", "closed"),
        ("2026-11-21 22:30", "closed"),
    ],
)
def test_office_hours(at: str, state: str) -> None:
    assert decide(OFFICE, datetime.fromisoformat(at).replace(tzinfo=ZONES[0])) == Decision(state)


def test_the_hour_that_comes_twice_and_the_one_that_does_not() -> None:
    night = Schedule(hours=(WeeklyHours(days=(7,), start="02:00", end="03:00"),))
    twice = [datetime(2026, 10, 25, 2, 30, tzinfo=BERLIN, fold=fold) for fold in (0, 1)]
    assert twice[0].astimezone(UTC) != twice[1].astimezone(UTC)
    assert [decide(night, moment).state for moment in twice] == ["open", "open"]
    skipped = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)
    states = [decide(night, (skipped + timedelta(minutes=m)).astimezone(BERLIN)).state for m in range(0, 120, 10)]
    assert set(states) == {"closed"}


def test_a_night_shift_is_worked_into_the_holiday_but_not_into_an_exception() -> None:
    holiday = datetime(2026, 11, 21, 1, 0, tzinfo=BERLIN)

    def calendar(day: date) -> CalendarDay:
        return CalendarDay("holiday", "节") if day == holiday.date() else CalendarDay("ordinary")

    assert decide(OFFICE, holiday, calendar) == Decision("open", "节")
    own = OFFICE.model_copy(update={"exceptions": (ExceptionDay(day=holiday.date(), name="x"),)})
    assert decide(own, holiday, calendar) == Decision("holiday", "x")


@pytest.mark.parametrize(
    "wrong",
    [{"start": "9:00"}, {"start": "24:00"}, {"end": "24:01"}, {"start": "09:00", "end": "09:00"}, {"stop": "1"}],
)
def test_wrong_spans_are_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        Span(**wrong)


def test_an_exception_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(ValidationError, match="before it begins"):
        ExceptionDay(day=date(2026, 5, 2), until=date(2026, 5, 1))
