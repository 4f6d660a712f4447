"""Excel workbooks of every shape: text as it stands, no formula run, nothing that unpacks without bounds."""

from __future__ import annotations

import datetime
import io
import zipfile
from collections.abc import Sequence
from typing import Any

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from ccc.errors import InvalidError
from ccc.services.agent_files import parse
from ccc.tables import workbook
from ccc.tables.workbook import Formula, Line

HEADING = ["登录名", "姓名", "技能组"]


def book(*sheets: Sequence[Sequence[Any]], hidden: int | None = None) -> bytes:
    """A workbook with these sheets."""
    buffer = io.BytesIO()
    made = xlsxwriter.Workbook(buffer, {"strings_to_urls": False, "strings_to_formulas": False})
    date = made.add_format({"num_format": "yyyy-mm-dd"})
    for number, rows in enumerate(sheets):
        sheet = made.add_worksheet(f"页{number + 1}")
        if number == hidden:
            sheet.hide()
        elif hidden is not None:
            sheet.activate()
        for line, row in enumerate(rows):
            for column, value in enumerate(row):
                if isinstance(value, datetime.date | datetime.time):
                    sheet.write_datetime(line, column, value, date)
                elif isinstance(value, Formula):
                    sheet.write_formula(line, column, value, None, 7)
                else:
                    sheet.write(line, column, value)
    made.close()
    return buffer.getvalue()


def part(data: bytes, name: str, replace: bytes) -> bytes:
    """The workbook with another part."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            new.writestr(info.filename, replace if info.filename == name else old.read(info))
    return buffer.getvalue()


def read(data: bytes) -> list[Line]:
    return list(workbook.lines(data, lambda cells: True))


SHEET = "xl/worksheets/sheet1.xml"


def hidden_part(content: bytes) -> bytes:
    """A workbook whose sheet is called a picture."""
    made = book([["x"]])
    for name in ("[Content_Types].xml", "xl/_rels/workbook.xml.rels"):
        with zipfile.ZipFile(io.BytesIO(made)) as archive:
            text = archive.read(name)
        made = part(made, name, text.replace(b"worksheets/sheet1.xml", b"media/image1.png"))
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        parts = {info.filename: archive.read(info) for info in archive.infolist() if info.filename != SHEET}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in (parts | {"xl/media/image1.png": content}).items():
            archive.writestr(name, data)
    return buffer.getvalue()


def sheet(rows: str) -> bytes:
    xmlns = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return part(book([["x"]]), SHEET, f'<worksheet xmlns="{xmlns}"><sheetData>{rows}</sheetData></worksheet>'.encode())


def test_cells_are_text_as_they_stand() -> None:
    row = [
        13800138000, 7.0, 1.5, "007", True, None, datetime.date(2026, 11, 21),
        datetime.datetime(2026, 11, 21, 9, 30), datetime.time(8, 5), Formula("=1+1"), " x ",
    ]  # fmt: skip
    [(line, cells)] = read(book([[], row]))
    assert (line, cells) == (
        2,
        ["13800138000", "7", "1.5", "007", "yes", "", "2026-11-21", "2026-11-21 09:30:00", "08:05:00", "=1+1", " x "],
    )
    assert isinstance(cells[9], Formula) and not isinstance(cells[3], Formula)


def test_agents_from_a_workbook_and_a_formula_is_a_bad_row() -> None:
    rows = [
        ["坐席名单"], [], [*HEADING, "备注"], ["ann", "安", "sales:2", Formula("=A1")], [10086, "", ""], [],
        [Formula('="b"&1'), "x", ""], ["=cmd|calc", "", ""],
    ]  # fmt: skip
    parsed = parse(book([["说明"], ["看下一页"]], rows[2:], rows))
    assert [(row.line, row.username, row.groups) for row in parsed.rows] == [(2, "ann", {"sales": 2}), (3, "10086", {})]
    assert [row.line for row in parsed.bad] == [5, 6]
    assert "Column %(column)s" in parsed.bad[0].error.message or "Column A" in parsed.bad[0].error.message


def test_the_wrong_sheet_is_said_with_the_names_of_the_sheets() -> None:
    with pytest.raises(InvalidError, match="页1, 页2") as caught:
        parse(book([["说明"]], [["部门", "人数"]], [HEADING, ["ann"]], hidden=2))
    assert caught.value.field == "file"
    with pytest.raises(InvalidError, match="部门, 人数"):
        parse(book([["部门", "人数"]]))


@pytest.mark.parametrize("data", [book([]), book([[""], [" "]]), book([], [])])
def test_an_empty_workbook(data: bytes) -> None:
    with pytest.raises(InvalidError) as caught:
        parse(data)
    assert caught.value.field == "file"


DOCTYPE = b'<?xml version="1.0"?><!DOCTYPE w [<!ENTITY a "aaaaaaaaaa">]><worksheet>&a;</worksheet>'


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (part(book([["x"]]), SHEET, b"<w>" + b" " * 100_000 + b"</w>"), "too big"),
        (part(book([["x"]]), SHEET, b"<w>" + b"<c/>" * 5000 + b"</w>"), "too big"),
        (part(book([["x"]]), SHEET, DOCTYPE), "damaged"),
        (part(book([["x"]]), SHEET, DOCTYPE.decode().encode("utf-16")), "damaged"),
        (hidden_part(DOCTYPE), "damaged"),
        (hidden_part(DOCTYPE.decode().encode("utf-16")), "damaged"),
        (hidden_part(b"<w>" + b"<c/>" * 5000 + b"</w>"), "too big"),
        (part(book([["x"]]), "xl/workbook.xml", b"<nonsense>"), "damaged"),
        (part(book([["x"]]), "[Content_Types].xml", b""), "damaged"),
        (sheet('<row r="999999999"><c r="A999999999"><v>1</v></c></row>'), "200,000 lines"),
        (sheet('<row r="1"><c r="A1" t="s"><v>99</v></c></row>'), "damaged"),
        (book([["x"]])[:-30], "damaged"),
    ],
)
def test_bombs_and_damage_are_refused(data: bytes, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "MAX_UNPACKED", 100_000)
    monkeypatch.setattr(workbook, "MAX_TAGS", 5000)
    with pytest.raises(InvalidError, match=words) as caught:
        read(data)
    assert caught.value.field == "file"


def test_a_cell_far_to_the_right_costs_nothing() -> None:
    [(_, cells)] = read(sheet('<row r="1"><c r="A1"><v>1</v></c><c r="XFD1"><v>2</v></c></row>'))
    assert cells == ["1"]


CELL = st.one_of(
    st.text(st.characters(exclude_categories=("Cs", "Cc"), max_codepoint=0xFFFF), max_size=20).map(str.strip),
    st.integers(-(10**9), 10**9),
    st.booleans(),
    st.dates(datetime.date(1901, 1, 1), datetime.date(2100, 1, 1)),
    st.just(Formula("=HYPERLINK(1)")),
)


@given(st.lists(st.lists(CELL, min_size=1, max_size=4), max_size=8))
@settings(max_examples=100)
def test_no_row_is_lost(rows: list[list[Any]]) -> None:
    data = book([[*HEADING, "密码"], *rows])
    filled = [row for row in rows if any(str(cell) for cell in row)]
    try:
        parsed = parse(data)
    except InvalidError:
        assert not filled
        return
    assert len(parsed.rows) + len(parsed.bad) == len(filled)


WHOLE = book([HEADING, ["ann", "Ann", "sales"]])


@given(st.lists(st.tuples(st.floats(0, 0.999), st.integers(0, 255)), min_size=1, max_size=5))
@settings(max_examples=200)
def test_any_damage_gives_rows_or_a_clear_error(damage: list[tuple[float, int]]) -> None:
    data = bytearray(WHOLE)
    for place, byte in damage:
        data[4 + int(place * (len(WHOLE) - 4))] = byte
    try:
        parse(bytes(data))
    except InvalidError as error:
        assert error.field == "file"
