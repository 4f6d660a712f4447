"""RTCP for a browser leg: receiver reports and BYE out, reports and BYE in (RFC 3550 section 6). Pure.

Sender reports come from the leg, which owns the RTP clock, through ``Transport.send_rtcp``.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

SENDER_REPORT, RECEIVER_REPORT, SOURCE_DESCRIPTION, GOODBYE = 200, 201, 202, 203
NTP_OFFSET_S = 2_208_988_800
CLOCK_HZ = 8000
CNAME = b"ccc"


@dataclass(frozen=True, slots=True)
class ReportBlock:
    """What a receiver says about one of our streams; times of ``lsr`` and ``dlsr`` in 1/65536 s, jitter in samples."""

    ssrc: int
    fraction_lost: int
    lost: int
    highest: int
    jitter: int
    lsr: int
    dlsr: int


@dataclass(frozen=True, slots=True)
class Report:
    """A parsed compound packet: report blocks, the middle 32 bits of the sender's NTP time, sources that left."""

    blocks: tuple[ReportBlock, ...] = ()
    sender_ntp: int | None = None
    gone: tuple[int, ...] = ()


@dataclass(slots=True)
class ReceiveStats:
    """Loss and jitter of the stream that comes in (RFC 3550 appendix A.3, A.8). A new SSRC starts afresh."""

    ssrc: int = -1
    received: int = 0
    base: int = 0
    highest: int = 0
    jitter: float = 0.0
    _transit: float = 0.0
    _expected_prior: int = 0
    _received_prior: int = 0

    def packet(self, ssrc: int, seq: int, timestamp: int, now: float) -> None:
        """Count one RTP packet that was read at monotonic `now`."""
        transit = now * CLOCK_HZ - timestamp
        if ssrc != self.ssrc:
            self._restart(ssrc, seq, transit)
        step = (seq - self.highest) & 0xFFFF
        if step < 0x8000:
            self.highest += step
        self.received += 1
        change = abs(transit - self._transit)
        self._transit = transit
        # A talk spurt after silence may jump in time: half a second of "jitter" is not the network's.
        if change < CLOCK_HZ / 2:
            self.jitter += (change - self.jitter) / 16

    def _restart(self, ssrc: int, seq: int, transit: float) -> None:
        self.ssrc, self.base, self.highest, self.received = ssrc, seq, seq, 0
        self.jitter, self._transit, self._expected_prior, self._received_prior = 0.0, transit, 0, 0

    @property
    def lost(self) -> int:
        """Packets missing so far; negative when duplicates came in."""
        return self.highest - self.base + 1 - self.received if self.received else 0

    def block(self, lsr: int, dlsr: int) -> bytes:
        """The report block on this stream; ends the interval of ``fraction_lost``."""
        expected = self.highest - self.base + 1
        expected_now, received_now = expected - self._expected_prior, self.received - self._received_prior
        self._expected_prior, self._received_prior = expected, self.received
        lost_now = max(0, expected_now - received_now)
        fraction = min(255, lost_now * 256 // expected_now) if expected_now > 0 else 0
        lost = max(-0x800000, min(0x7FFFFF, self.lost)) & 0xFFFFFF
        highest = self.highest & 0xFFFFFFFF
        return struct.pack("!IIIIII", self.ssrc, fraction << 24 | lost, highest, int(self.jitter), lsr, dlsr)


def ntp(wall_s: float) -> int:
    """A UTC epoch time as a 64-bit NTP timestamp."""
    return int((wall_s + NTP_OFFSET_S) * (1 << 32)) & 0xFFFFFFFFFFFFFFFF


def middle32(stamp: int) -> int:
    """The 32 bits of an NTP timestamp that LSR carries: unit 1/65536 s."""
    return (stamp >> 16) & 0xFFFFFFFF


def receiver_report(ssrc: int, blocks: bytes = b"") -> bytes:
    """RR with SDES: what we received, for the browser's own statistics. `blocks`: packed report blocks."""
    count = len(blocks) // 24
    return struct.pack("!BBHI", 0x80 | count, RECEIVER_REPORT, 1 + 6 * count, ssrc) + blocks + _description(ssrc)


def goodbye(ssrc: int) -> bytes:
    """An empty RR with BYE."""
    return struct.pack("!BBHI", 0x80, RECEIVER_REPORT, 1, ssrc) + struct.pack("!BBHI", 0x81, GOODBYE, 1, ssrc)


def _description(ssrc: int) -> bytes:
    item = struct.pack("!IBB", ssrc, 1, len(CNAME)) + CNAME
    item += bytes(4 - len(item) % 4)
    return struct.pack("!BBH", 0x81, SOURCE_DESCRIPTION, len(item) // 4) + item


@dataclass(slots=True)
class _Parts:
    blocks: list[ReportBlock] = field(default_factory=list)
    gone: list[int] = field(default_factory=list)
    sender_ntp: int | None = None


def parse(packet: bytes) -> Report | None:
    """Read a decrypted compound packet; None when its lengths do not fit (it is then ignored whole)."""
    parts = _Parts()
    at = 0
    while at < len(packet):
        if len(packet) - at < 4 or packet[at] >> 6 != 2:
            return None
        count, kind = packet[at] & 31, packet[at + 1]
        end = at + 4 + 4 * int.from_bytes(packet[at + 2 : at + 4], "big")
        if end > len(packet) or not _read(parts, kind, count, packet[at + 4 : end]):
            return None
        at = end
    return Report(tuple(parts.blocks), parts.sender_ntp, tuple(parts.gone))


def _read(parts: _Parts, kind: int, count: int, body: bytes) -> bool:
    if kind == GOODBYE:
        if len(body) < 4 * count:
            return False
        parts.gone += struct.unpack_from(f"!{count}I", body)
    elif kind in (SENDER_REPORT, RECEIVER_REPORT):
        start = 24 if kind == SENDER_REPORT else 4
        if len(body) < start + 24 * count:
            return False
        if kind == SENDER_REPORT:
            parts.sender_ntp = middle32(int.from_bytes(body[4:12], "big"))
        for i in range(count):
            ssrc, lost, highest, jitter, lsr, dlsr = struct.unpack_from("!6I", body, start + 24 * i)
            total = lost & 0xFFFFFF
            total -= (total & 0x800000) << 1
            parts.blocks.append(ReportBlock(ssrc, lost >> 24, total, highest, jitter, lsr, dlsr))
    return True
