"""Numbers in every usual form come out the same; short and anonymous ones stay as they are."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ccc.geo import PhoneNumber, normalise


@pytest.mark.parametrize(
    ("raw", "kind", "e164", "national"),
    [
        ("13800138000", "mobile", "+8613800138000", "13800138000"),
        ("+86 138-0013-8000", "mobile", "+8613800138000", "13800138000"),
        ("008613800138000", "mobile", "+8613800138000", "13800138000"),
        ("8613800138000", "mobile", "+8613800138000", "13800138000"),
        ("013800138000", "mobile", "+8613800138000", "13800138000"),
        ("tel:+8613800138000", "mobile", "+8613800138000", "13800138000"),
        ("１３８００１３８０００", "mobile", "+8613800138000", "13800138000"),
        ("010-65551234", "landline", "+861065551234", "01065551234"),
        ("(0755) 8655 1234", "landline", "+8675586551234", "075586551234"),
        ("+86 577 8655123", "landline", "+865778655123", "05778655123"),
        ("861065551234", "landline", "+861065551234", "01065551234"),
        ("65551234", "landline", None, "65551234"),
        ("110", "short", None, "110"),
        ("119", "short", None, "119"),
        ("120", "short", None, "120"),
        ("122", "short", None, "122"),
        ("12315", "short", None, "12315"),
        ("12345", "short", None, "12345"),
        ("10086", "short", None, "10086"),
        ("+8610086", "short", None, "10086"),
        ("4000", "short", None, "4000"),
        ("95588", "service", None, "95588"),
        ("95105888", "service", None, "95105888"),
        ("400-820-8820", "service", None, "4008208820"),
        ("+864008208820", "service", None, "4008208820"),
        ("8008208820", "service", None, "8008208820"),
        ("+852 2123 4567", "international", "+85221234567", "0085221234567"),
        ("0014155550100", "international", "+14155550100", "0014155550100"),
        ("anonymous", "anonymous", None, ""),
        ("Restricted", "anonymous", None, ""),
        ("", "anonymous", None, ""),
        ("  ", "anonymous", None, ""),
        ("alice", "unknown", None, "alice"),
        ("+86138001380001", "unknown", None, "+86138001380001"),
        ("+0123456789", "unknown", None, "0123456789"),
        ("+1234567890123456", "unknown", None, "1234567890123456"),
        ("+", "unknown", None, "+"),
    ],
)
def test_read_as(raw: str, kind: str, e164: str | None, national: str) -> None:
    assert normalise(raw) == PhoneNumber(raw, kind, e164, national)  # type: ignore[arg-type]


def test_area_code_completes_a_local_number() -> None:
    assert normalise("65551234", "010").e164 == normalise("65551234", "10").e164 == "+861065551234"
    assert normalise("8655123", "0577").e164 == "+865778655123"
    assert normalise("10086", "010").e164 is None


MOBILES = st.from_regex(r"\A1[3-9][0-9]{9}\Z")
LANDLINES = st.from_regex(r"\A(10[1-9][0-9]{7}|2[0-57-9][1-9][0-9]{7}|[356789][1-9][0-9][1-9][0-9]{6,7})\Z").filter(
    lambda digits: not digits.startswith(("800", "400", "95", "96"))
)
SPACES = st.lists(st.sampled_from(["", "", " ", "-", ".", "(", ")"]), min_size=20, max_size=20)


@settings(max_examples=500)
@given(st.one_of(MOBILES, LANDLINES), st.sampled_from(["+86", "0086", "86", "0"]), SPACES)
def test_every_way_to_write_a_number_gives_one_e164(subscriber: str, prefix: str, spaces: list[str]) -> None:
    written = prefix + "".join(space + digit for space, digit in zip(spaces, subscriber, strict=False))
    number = normalise(written)
    assert number.e164 == "+86" + subscriber
    assert number.raw == written
    for again in (number.e164, number.national):
        assert normalise(again).e164 == number.e164


@settings(max_examples=500)
@given(
    st.one_of(st.text(max_size=24), st.text("+0123456789 -*#", max_size=24)), st.sampled_from(["", "010", "577", "x"])
)
def test_any_text_is_read_and_reading_again_changes_nothing(raw: str, area_code: str) -> None:
    number = normalise(raw, area_code)
    assert number.raw == raw
    if number.e164 is None:
        assert number.kind not in ("mobile", "international")
    else:
        assert number.e164[0] == "+" and number.e164[1:].isdigit() and 7 <= len(number.e164) - 1 <= 15
        assert number.kind in ("mobile", "landline", "international")
        again = normalise(number.e164)
        assert (again.kind, again.e164, again.national) == (number.kind, number.e164, number.national)


@settings(max_examples=500)
@given(st.from_regex(r"\A(110|119|120|122|12[0-9]{3}|100[0-9]{2}|95[0-9]{3,6}|400[0-9]{7}|800[0-9]{7})\Z"))
def test_short_numbers_never_get_an_e164_form(digits: str) -> None:
    for written in (digits, "+86" + digits, "0086" + digits):
        number = normalise(written, "010")
        assert number.e164 is None and number.national == digits
