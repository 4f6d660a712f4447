"""CSV files as people have them: UTF-8 with or without BOM, UTF-16, GBK; comma, semicolon or tab. Pure."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass, field

from ccc.errors import InvalidError

MAX_ROWS = 50_000
MAX_BYTES = 50 * 1024 * 1024
MAX_COLUMNS = 100
MAX_CELL = 2000
MAX_KEY = 200
DELIMITERS = ",;\t"
_FORMULA = re.compile(r"\s*[=+\-@\t\r|]")
_NUMBER = re.compile(r"[+-]?[\d .,()-]*\d")


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that was left out. ``line`` counts from 1 as an editor does."""

    line: int
    reason: str


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
        raise InvalidError(f"the file is larger than {MAX_BYTES // 1024 // 1024} MB", field="file")
    text, encoding = decode(data)
    csv.field_size_limit(10 * 1024 * 1024)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
    try:
        header = _header(next((line for line in lines if any(cell.strip() for cell in line)), []))
        at = _key_column(header, key)
        rows, bad = _rows(lines, header, at)
    except csv.Error as error:
        raise InvalidError(f"line {lines.line_num}: {error}", field="file") from error
    if not rows:
        why = f"; line {bad[0].line}: {bad[0].reason}" if bad else ""
        raise InvalidError(f"the file has no usable row below its header{why}", field="file")
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
    raise InvalidError("the file is no text in UTF-8 or GBK; save it as CSV", field="file")


def _decoded(data: bytes, name: str) -> str:
    try:
        text = data.decode(name)
    except UnicodeDecodeError as error:
        raise InvalidError(f"the file is damaged: {error.reason} at byte {error.start}", field="file") from error
    if "\0" in text:
        raise InvalidError("the file is no text; save it as CSV", field="file")
    return text


def _delimiter(text: str) -> str:
    """The one that is most frequent in the header line."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    return max(DELIMITERS, key=first.count)


def _header(cells: list[str]) -> list[str]:
    names = [_unguarded(cell.strip()) for cell in cells]
    if not names:
        raise InvalidError("the file is empty; its first line names the columns", field="file")
    while len(names) > 1 and not names[-1]:
        names.pop()
    if len(names) > MAX_COLUMNS:
        raise InvalidError(f"{len(names)} columns are more than {MAX_COLUMNS}", field="file")
    for number, name in enumerate(names, 1):
        if not name or len(name) > 128:
            raise InvalidError(f"column {number} has no name (or one longer than 128) in the first line", field="file")
        if name in names[: number - 1]:
            raise InvalidError(f"two columns are named {name!r}", field="file")
    return names


def _key_column(header: list[str], key: str | None) -> int:
    if key is None:
        return 0
    if key not in header:
        raise InvalidError(f"there is no column {key!r}; there are: {', '.join(header)}", field="key")
    return header.index(key)


def _rows(lines: csv._reader, header: list[str], at: int) -> tuple[dict[str, dict[str, str]], list[BadRow]]:  # type: ignore[name-defined]
    rows: dict[str, dict[str, str]] = {}
    bad: list[BadRow] = []
    for cells in lines:
        values = [_unguarded(cell.strip()) for cell in cells]
        if not any(values):
            continue
        reason = _wrong(values, header, at, rows)
        if reason is not None:
            bad.append(BadRow(lines.line_num, reason))
            continue
        if len(rows) >= MAX_ROWS:
            raise InvalidError(f"the file has more than {MAX_ROWS} rows; split it into several tables", field="file")
        rows[values[at]] = {name: values[index] for index, name in enumerate(header) if index != at}
    return rows, bad


def _wrong(values: list[str], header: list[str], at: int, rows: dict[str, dict[str, str]]) -> str | None:
    while len(values) > len(header) and not values[-1]:
        values.pop()
    if len(values) != len(header):
        return f"{len(values)} cells instead of {len(header)}"
    if not values[at]:
        return f"no {header[at]}"
    if len(values[at]) > MAX_KEY:
        return f"{header[at]} is longer than {MAX_KEY} characters"
    if values[at] in rows:
        return f"{header[at]} {values[at]!r} is there already"
    long = next((name for name, value in zip(header, values, strict=True) if len(value) > MAX_CELL), None)
    return None if long is None else f"{long} is longer than {MAX_CELL} characters"
