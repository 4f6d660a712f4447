"""Rows of lookup tables: found, changed, brought back; files of every shape."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ccc.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError, StaleError
from ccc.services import table_rows, tables
from ccc.services.actor import Actor
from ccc.services.table_rows import Row
from ccc.store import Store
from ccc.tables import read_csv
from ccc.tables.csv import guarded

BOSS = Actor("boss", {"demo": "admin"}, account="acme")
WATCHER = Actor("li", {"demo": "supervisor"}, account="acme")
CSV = "号码,姓名,等级\n13800138000,张三,VIP\n+8613900000000,李四,普通\n"


@pytest.fixture
def table(store: Store) -> Store:
    tables.import_table(store, BOSS, "demo", "customers", CSV.encode("gb18030"))
    return store


def test_found_changed_and_taken_back(table: Store) -> None:
    page = table_rows.find_rows(table, WATCHER, "demo", "customers", "张 vip")
    assert (page.total, page.rows[0].key) == (1, "13800138000")
    before = table_rows.put_row(table, BOSS, "demo", "customers", Row("10086", {"姓名": "移动"}))
    assert table_rows.get_row(table, BOSS, "demo", "customers", "10086").values == {"姓名": "移动", "等级": ""}
    row = table_rows.get_row(table, BOSS, "demo", "customers", "13800138000")
    changed = Row("13800138001", {**row.values, "等级": "普通"})
    table_rows.put_row(table, BOSS, "demo", "customers", changed, old=row.key, revision=row.revision)
    with pytest.raises(NotFoundError):
        table_rows.get_row(table, BOSS, "demo", "customers", "13800138000")
    with pytest.raises(StaleError):
        table_rows.put_row(table, BOSS, "demo", "customers", changed, old=row.key, revision=row.revision)
    with pytest.raises(ConflictError):
        table_rows.put_row(table, BOSS, "demo", "customers", Row("10086", {}))
    table_rows.restore(table, BOSS, "demo", "customers", before.revision)
    assert table_rows.find_rows(table, BOSS, "demo", "customers").total == 2
    assert [one.what for one in table_rows.versions(table, WATCHER, "demo", "customers")] == [
        "restore 1", "row 13800138001", "row 10086", "import",
    ]  # fmt: skip


def test_deleted_but_never_the_last_and_ten_versions_kept(table: Store) -> None:
    with pytest.raises(ConflictError):
        table_rows.delete_rows(table, BOSS, "demo", "customers", ["13800138000", "+8613900000000"])
    for number in range(12):
        table_rows.put_row(table, BOSS, "demo", "customers", Row(f"k{number}", {}))
    kept = table_rows.versions(table, BOSS, "demo", "customers")
    assert len(kept) == 10 and kept[0].rows == 14
    with pytest.raises(NotFoundError):
        table_rows.restore(table, BOSS, "demo", "customers", 1)
    table_rows.delete_rows(table, BOSS, "demo", "customers", ["k0", "gone"])
    assert table_rows.find_rows(table, BOSS, "demo", "customers", "k0").total == 0


def test_rights_and_refusals(table: Store) -> None:
    for act in (
        lambda: table_rows.put_row(table, WATCHER, "demo", "customers", Row("1", {})),
        lambda: table_rows.delete_rows(table, WATCHER, "demo", "customers", ["1"]),
        lambda: table_rows.restore(table, WATCHER, "demo", "customers", 1),
    ):
        with pytest.raises(ForbiddenError):
            act()
    for key in ("", " ", "a\nb", "x" * 201):
        with pytest.raises(InvalidError):
            table_rows.put_row(table, BOSS, "demo", "customers", Row(key, {}))
    with pytest.raises(NotFoundError):
        table_rows.find_rows(table, BOSS, "demo", "none")


def test_the_download_is_no_formula_and_comes_back_the_same(store: Store) -> None:
    rows = {"=1+1": "@SUM(A1)", "-2": "+8613800138000", "+cmd|x": "\tx", "普通": "'quoted", "a": "=HYPERLINK(1)"}
    data = "k,v\n" + "".join(f'"{key}","{value}"\n' for key, value in rows.items())
    tables.import_table(store, BOSS, "demo", "t", data.encode())
    sheet = table_rows.as_csv(store, BOSS, "demo", "t")
    cells = [cell for line in csv.reader(io.StringIO(sheet.decode("utf-8-sig"))) for cell in line]
    assert not [cell for cell in cells if cell[:1] in "=@\t" or cell.startswith("+cmd")]
    assert "+8613800138000" in cells
    assert read_csv(sheet).rows == read_csv(data.encode()).rows


CELL = st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="'"), max_size=12).map(str.strip)
ROWS = st.dictionaries(CELL.filter(bool), CELL, min_size=1, max_size=8)


@given(ROWS, st.sampled_from(("utf-8", "utf-8-sig", "utf-16", "gb18030")))
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_files_of_every_shape(rows: dict[str, str], encoding: str) -> None:
    out = io.StringIO(newline="")
    csv.writer(out).writerows([("键", "值"), *((guarded(key), guarded(value)) for key, value in rows.items())])
    found = read_csv(out.getvalue().encode(encoding))
    if found.encoding == encoding:  # short GBK may be valid UTF-8, too
        assert {key: values["值"] for key, values in found.rows.items()} == rows


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        assert read_csv(data).rows
    except InvalidError as refused:
        assert refused.field


def test_fifty_thousand_rows_and_one_more(store: Store) -> None:
    lines = "".join(f"1380{number:07},{number}\n" for number in range(50_000))
    done = tables.import_table(store, BOSS, "demo", "big", ("n,v\n" + lines).encode())
    assert (done.table.rows, done.bad) == (50_000, ())
    page = table_rows.find_rows(store, BOSS, "demo", "big", "49999", size=2)
    assert (page.total, page.rows[0].values["v"]) == (1, "49999")
    with pytest.raises(ConflictError):
        table_rows.put_row(store, BOSS, "demo", "big", Row("x", {}))
    with pytest.raises(InvalidError):
        tables.import_table(store, BOSS, "demo", "big", ("n,v\n" + lines + "x,1\n").encode())
