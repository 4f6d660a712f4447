"""What a list page shows and how it was asked for: columns, filters, sort, pages."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from flask import request

Row = TypeVar("Row")
PAGE_ROWS = 50


@dataclass(frozen=True, slots=True)
class Column:
    """A column's heading. ``sort`` names what the list can be sorted by ('' cannot)."""

    title: Any
    sort: str = ""
    css: str = ""
    hidden: bool = False
    """For screen readers only (a column of buttons)."""


@dataclass(frozen=True, slots=True)
class Filter:
    """A select above the list; the first option (everything) is added by the page."""

    name: str
    title: Any
    options: Callable[[], Iterable[tuple[str, Any]]]
    """``(value, label)`` pairs, asked for in each request."""


@dataclass(frozen=True, slots=True)
class Query:
    """What the address asks for."""

    q: str = ""
    filters: Mapping[str, str] = field(default_factory=dict)
    sort: str = ""
    descending: bool = False
    page: int = 1
    after: str = ""

    @property
    def narrowed(self) -> bool:
        """Whether a search or filter is on: an empty list then means something else."""
        return bool(self.q or any(self.filters.values()))

    def arguments(self, **changes: Any) -> dict[str, str]:
        """The query for an address that differs by ``changes``."""
        own = {"q": self.q, **self.filters, "sort": self.sort, "desc": "1" if self.descending else ""}
        own |= {name: str(value) for name, value in changes.items()}
        return {name: value for name, value in own.items() if value}


@dataclass(frozen=True, slots=True)
class Listing(Generic[Row]):
    """A page of rows. Simple paging sets ``total`` and ``pages``, keyset paging ``after``."""

    rows: Sequence[Row]
    total: int | None = None
    pages: int = 1
    after: str | None = None


def read_query(filters: Sequence[Filter], sort: str) -> Query:
    """From the request's address; nonsense is taken as absent."""
    args = request.args
    page = args.get("page", "1")
    return Query(
        q=args.get("q", "").strip()[:100],
        filters={item.name: args.get(item.name, "") for item in filters},
        sort=args.get("sort", "") or sort,
        descending=args.get("desc") == "1",
        page=max(1, int(page)) if page.isdecimal() and len(page) < 8 else 1,
        after=args.get("after", "")[:200],
    )


def arrange(
    rows: Iterable[Row],
    query: Query,
    *,
    search: Callable[[Row], Iterable[str]],
    sort: Mapping[str, Callable[[Row], Any]],
    size: int = PAGE_ROWS,
) -> Listing[Row]:
    """Search, sort and cut rows that are all in memory (some thousands). Every word of ``q`` must occur somewhere."""
    words = query.q.casefold().split()
    found = [row for row in rows if _has(words, search(row))] if words else list(rows)
    key = sort.get(query.sort)
    if key is not None:
        found.sort(key=key, reverse=query.descending)
    pages = max(1, -(-len(found) // size))
    start = (min(query.page, pages) - 1) * size
    return Listing(found[start : start + size], total=len(found), pages=pages)


def alphabetical(text: str) -> bytes:
    """A sort key: Latin letters first, then Chinese by pinyin (the order of the common characters in GBK)."""
    return text.casefold().encode("gb18030", "replace")


def _has(words: list[str], texts: Iterable[str]) -> bool:
    text = "\n".join(texts).casefold()
    return all(word in text for word in words)
