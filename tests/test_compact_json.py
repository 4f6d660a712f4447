"""What the fast encoder writes is what the standard library reads, and the other way round."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ccc.compact_json import decode, encode

TEXT = st.text(st.characters(exclude_categories=("Cs",)))
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT,
    lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner),
    max_leaves=20,
)


@settings(max_examples=500)
@given(VALUES)
def test_both_read_what_it_writes(value: Any) -> None:
    data = encode(value)
    assert json.loads(data) == value
    assert decode(data) == value


@given(VALUES)
def test_it_reads_what_the_standard_library_writes(value: Any) -> None:
    assert decode(json.dumps(value).encode()) == value


@pytest.mark.parametrize("value", [2**70, {1: "a"}, {"a": {None: 1}}], ids=str)
def test_the_rare_goes_by_the_standard_library(value: Any) -> None:
    assert encode(value) == json.dumps(value, separators=(",", ":")).encode()


def test_a_lone_surrogate() -> None:
    assert encode({"name": "a\ud800"}, errors="replace") == b'{"name":"a?"}'
    with pytest.raises(UnicodeEncodeError):
        encode({"name": "a\ud800"})


@pytest.mark.parametrize("value", [object(), datetime(2026, 1, 1, tzinfo=UTC), b"x", {1, 2}])
def test_what_json_cannot_hold(value: Any) -> None:
    with pytest.raises(TypeError):
        encode({"value": value})


@pytest.mark.parametrize("data", [b"", b"{", b'"\xff"', b"NaN", b"[1,]"])
def test_what_is_not_json(data: bytes) -> None:
    with pytest.raises(ValueError):
        decode(data)
