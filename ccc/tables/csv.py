"""CSV files as people have them: UTF-8 with or without BOM, UTF-16, GBK; comma, semicolon or tab. Pure."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from ccc.errors import InvalidError, say

MAX_ROWS = 50_000
MAX_BYTES = 50 * 1024 * 1024
MAX_COLUMNS = 100
MAX_CELL = 2000
MAX_KEY = 200
DELIMITERS = ",;\t"
_FORMULA = re.compile(r"\s*[=+\-@\t\r|]")
_NUMBER = re.compile(r"[+-]?[\d .,()-]*\d")
_LONG = say("%(column)s is longer than %(most)s characters")
Wrong = tuple[str, dict[str, object]]
"""A text and what is filled into it."""


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that was left out. ``line`` counts from 1 as an editor does."""

    line: int
    template: str
    values: Mapping[str, object] = field(default_factory=dict)

    @property
    def reason(self) -> str:
        """In English; the pages translate ``template``."""
        return self.template % dict(self.values)


@dataclass(frozen=True, slots=True)
class CsvTable:
    """What a file holds: ``rows`` by key, each ``{column: text}`` without the key column."""

    key: str
    columns: tuple[str, ...]
    rows: dict[str, dict[str, str]]
    encoding: str
    bad: tuple[BadRow, ...] = field(default_factory=tuple)


def read_csv(data: bytes, key: str | None = None) -> CsvTable:
    """Read a file whose first line names the columns; ``key`` is the column to look up by (default: the first).

    Bad rows (wrong number of cells, no key, a key for the second time, too long) are left out and named.
    InvalidError when nothing can be made of it: empty, no text, no such column, more than 50,000 rows.
    """
    if len(data) > MAX_BYTES:
        raise InvalidError(
            say("The file is larger than %(most)s MB."), field="file", values={"most": MAX_BYTES // 1024 // 1024}
        )
    text, encoding = decode(data)
    csv.field_size_limit(10 * 1024 * 1024)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
    try:
        header = _header(next((line for line in lines if any(cell.strip() for cell in line)), []))
        at = _key_column(header, key)
        rows, bad = _rows(lines, header, at)
    except csv.Error as error:
        raise InvalidError(
            say("line %(line)s: %(error)s"), field="file", values={"line": lines.line_num, "error": error}
        ) from error
    if not rows:
        if not bad:
            raise InvalidError(say("the file has no usable row below its header"), field="file")
        raise InvalidError(
            say("the file has no usable row below its header; line %(line)s: %(reason)s"),
            field="file",
            values={"line": bad[0].line, "reason": bad[0].reason},
        )
    columns = tuple(name for index, name in enumerate(header) if index != at)
    return CsvTable(header[at], columns, rows, encoding, tuple(bad))


def guarded(text: str) -> str:
    """A cell that no spreadsheet takes for a formula; telephone numbers stay. :func:`read_csv` takes the mark off."""
    return f"'{text}" if _FORMULA.match(text) and not _NUMBER.fullmatch(text) else text


def _unguarded(text: str) -> str:
    return text[1:] if text[:1] == "'" and guarded(text[1:]) == text else text


def decode(data: bytes) -> tuple[str, str]:
    """Text and the name of its encoding. A byte order mark decides, then UTF-8 when valid, else GB 18030 (GBK)."""
    for mark, name in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            return _decoded(data, name), name
    for name in ("utf-8", "gb18030"):
        try:
            text = data.decode(name)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            break
        return text, name
    raise InvalidError(say("the file is no text in UTF-8 or GBK; save it as CSV"), field="file")


def _decoded(data: bytes, name: str) -> str:
    try:
        text = data.decode(name)
    except UnicodeDecodeError as error:
        raise InvalidError(
            say("the file is damaged: %(why)s at byte %(at)s"),
            field="file",
            values={"why": error.reason, "at": error.start},
        ) from error
    if "\0" in text:
        raise InvalidError(say("the file is no text; save it as CSV"), field="file")
    return text


def _delimiter(text: str) -> str:
    """The one that is most frequent in the header line."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    return max(DELIMITERS, key=first.count)


def _header(cells: list[str]) -> list[str]:
    names = [_unguarded(cell.strip()) for cell in cells]
    if not names:
        raise InvalidError(say("the file is empty; its first line names the columns"), field="file")
    while len(names) > 1 and not names[-1]:
        names.pop()
    if len(names) > MAX_COLUMNS:
        raise InvalidError(
            say("%(count)s columns are more than %(most)s"),
            field="file",
            values={"count": len(names), "most": MAX_COLUMNS},
        )
    for number, name in enumerate(names, 1):
        if not name or len(name) > 128:
            raise InvalidError(
                say("column %(number)s has no name (or one longer than 128) in the first line"),
                field="file",
                values={"number": number},
            )
        if name in names[: number - 1]:
            raise InvalidError(say("two columns are named %(name)s"), field="file", values={"name": repr(name)})
    return names


def _key_column(header: list[str], key: str | None) -> int:
    if key is None:
        return 0
    if key not in header:
        raise InvalidError(
            say("there is no column %(name)s; there are: %(known)s"),
            field="key",
            values={"name": repr(key), "known": ", ".join(header)},
        )
    return header.index(key)


def _rows(lines: csv._reader, header: list[str], at: int) -> tuple[dict[str, dict[str, str]], list[BadRow]]:  # type: ignore[name-defined]
    rows: dict[str, dict[str, str]] = {}
    bad: list[BadRow] = []
    for cells in lines:
        values = [_unguarded(cell.strip()) for cell in cells]
        if not any(values):
            continue
        wrong = _wrong(values, header, at, rows)
        if wrong is not None:
            bad.append(BadRow(lines.line_num, *wrong))
            continue
        if len(rows) >= MAX_ROWS:
            raise InvalidError(
                say("the file has more than %(most)s rows; split it into several tables"),
                field="file",
                values={"most": MAX_ROWS},
            )
        rows[values[at]] = {name: values[index] for index, name in enumerate(header) if index != at}
    return rows, bad


def _wrong(values: list[str], header: list[str], at: int, rows: dict[str, dict[str, str]]) -> Wrong | None:
    while len(values) > len(header) and not values[-1]:
        values.pop()
    if len(values) != len(header):
        return say("%(count)s cells instead of %(wanted)s"), {"count": len(values), "wanted": len(header)}
    if not values[at]:
        return say("no %(column)s"), {"column": header[at]}
    if len(values[at]) > MAX_KEY:
        return _LONG, {"column": header[at], "most": MAX_KEY}
    if values[at] in rows:
        return say("%(column)s %(value)s is there already"), {"column": header[at], "value": repr(values[at])}
    long = next((name for name, value in zip(header, values, strict=True) if len(value) > MAX_CELL), None)
    return None if long is None else (_LONG, {"column": long, "most": MAX_CELL})
