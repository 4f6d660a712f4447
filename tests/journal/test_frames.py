"""Framing: what goes in comes out, and any damage is noticed."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from ccc.journal.frames import frame, parse

# What JSON can hold is tests/test_compact_json.py's; here it is bytes that count.
records = st.dictionaries(
    st.text(min_size=1, max_size=4), st.text(max_size=12) | st.integers(-(2**53), 2**53), min_size=1, max_size=2
)


def parse_all(data: bytes) -> tuple[list[dict], int, str]:
    found, at = [], 0
    while True:
        record, at, end = parse(data, at)
        if record is None:
            return found, at, end
        found.append(record)


@settings(max_examples=500)
@given(st.lists(records, max_size=4), st.data())
def test_any_cut_yields_a_prefix(written: list[dict], data: st.DataObject) -> None:
    whole = b"".join(frame(record) for record in written)
    cut = data.draw(st.integers(0, len(whole)))
    found, at, end = parse_all(whole[:cut])
    assert found == written[: len(found)]
    assert end == "more"
    assert at == len(b"".join(frame(record) for record in found)) <= cut
    if cut == len(whole):
        assert found == written


@settings(max_examples=500)
@given(st.lists(records, min_size=1, max_size=4), st.data())
def test_a_flipped_byte_never_yields_a_false_record(written: list[dict], data: st.DataObject) -> None:
    whole = bytearray(b"".join(frame(record) for record in written))
    whole[data.draw(st.integers(0, len(whole) - 1))] ^= data.draw(st.integers(1, 255))
    found, _, _ = parse_all(bytes(whole))
    assert found == written[: len(found)]
    assert len(found) < len(written)


@settings(max_examples=500)
@given(st.binary(max_size=200))
def test_any_bytes_are_parsed_without_an_exception(data: bytes) -> None:
    _, at, end = parse_all(data)
    assert 0 <= at <= len(data)
    assert end in ("more", "corrupt")


def test_zeros_after_a_power_cut_are_a_torn_tail() -> None:
    assert parse(frame({"k": "x"}) + bytes(100), len(frame({"k": "x"}))) == (None, len(frame({"k": "x"})), "more")


def test_a_lone_surrogate_is_written_as_a_question_mark() -> None:
    assert parse(frame({"k": "a\ud800b"}))[0] == {"k": "a?b"}


def test_what_json_has_no_number_for_is_null() -> None:
    written = frame({"k": "step", "variables": {"x": float("inf"), "y": float("nan")}})
    assert parse(written)[0] == {"k": "step", "variables": {"x": None, "y": None}}


def test_skipped_records_are_checked_all_the_same() -> None:
    whole = frame({"k": "step", "n": 1}) + frame({"k": "close", "id": "a"})
    record, at, _ = parse(whole, 0, (b'{"k":"step",',))
    assert record == {}
    assert parse(whole, at, (b'{"k":"step",',))[0] == {"k": "close", "id": "a"}
    damaged = whole.replace(b'"n":1', b'"n":2')
    assert parse(damaged, 0, (b'{"k":"step",',)) == (None, 0, "corrupt")
