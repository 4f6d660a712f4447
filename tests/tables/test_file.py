"""Tables on disk give back what was put in, and damaged ones say so."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ccc.errors import UnavailableError
from ccc.tables import TableFile, open_table, pack

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
rows = st.dictionaries(texts, st.dictionaries(texts, texts, max_size=4), max_size=40)


@settings(max_examples=300)
@given(rows, texts)
def test_a_table_is_what_was_packed(tmp_path_factory: pytest.TempPathFactory, table: dict, other: str) -> None:
    path = tmp_path_factory.mktemp("t") / "x.tab"
    path.write_bytes(pack(table))
    found = TableFile(path)
    assert dict(found) == table
    assert len(found) == len(table)
    assert found.get(other) == table.get(other)


def test_fifty_thousand_rows(tmp_path: Path) -> None:
    table = {f"1380000{n:05}": {"name": f"客户{n}", "level": str(n % 5)} for n in range(50_000)}
    path = tmp_path / "big.tab"
    path.write_bytes(pack(table))
    found = open_table(path)
    assert found["138000000000"[:12]] == table["138000000000"[:12]]
    assert all(found[key] == table[key] for key in list(table)[::997])
    assert "138" not in found and "14" not in found and "" not in found
    assert found.get(5) is None  # type: ignore[call-overload]


@pytest.mark.parametrize("damage", [b"", b"CCCTAB1\n", b"x" * 100, None])
def test_a_damaged_file_is_named(tmp_path: Path, damage: bytes | None) -> None:
    path = tmp_path / "d.tab"
    path.write_bytes(pack({"a": {"b": "c"}})[:-1] if damage is None else damage)
    with pytest.raises(UnavailableError, match=r"d\.tab"):
        TableFile(path)
    with pytest.raises(UnavailableError, match="import it again"):
        TableFile(tmp_path / "none.tab")
