"""A page of a list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """A page of a keyset-paged list. ``after`` asks for the next one, None when this is the last.

    ``before`` asks for the one before it, None when this is the first (or the list cannot be read backwards).
    """

    items: tuple[T, ...]
    after: str | None = None
    before: str | None = None
