"""What ``+ - * / % & == < in and not`` mean, at check time (kinds) and at run time (values)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ccc.api.expr.kinds import ExprError, Kind, checked_number, checked_text, kind_of, to_text
from ccc.api.prompt import Value

ORDER = frozenset({"<", "<=", ">", ">="})
EQUALITY = frozenset({"==", "!="})
ARITHMETIC = frozenset({"+", "-", "*", "/", "%"})


def kind(operator: str, left: Kind, right: Kind) -> Kind:
    """The kind of ``left operator right``; ExprError when it can never work."""
    if operator == "&":
        return "text"
    if operator in EQUALITY:
        if {left, right} == {"text", "number"}:
            raise ExprError(f"{left} and {right} are never equal; write number(...) or text(...) around one side")
        return "bool"
    if operator in ORDER:
        if not _comparable(left, right):
            raise ExprError(f"cannot compare {left} {operator} {right}; write number(...) or text(...) around one side")
        return "bool"
    if operator == "in":
        if right not in ("text", "list", "row", "any", "null"):
            raise ExprError(f"`in` needs a list, a row or a text on its right, not {right}")
        return "bool"
    known = {left, right} - {"any"}
    if operator == "+" and known == {"text"}:
        return "text" if "any" not in (left, right) else "any"
    if known <= {"number"}:
        return "any" if operator == "+" and not known else "number"
    cure = "; write & to join texts" if operator == "+" else ""
    raise ExprError(f"cannot calculate {left} {operator} {right}{cure}")


def _comparable(left: Kind, right: Kind) -> bool:
    known = {left, right} - {"any", "null"}
    return len(known) <= 1 and known <= {"text", "number"}


def apply(operator: str, left: Value, right: Value) -> Value:
    """The value of ``left operator right``."""
    if operator == "==":
        return equal(left, right)
    if operator == "!=":
        return not equal(left, right)
    if operator == "&":
        return checked_text(to_text(left) + to_text(right))
    if operator == "in":
        return _contains(right, left)
    if operator in ORDER:
        return _ordered(operator, left, right)
    return _calculate(operator, left, right)


def equal(left: Value, right: Value) -> bool:
    """Equality that does not take true for 1."""
    return kind_of(left) == kind_of(right) and left == right


def _contains(container: Any, item: Value) -> bool:
    if isinstance(container, str):
        if not isinstance(item, str):
            raise ExprError(f"a text can only hold a text, not a {kind_of(item)}")
        return item in container
    if isinstance(container, list):
        return any(equal(entry, item) for entry in container)
    if isinstance(container, Mapping):
        return isinstance(item, str) and item in container
    if container is None:
        return False
    raise ExprError(f"`in` needs a list, a row or a text on its right, not {kind_of(container)}")


def _ordered(operator: str, left: Any, right: Any) -> bool:
    kinds = (kind_of(left), kind_of(right))
    if not _comparable(*kinds):
        raise ExprError(f"cannot compare {kinds[0]} {operator} {kinds[1]}")
    if left is None or right is None:
        return False
    if operator == "<":
        return bool(left < right)
    if operator == "<=":
        return bool(left <= right)
    return bool(left > right) if operator == ">" else bool(left >= right)


def _calculate(operator: str, left: Any, right: Any) -> Value:
    kinds = (kind_of(left), kind_of(right))
    if operator == "+" and kinds == ("text", "text"):
        return checked_text(left + right)
    if kinds != ("number", "number"):
        cure = "; write & to join texts" if operator == "+" else ""
        raise ExprError(f"cannot calculate {kinds[0]} {operator} {kinds[1]}{cure}")
    try:
        return checked_number(_arithmetic(operator, left, right))
    except ZeroDivisionError as error:
        raise ExprError("division by zero") from error
    except OverflowError as error:
        raise ExprError("the result is too large") from error


def _arithmetic(operator: str, left: float, right: float) -> float:
    if operator == "+":
        return left + right
    if operator == "-":
        return left - right
    if operator == "*":
        return left * right
    if operator == "%":
        return left % right
    if isinstance(left, int) and isinstance(right, int) and left % right == 0:
        return left // right
    return left / right


def field_of(of: Any, key: Value) -> Value:
    """``of[key]``: a row's field, a list's entry (the first is 0); null when missing."""
    if of is None:
        return None
    if isinstance(of, Mapping):
        found: Value = of.get(to_text(key))
        return found
    if isinstance(of, list):
        if isinstance(key, bool) or not isinstance(key, int):
            raise ExprError("the position in a list must be a whole number")
        return of[key] if 0 <= key < len(of) else None
    raise ExprError(f"a {kind_of(of)} has no fields")


def check_truth(found: Kind, where: str) -> None:
    """ExprError when a value of that kind is neither true nor false."""
    if found not in ("bool", "null", "any"):
        raise ExprError(f"`{where}` needs true or false, not {found}; compare it with something")


def truth(value: Value, where: str) -> bool:
    """true or false; null counts as false."""
    if value is None:
        return False
    if isinstance(value, bool):
        return value
    raise ExprError(f"`{where}` needs true or false, not {kind_of(value)}; compare it with something")
