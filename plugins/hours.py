"""Working hours (工作时间): open, closed or a holiday?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel

from ccc.api import (
    CONFIG,
    CallControl,
    Exit,
    Kind,
    NodeType,
    Problem,
    References,
    VariableName,
    hookimpl,
    setting,
)
from ccc.hours import ExceptionDay, Schedule, WeeklyHours, china_day, decide, known_until
from ccc.hours.decide import no_calendar
from ccc.hours.model import Weekday, ZoneName

WARN_DAYS = 45
"""The calendar's end is a matter for the administrator this long before it."""


class Settings(BaseModel):
    model_config = CONFIG
    named: str = setting(
        "",
        en="Working hours of the instance",
        zh="实例的工作时间",
        widget="hours",
        max_length=64,
        help_en="Made in Settings. With a name, the week below and what belongs to it do not count.",
        help_zh="在“设置 > 工作时间”中维护。选择后，下方的每周时间、节假日、例外和时区不再生效。",
    )
    hours: tuple[WeeklyHours, ...] = setting(
        (WeeklyHours(),),
        en="Weekly hours",
        zh="每周工作时间",
        widget="week",
        unless="named",
        max_length=50,
        help_en="Several lines for a day add up; a line may end on the next day.",
        help_zh="同一天可有多个时间段；结束早于开始表示跨零点。",
    )
    calendar: Literal["china", "none"] = setting(
        "china",
        en="Public holidays",
        zh="法定节假日",
        choices={"china": ("China", "中国"), "none": ("None", "不考虑")},
        unless="named",
        help_en="China: closed on public holidays, open on make-up working days (调休).",
        help_zh="中国：法定节假日休息，调休上班日按工作日处理。",
    )
    makeup_like: Weekday = setting(
        1, en="Make-up days have the hours of", zh="调休上班日按星期几", widget="weekday", unless="named"
    )
    exceptions: tuple[ExceptionDay, ...] = setting(
        (),
        en="Own exceptions",
        zh="例外日期",
        unless="named",
        max_length=400,
        help_en="They win.",
        help_zh="优先于其他规则。",
    )
    timezone: ZoneName = setting(
        "", en="Time zone (empty: the instance's)", zh="时区（留空：实例时区）", unless="named"
    )
    variable: VariableName | None = setting(
        None, en="Store the day's name in variable", zh="节日名称存入变量", widget="variable"
    )


class Hours(NodeType):
    """Leaves at once by what the schedule says of this moment."""

    type = "hours"
    label = {"en": "Working hours", "zh": "工作时间"}
    category = "logic"
    icon = "clock"
    help = {
        "en": "Goes on by whether the call comes in working hours, outside them, or on a day off.",
        "zh": "按来电时刻处于工作时间、非工作时间还是休息日，进入不同分支。",
    }
    Config = Settings
    examples = (
        {},
        {"named": "服务时间", "variable": "holiday"},
        {
            "hours": [
                {"days": [1, 2, 3, 4, 5], "start": "09:00", "end": "12:00"},
                {"days": [1, 2, 3, 4, 5], "start": "13:30", "end": "18:00"},
                {"days": [5, 6], "start": "22:00", "end": "02:00"},
            ],
            "exceptions": [
                {"day": "2027-02-05", "until": "2027-02-12", "name": "春节"},
                {"day": "2026-12-24", "hours": [{"start": "09:00", "end": "12:00"}]},
            ],
            "timezone": "Europe/Berlin",
            "variable": "holiday",
        },
    )

    def exits(self, config: Settings) -> Sequence[Exit]:
        return (
            Exit("open", {"en": "Open", "zh": "工作时间"}),
            Exit("closed", {"en": "Closed", "zh": "非工作时间"}),
            Exit("holiday", {"en": "Holiday", "zh": "节假日"}),
        )

    def check(self, config: Settings, refs: References) -> Sequence[Problem]:
        if config.named or config.calendar == "none" or known_until() >= date.today() + timedelta(days=WARN_DAYS):
            return ()
        message = (
            f"public holidays are known until {known_until()}; after it weekly hours and your own exceptions decide "
            "alone: add the next year's days off and make-up days as exceptions, or update chinesecalendar"
        )
        return (Problem("warning", "calendar-ends", message, field="calendar"),)

    def sets(self, config: Settings) -> Mapping[str, Kind]:
        return {} if config.variable is None else {config.variable: "text"}

    def uses(self, config: Settings) -> Sequence[tuple[str, str]]:
        return (("hours", config.named),) if config.named else ()

    async def run(self, call: CallControl, config: Settings) -> str:
        state, name = call.working_hours(config.named) if config.named else self._own(call, config)
        if config.variable is not None:
            call.variables[config.variable] = name
        return state

    @staticmethod
    def _own(call: CallControl, config: Settings) -> tuple[str, str]:
        now = call.now().astimezone(ZoneInfo(config.timezone)) if config.timezone else call.now()
        schedule = Schedule(hours=config.hours, exceptions=config.exceptions, makeup_like=config.makeup_like)
        found = decide(schedule, now, china_day if config.calendar == "china" else no_calendar)
        if found.unknown_year:
            call.trace(f"no public holidays are known for {now.year}: weekdays and exceptions decided")
        return found.state, found.name


@hookimpl
def register_node_types() -> list[Any]:
    return [Hours]
