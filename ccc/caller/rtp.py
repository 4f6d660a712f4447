"""RTP as a caller speaks it (RFC 3550, RFC 4733), without I/O: what to send each 20 ms, and what came in."""

from __future__ import annotations

import random
import struct
from collections import deque
from dataclasses import dataclass

PCMU, PCMA = 0, 8
FRAME = 160
"""Samples, and with G.711 also bytes, of 20 ms."""
TICK_S = 0.02
KEYS = "0123456789*#ABCD"
"""Index in this string is the event code of RFC 4733 section 3.2."""
PAUSE = ","
_KEY_TICKS = 5
_GAP_TICKS = 5
_PAUSE_TICKS = 50
_VOLUME = 10
_HEADER = struct.Struct(">BBHII")
_EVENT = struct.Struct(">BBH")


@dataclass(frozen=True, slots=True)
class Packet:
    """A received RTP packet; ``payload`` without padding, CSRCs and header extension."""

    payload_type: int
    marker: bool
    sequence: int
    timestamp: int
    ssrc: int
    payload: bytes


def parse(data: bytes) -> Packet | None:
    """The RTP packet in ``data``; None when it is none (other version, cut short, RTCP)."""
    if len(data) < _HEADER.size:
        return None
    first, second, sequence, timestamp, ssrc = _HEADER.unpack_from(data)
    start, end = _HEADER.size + 4 * (first & 15), len(data)
    if first >> 6 != 2 or 72 <= second & 127 <= 76 or start > end:
        return None
    if first & 0x10:
        if start + 4 > end:
            return None
        start += 4 + 4 * int.from_bytes(data[start + 2 : start + 4], "big")
    if first & 0x20:
        end -= data[-1]
    if start > end:
        return None
    return Packet(second & 127, bool(second & 128), sequence, timestamp, ssrc, data[start:end])


class Sender:
    """One outgoing stream: audio from a source, keys in between. One SSRC, one sequence, one clock."""

    def __init__(self, audio: bytes, *, loop: bool, payload_type: int = PCMA, dtmf_type: int | None = 101) -> None:
        """``audio``: G.711 bytes in the codec of ``payload_type``. ``dtmf_type`` None: the far side takes no keys."""
        self._audio, self._loop, self._at = audio, loop, 0
        self.payload_type, self._dtmf_type = payload_type, dtmf_type
        self._silence = bytes([0xD5 if payload_type == PCMA else 0xFF])
        self._ssrc, self._sequence = random.getrandbits(32), random.getrandbits(16)
        self._timestamp = random.getrandbits(32)
        self._keys: deque[str] = deque()
        self._key, self._ticks, self._event_timestamp = "", 0, 0
        self._first = True
        self.sent = 0
        self.pressed = ""
        """Keys sent completely."""

    def press(self, keys: str) -> None:
        """Queue keys; a comma is a pause of one second."""
        self._keys.extend(keys)

    @property
    def busy(self) -> bool:
        """Keys or pauses are still under way."""
        return bool(self._keys or self._key)

    def tick(self) -> list[bytes]:
        """The packets of the next 20 ms."""
        if not self._key and self._keys:
            self._key, self._ticks = self._keys.popleft(), 0
            self._event_timestamp = self._timestamp
        packets = self._key_packets() if self._key else None
        audio = self._next_audio()
        if packets is None:
            packets = [self._packet(self.payload_type, self._first, self._timestamp, audio)]
            self._first = False
        self._timestamp = (self._timestamp + FRAME) & 0xFFFFFFFF
        self.sent += len(packets)
        return packets

    def _key_packets(self) -> list[bytes] | None:
        """Packets of the current key or pause; None while audio goes on (pause, gap after a key)."""
        self._ticks += 1
        key, ticks = self._key, self._ticks
        if key == PAUSE:
            if ticks >= _PAUSE_TICKS:
                self._key = ""
            return None
        if ticks <= _KEY_TICKS:
            return [self._event(key, ticks * FRAME, end=False, marker=ticks == 1)]
        if ticks == _KEY_TICKS + 1:
            self.pressed += key
            return [self._event(key, ticks * FRAME, end=True, marker=False) for _ in range(3)]
        if ticks >= _KEY_TICKS + 1 + _GAP_TICKS:
            self._key = ""
        return None

    def _event(self, key: str, duration: int, *, end: bool, marker: bool) -> bytes:
        body = _EVENT.pack(KEYS.index(key), (0x80 if end else 0) | _VOLUME, duration)
        return self._packet(self._dtmf_type or 101, marker, self._event_timestamp, body)

    def _packet(self, payload_type: int, marker: bool, timestamp: int, body: bytes) -> bytes:
        self._sequence = (self._sequence + 1) & 0xFFFF
        second = payload_type | (0x80 if marker else 0)
        return _HEADER.pack(0x80, second, self._sequence, timestamp, self._ssrc) + body

    def _next_audio(self) -> bytes:
        frame = self._audio[self._at : self._at + FRAME]
        self._at += FRAME
        if len(frame) < FRAME and self._loop and self._audio:
            self._at = FRAME - len(frame)
            frame += self._audio[: self._at]
        return frame.ljust(FRAME, self._silence)


class Receiver:
    """Counts loss, jitter and order of what arrives (RFC 3550 sections 6.4.1 and A.8), per source."""

    def __init__(self) -> None:
        self.received = self.late = self.duplicates = self.sources = self.events = 0
        self.jitter_ms = self.worst_gap_ms = 0.0
        self._lost_before = 0
        self._ssrc: int | None = None
        self._first = self._highest = self._seen = 0
        self._window: set[int] = set()
        self._transit = self._last_at = 0.0

    def feed(self, packet: Packet, at_s: float) -> bool:
        """Take a packet that arrived at ``at_s`` (monotonic). False when it is a repeat."""
        if packet.ssrc != self._ssrc:
            self._new_source(packet)
        number = self._extend(packet.sequence)
        if number in self._window:
            self.duplicates += 1
            return False
        self._window.add(number)
        if len(self._window) > 512:
            self._window = {old for old in self._window if old > self._highest - 256}
        self._seen += 1
        self.received += 1
        self.late += number < self._highest
        self._highest = max(self._highest, number)
        self._time(packet, at_s)
        return True

    @property
    def lost(self) -> int:
        """Packets of all sources that never came."""
        return self._lost_before + self._lost_here()

    def _lost_here(self) -> int:
        return max(0, self._highest - self._first + 1 - self._seen) if self._ssrc is not None else 0

    def _new_source(self, packet: Packet) -> None:
        self._lost_before = self.lost
        self._ssrc = packet.ssrc
        self.sources += 1
        self._first = self._highest = packet.sequence + 0x10000
        self._seen = 0
        self._window = set()
        self._transit = 0.0

    def _extend(self, sequence: int) -> int:
        """The sequence number without wrap, nearest to the highest one seen."""
        return self._highest + ((sequence - self._highest + 0x8000) & 0xFFFF) - 0x8000

    def _time(self, packet: Packet, at_s: float) -> None:
        if self._last_at:
            self.worst_gap_ms = max(self.worst_gap_ms, (at_s - self._last_at) * 1000)
        self._last_at = at_s
        transit = at_s * 1000 - packet.timestamp / 8
        if self._transit and abs(transit - self._transit) < 10_000:
            self.jitter_ms += (abs(transit - self._transit) - self.jitter_ms) / 16
        self._transit = transit
