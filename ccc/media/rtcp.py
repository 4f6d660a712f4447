"""RTCP (RFC 3550 section 6): what we send each 5 s, and a reader that no input can hurt."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from ccc.media.rtp import MASK32, Source

INTERVAL_S = 5.0
SENDER_REPORT = 200
RECEIVER_REPORT = 201
SOURCE_DESCRIPTION = 202
GOODBYE = 203
_NTP_EPOCH_S = 2_208_988_800
_SENDER = struct.Struct("!BBHIIIIII")
_BLOCK = struct.Struct("!IIIIII")
_CNAME = b"ccc"


@dataclass(slots=True)
class PeerReport:
    """What the peer last said: its sender report's middle NTP bits, and how it receives us."""

    last_sr: int = 0
    """Middle 32 bits of the NTP time of its last SR; 0: none."""
    last_sr_at: float = 0.0
    fraction_lost: int = 0
    lost: int = 0
    jitter: int = 0


def sender_report(
    ssrc: int, ts: int, packets: int, octets: int, wall_s: float, source: Source, peer: PeerReport, now: float
) -> bytes:
    """SR with one report block about ``source`` (when anything came in) and an SDES with a CNAME.

    ``ts`` is the RTP timestamp of this moment, ``wall_s`` epoch seconds, ``now`` monotonic seconds.
    """
    ntp = wall_s + _NTP_EPOCH_S
    whole = int(ntp)
    blocks = _report_block(source, peer, now) if source.ssrc >= 0 else b""
    head = _SENDER.pack(
        0x80 | bool(blocks),
        SENDER_REPORT,
        (_SENDER.size + len(blocks)) // 4 - 1,
        ssrc,
        whole & MASK32,
        int((ntp - whole) * 2**32) & MASK32,
        ts,
        packets & MASK32,
        octets & MASK32,
    )
    return head + blocks + _description(ssrc)


def goodbye(ssrc: int) -> bytes:
    """An empty RR and the BYE of our source."""
    return struct.pack("!BBHI", 0x80, RECEIVER_REPORT, 1, ssrc) + struct.pack("!BBHI", 0x81, GOODBYE, 1, ssrc)


def _report_block(source: Source, peer: PeerReport, now: float) -> bytes:
    since = round((now - peer.last_sr_at) * 65536) & MASK32 if peer.last_sr else 0
    return _BLOCK.pack(
        source.ssrc,
        source.fraction_lost() << 24 | min(source.lost, 0x7FFFFF),
        source.extended_seq,
        int(source.jitter) & MASK32,
        peer.last_sr,
        since,
    )


def _description(ssrc: int) -> bytes:
    chunk = struct.pack("!IBB", ssrc, 1, len(_CNAME)) + _CNAME
    chunk += bytes(4 - len(chunk) % 4)
    return struct.pack("!BBH", 0x81, SOURCE_DESCRIPTION, len(chunk) // 4) + chunk


def read(packet: bytes, our_ssrc: int, peer: PeerReport, now: float) -> int:
    """Take what concerns us from a compound packet into ``peer``; returns the parts understood. Garbage is ignored."""
    at = understood = 0
    while at + 8 <= len(packet):
        first, kind, words = struct.unpack_from("!BBH", packet, at)
        end = at + 4 * (words + 1)
        if first >> 6 != 2 or end > len(packet):
            break
        if kind in (SENDER_REPORT, RECEIVER_REPORT):
            understood += _read_report(packet[at:end], kind, first & 31, our_ssrc, peer, now)
        at = end
    return understood


def _read_report(part: bytes, kind: int, count: int, our_ssrc: int, peer: PeerReport, now: float) -> int:
    at = 8
    if kind == SENDER_REPORT:
        if len(part) < _SENDER.size:
            return 0
        high, low = struct.unpack_from("!II", part, 8)
        peer.last_sr = ((high & 0xFFFF) << 16) | (low >> 16)
        peer.last_sr_at = now
        at = _SENDER.size
    for _ in range(count):
        if at + _BLOCK.size > len(part):
            break
        ssrc, loss, _, jitter, _, _ = _BLOCK.unpack_from(part, at)
        if ssrc == our_ssrc:
            peer.fraction_lost, peer.lost, peer.jitter = loss >> 24, loss & 0xFFFFFF, jitter
        at += _BLOCK.size
    return 1
