"""Keys in RTP (RFC 4733) and the filter that counts a key once however many ways it comes."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from ccc.media.rtp import FRAME, MASK32

KEYS = "0123456789*#ABCD"
"""Index is the event code (RFC 4733 section 3.2)."""
_EVENT = struct.Struct("!BBH")
_END = 0x80
_VOLUME = 10
"""Power level of the keys we send: -10 dBm0."""

_STALE_UNITS = 80_000
"""An event older than the last one by up to 10 s is a late packet; older still: the sender restarted its clock."""
_SEGMENT_GAP_S = 0.15
_MAX_SEGMENT = 0xFFFF

SAME_PRESS_S = 1.0
"""Reports of one key by different ways within this time are one key press."""


class EventReceiver:
    """Telephone-event packets in, keys out: each key press once, at its first packet that arrives.

    Reporting at the first packet makes lost end bits harmless. The press is known by its timestamp.
    A key held longer than 8.2 s comes in segments with new timestamps (RFC 4733 section 2.5.1.3): still one press.
    """

    __slots__ = ("_code", "_duration", "_ended", "_last_at", "_ssrc", "_ts")

    def __init__(self) -> None:
        self._ssrc = -1
        self._ts = 0
        self._code = -1
        self._duration = 0
        self._ended = True
        self._last_at = 0.0

    def feed(self, ssrc: int, ts: int, marker: bool, payload: bytes, now: float) -> str | None:
        """The key of a press that begins with this packet, else None. ``now``: monotonic seconds."""
        if len(payload) < _EVENT.size:
            return None
        code, flags, duration = _EVENT.unpack_from(payload)
        if code >= len(KEYS):
            return None
        ended = bool(flags & _END)
        if ssrc == self._ssrc:
            if ts == self._ts:
                return self._same_event(code, duration, ended, now)
            if 0 < (self._ts - ts) & MASK32 < _STALE_UNITS:
                return None
            if not marker and self._continues(code, ts, duration, now):
                self._remember(ssrc, ts, code, duration, ended, now)
                return None
        self._remember(ssrc, ts, code, duration, ended, now)
        return KEYS[code]

    def _same_event(self, code: int, duration: int, ended: bool, now: float) -> str | None:
        if code != self._code:  # a sender that never moves its timestamp: the key itself tells presses apart
            self._remember(self._ssrc, self._ts, code, duration, ended, now)
            return KEYS[code]
        self._duration, self._last_at = duration, now
        self._ended = self._ended or ended
        return None

    def _continues(self, code: int, ts: int, duration: int, now: float) -> bool:
        """Is this the same press under a new timestamp: the next segment, or a sender that moves it in each packet?"""
        if self._ended or code != self._code or now - self._last_at > _SEGMENT_GAP_S:
            return False
        step = (ts - self._ts) & MASK32
        return step >= _MAX_SEGMENT - 8 * FRAME or duration > self._duration

    def _remember(self, ssrc: int, ts: int, code: int, duration: int, ended: bool, now: float) -> None:
        self._ssrc, self._ts, self._code = ssrc, ts, code
        self._duration, self._ended, self._last_at = duration, ended, now

    def held(self, now: float) -> str | None:
        """The key whose packets are still coming in, if any."""
        return KEYS[self._code] if self._code >= 0 and now - self._last_at < _SEGMENT_GAP_S else None


class KeyFilter:
    """One key that arrives by several ways (RFC 4733, SIP INFO, tones in the audio) is counted once.

    Each counted press remembers the ways that reported it. The next report of the same key by another way within
    ``SAME_PRESS_S`` belongs to it; a second report by the same way is a second press.
    """

    __slots__ = ("_presses",)

    def __init__(self) -> None:
        self._presses: list[tuple[str, set[str], list[float]]] = []

    def admit(self, key: str, via: str, now: float) -> bool:
        """Is this a new press?"""
        if self._presses:
            self._presses = [press for press in self._presses if now - press[2][0] <= SAME_PRESS_S]
            for known, ways, last in self._presses:
                if known == key and via not in ways:
                    ways.add(via)
                    last[0] = now
                    return False
        self._presses.append((key, {via}, [now]))
        return True

    def held(self, key: str, now: float) -> None:
        """``key`` is still down: reports by other ways may come until it is released."""
        for known, _, last in reversed(self._presses):
            if known == key:
                last[0] = now
                return


def event_payloads(key: str, duration_ms: int = 100) -> Iterator[tuple[bool, bytes]]:
    """``(marker, payload)`` for one key, one each 20 ms: growing durations, then the end three times (RFC 4733 2.5.1).

    All carry the timestamp of the first. ValueError for something that is not a key.
    """
    code = KEYS.index(key)
    units = max(FRAME, duration_ms * 8 // FRAME * FRAME)
    for duration in range(FRAME, units, FRAME):
        yield duration == FRAME, _EVENT.pack(code, _VOLUME, duration)
    for repeat in range(3):
        yield units == FRAME and repeat == 0, _EVENT.pack(code, _END | _VOLUME, units)
