"""Text of an expression -> tokens. Linear, no regular expression that can backtrack."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ccc.api.expr.kinds import ExprError

TokenKind = Literal["number", "text", "name", "op", "end"]
WORDS = frozenset({"and", "or", "not", "in", "true", "false", "null"})
MAX_LENGTH = 2000
_TWO = ("==", "!=", "<=", ">=")
_ONE = frozenset("<>+-*/%&()[],.")
_CURES = {
    "&&": "write `and`",
    "||": "write `or`",
    "=": "write `==` to compare",
    "!": "write `not`",
    "|": "write `or`",
    "“": 'use straight quotes "..."',
    "”": 'use straight quotes "..."',
    "（": "use ( ) of the English keyboard",
    "）": "use ( ) of the English keyboard",
    "，": "use , of the English keyboard",
}
_ESCAPES = {"n": "\n", "t": "\t", '"': '"', "'": "'", "\\": "\\"}
_DIGITS = frozenset("0123456789")


@dataclass(frozen=True, slots=True)
class Token:
    """``value`` is the name, the operator, the unquoted text or the number's digits; ``at`` counts from 0."""

    kind: TokenKind
    value: str
    at: int


def tokenize(source: str) -> list[Token]:
    """All tokens, the last one of kind ``end``. ExprError with the position on anything unknown."""
    if len(source) > MAX_LENGTH:
        raise ExprError(f"the expression is longer than {MAX_LENGTH} characters; split it over several variables")
    tokens: list[Token] = []
    at = 0
    while at < len(source):
        char = source[at]
        if char.isspace():
            at += 1
            continue
        token, at = _next(source, at)
        tokens.append(token)
    tokens.append(Token("end", "", len(source)))
    return tokens


def _next(source: str, at: int) -> tuple[Token, int]:
    char = source[at]
    if char in _DIGITS:
        end = _number_end(source, at)
        return Token("number", source[at:end], at), end
    if char in "\"'":
        return _text(source, at)
    if char == "_" or char.isidentifier():
        end = at + 1
        while end < len(source) and (source[end] == "_" or ("a" + source[end]).isidentifier()):
            end += 1
        word = source[at:end]
        return Token("op" if word in WORDS else "name", word, at), end
    pair = source[at : at + 2]
    if pair in _TWO:
        return Token("op", pair, at), at + 2
    if char in _ONE and pair not in _CURES:
        return Token("op", char, at), at + 1
    cure = _CURES.get(pair) or _CURES.get(char)
    raise ExprError(
        f"unexpected `{pair if pair in _CURES else char}` at character {at + 1}" + (f": {cure}" if cure else "")
    )


def _number_end(source: str, at: int) -> int:
    end = at
    while end < len(source) and source[end] in _DIGITS:
        end += 1
    if end + 1 < len(source) and source[end] == "." and source[end + 1] in _DIGITS:
        end += 1
        while end < len(source) and source[end] in _DIGITS:
            end += 1
    if end < len(source) and (source[end] == "_" or source[end].isidentifier()):
        raise ExprError(f"`{source[at : end + 1]}` at character {at + 1} is neither a number nor a name")
    return end


def _text(source: str, at: int) -> tuple[Token, int]:
    quote = source[at]
    parts: list[str] = []
    end = at + 1
    while end < len(source):
        char = source[end]
        if char == quote:
            return Token("text", "".join(parts), at), end + 1
        if char == "\\":
            end += 1
            escape = source[end : end + 1]
            if escape not in _ESCAPES:
                raise ExprError(f"unknown escape `\\{escape}` at character {end}; write \\\\ for a backslash")
            char = _ESCAPES[escape]
        parts.append(char)
        end += 1
    raise ExprError(f"the text starting at character {at + 1} has no closing {quote}")
