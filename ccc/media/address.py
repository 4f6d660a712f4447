"""Which address of this machine can stand in SDP."""

from __future__ import annotations

import ipaddress
import socket

_ELSEWHERE = {4: ("192.0.2.1", 9), 6: ("2001:db8::1", 9)}
"""Documentation addresses (RFC 5737, RFC 3849): asking the routing table for them sends nothing."""


def routable(ip: str) -> str:
    """`ip`, or for ``0.0.0.0`` and ``::`` the address that leaves this machine (loopback when it has no route)."""
    address = ipaddress.ip_address(ip)
    if not address.is_unspecified:
        return ip
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(_ELSEWHERE[address.version])
        except OSError:
            return "127.0.0.1" if address.version == 4 else "::1"
        return str(probe.getsockname()[0])
