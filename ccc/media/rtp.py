"""RTP packets and reception statistics (RFC 3550), without sockets or clock."""

from __future__ import annotations

import struct
from typing import NamedTuple

HEADER = struct.Struct("!BBHII")
HEADER_BYTES = 12
PLAIN = 0x80
"""First byte of a packet without padding, extension and CSRC: nearly all of them."""
PCMU = 0
PCMA = 8
AUDIO = (8, 0)
CLOCK_HZ = 8000
FRAME = 160
"""Bytes (and samples) of 20 ms."""
FRAME_S = FRAME / CLOCK_HZ
MASK16 = 0xFFFF
MASK32 = 0xFFFFFFFF

MAX_DROPOUT = 3000
MAX_MISORDER = 100
_NO_BAD_SEQ = 0x10000
_JUMP_UNITS = 10 * CLOCK_HZ
"""A transit change beyond 10 s is a new clock of the sender, not jitter."""


class Packet(NamedTuple):
    """A parsed RTP packet; ``payload`` is without CSRCs, header extension and padding."""

    pt: int
    marker: bool
    seq: int
    ts: int
    ssrc: int
    payload: bytes


def payload_bounds(packet: bytes) -> tuple[int, int] | None:
    """Start and end of the payload, whatever the header holds (RFC 3550 section 5.1); None when it is not sound RTP."""
    size = len(packet)
    if size < HEADER_BYTES or packet[0] >> 6 != 2:
        return None
    start = HEADER_BYTES + 4 * (packet[0] & 15)
    if packet[0] & 0x10:
        if size < start + 4:
            return None
        start += 4 + 4 * int.from_bytes(packet[start + 2 : start + 4], "big")
    end = size - packet[-1] if packet[0] & 0x20 else size
    if start > end or (packet[0] & 0x20 and packet[-1] == 0):
        return None
    return start, end


def parse(packet: bytes) -> Packet | None:
    """The packet, or None when it is not sound RTP version 2."""
    bounds = payload_bounds(packet)
    if bounds is None:
        return None
    _, second, seq, ts, ssrc = HEADER.unpack_from(packet)
    return Packet(second & 0x7F, bool(second & 0x80), seq, ts, ssrc, packet[bounds[0] : bounds[1]])


def build(pt: int, seq: int, ts: int, ssrc: int, payload: bytes, *, marker: bool = False) -> bytes:
    """A packet without extension or CSRC."""
    return HEADER.pack(PLAIN, pt | (0x80 if marker else 0), seq, ts, ssrc) + payload


class Source:
    """Counts what one leg receives (RFC 3550 appendices A.1, A.3, A.8).

    A new SSRC, or a sequence number that jumps far twice in a row, starts a new series; the totals go on.
    There is no probation: symmetric RTP has already chosen the sender.
    """

    __slots__ = (
        "_bad_seq",
        "_base_seq",
        "_cycles",
        "_expected_before",
        "_expected_prior",
        "_max_seq",
        "_received_prior",
        "_transit",
        "jitter",
        "received",
        "ssrc",
    )

    def __init__(self) -> None:
        self.ssrc = -1
        self.received = 0
        self.jitter = 0.0
        """Interarrival jitter in RTP units of 1/8000 s."""
        self._max_seq = 0
        self._base_seq = 0
        self._cycles = 0
        self._bad_seq = _NO_BAD_SEQ
        self._expected_before = 0
        self._expected_prior = 0
        self._received_prior = 0
        self._transit: float | None = None

    def update(self, seq: int, ts: int, ssrc: int, now: float) -> None:
        """One audio packet arrived at monotonic ``now`` (seconds)."""
        if ssrc == self.ssrc and seq == (self._max_seq + 1) & MASK16 and seq:
            self._max_seq = seq
            self.received += 1
        else:
            self.count(seq, ssrc)
        transit = now * CLOCK_HZ - ts
        if self._transit is not None:
            change = transit - self._transit
            if change < 0:
                change = -change
            if change < _JUMP_UNITS:
                self.jitter += (change - self.jitter) * 0.0625
        self._transit = transit

    def count(self, seq: int, ssrc: int) -> None:
        """One packet whose timestamp says nothing about its arrival (telephone-event, comfort noise)."""
        self.received += 1
        if ssrc != self.ssrc:
            self._restart(seq, ssrc, believed=0)
            return
        step = (seq - self._max_seq) & MASK16
        if step < MAX_DROPOUT:
            if seq < self._max_seq:
                self._cycles += 0x10000
            self._max_seq = seq
        elif step <= 0x10000 - MAX_MISORDER:
            if seq == self._bad_seq:
                self._restart(seq, ssrc, believed=1)
            else:
                self._bad_seq = (seq + 1) & MASK16

    def _restart(self, seq: int, ssrc: int, *, believed: int) -> None:
        """Begin a series at ``seq``; ``believed`` packets of it arrived before we took it for one."""
        self._expected_before = self.expected + believed
        self.ssrc = ssrc
        self._base_seq = self._max_seq = seq
        self._cycles = 0
        self._bad_seq = _NO_BAD_SEQ
        self._transit = None

    @property
    def extended_seq(self) -> int:
        """Extended highest sequence number received (32 bits)."""
        return (self._cycles + self._max_seq) & MASK32

    @property
    def expected(self) -> int:
        """Packets the sender has sent, as far as sequence numbers tell."""
        if self.ssrc == -1:
            return 0
        return self._expected_before + self._cycles + self._max_seq - self._base_seq + 1

    @property
    def lost(self) -> int:
        """Packets lost in all; repeated packets count against it (RFC 3550 A.3), but never below 0."""
        return max(0, self.expected - self.received)

    @property
    def jitter_ms(self) -> float:
        return self.jitter * 1000 / CLOCK_HZ

    def fraction_lost(self) -> int:
        """Loss since the last call in 1/256 (for a report block, RFC 3550 A.3)."""
        expected, received = self.expected - self._expected_prior, self.received - self._received_prior
        self._expected_prior, self._received_prior = self.expected, self.received
        lost = expected - received
        return min(255, (lost << 8) // expected) if expected > 0 and lost > 0 else 0
