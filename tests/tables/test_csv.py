"""Files of every shape."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ccc.errors import InvalidError
from ccc.tables import read_csv
from ccc.tables.csv import MAX_CELL

LINES = "号码,姓名,等级\n13800138000,张三,1\n13900139000,李四,2\n"
EXPECTED = {"13800138000": {"姓名": "张三", "等级": "1"}, "13900139000": {"姓名": "李四", "等级": "2"}}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_usual_files(encoding: str, delimiter: str, newline: str) -> None:
    found = read_csv(LINES.replace(",", delimiter).replace("\n", newline).encode(encoding))
    assert (found.key, found.columns, found.rows, found.bad) == ("号码", ("姓名", "等级"), EXPECTED, ())


def test_another_key_column() -> None:
    found = read_csv(LINES.encode(), "姓名")
    assert found.rows["李四"] == {"号码": "13900139000", "等级": "2"}


def test_bad_rows_are_named_and_the_others_kept() -> None:
    text = f'a,b\n1,x\n\n2\n,y\n1,again\n3,"two\nlines"\n4,{"z" * (MAX_CELL + 1)}\n5,v,\n6,v,w\n{"7" * 201},v\n'
    found = read_csv(text.encode())
    assert found.rows == {"1": {"b": "x"}, "3": {"b": "two\nlines"}, "5": {"b": "v"}}
    assert [(row.line, row.reason) for row in found.bad] == [
        (4, "1 cells instead of 2"),
        (5, "no a"),
        (6, "a '1' is there already"),
        (9, "b is longer than 2000 characters"),
        (11, "3 cells instead of 2"),
        (12, "a is longer than 200 characters"),
    ]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"\n \n", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b"a,b\n", "no usable row"),
        (b"a,b\n,1\n", "line 2: no a"),
        (b"a,a\n1,2\n", "two columns"),
        (b"a,,c\n1,2,3\n", "column 2 has no name"),
        (b"PK\x03\x04\x00\x00\xff\xff\x00", "no text"),
        (b"a\0b\n1\n", "no text"),
        (b"\xff\xfea\x00,\x00b\x00\xd8\xd8", "damaged"),
        (b"a,b\n" + b"".join(b"%d,x\n" % n for n in range(50_001)), "more than 50000 rows"),
        (b"x" * (50 * 1024 * 1024 + 1), "50 MB"),
    ],
)
def test_useless_files_are_refused_with_the_reason(data: bytes, words: str) -> None:
    with pytest.raises(InvalidError, match=words):
        read_csv(data)


def test_an_unknown_key_column_is_refused() -> None:
    with pytest.raises(InvalidError, match="there are: 号码, 姓名, 等级"):
        read_csv(LINES.encode(), "phone")


def test_fifty_thousand_rows() -> None:
    data = "号码,姓名\n" + "".join(f"{n},客户{n}\n" for n in range(50_000))
    found = read_csv(data.encode("gbk"))
    assert len(found.rows) == 50_000
    assert found.rows["49999"] == {"姓名": "客户49999"}


@settings(max_examples=500)
@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        found = read_csv(data)
    except InvalidError:
        return
    assert found.rows


cells = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zs", "Zl", "Zp"]), min_size=1, max_size=8)


@settings(max_examples=500)
@given(st.lists(st.tuples(cells, cells), min_size=1, max_size=10, unique_by=lambda pair: pair[0].strip()))
def test_what_was_written_is_read(pairs: list[tuple[str, str]]) -> None:
    out = io.StringIO()
    csv.writer(out).writerows([("key", "value"), *pairs])
    found = read_csv(out.getvalue().encode())
    assert found.rows == {key: {"value": value} for key, value in pairs}
