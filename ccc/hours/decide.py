"""Open, closed or holiday: one pure function.

- Times are what the clock on the wall shows in the zone of ``moment``: when it is set back an hour comes twice, when
  it is set forward an hour does not come.
- A span belongs to the day it begins on: the night shift of the day before a public holiday is worked to its end.
- An exception governs its whole day, whatever the calendar, the weekday and the night before say; of two exceptions
  for a day the later one in the list counts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from ccc.hours.model import ExceptionDay, Schedule, Span, minutes


@dataclass(frozen=True, slots=True)
class CalendarDay:
    """What a calendar says of a date: a public ``holiday``, a ``workday`` on a weekend (调休), nothing (``ordinary``),
    or that it does not know the year (``unknown``)."""

    kind: Literal["holiday", "workday", "ordinary", "unknown"]
    name: str = ""


ORDINARY = CalendarDay("ordinary")
Calendar = Callable[[date], CalendarDay]


@dataclass(frozen=True, slots=True)
class Decision:
    """``holiday``: closed the whole day, by the calendar or an exception called ``name``. ``unknown_year``: the
    calendar could not be asked, so weekday and exceptions decided alone."""

    state: Literal["open", "closed", "holiday"]
    name: str = ""
    unknown_year: bool = False


@dataclass(frozen=True, slots=True)
class _Day:
    spans: Sequence[Span]
    holiday: bool
    name: str
    exception: bool
    unknown: bool = False


def no_calendar(day: date) -> CalendarDay:
    """A calendar without holidays."""
    return ORDINARY


def decide(schedule: Schedule, moment: datetime, calendar: Calendar = no_calendar) -> Decision:
    """The state at ``moment`` (aware, already in the schedule's zone)."""
    today = _day(schedule, moment.date(), calendar)
    now = moment.hour * 60 + moment.minute
    if any(_covers(span, now) for span in today.spans) or (
        not today.exception and _night_before(schedule, moment.date(), calendar, now)
    ):
        return Decision("open", today.name, today.unknown)
    return Decision("holiday" if today.holiday else "closed", today.name, today.unknown)


def _covers(span: Span, now: int) -> bool:
    return minutes(span.start) <= now and (span.crosses or now < minutes(span.end))


def _night_before(schedule: Schedule, today: date, calendar: Calendar, now: int) -> bool:
    if today == date.min:
        return False
    spans = _day(schedule, today - timedelta(days=1), calendar).spans
    return any(span.crosses and now < minutes(span.end) for span in spans)


def _day(schedule: Schedule, day: date, calendar: Calendar) -> _Day:
    """The spans that begin on ``day``."""
    own = _exception(schedule, day)
    if own is not None:
        return _Day(own.hours, not own.hours, own.name, True)
    found = calendar(day)
    if found.kind == "holiday":
        return _Day((), True, found.name, False)
    weekday = schedule.makeup_like if found.kind == "workday" else day.isoweekday()
    spans = [line for line in schedule.hours if weekday in line.days]
    return _Day(spans, False, found.name, False, found.kind == "unknown")


def _exception(schedule: Schedule, day: date) -> ExceptionDay | None:
    return next((item for item in reversed(schedule.exceptions) if item.holds_on(day)), None)
