"""What working hours are made of: frozen pydantic models, so that a node's settings hold them as they are."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, Field, model_validator

from ccc.api.form import CONFIG, setting

CLOCK = r"^([01]\d|2[0-3]):[0-5]\d$"
CLOCK_END = r"^(([01]\d|2[0-3]):[0-5]\d|24:00)$"
DAY_MINUTES = 24 * 60


def _zone_name(name: str) -> str:
    if name:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError(f"{name!r} is not a time zone such as Asia/Shanghai") from None
    return name


ZoneName = Annotated[str, Field(max_length=64), AfterValidator(_zone_name)]
"""An IANA zone; '' where the instance's is meant."""
Weekday = Annotated[int, Field(ge=1, le=7)]
"""1 is Monday, 7 is Sunday (ISO 8601)."""


def minutes(clock: str) -> int:
    """``09:30`` -> 570, ``24:00`` -> 1440."""
    hours, _, rest = clock.partition(":")
    return int(hours) * 60 + int(rest)


class Span(BaseModel):
    """From ``start`` until before ``end`` by the clock on the wall; an earlier ``end`` is on the next day."""

    model_config = CONFIG
    start: str = setting("09:00", en="From", zh="开始", pattern=CLOCK)
    end: str = setting(
        "18:00",
        en="To",
        zh="结束",
        pattern=CLOCK_END,
        help_en="24:00 is midnight. Earlier than From: on the next day.",
        help_zh="24:00 为午夜。早于开始时间表示次日。",
    )

    @model_validator(mode="after")
    def _lasts(self) -> Span:
        if self.start == self.end:
            raise ValueError("From and To are equal; for the whole day write 00:00 to 24:00")
        return self

    @property
    def crosses(self) -> bool:
        """Whether it ends on the next day."""
        return minutes(self.end) < minutes(self.start)


class WeeklyHours(Span):
    """The same hours on some days of the week; several lines for one day add up."""

    days: tuple[Weekday, ...] = setting(
        (1, 2, 3, 4, 5),
        en="Days (1 Monday to 7 Sunday)",
        zh="星期（1 至 7）",
        widget="weekdays",
        min_length=1,
        max_length=7,
    )


class ExceptionDay(BaseModel):
    """A day, or some days in a row, with hours of their own; without hours closed."""

    model_config = CONFIG
    day: date = setting(en="Day", zh="日期")
    until: date | None = setting(None, en="Until (inclusive)", zh="至（含）")
    hours: tuple[Span, ...] = setting((), en="Hours (none: closed)", zh="时间段（留空：全天休息）", max_length=10)
    name: str = setting("", en="Name", zh="名称", max_length=64)

    @model_validator(mode="after")
    def _forward(self) -> ExceptionDay:
        if self.until is not None and self.until < self.day:
            raise ValueError(f"ends on {self.until}, before it begins on {self.day}")
        return self

    def holds_on(self, day: date) -> bool:
        """Whether it says something about this day."""
        return self.day <= day <= (self.until or self.day)


Holidays = Literal["china", "none"]


class Schedule(BaseModel):
    """Working hours without their time zone and calendar."""

    model_config = CONFIG
    hours: tuple[WeeklyHours, ...] = ()
    exceptions: tuple[ExceptionDay, ...] = ()
    makeup_like: Weekday = 1
    """A weekend day worked to make up for a holiday (调休) has the hours of this weekday."""
