"""Before and after of an entry of the operation log as lines of a difference (pure)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

LONGEST = 200


@dataclass(frozen=True, slots=True)
class Line:
    """A field; ``gone`` and ``come`` are the parts of it that differ. Neither: ``told`` is only said of the act."""

    field: str
    gone: tuple[Any, ...] = ()
    come: tuple[Any, ...] = ()
    told: Any = None


def difference(
    before: Mapping[str, Any] | None, after: Mapping[str, Any] | None, detail: Mapping[str, Any]
) -> list[Line]:
    """One line for each field that was, is, or is told. Of lists and mappings only what differs in them."""
    old, new = before or {}, after or {}
    lines = [Line(name, *_parts(old.get(name), new.get(name))) for name in dict.fromkeys([*old, *new])]
    return [
        *(line for line in lines if line.gone or line.come),
        *(Line(name, told=value) for name, value in detail.items() if not _empty(value)),
    ]


def _parts(old: Any, new: Any) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    if isinstance(old, list | tuple) or isinstance(new, list | tuple):
        was, now = _items(old), _items(new)
        return tuple(one for one in was if one not in now), tuple(one for one in now if one not in was)
    if isinstance(old, Mapping) or isinstance(new, Mapping):
        was, now = _pairs(old), _pairs(new)
        return tuple(one for one in was if one not in now), tuple(one for one in now if one not in was)
    if old == new:
        return (), ()
    return () if _empty(old) else (old,), () if _empty(new) else (new,)


def _items(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [] if _empty(value) else [value]


def _pairs(value: Any) -> list[Any]:
    return [f"{key}: {plain(item)}" for key, item in value.items()] if isinstance(value, Mapping) else _items(value)


def _empty(value: Any) -> bool:
    return value is None or value == "" or value == [] or value == {}


def plain(value: Any) -> str:
    """A value that has no words of its own, at most LONGEST characters."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= LONGEST else text[:LONGEST] + "…"
