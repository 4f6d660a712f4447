"""A call's variables: what the flow sets, plus read-only system ones worked out when they are read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import AfterValidator, Field

from ccc.api.expr import WORDS, ExprError, Kind, system_name
from ccc.api.prompt import Value

if TYPE_CHECKING:
    from ccc.api.control import CallControl

MAX_VARIABLES = 1000


def _variable_name(name: str) -> str:
    if not name.isidentifier():
        raise ValueError(f"{name!r} is not a name: use letters, digits and _, not starting with a digit")
    if name in WORDS or name == "sys":
        raise ValueError(f"{name!r} means something else in formulas; choose another name")
    return name


VariableName = Annotated[str, Field(min_length=1, max_length=64), AfterValidator(_variable_name)]
"""A name formulas can use: ``account``, ``余额``; not ``and``, ``null``, ``sys``."""
SYSTEM_VARIABLES: Mapping[str, tuple[Kind, str, Callable[[CallControl], Value]]] = {
    "sys.id": ("text", "the call's id", lambda call: call.id),
    "sys.direction": ("text", "inbound or outbound", lambda call: call.direction),
    "sys.caller": ("text", "the caller's number (主叫), empty when anonymous", lambda call: call.caller),
    "sys.callee": ("text", "the number dialled (被叫)", lambda call: call.callee),
    "sys.dedicated": (
        "text",
        "user name of the caller's dedicated agent (专属坐席), empty without one",
        lambda call: call.dedicated,
    ),
    "sys.now": ("text", "local date and time, 2026-11-20 09:30:00", lambda call: f"{call.now():%Y-%m-%d %H:%M:%S}"),
    "sys.date": ("text", "local date, 2026-11-20", lambda call: f"{call.now():%Y-%m-%d}"),
    "sys.time": ("text", "local time, 09:30", lambda call: f"{call.now():%H:%M}"),
    "sys.weekday": ("number", "1 is Monday, 7 is Sunday", lambda call: call.now().isoweekday()),
}
"""Name -> (kind, meaning, how it is read)."""


class CallVariables(dict[str, Value]):
    """The mapping behind ``call.variables``. Iterating shows what the flow set; ``sys.`` names are read by key.

    ExprError when a ``sys.`` name is written or there are more than 1,000 variables.
    """

    def __init__(self, call: CallControl, initial: Mapping[str, Value] | None = None) -> None:
        super().__init__()
        self._call = call
        self.update(initial or {})

    def __missing__(self, name: str) -> Value:
        return SYSTEM_VARIABLES[name][2](self._call)

    def __setitem__(self, name: str, value: Value) -> None:
        if system_name(name):
            raise ExprError(f"{name} belongs to the system and cannot be set; choose another name")
        if len(self) >= MAX_VARIABLES and name not in self:
            raise ExprError(f"a call keeps at most {MAX_VARIABLES} variables")
        super().__setitem__(name, value)

    def update(self, *others: Any, **named: Value) -> None:
        """As ``dict.update``, with the checks of assignment."""
        for name, value in dict(*others, **named).items():
            self[name] = value

    def setdefault(self, name: str, default: Value = None, /) -> Value:  # type: ignore[override]
        """As ``dict.setdefault``, with the checks of assignment."""
        if name not in self:
            self[name] = default
        return self[name]
