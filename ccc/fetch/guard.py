"""Which addresses a flow may reach. Pure.

Only addresses of the public Internet, unless the administrator allows more: a flow is written by somebody who may not
otherwise reach the machine's own network, its metadata service or its loopback.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

from ccc.errors import ConfigError

IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
IpNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network
NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
"""RFC 6052: the last 32 bits are an IPv4 address."""
NEVER_PUBLIC = tuple(
    ipaddress.ip_network(block)
    for block in ("0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "198.18.0.0/15", "fec0::/10", "64:ff9b:1::/48")
)
"""Special-purpose blocks (RFC 6890) that some Python versions take for global."""


@dataclass(frozen=True, slots=True)
class Allowed:
    """What is permitted beyond the public Internet: host names (whatever they resolve to) and networks."""

    hosts: frozenset[str] = frozenset()
    networks: tuple[IpNetwork, ...] = ()


def parse_allowed(text: str) -> Allowed:
    """``crm.internal, 10.1.0.0/16, 127.0.0.1`` -> Allowed. ConfigError names the entry that is neither."""
    hosts, networks = set(), []
    for entry in filter(None, (part.strip() for part in text.split(","))):
        try:
            networks.append(ipaddress.ip_network(entry.strip("[]"), strict=False))
        except ValueError:
            name = entry.lower().rstrip(".")
            if not name or not all(char.isalnum() or char in "-._" for char in name):
                message = f"http_allow: {entry!r} is neither a host name nor an address or network such as 10.1.0.0/16"
                raise ConfigError(message, field="http_allow") from None
            hosts.add(name)
    return Allowed(frozenset(hosts), tuple(networks))


def refusal(host: str, address: str, allowed: Allowed) -> str | None:
    """Why a request to ``host`` may not go to ``address`` (text of an IP address), or None when it may."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if host.lower().rstrip(".") in allowed.hosts or any(_inside(ip, network) for network in allowed.networks):
        return None
    for inner in (ip, *_embedded(ip)):
        if not _public(inner):
            return f"{address} is not a public address; an administrator can allow it with the setting http_allow"
    return None


def _inside(ip: IpAddress, network: IpNetwork) -> bool:
    plain = ip.ipv4_mapped or ip if isinstance(ip, ipaddress.IPv6Address) else ip
    return plain.version == network.version and plain in network


def _embedded(ip: IpAddress) -> list[IpAddress]:
    """IPv4 addresses that a packet to this IPv6 address may end up at."""
    if isinstance(ip, ipaddress.IPv4Address):
        return []
    found: list[IpAddress | None] = [ip.ipv4_mapped, ip.sixtofour, *(ip.teredo or ())]
    if ip in NAT64:
        found.append(ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF))
    return [item for item in found if item is not None]


def _public(ip: IpAddress) -> bool:
    if isinstance(ip, ipaddress.IPv6Address) and (ip.ipv4_mapped is not None or ip in NAT64):
        return True  # as public as the IPv4 address inside
    if any(ip.version == block.version and ip in block for block in NEVER_PUBLIC):
        return False
    return ip.is_global and not ip.is_multicast and not ip.is_reserved and not ip.is_unspecified
