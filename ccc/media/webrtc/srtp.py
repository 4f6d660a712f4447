"""SRTP for one DTLS association: keys in, protected packets out (RFC 3711, 5764, 7714)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pylibsrtp import Error, Policy, Session

REPLAY_WINDOW = 1024
MAX_SOURCES = 8
MAX_PACKET_BYTES = 1300


@dataclass(frozen=True, slots=True)
class Profile:
    """A protection profile: libsrtp's number and the lengths of master key and salt in bytes."""

    number: int
    key: int
    salt: int


PROFILES = {
    b"SRTP_AEAD_AES_128_GCM": Profile(Policy.SRTP_PROFILE_AEAD_AES_128_GCM, 16, 12),
    b"SRTP_AES128_CM_SHA1_80": Profile(Policy.SRTP_PROFILE_AES128_CM_SHA1_80, 16, 14),
}
"""By the name OpenSSL uses, best first."""


@dataclass(frozen=True, slots=True)
class Keys:
    """Master key and salt of each direction, joined as libsrtp wants them."""

    profile: bytes
    client: bytes
    server: bytes


def split_keys(profile: bytes, material: bytes) -> Keys:
    """Cut the exported keying material: client key, server key, client salt, server salt (RFC 5764 section 4.2)."""
    key, salt = PROFILES[profile].key, PROFILES[profile].salt
    client_key, server_key = material[:key], material[key : 2 * key]
    salts = material[2 * key :]
    return Keys(profile, client_key + salts[:salt], server_key + salts[salt : 2 * salt])


def material_bytes(profile: bytes) -> int:
    """How much keying material a profile needs."""
    return 2 * (PROFILES[profile].key + PROFILES[profile].salt)


class SrtpPair:
    """Both directions of one association, seen from the DTLS server."""

    __slots__ = ("_receive", "_send", "_sources", "rejected")

    def __init__(self, keys: Keys) -> None:
        self._send = _session(keys.profile, keys.server, Policy.SSRC_ANY_OUTBOUND)
        self._receive = _session(keys.profile, keys.client, Policy.SSRC_ANY_INBOUND)
        self._sources: dict[bytes, None] = {}
        self.rejected = 0
        """Packets that failed: not authentic, replayed, too long."""

    def protect(self, packet: bytes) -> bytes | None:
        """Encrypt an RTP packet; None when libsrtp refuses it (a sequence number used twice)."""
        return self._run(self._send.protect, packet)

    def protect_rtcp(self, packet: bytes) -> bytes | None:
        """Encrypt a compound RTCP packet."""
        return self._run(self._send.protect_rtcp, packet)

    def unprotect(self, packet: bytes) -> bytes | None:
        """Decrypt an RTP packet; None when it is not authentic or was seen before."""
        plain = self._run(self._receive.unprotect, packet)
        if plain is not None and plain[8:12] not in self._sources:
            self._remember(plain[8:12])
        return plain

    def unprotect_rtcp(self, packet: bytes) -> bytes | None:
        """Decrypt a compound RTCP packet; None when it is not authentic or was seen before."""
        return self._run(self._receive.unprotect_rtcp, packet)

    def _remember(self, ssrc: bytes) -> None:
        # libsrtp keeps state for every SSRC it meets; a page that changes it for ever must not cost memory for ever.
        self._sources[ssrc] = None
        if len(self._sources) > MAX_SOURCES:
            oldest = next(iter(self._sources))
            del self._sources[oldest]
            try:
                self._receive.remove_stream(int.from_bytes(oldest, "big"))
            except Error:
                self.rejected += 1

    def _run(self, operation: Callable[[bytes], bytes], packet: bytes) -> bytes | None:
        if len(packet) > MAX_PACKET_BYTES:
            self.rejected += 1
            return None
        try:
            return operation(packet)
        except Error:
            self.rejected += 1
            return None


def _session(profile: bytes, key: bytes, direction: int) -> Session:
    policy = Policy(key=key, ssrc_type=direction, srtp_profile=PROFILES[profile].number)
    policy.window_size = REPLAY_WINDOW
    return Session(policy)
