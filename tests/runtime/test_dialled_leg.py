"""Calling out: the number that is shown."""

from __future__ import annotations

import pytest

from ccc.api.control import FlowFailed
from ccc.runtime.dialled_leg import number_shown
from ccc.snapshot.model import Trunk

OWN, PLAIN = (Trunk("t", "t", "address", caller_id=number) for number in ("02188886666", ""))


@pytest.mark.parametrize(
    ("chosen", "trunk", "otherwise", "shown"),
    [
        ("02166668888", OWN, "13800138000", "02166668888"),
        ("", OWN, "4008001234", "02188886666"),
        ("", PLAIN, "13800138000", "13800138000"),
    ],
)
def test_the_flow_says_what_is_shown_else_the_trunk(chosen: str, trunk: Trunk, otherwise: str, shown: str) -> None:
    assert number_shown(chosen, trunk, otherwise) == shown


@pytest.mark.parametrize(
    ("chosen", "trunk", "otherwise"), [("400-800-1234", OWN, ""), ("", PLAIN, "4008001234"), ("8008101234", PLAIN, "")]
)
def test_a_400_number_is_never_shown(chosen: str, trunk: Trunk, otherwise: str) -> None:
    with pytest.raises(FlowFailed, match="only takes calls"):
        number_shown(chosen, trunk, otherwise)
