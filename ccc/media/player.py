"""What a leg is made to hear by the clock: a list of prompts, or keys."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain, repeat

from ccc.audio import tones
from ccc.audio.g711 import ALAW_TO_ULAW, ULAW_TO_ALAW
from ccc.media.dtmf import event_payloads
from ccc.media.outbound import Outbound
from ccc.media.prompts import Frames, split
from ccc.media.rtp import PCMA, PCMU

Ended = Callable[[float], None]
KEY_GAP_TICKS = 3
"""Silence between two keys we send: with the repeated end packets 100 ms (Q.24 asks for 40)."""

_KEY_HZ = {
    key: (low, high)
    for low, row in zip((697, 770, 852, 941), ("123A", "456B", "789C", "*0#D"), strict=True)
    for high, key in zip((1209, 1336, 1477, 1633), row, strict=True)
}


def sequence(items: list[Frames], times: int) -> Iterator[bytes]:
    """The frames of ``items`` one after another, ``times`` times (0: endless). The iteration runs in C."""
    rounds = repeat(items) if times == 0 else repeat(items, times)
    return chain.from_iterable(chain.from_iterable(rounds))


def key_tones(keys: str, pt: int) -> Frames:
    """Keys as tones in the codec ``pt``: for a leg without telephone-event. 100 ms each, 100 ms apart."""
    audio = b"".join(tones.dual(*_KEY_HZ[key], 0.1) + tones.silence(0.1) for key in keys)
    return split(audio.translate(ALAW_TO_ULAW) if pt == PCMU else audio)


class Player:
    """Sends ``frames`` (in the present codec of ``out``), one each 20 ms; the first with :meth:`begin`."""

    __slots__ = ("_frames", "_on_end", "_out", "_pt")

    def __init__(self, out: Outbound, frames: Iterator[bytes], on_end: Ended) -> None:
        self._out = out
        self._frames = frames
        self._pt = out.pt
        self._on_end = on_end

    def begin(self, now: float) -> bool:
        """Send the first frame; False when there is none."""
        frame = self._next()
        if frame is None:
            return False
        self._out.begin(frame, now)
        return True

    def tick(self, now: float) -> bool:
        frame = self._next()
        if frame is None:
            return False
        self._out.frame(frame, now)
        return True

    def _next(self) -> bytes | None:
        frame = next(self._frames, None)
        if frame is not None and self._pt != self._out.pt:  # a re-INVITE changed the codec meanwhile
            frame = frame.translate(ALAW_TO_ULAW if self._pt == PCMA else ULAW_TO_ALAW)
        return frame

    def ended(self, now: float) -> None:
        self._on_end(now)

    def skip_to(self, now: float) -> None:
        self._out.skip_to(now)


class KeySender:
    """Sends keys as telephone-events (RFC 4733), one packet each 20 ms."""

    __slots__ = ("_on_end", "_out", "_packets")

    def __init__(self, out: Outbound, keys: str, on_end: Ended) -> None:
        self._out = out
        self._on_end = on_end
        self._packets = _key_packets(keys)

    def begin(self, now: float) -> bool:
        """Send the first packet; False when there are no keys."""
        return self.tick(now)

    def tick(self, now: float) -> bool:
        try:
            packet = next(self._packets)
        except StopIteration:
            return False
        if packet is not None:
            self._out.event(packet[0], packet[1], now)
        return True

    def add(self, keys: str) -> None:
        """More keys after those that are waiting."""
        self._packets = chain(self._packets, _key_packets(keys))

    def ended(self, now: float) -> None:
        self._on_end(now)

    def skip_to(self, now: float) -> None:
        """A key may last a little longer; nothing to catch up."""


def _key_packets(keys: str) -> Iterator[tuple[bool, bytes] | None]:
    for key in keys:
        yield from event_payloads(key)
        yield from repeat(None, KEY_GAP_TICKS)
