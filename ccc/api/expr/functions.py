"""The functions an expression may call, as data: name, kinds of the arguments, result, what it does."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ccc.api.expr.kinds import ExprError, Kind, checked_number, checked_text, kind_of, to_text
from ccc.api.prompt import Value

Kinds = tuple[Kind, ...]
TEXT: Kinds = ("text",)
NUMBER: Kinds = ("number",)
ANY: Kinds = ("any",)


@dataclass(frozen=True, slots=True)
class Function:
    """``params``: allowed kinds of each argument; the last ``optional`` may be missing; ``many``: the last repeats."""

    name: str
    args: str
    """What the arguments are called, as people read them: ``text, n``."""
    params: tuple[Kinds, ...]
    result: Kind
    call: Callable[..., Any]
    help: str
    optional: int = 0
    many: bool = False

    @property
    def signature(self) -> str:
        """``left(text, n)``."""
        return f"{self.name}({self.args})"

    def check_count(self, count: int) -> None:
        """ExprError when ``count`` arguments are too few or too many."""
        least, most = len(self.params) - self.optional, len(self.params)
        if count < least or (count > most and not self.many):
            wanted = f"{least} or more" if self.many else str(least) if least == most else f"{least} to {most}"
            raise ExprError(f"{self.name}() takes {wanted} argument(s), got {count}")

    def check_kind(self, index: int, kind: Kind) -> None:
        """ExprError when an argument of that kind does not fit; ``any`` always fits (checked again at run time)."""
        allowed = self.params[min(index, len(self.params) - 1)]
        if kind != "any" and "any" not in allowed and kind not in allowed:
            raise ExprError(f"argument {index + 1} of {self.name}() must be {' or '.join(allowed)}, not {kind}")


def _to_number(value: Value) -> Value:
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return value
    body = str(value).strip()
    digits = body.removeprefix("-").removeprefix("+")
    whole, dot, fraction = digits.partition(".")
    if not (whole + fraction) or len(digits) > 30 or not all(c in "0123456789" for c in whole + fraction):
        return None
    number = float(body) if dot else int(body)
    return number if abs(number) <= 10**18 else None


def _is_number(value: Value) -> bool:
    return kind_of(value) in ("text", "number") and _to_number(value) is not None


def _round(value: float, places: float = 0) -> Value:
    digits = _places(places)
    return checked_number(round(value, digits)) if digits else math.floor(value + 0.5)


def _fixed(value: float, places: float) -> str:
    return f"{value:.{_places(places)}f}"


def _places(places: float) -> int:
    if places != int(places) or not 0 <= places <= 10:
        raise ExprError("the number of decimal places must be a whole number from 0 to 10")
    return int(places)


def _left(text: str, count: float) -> str:
    return text[: max(0, int(count))]


def _right(text: str, count: float) -> str:
    return text[-int(count) :] if count >= 1 else ""


def _part(text: str, start: float, count: float) -> str:
    begin = max(0, int(start) - 1)
    return text[begin : begin + max(0, int(count))]


def _replace(text: str, old: str, new: str) -> str:
    if not old:
        raise ExprError("replace() needs a text to look for")
    if len(text) + text.count(old) * (len(new) - len(old)) > 10_000:
        raise ExprError("the result of replace() is longer than 10000 characters")
    return text.replace(old, new)


def _first(*values: Value) -> Value:
    return next((value for value in values if value is not None), None)


def _spell(value: Value) -> str:
    return checked_text(" ".join(to_text(value)))


_ALL = (
    Function("len", "x", (("text", "list", "row"),), "number", len, "characters of a text, entries of a list or row"),
    Function("number", "x", (("text", "number", "bool", "null"),), "any", _to_number,
             "the number a text holds, or null"),
    Function("text", "x", (ANY,), "text", to_text, "the value as it is spoken"),
    Function("is_number", "x", (ANY,), "bool", _is_number, "whether number() would find one"),
    Function("starts_with", "text, start", (TEXT, TEXT), "bool", str.startswith,
             "whether the text begins with the other"),
    Function("ends_with", "text, end", (TEXT, TEXT), "bool", str.endswith, "whether the text ends with the other"),
    Function("contains", "text, part", (TEXT, TEXT), "bool", lambda t, p: p in t, "whether the text holds the other"),
    Function("lower", "text", (TEXT,), "text", lambda t: checked_text(t.lower()), "small letters"),
    Function("upper", "text", (TEXT,), "text", lambda t: checked_text(t.upper()), "capital letters"),
    Function("trim", "text", (TEXT,), "text", str.strip, "without spaces at both ends"),
    Function("left", "text, n", (TEXT, NUMBER), "text", _left, "the first n characters"),
    Function("right", "text, n", (TEXT, NUMBER), "text", _right, "the last n characters"),
    Function("part", "text, p, n", (TEXT, NUMBER, NUMBER), "text", _part,
             "n characters from position p (the first is 1)"),
    Function("replace", "text, old, new", (TEXT, TEXT, TEXT), "text", _replace,
             "every occurrence of the second replaced by the third"),
    Function("spell", "x", (("text", "number"),), "text", _spell, "spaces between the characters: read one by one"),
    Function("round", "x, n", (NUMBER, NUMBER), "number", _round,
             "rounded, half up, to n decimal places (0)", optional=1),
    Function("fixed", "x, n", (NUMBER, NUMBER), "text", _fixed, "with exactly n decimal places: fixed(3, 2) is 3.00"),
    Function("floor", "x", (NUMBER,), "number", math.floor, "the whole number below"),
    Function("ceil", "x", (NUMBER,), "number", math.ceil, "the whole number above"),
    Function("abs", "x", (NUMBER,), "number", abs, "without sign"),
    Function("min", "x, ...", (NUMBER,), "number", lambda *n: min(n), "the smallest", many=True),
    Function("max", "x, ...", (NUMBER,), "number", lambda *n: max(n), "the largest", many=True),
    Function("first", "x, ...", (ANY,), "any", _first, "the first value that is not null", many=True),
)  # fmt: skip
FUNCTIONS = {function.name: function for function in _ALL}
