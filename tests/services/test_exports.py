"""Exports of call records: who may, what is in the file, progress, expiry, and cells that are no formulas."""

from __future__ import annotations

import csv
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccc.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from ccc.jobs import exporting, sheet
from ccc.jobs.ingest import call_row
from ccc.jobs.later import consuming, make_queue
from ccc.jobs.sheet import FORMULA, neutral
from ccc.services import exports
from ccc.services.actor import Actor
from ccc.store import Store
from ccc.store.records import CallFilter
from ccc.store.repos import audit, calls
from ccc.web.calls.causes import CAUSES

BOSS = Actor("boss", {"demo": "supervisor"})
OTHER = Actor("other", {"demo": "supervisor"})
START = datetime(2026, 1, 1, 16, 0, tzinfo=UTC)  # midnight in Shanghai
EVIL = ("=cmd|' /C calc'!A0", "+8613800138000", "-1+1", "@SUM(A1)", "\t=1", '=HYPERLINK("http://x")')


@pytest.fixture
def filled(store: Store) -> Store:
    rows = []
    for n in range(1203):
        cdr = {"id": f"c{n:05}", "instance": "demo", "direction": "inbound", "cause": "normal", "started_at": 0}
        more = {"started_at": START + timedelta(seconds=n), "caller": EVIL[n % 6], "flow": "a" if n % 2 else "b"}
        rows.append({**call_row(cdr), **more})
    with store.write() as session:
        calls.add_calls(session, rows)
        calls.set_note(session, "c00000", "=1+1\n第二行", "已解决")
    return store


def written(store: Store, format_: str, wanted: CallFilter | None = None, language: str = "zh") -> tuple[Any, Path]:
    asked = exports.request_export(store, BOSS, "demo", wanted or CallFilter(), format=format_, language=language)
    assert asked.state == "waiting"
    assert exporting.run(store, asked.id)
    path, record = exports.export_file(store, BOSS, "demo", asked.id, datetime.now(UTC))
    return record, path


def test_csv_for_excel(filled: Store) -> None:
    record, path = written(filled, "csv")
    assert (record.rows, record.total, record.bytes) == (1203, 1203, path.stat().st_size)
    data = path.read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(data.decode("utf-8-sig").splitlines(keepends=True)))
    assert len(rows) == 1204 and rows[0][:3] == ["通话ID", "方向", "开始时间"]
    assert rows[-1][:3] == ["c00000", "呼入", "2026-01-02 00:00:00"]
    assert rows[-1][16:18] == ["已解决", "'=1+1\n第二行"]
    assert {row[5] for row in rows[1:]} == {f"'{text}" for text in EVIL}
    assert not [cell for row in rows for cell in row if cell.startswith(FORMULA)]


def test_xlsx_holds_text_and_numbers_but_no_formula(filled: Store) -> None:
    record, path = written(filled, "xlsx", CallFilter(flow="a"), "en")
    assert record.rows == 601
    with zipfile.ZipFile(path) as book:
        names = book.namelist()
        text = book.read("xl/worksheets/sheet1.xml").decode()
    tree = ElementTree.fromstring(text)
    space = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
    assert len(list(tree.iter(f"{space}row"))) == 602
    assert not list(tree.iter(f"{space}f")) and not list(tree.iter(f"{space}hyperlink"))
    assert not [name for name in names if "external" in name.lower()]
    inline = [cell.findtext(f".//{space}t") for cell in tree.iter(f"{space}c") if cell.get("t") == "inlineStr"]
    assert "Call id" in inline and "+8613800138000" in inline


def test_a_full_sheet_is_followed_by_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheet, "XLSX_ROWS", 3)
    book = sheet.open_sheet(tmp_path / "x.xlsx", "xlsx", "zh")
    for n in range(5):
        book.add([n])
    book.close()
    with zipfile.ZipFile(tmp_path / "x.xlsx") as file:
        assert len([name for name in file.namelist() if name.startswith("xl/worksheets/sheet")]) == 3


@given(st.one_of(st.text(max_size=30), st.integers(), st.floats(allow_nan=False)))
def test_no_cell_begins_like_a_formula(cell: sheet.Cell) -> None:
    safe = neutral(cell)
    if isinstance(cell, str):
        assert not str(safe).startswith(FORMULA) and str(safe).removeprefix("'").endswith(cell.removeprefix("'"))
    else:
        assert safe == cell


def test_who_may(filled: Store) -> None:
    with pytest.raises(ForbiddenError):
        exports.request_export(filled, Actor("bob", {"demo": "agent"}), "demo", CallFilter(), format="csv")
    with pytest.raises(NotFoundError):
        exports.request_export(filled, Actor("eve", {"other": "admin"}), "demo", CallFilter(), format="csv")
    with pytest.raises(InvalidError):
        exports.request_export(filled, BOSS, "demo", CallFilter(), format="exe")
    record, _ = written(filled, "csv")
    assert exports.list_exports(filled, OTHER, "demo") == []
    with pytest.raises(NotFoundError):
        exports.export_file(filled, OTHER, "demo", record.id, datetime.now(UTC))
    with filled.read() as session:
        found = [(entry.action, entry.user) for entry in audit.find(session, "demo")]
    assert found == [("calls.export.download", "boss"), ("calls.export", "boss")]


def test_not_too_many_at_once(filled: Store) -> None:
    for _ in range(exports.AT_ONCE):
        exports.request_export(filled, BOSS, "demo", CallFilter(), format="csv")
    with pytest.raises(ConflictError):
        exports.request_export(filled, BOSS, "demo", CallFilter(), format="csv")
    exports.request_export(filled, OTHER, "demo", CallFilter(), format="csv")


def test_a_download_expires(filled: Store) -> None:
    record, path = written(filled, "csv")
    assert record.expires_at is not None
    later = record.expires_at + timedelta(seconds=1)
    with pytest.raises(NotFoundError, match="expired"):
        exports.export_file(filled, BOSS, "demo", record.id, later)
    assert exporting.expire(filled, later) == 1
    assert not path.exists()
    assert exports.get_export(filled, BOSS, "demo", record.id).state == "expired"
    exporting.expire(filled, later + exporting.FORGET)
    assert exports.list_exports(filled, BOSS, "demo") == []


def test_what_was_interrupted_is_done_again_and_nothing_twice(filled: Store) -> None:
    asked = exports.request_export(filled, BOSS, "demo", CallFilter(), format="csv")
    with filled.write() as session:
        exporting.exports.change(session, asked.id, {"state": "running"})
    assert not exporting.run(filled, asked.id)
    assert exporting.unfinished(filled) == [asked.id]
    assert exporting.run(filled, asked.id)
    assert not exporting.run(filled, asked.id)


def test_a_disk_that_refuses_is_told(filled: Store) -> None:
    asked = exports.request_export(filled, BOSS, "demo", CallFilter(), format="csv")
    filled.home.exports.rmdir()
    assert exporting.run(filled, asked.id)
    found = exports.get_export(filled, BOSS, "demo", asked.id)
    assert found.state == "failed" and "No such file" in found.error


def test_the_queue_writes_it(filled: Store) -> None:
    asked = exports.request_export(filled, BOSS, "demo", CallFilter(number="+8613800138000"), format="xlsx")
    queue = make_queue(filled.home)
    with consuming(queue):
        queue.export(asked.id)
        deadline = datetime.now(UTC) + timedelta(seconds=15)
        while exports.get_export(filled, BOSS, "demo", asked.id).state != "done":
            assert datetime.now(UTC) < deadline
    assert exports.get_export(filled, BOSS, "demo", asked.id).rows == 201


def test_every_cause_has_words() -> None:
    assert set(CAUSES) <= set(sheet.CAUSES)
