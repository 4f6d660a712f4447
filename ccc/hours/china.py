"""Public holidays and make-up working days (调休) of mainland China, as announced by the State Council year by year.

The announcement for a year comes in November of the year before; until ``chinesecalendar`` has it, its days are
``unknown`` (the package raises NotImplementedError) and weekdays with the administrator's own list decide.
"""

from __future__ import annotations

from datetime import date

import chinese_calendar

from ccc.hours.decide import ORDINARY, CalendarDay

_UNKNOWN = CalendarDay("unknown")


def china_day(day: date) -> CalendarDay:
    """What the national calendar says of ``day``; ``unknown`` for years not announced."""
    try:
        off, name = chinese_calendar.get_holiday_detail(day)
    except NotImplementedError:
        return _UNKNOWN
    if name is None:
        return ORDINARY
    chinese = chinese_calendar.Holiday(name).chinese
    return CalendarDay("holiday" if off else "workday", chinese)


def known_until() -> date:
    """The last day the calendar knows."""
    return date(max(chinese_calendar.holidays).year, 12, 31)
