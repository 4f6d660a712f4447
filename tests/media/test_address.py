"""The address put into SDP."""

from __future__ import annotations

import ipaddress

import pytest

from ccc.media.address import routable


@pytest.mark.parametrize("ip", ["127.0.0.1", "203.0.113.9", "2001:db8::9"])
def test_a_real_address_stays(ip: str) -> None:
    assert routable(ip) == ip


@pytest.mark.parametrize("ip", ["0.0.0.0", "::"])
def test_a_wildcard_becomes_an_address_somebody_can_send_to(ip: str) -> None:
    found = ipaddress.ip_address(routable(ip))
    assert not found.is_unspecified
    assert found.version == ipaddress.ip_address(ip).version
