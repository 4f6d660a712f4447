"""Rows of an Excel workbook (.xlsx) as text: what stands in the cells, nothing computed, nothing unbounded. Pure.

openpyxl streams the sheet; what a file may make it do is bounded before (ECMA-376 forbids DTDs, so none is parsed).
"""

from __future__ import annotations

import datetime
import io
import logging
import zipfile
from collections.abc import Callable, Iterator
from typing import Any

from openpyxl import load_workbook

from ccc.errors import InvalidError, say

log = logging.getLogger(__name__)
MAX_PARTS = 500
MAX_UNPACKED = 64 * 1024 * 1024
MAX_TAGS = 6_000_000
"""50,000 rows of twenty columns have about 4 million."""
MAX_LINES = 200_000
"""Line numbers, empty lines included."""
MAX_COLUMNS = 100
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_CHUNK = 1 << 20
_DOCTYPE = b"<!DOCTYPE"
Line = tuple[int, list[str]]


class Formula(str):
    """A cell that holds a formula: its text. Only Excel can say what it comes to."""

    __slots__ = ()


def is_workbook(data: bytes) -> bool:
    """An .xlsx by its first bytes. InvalidError for the older .xls and for a workbook with a password."""
    if data[:4] == _OLE:
        raise InvalidError(
            say("This is an old or encrypted Excel file. Save it as .xlsx without a password, or as CSV."), field="file"
        )
    return data[:4] == _ZIP


def lines(data: bytes, fits: Callable[[list[str]], bool]) -> Iterator[Line]:
    """``(line, cells)`` of rows that are not empty, of the first visible sheet whose first such row ``fits``.

    A date is ``2026-11-21`` or ``2026-11-21 09:30:00``, a whole number has no point, a formula is :class:`Formula`.
    InvalidError (field ``file``): damaged, too big when unpacked, too many lines, no sheet that fits.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _guard(archive)
        book = load_workbook(io.BytesIO(data), read_only=True, keep_links=False)
        sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
        for sheet in sheets:
            first = next(_lines(sheet), None)
            if first is not None and (fits(first[1]) or len(sheets) == 1):
                yield from _lines(sheet, len(first[1]))
                return
    except InvalidError:
        raise
    except Exception as error:  # zip, XML and workbook: a damaged file breaks at any place of three libraries
        log.info("a workbook cannot be read: %r", error)
        raise InvalidError(
            say("The workbook is damaged. Open it in Excel, save it again, then import that file."), field="file"
        ) from error
    if len(sheets) > 1:
        names = ", ".join(sheet.title for sheet in sheets[:10])
        raise InvalidError(
            say("None of the sheets %(names)s begins with the heading that is needed."),
            field="file",
            values={"names": names},
        )


def _guard(archive: zipfile.ZipFile) -> None:
    """Look through every part once. A ZIP never unpacks to more than its directory says: more is cut off.

    A part is read as XML whatever its name says (the workbook's relationships decide), so none is passed over.
    """
    parts = archive.infolist()
    if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED:
        raise _too_big()
    tags = 0
    for part in parts:
        xml, before = part.filename.endswith((".xml", ".rels")), b""
        with archive.open(part) as stream:
            while chunk := stream.read(_CHUNK):
                tags += chunk.count(b"<")
                if tags > MAX_TAGS:
                    raise _too_big()
                if (xml and b"\0" in chunk) or _DOCTYPE in (before + chunk).replace(b"\0", b""):
                    raise ValueError(f"{part.filename} is no plain XML")
                before = chunk[-2 * len(_DOCTYPE) :]


def _too_big() -> InvalidError:
    return InvalidError(
        say("The workbook is too big when unpacked. Keep only the sheet to import, or save it as CSV."), field="file"
    )


def _lines(sheet: Any, columns: int = MAX_COLUMNS) -> Iterator[Line]:
    sheet.reset_dimensions()  # programs that write workbooks get them wrong; the rows themselves count
    blank = None
    for line, row in enumerate(sheet.iter_rows(max_col=columns), 1):
        if line > MAX_LINES:
            raise InvalidError(say("The sheet has more than 200,000 lines; split it."), field="file")
        if row is blank:  # lines that are not in the file are one and the same row
            continue
        cells = [_text(cell) for cell in row]
        while cells and not cells[-1].strip():
            cells.pop()
        if cells:
            yield line, cells
        else:
            blank = row


def _text(cell: Any) -> str:
    value = cell.value
    if value is None:
        return ""
    if cell.data_type == "f":
        return Formula(getattr(value, "text", value))  # an array formula is an object
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, datetime.datetime):
        midnight = value.time() == datetime.time.min
        return value.date().isoformat() if midnight else value.isoformat(" ", "seconds")
    if isinstance(value, datetime.time):
        return value.isoformat("seconds")
    return str(value)
