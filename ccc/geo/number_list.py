"""A list of numbers and beginnings of numbers, such as a blacklist (黑名单). Pure.

Entries are kept in one form: ``+8613800138000`` (E.164), ``10086`` (numbers without E.164), ``0755*`` or ``+852*``
(beginnings, as dialled in China or international), ``anonymous`` (callers who hide their number).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from ccc.errors import InvalidError
from ccc.geo.numbers import FULL_WIDTH, NOISE, normalise

ANONYMOUS = "anonymous"
_BEGINNING = re.compile(r"\+?\d{1,20}")


def parse_entry(text: str) -> str:
    """An entry in its one form. InvalidError when it is neither a number nor a beginning with ``*``."""
    plain = NOISE.sub("", text.strip().translate(FULL_WIDTH)).replace("＊", "*")
    if plain.endswith("*"):
        beginning = plain[:-1]
        if not _BEGINNING.fullmatch(beginning):
            raise InvalidError(f"{text!r} is not the beginning of numbers, such as 0755* or +852*", field="number")
        return f"{beginning}*"
    found = normalise(text)
    if found.kind == "anonymous" and text.strip():
        return ANONYMOUS
    if found.kind in ("anonymous", "unknown"):
        raise InvalidError(f"{text!r} is not a number", field="number")
    return found.e164 or found.national


@dataclass(frozen=True, slots=True)
class NumberList:
    """Look-ups take the same time whatever the length of the list."""

    numbers: frozenset[str] = frozenset()
    beginnings: frozenset[str] = frozenset()
    lengths: tuple[int, ...] = ()
    """Of the beginnings, longest first."""

    @classmethod
    def of(cls, entries: Iterable[str]) -> Self:
        """From entries in any usual form. InvalidError names the first that is none."""
        return cls.of_parsed([parse_entry(entry) for entry in entries])

    @classmethod
    def of_parsed(cls, entries: Iterable[str]) -> Self:
        """From entries :func:`parse_entry` made."""
        found = list(entries)
        beginnings = frozenset(entry[:-1] for entry in found if entry.endswith("*"))
        numbers = frozenset(entry for entry in found if not entry.endswith("*"))
        return cls(numbers, beginnings, tuple(sorted({len(item) for item in beginnings}, reverse=True)))

    def match(self, number: str) -> str | None:
        """The entry this number, in any usual form, falls under: the number itself, else the longest beginning."""
        found = normalise(number)
        if found.kind == "anonymous":
            return ANONYMOUS if ANONYMOUS in self.numbers else None
        forms = [form for form in (found.e164, found.national) if form]
        for form in forms:
            if form in self.numbers:
                return form
        for length in self.lengths:
            for form in forms:
                if form[:length] in self.beginnings and len(form) >= length:
                    return f"{form[:length]}*"
        return None
