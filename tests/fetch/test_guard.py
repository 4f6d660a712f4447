"""Which addresses are public, and what an administrator allows beside them."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccc.errors import ConfigError
from ccc.fetch.guard import Allowed, parse_allowed, refusal

NOTHING = Allowed()
PRIVATE = [
    "127.0.0.1", "127.255.0.1", "0.0.0.0", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1",
    "169.254.169.254", "100.100.100.200", "100.64.0.1", "192.0.0.192", "198.18.0.1", "224.0.0.1", "240.0.0.1",
    "255.255.255.255", "192.0.2.1", "203.0.113.5",
    "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "fec0::1", "ff02::1", "2001:db8::1",
    "::ffff:127.0.0.1", "::ffff:169.254.169.254", "64:ff9b::a00:1", "64:ff9b:1::1", "2002:7f00:1::", "2002:a00:1::1",
]  # fmt: skip
PUBLIC = [
    "1.1.1.1",
    "8.8.8.8",
    "114.114.114.114",
    "172.32.0.1",
    "2606:4700::1111",
    "::ffff:8.8.8.8",
    "64:ff9b::808:808",
]


@pytest.mark.parametrize("address", PRIVATE)
def test_private_addresses_are_refused(address: str) -> None:
    reason = refusal("example.com", address, NOTHING)
    assert reason is not None
    assert address in reason and "http_allow" in reason


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_not(address: str) -> None:
    assert refusal("example.com", address, NOTHING) is None


@given(st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6)))
def test_what_python_knows_to_be_private_is_refused(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    if address.is_private or address.is_loopback or address.is_link_local or address.is_multicast:
        mapped = getattr(address, "ipv4_mapped", None)
        if mapped is None or not mapped.is_global:
            assert refusal("h", str(address), NOTHING) is not None


@given(st.ip_addresses(v=4))
def test_an_address_inside_another_is_judged_as_itself(inner: ipaddress.IPv4Address) -> None:
    plain = refusal("h", str(inner), NOTHING) is None
    for wrapped in (
        f"::ffff:{inner}",
        str(ipaddress.IPv6Address(int(ipaddress.IPv6Address("64:ff9b::")) + int(inner))),
    ):
        assert (refusal("h", wrapped, NOTHING) is None) is plain


@given(st.ip_addresses(v=4), st.integers(0, 32))
def test_an_allowed_network_is_let_through(address: ipaddress.IPv4Address, length: int) -> None:
    allowed = parse_allowed(f"{address}/{length}")
    assert refusal("h", str(address), allowed) is None
    assert refusal("h", f"::ffff:{address}", allowed) is None


def test_names_are_compared_whole() -> None:
    allowed = parse_allowed(" CRM.internal. ,10.1.0.0/16,::1 ")
    assert allowed.hosts == {"crm.internal"}
    assert refusal("crm.INTERNAL", "10.9.9.9", allowed) is None
    assert refusal("x.crm.internal", "10.9.9.9", allowed) is not None
    assert refusal("x", "10.1.2.3", allowed) is None
    assert refusal("x", "::1", allowed) is None


@pytest.mark.parametrize("text", ["http://x", "10.0.0.0/33", "a b", "x,,y/z"])
def test_entries_that_mean_nothing_are_named(text: str) -> None:
    with pytest.raises(ConfigError, match="http_allow") as caught:
        parse_allowed(text)
    assert caught.value.field == "http_allow"


def test_empty_allows_nothing() -> None:
    assert parse_allowed("") == NOTHING == parse_allowed(" , ")
