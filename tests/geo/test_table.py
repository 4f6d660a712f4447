"""The table of places agrees with its source, number by number, and does no harm when it is missing or damaged."""

from __future__ import annotations

import logging
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ccc.geo import GeoTable, Place, geo_path
from ccc.geo.build import build, main, place_of, ranges
from ccc.geo.ensure import ensure_table
from ccc.geo.table import DIGITS, unpack
from ccc.home import Home


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    home = Home(tmp_path_factory.mktemp("geo") / "home")
    home.create()
    assert ensure_table(home)
    return home


@pytest.mark.parametrize(
    ("number", "place"),
    [
        ("+8613800138000", Place("北京", "北京")),
        ("010-65551234", Place("北京", "北京")),
        ("+8675586551234", Place("广东", "深圳")),
        ("0577 8655123", Place("浙江", "温州")),
        ("0898 65551234", Place("海南", "海口、三亚")),
        ("0692 2123456", Place("云南", "芒市")),
        ("10086", None),
        ("4008208820", None),
        ("anonymous", None),
        ("+85221234567", None),
        ("+86", None),
        ("+86abcdefghij", None),
    ],
)
def test_lookup(home: Home, number: str, place: Place | None) -> None:
    assert GeoTable.load(geo_path(home)).lookup(number) == place


def test_agrees_with_the_geocoder_it_was_taken_from(home: Home) -> None:
    """Every hundredth mobile range and every area code, asked of phonenumbers itself in a process of its own."""
    script = """
import phonenumbers, sys
from phonenumbers import geocoder
from phonenumbers.geodata import GEOCODE_DATA
prefixes = sorted(p for p in GEOCODE_DATA if p.startswith("86"))
for p in prefixes[::100] + [p for p in prefixes if len(p) < 7]:
    digits = p[2:] + "6" * (11 - len(p[2:]))
    number = phonenumbers.PhoneNumber(country_code=86, national_number=int(digits))
    print("+86" + digits, geocoder.description_for_valid_number(number, "zh"))
"""
    lines = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    table = GeoTable.load(geo_path(home))
    assert len(lines) > 1500
    for line in lines:
        number, _, name = line.partition(" ")
        assert table.lookup(number) == place_of(name), line


def test_no_table_no_places_no_error(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    empty = GeoTable.load(tmp_path / "missing.bin")
    assert len(empty) == 0 and empty.lookup("+8613800138000") is None and not caplog.records


@pytest.mark.parametrize("damage", [b"", b"CCCGEO1\n", b"x" * 100, "half", "flip"])
def test_a_damaged_table_is_told_and_not_used(
    home: Home, tmp_path: Path, caplog: pytest.LogCaptureFixture, damage: bytes | str
) -> None:
    good = geo_path(home).read_bytes()
    bad = tmp_path / "bad.bin"
    bad.write_bytes(
        good[: len(good) // 2] if damage == "half" else good[:20] + b"\xff" + good[21:] if damage == "flip" else damage
    )
    with caplog.at_level(logging.WARNING):
        assert GeoTable.load(bad).lookup("+8613800138000") is None
    assert "bad.bin cannot be used" in caplog.text


@settings(max_examples=500)
@given(st.binary(max_size=80).map(lambda tail: b"CCCGEO1\n" + tail))
def test_any_file_is_a_table_or_a_value_error(data: bytes) -> None:
    try:
        table = unpack(data)
    except ValueError:
        return
    assert table.lookup("+8613800138000") is None or len(table) > 0


def test_builder_says_what_is_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2 and "usage" in capsys.readouterr().err
    (tmp_path / "file").write_text("")
    assert main([str(tmp_path / "file" / "geo.bin")]) == 2
    assert "cannot write" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("北京市", Place("北京", "北京")),
        ("广西壮族自治区南宁市、崇左市", Place("广西", "南宁、崇左")),
        ("内蒙古呼伦贝尔", Place("内蒙古", "呼伦贝尔")),
        ("吉林省吉林市", Place("吉林", "吉林")),
        ("青海省", Place("青海", "")),
        ("Beijing", None),
    ],
)
def test_place_names(name: str, place: Place | None) -> None:
    assert place_of(name) == place


PREFIXES = st.dictionaries(st.from_regex(r"\A[0-9]{1,4}\Z"), st.integers(1, 5), max_size=12)


@settings(max_examples=500)
@given(PREFIXES, st.from_regex(r"\A[0-9]{7}\Z"))
def test_the_longest_prefix_wins(prefixes: dict[str, int], number: str) -> None:
    starts, ids = ranges(prefixes)
    assert list(starts) == sorted(set(starts))
    found = 0
    for start, place in zip(starts, ids, strict=True):
        if start <= int(number):
            found = place
    longest = max((p for p in prefixes if number.startswith(p)), key=len, default=None)
    assert found == (prefixes[longest] if longest is not None else 0)


def test_build_ignores_what_is_not_china() -> None:
    table = unpack(build({"8610": "北京市", "852": "香港", "861012": "somewhere", "86" + "1" * (DIGITS + 1): "上海市"}))
    assert table.lookup("+861012345678") == Place("北京", "北京") and len(table) == 2
