"""``${expression}`` inside a text: ``您的余额是${fixed(balance, 2)}元``. ``$$`` is a dollar sign."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from ccc.api.control import FlowFailed
from ccc.api.expr.expression import Expression
from ccc.api.expr.kinds import ExprError, checked_text, to_text
from ccc.api.prompt import Value


@dataclass(frozen=True, slots=True)
class Template:
    """A text cut at its ``${...}``: plain pieces and formulas in order."""

    parts: tuple[str | Expression, ...]

    @property
    def static(self) -> bool:
        """Nothing to fill in: the text can be rendered beforehand."""
        return not any(isinstance(part, Expression) for part in self.parts)

    def expressions(self) -> list[Expression]:
        """The formulas, in order."""
        return [part for part in self.parts if isinstance(part, Expression)]

    def render(self, variables: Mapping[str, Value], tables: Mapping[str, Any]) -> str:
        """The text with every formula replaced by its value. ExprError when a formula fails."""
        return checked_text(
            "".join(part if isinstance(part, str) else to_text(part.value(variables, tables)) for part in self.parts)
        )


@lru_cache(maxsize=2048)
def parse_template(text: str) -> Template:
    """Cut a text. ExprError when a ``${`` is not closed or a formula is wrong."""
    parts: list[str | Expression] = []
    plain: list[str] = []
    at = 0
    while (found := text.find("$", at)) >= 0:
        plain.append(text[at:found])
        following = text[found + 1 : found + 2]
        if following == "{":
            end = _closing(text, found + 2)
            if any(plain):
                parts.append("".join(plain))
            plain = []
            parts.append(_formula(text[found + 2 : end]))
            at = end + 1
        else:
            plain.append("$")
            at = found + (2 if following == "$" else 1)
    plain.append(text[at:])
    if any(plain):
        parts.append("".join(plain))
    return Template(tuple(parts))


def _formula(source: str) -> Expression:
    """ExprError says in which formula of the text the mistake is."""
    try:
        return Expression(source)
    except ExprError as error:
        raise ExprError(f"{error.message} in `{source}`") from error


def _closing(text: str, start: int) -> int:
    """Position of the ``}`` that ends a formula; one inside quotes does not count."""
    quote = ""
    at = start
    while at < len(text):
        char = text[at]
        if quote:
            if char == "\\":
                at += 1
            elif char == quote:
                quote = ""
        elif char in "\"'":
            quote = char
        elif char == "}":
            return at
        at += 1
    raise ExprError(f"the ${{ at character {start - 1} has no closing }}")


def render(text: str, variables: Mapping[str, Value], tables: Mapping[str, Any]) -> str:
    """Fill in a prompt's text in a call, real or simulated. FlowFailed (the exit ``error``) when a formula fails."""
    try:
        return parse_template(text).render(variables, tables)
    except ExprError as error:
        raise FlowFailed(f"the prompt {text[:60]!r} cannot be filled in: {error.message}") from error
