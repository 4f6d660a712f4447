"""Connectivity checks on the wire: which leg a request names, is it authentic, what is answered (RFC 8489, 8445). Pure.

The costly steps (full parse, HMAC) come last: a request whose first bytes or user name do not fit is dropped for the
price of a dictionary look-up, so a flood of junk costs next to nothing.
"""

from __future__ import annotations

import hmac
import ipaddress
import secrets
import struct
from dataclasses import dataclass
from typing import Any, TypeAlias

from aioice import stun

Address: TypeAlias = tuple[Any, ...]
"""As the socket gives it: (host, port) or, for IPv6, (host, port, flow, scope)."""

COOKIE = b"\x21\x12\xa4\x42"
BINDING_REQUEST = b"\x00\x01"
HEADER_BYTES = 20
MAX_REQUEST_BYTES = 1280
MAX_ATTRIBUTES = 32
USERNAME = 0x0006
ROLE_CONFLICT = (487, "Role Conflict")


@dataclass(frozen=True, slots=True)
class Credentials:
    """Short-term credentials of one ICE generation: ours, and the fragment that names the peer."""

    ufrag: str
    pwd: str
    theirs: str


@dataclass(frozen=True, slots=True)
class Check:
    """An authentic connectivity check."""

    transaction_id: bytes
    nominated: bool
    role_conflict: bool
    """The peer takes itself for the controlled side; an ICE-lite agent always is (RFC 8445 section 7.3.1.1)."""


def new_credentials(theirs: str) -> Credentials:
    """48 bits of user fragment, 144 bits of password (RFC 8445 section 5.3 asks for 24 and 128)."""
    return Credentials(secrets.token_hex(6), secrets.token_hex(18), theirs)


def named_ufrag(data: bytes) -> bytes | None:
    """OUR user fragment in a Binding request's USERNAME ``ours:theirs``; None when `data` is no such request."""
    size = len(data)
    if not HEADER_BYTES < size <= MAX_REQUEST_BYTES or data[:2] != BINDING_REQUEST or data[4:8] != COOKIE:
        return None
    if size != HEADER_BYTES + int.from_bytes(data[2:4], "big"):
        return None
    at = HEADER_BYTES
    for _ in range(MAX_ATTRIBUTES):
        if at + 4 > size:
            return None
        kind, length = struct.unpack_from("!HH", data, at)
        if kind == USERNAME:
            ours, colon, _ = data[at + 4 : at + 4 + length].partition(b":")
            return ours if colon else None
        at += 4 + length + (-length & 3)
    return None


def read_check(data: bytes, ours: Credentials) -> Check | None:
    """Verify FINGERPRINT, USERNAME ``ours:theirs`` and MESSAGE-INTEGRITY (short-term); None when any of them fails."""
    try:
        message = stun.parse_message(data)
    except (ValueError, struct.error):
        return None
    if not message.check_message_integrity(ours.pwd.encode()):
        return None
    expected = f"{ours.ufrag}:{ours.theirs}".encode()
    if not hmac.compare_digest(message.attributes.get("USERNAME", "").encode(), expected):
        return None
    return Check(
        transaction_id=message.transaction_id,
        nominated="USE-CANDIDATE" in message.attributes,
        role_conflict="ICE-CONTROLLED" in message.attributes,
    )


def write_success(check: Check, source: Address, ours: Credentials) -> bytes:
    """The success response that tells the peer the address we saw."""
    message = stun.Message(stun.Method.BINDING, stun.Class.RESPONSE, check.transaction_id)
    message.attributes["XOR-MAPPED-ADDRESS"] = (plain_host(source[0]), source[1])
    message.add_message_integrity(ours.pwd.encode())
    return bytes(message)


def write_role_conflict(check: Check, ours: Credentials) -> bytes:
    """The 487 that makes the peer take the controlling role."""
    message = stun.Message(stun.Method.BINDING, stun.Class.ERROR, check.transaction_id)
    message.attributes["ERROR-CODE"] = ROLE_CONFLICT
    message.add_message_integrity(ours.pwd.encode())
    return bytes(message)


def plain_host(host: str) -> str:
    """The IPv4 address inside an IPv4-mapped one (a dual-stack socket shows those), without an IPv6 scope."""
    if ":" not in host:
        return host
    address = ipaddress.IPv6Address(host.partition("%")[0])
    return str(address.ipv4_mapped or address)
