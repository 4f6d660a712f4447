"""A week of working hours as seven texts, ``09:00-12:00 13:30-18:00``, Monday first, and back. Pure.

A text that cannot be read (yet) is kept where its hours would be, as the begin of a line for that day: validation then
finds it at its field, and the form shows it again.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from ccc.hours.model import CLOCK
from ccc.hours.text import HoursTextError, read_spans

DAYS = (1, 2, 3, 4, 5, 6, 7)
_CLOCK = re.compile(CLOCK)


def texts(hours: Any) -> list[str]:
    """The seven texts of a list of ``{days, start, end}``; what has another shape is left out."""
    found: list[list[str]] = [[] for _ in DAYS]
    for line in hours if isinstance(hours, Sequence) and not isinstance(hours, str) else ():
        if not isinstance(line, Mapping):
            continue
        start, end = str(line.get("start", "09:00")), str(line.get("end", "18:00"))
        text = f"{start}-{end}" if _CLOCK.match(start) else start
        days = line.get("days", DAYS[:5])
        for day in days if isinstance(days, Sequence) and not isinstance(days, str) else ():
            if day in DAYS:
                found[day - 1].append(text)
    return [" ".join(sorted(day)) for day in found]


def rows(days: Sequence[str], before: Any = None) -> list[dict[str, Any]]:
    """Lines of the settings; days with the same hours share one. ``before`` as it was when it says the same."""
    if isinstance(before, list) and texts(before) == list(days):
        return before
    same: dict[tuple[str, str], list[int]] = {}
    for day, text in zip(DAYS, days, strict=True):
        try:
            spans = [(span.start, span.end) for span in read_spans(text)]
        except HoursTextError:
            spans = [(text.strip(), "24:00")]
        for span in spans:
            same.setdefault(span, []).append(day)
    return [{"days": list(dict.fromkeys(found)), "start": start, "end": end} for (start, end), found in same.items()]
