"""Working hours as people write them: ``09:00-12:00 13:30-18:00`` for a day, a line for an exception. Pure.

- An exception is ``2027-02-05``, or ``2027-02-05 ~ 2027-02-12``, then hours (none: closed), then a name.
- ``24`` hours are written ``00:00-24:00``; an end before the begin is on the next day.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from pydantic import ValidationError

from ccc.hours.model import ExceptionDay, Span, WeeklyHours

_SPAN = re.compile(r"(\d{1,2}):(\d{2})\s*(?:-|~|–|—|至|到)\s*(\d{1,2}):(\d{2})")
_BETWEEN = re.compile(r"[\s,;，；、]+")
_DATE = r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})"
_DAY = re.compile(rf"{_DATE}(?:\s*(?:~|–|—|至|到)\s*{_DATE})?\s*")
_FULL_WIDTH = str.maketrans("０１２３４５６７８９：－～．／", "0123456789:-~./")
WEEK = (1, 2, 3, 4, 5, 6, 7)


class HoursTextError(ValueError):
    """What cannot be read; ``part`` is that text."""

    def __init__(self, part: str) -> None:
        super().__init__(f"cannot read {part!r}")
        self.part = part


def read_spans(text: str) -> tuple[Span, ...]:
    """The hours of a day; '' is none. HoursTextError names what is no span."""
    plain = text.translate(_FULL_WIDTH).strip()
    spans = [_span(found) for found in _SPAN.finditer(plain)]
    rest = _BETWEEN.sub("", _SPAN.sub(" ", plain))
    if rest:
        raise HoursTextError(rest[:40])
    return tuple(spans)


def write_spans(spans: Sequence[Span]) -> str:
    """The other way round."""
    return " ".join(f"{span.start}-{span.end}" for span in spans)


def read_week(days: Sequence[str]) -> tuple[WeeklyHours, ...]:
    """From seven texts, Monday first: days with the same hours share a line. HoursTextError as :func:`read_spans`."""
    same: dict[tuple[str, str], list[int]] = {}
    for day, text in zip(WEEK, days, strict=True):
        for span in read_spans(text):
            same.setdefault((span.start, span.end), []).append(day)
    return tuple(
        WeeklyHours(start=start, end=end, days=tuple(dict.fromkeys(found))) for (start, end), found in same.items()
    )


def write_week(hours: Sequence[WeeklyHours]) -> list[str]:
    """Seven texts, Monday first."""
    return [write_spans(sorted((one for one in hours if day in one.days), key=lambda one: one.start)) for day in WEEK]


def read_exceptions(text: str) -> tuple[ExceptionDay, ...]:
    """One a line; empty lines are skipped. HoursTextError names the line."""
    return tuple(_exception(line) for line in text.splitlines() if line.strip())


def write_exceptions(days: Sequence[ExceptionDay]) -> str:
    """The other way round."""
    lines = []
    for one in days:
        until = f" ~ {one.until}" if one.until is not None else ""
        lines.append(" ".join(filter(None, (f"{one.day}{until}", write_spans(one.hours), one.name))))
    return "\n".join(lines)


def _span(found: re.Match[str]) -> Span:
    hour, minute, to_hour, to_minute = found.groups()
    try:
        return Span(start=f"{int(hour):02}:{minute}", end=f"{int(to_hour):02}:{to_minute}")
    except ValidationError:
        raise HoursTextError(found[0]) from None


def _exception(line: str) -> ExceptionDay:
    plain = line.translate(_FULL_WIDTH).strip()
    found = _DAY.match(plain)
    if found is None:
        raise HoursTextError(line.strip()[:60])
    rest = plain[found.end() :]
    spans, at = [], 0
    while (span := _SPAN.match(rest, at)) is not None:
        spans.append(_span(span))
        gap = _BETWEEN.match(rest, span.end())
        at = gap.end() if gap else span.end()
    numbers = [int(part) if part else 0 for part in found.groups()]
    try:
        until = date(*numbers[3:]) if numbers[3] else None
        return ExceptionDay(day=date(*numbers[:3]), until=until, hours=tuple(spans), name=rest[at:].strip())
    except ValueError:  # no such day, the end before the begin, a name too long
        raise HoursTextError(line.strip()[:60]) from None
