"""Working hours (工作时间): when a call centre is open. Pure; time and calendar are arguments."""

from ccc.hours.china import china_day, known_until
from ccc.hours.decide import CalendarDay, Decision, decide
from ccc.hours.model import ExceptionDay, Schedule, Span, WeeklyHours

__all__ = [
    "CalendarDay",
    "Decision",
    "ExceptionDay",
    "Schedule",
    "Span",
    "WeeklyHours",
    "china_day",
    "decide",
    "known_until",
]
