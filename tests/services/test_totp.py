"""Codes of authenticator apps: RFC 6238's own examples, drift, no code twice."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccc.services import totp

RFC_SECRET = base64.b32encode(b"12345678901234567890").decode()


@pytest.mark.parametrize(
    ("at", "code"),
    [(59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (1234567890, "005924"), (20000000000, "353130")],
)
def test_rfc_6238_appendix_b(at: int, code: str) -> None:
    assert totp.code_at(RFC_SECRET, totp.counter_at(at)) == code


@given(st.floats(0, 4e9), st.integers(-5, 5))
def test_a_code_is_good_within_a_step_either_way_and_once(now: float, off: int) -> None:
    counter = totp.counter_at(now) + off
    if counter < 1:
        return
    code = totp.code_at(RFC_SECRET, counter)
    found = totp.accepted_counter(RFC_SECRET, code, now, after=0)
    if abs(off) <= totp.DRIFT:
        assert found is not None
        assert totp.accepted_counter(RFC_SECRET, code, now, after=max(found, counter)) is None
    elif found is not None:  # one in a million: another step of the window has the same digits
        assert totp.code_at(RFC_SECRET, found) == code


@given(st.text(max_size=12))
def test_anything_else_is_only_wrong(text: str) -> None:
    right = {totp.code_at(RFC_SECRET, counter) for counter in (9, 10, 11)}
    assert (totp.accepted_counter(RFC_SECRET, text, 300.0, after=0) is not None) == (text in right)


def test_the_address_names_user_and_issuer() -> None:
    address = totp.address(RFC_SECRET, "王 li", "CCC")
    assert address.startswith("otpauth://totp/CCC:%E7%8E%8B%20li?")
    assert f"secret={RFC_SECRET}" in address and "period=30" in address
