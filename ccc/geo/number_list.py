"""A list of numbers and beginnings of numbers, such as a blacklist (黑名单). Pure.

Entries are kept in one form: ``+8613800138000`` (E.164), ``10086`` (numbers without E.164), ``0755*`` or ``+852*``
(beginnings, as dialled in China or international), ``anonymous`` (callers who hide their number).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
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
    until: Mapping[str, float] = field(default_factory=dict)
    """Entries that end: when (epoch seconds)."""

    @classmethod
    def of(cls, entries: Iterable[str]) -> Self:
        """From entries in any usual form. InvalidError names the first that is none."""
        return cls.of_parsed([parse_entry(entry) for entry in entries])

    @classmethod
    def of_parsed(cls, entries: Iterable[str], until: Mapping[str, float] | None = None) -> Self:
        """From entries :func:`parse_entry` made."""
        found = list(entries)
        beginnings = frozenset(entry[:-1] for entry in found if entry.endswith("*"))
        numbers = frozenset(entry for entry in found if not entry.endswith("*"))
        return cls(numbers, beginnings, tuple(sorted({len(item) for item in beginnings}, reverse=True)), until or {})

    def match(self, number: str, at: float = 0.0) -> str | None:
        """The entry this number, in any usual form, falls under: the number itself, else the longest beginning.

        Entries that ended before ``at`` (epoch seconds) do not count.
        """
        found = normalise(number)
        if found.kind == "anonymous":
            return ANONYMOUS if ANONYMOUS in self.numbers and self._counts(ANONYMOUS, at) else None
        forms = [form for form in (found.e164, found.national) if form]
        for form in forms:
            if form in self.numbers and self._counts(form, at):
                return form
        for length in self.lengths:
            for form in forms:
                entry = f"{form[:length]}*"
                if form[:length] in self.beginnings and len(form) >= length and self._counts(entry, at):
                    return entry
        return None

    def _counts(self, entry: str, at: float) -> bool:
        end = self.until.get(entry)
        return end is None or at < end
