"""The week at a glance, as SVG: a row per day, the hours that are open filled."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from ccc.hours.model import DAY_MINUTES, WeeklyHours, minutes

LEFT, WIDTH, ROW, BAR = 46, 576, 18, 12
TOP = 16


def bars(hours: Sequence[WeeklyHours], letters: Sequence[str]) -> Markup:
    """The picture; hours past midnight go on in the next day's row."""
    height = TOP + 7 * ROW
    parts = [
        Markup('<svg class="week" viewBox="0 0 {} {}" role="img" aria-hidden="true">').format(LEFT + WIDTH + 14, height)
    ]
    parts += [Markup('<text x="{}" y="10">{}</text>').format(_x(60 * hour) - 4, hour) for hour in range(0, 25, 6)]
    for day, letter in enumerate(letters, 1):
        top = TOP + (day - 1) * ROW
        parts.append(Markup('<text x="0" y="{}">{}</text>').format(top + 10, letter))
        parts.append(_rect("ground", 0, DAY_MINUTES, top))
        parts += [_rect("open", start, end, top) for start, end in _open(hours, day)]
    return Markup("").join([*parts, Markup("</svg>")])


def _open(hours: Sequence[WeeklyHours], day: int) -> list[tuple[int, int]]:
    """(from, to) in minutes of the day."""
    found = []
    for line in hours:
        start, end = minutes(line.start), minutes(line.end)
        if day in line.days:
            found.append((start, DAY_MINUTES if line.crosses else end))
        if line.crosses and (day - 2) % 7 + 1 in line.days:
            found.append((0, end))
    return found


def _rect(css: str, start: int, end: int, top: int) -> Markup:
    return Markup('<rect class="{}" x="{}" y="{}" width="{}" height="{}" rx="2"/>').format(
        css, _x(start), top, max(1, _x(end) - _x(start)), BAR
    )


def _x(minute: int) -> int:
    return LEFT + round(WIDTH * minute / DAY_MINUTES)
