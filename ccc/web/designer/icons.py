"""The icons of node types: those that are used, taken out of the installed sprite."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable

from ccc.home import PROJECT

SPRITE = PROJECT / "static" / "vendor" / "bootstrap-icons" / "bootstrap-icons.svg"
FALLBACK = "circle"
TOOLS = (
    "align-center", "align-start", "align-top", "arrow-clockwise", "arrow-counterclockwise", "arrow-down", "arrow-up",
    "aspect-ratio", "chevron-down", "chevron-up", "dash-lg", "diagram-2", "distribute-vertical", "exclamation-triangle",
    "copy", "trash", "plus-lg", "question-circle", "question-diamond", "search", "sliders", "sticky", "play-fill",
    "x-lg", "activity", "clock-history", "list-nested", "box-arrow-up-right", "send", "table", "upload", "arrow-right",
)  # fmt: skip
"""What the toolbars and the panel show beside the node types."""
_SYMBOL = re.compile(r'<symbol[^>]*viewBox="([^"]*)" id="([\w-]+)">(.*?)</symbol>', re.S)


@functools.cache
def _sprite() -> dict[str, tuple[str, str]]:
    """Name -> (view box, drawing). Empty when the browser files are not installed."""
    if not SPRITE.exists():
        return {}
    found = _SYMBOL.findall(SPRITE.read_text(encoding="utf-8"))
    return {name: (box, drawing) for box, name, drawing in found}


def symbols(names: Iterable[str]) -> list[tuple[str, str, str]]:
    """(name, view box, drawing) of each icon, in order; a name nobody knows is drawn as a circle."""
    sprite = _sprite()
    fallback = sprite.get(FALLBACK, ("0 0 16 16", '<circle cx="8" cy="8" r="5"/>'))
    return [(name, *sprite.get(name, fallback)) for name in sorted(set(names))]
