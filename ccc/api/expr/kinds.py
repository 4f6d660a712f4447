"""What kinds of value an expression knows, and how values are told apart and shown."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Literal

from ccc.api.prompt import Value
from ccc.errors import InvalidError

Kind = Literal["text", "number", "bool", "list", "row", "null", "any"]
MAX_TEXT = 10_000
MAX_INTEGER = 10**18


class ExprError(InvalidError):
    """An expression cannot be read, or its values do not fit. The message says where and what to write instead."""

    code = "expression"


def kind_of(value: object) -> Kind:
    """The kind of a run-time value; ``any`` for what JSON cannot hold."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, str):
        return "text"
    if isinstance(value, int | float):
        return "number"
    if isinstance(value, list | tuple):
        return "list"
    return "row" if isinstance(value, Mapping) else "any"


def join(first: Kind, second: Kind) -> Kind:
    """The kind that covers both: equal ones stay, different ones become ``any``."""
    return first if first == second else "any"


def checked_number(value: float) -> float:
    """A result that may be kept: finite and at most 10^18. ExprError otherwise."""
    if isinstance(value, float) and not math.isfinite(value):
        raise ExprError("the result is not a finite number")
    if abs(value) > MAX_INTEGER:
        raise ExprError("the result is larger than 10^18")
    return value


def checked_text(text: str) -> str:
    """A text that may be kept: at most 10,000 characters. ExprError otherwise."""
    if len(text) > MAX_TEXT:
        raise ExprError(f"the result is longer than {MAX_TEXT} characters")
    return text


def to_text(value: Value) -> str:
    """How a value is spoken: 12.0 is ``12``, 0.1 + 0.2 is ``0.3``, null is nothing, a list is joined by commas."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return _number_text(value)
    return checked_text(", ".join(to_text(item) for item in _items(value)))


def _items(value: Any) -> list[Any]:
    return list(value.values()) if isinstance(value, Mapping) else list(value)


def _number_text(value: float) -> str:
    if not math.isfinite(value):
        return ""
    return f"{value:.10f}".rstrip("0").rstrip(".") if abs(value) < 1e15 else f"{value:.0f}"
