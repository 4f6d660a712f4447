"""Lists of numbers and beginnings."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccc.errors import InvalidError
from ccc.geo.number_list import NumberList, parse_entry


@pytest.mark.parametrize(
    ("text", "entry"),
    [
        ("138 0013 8000", "+8613800138000"),
        ("+86-138-0013-8000", "+8613800138000"),
        ("010-12345678", "+861012345678"),
        ("10086", "10086"),
        ("4008001234", "4008001234"),
        ("0755*", "0755*"),
        ("0755＊", "0755*"),
        ("+852*", "+852*"),
        ("Anonymous", "anonymous"),
        ("", None),
        ("*", None),
        ("07*55", None),
        ("abc", None),
        ("hello*", None),
    ],
)
def test_entries_have_one_form(text: str, entry: str | None) -> None:
    if entry is None:
        with pytest.raises(InvalidError):
            parse_entry(text)
    else:
        assert parse_entry(text) == entry == parse_entry(entry)


@pytest.mark.parametrize(
    ("number", "entry"),
    [
        ("+8613800138000", "+8613800138000"),
        ("013800138000", "+8613800138000"),
        ("13800138001", None),
        ("0755-22345678", "0755*"),
        ("+8675522345678", "0755*"),
        ("+85221234567", "+852*"),
        ("0085221234567", "+852*"),
        ("17012345678", "1701*"),
        ("17112345678", "17*"),
        ("anonymous", "anonymous"),
        ("10086", None),
        ("weird!", None),
    ],
)
def test_numbers_fall_under_entries(number: str, entry: str | None) -> None:
    found = NumberList.of(["13800138000", "0755*", "+852*", "17*", "1701*", "anonymous"])
    assert found.match(number) == entry


def test_an_empty_list_matches_nothing() -> None:
    assert NumberList().match("anonymous") is None
    assert NumberList.of([]).match("13800138000") is None


mobiles = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True).filter(lambda number: number.isascii())


@given(st.lists(mobiles, max_size=20), mobiles, st.sampled_from(["", "0", "86", "+86", "0086"]))
def test_a_number_is_on_the_list_in_whatever_form(entries: list[str], number: str, written: str) -> None:
    found = NumberList.of(entries).match(written + number)
    assert (found == f"+86{number}") is (number in entries)


@given(mobiles, st.integers(1, 11))
def test_every_beginning_of_a_number_catches_it(number: str, length: int) -> None:
    assert NumberList.of([f"{number[:length]}*"]).match(number) == f"{number[:length]}*"
