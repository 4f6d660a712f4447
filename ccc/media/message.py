"""A message left by a caller: what the leg sends, in a file of its own, until he falls silent or time is over."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ccc.audio.g711 import decode_alaw, decode_ulaw
from ccc.errors import InvalidError
from ccc.media.poller import Timer
from ccc.media.recording import Recorder, RecordingHub
from ccc.media.rtp import CLOCK_HZ, PCMA

CHECK_S = 0.1
VOICE_LEVEL = 300.0
"""Mean amplitude (of 32768) of a packet that counts as voice, about -41 dB: above line noise, below quiet speech."""
MAX_S = 3600.0
Emit = Callable[[dict[str, Any]], None]


@dataclass(frozen=True, slots=True)
class Limits:
    """When a message is over, and how much voice makes it one (seconds). ``silence_s`` 0: silence does not end it."""

    max_s: float
    silence_s: float
    min_s: float

    @classmethod
    def of(cls, message: dict[str, Any]) -> Limits:
        """From the fields of the operation. InvalidError names the one that is wrong."""
        values = {}
        for name, low in (("max_s", 0.1), ("silence_s", 0.0), ("min_s", 0.0)):
            value = message.get(name)
            if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= MAX_S:
                raise InvalidError(f"{name} must be {low:g} to {MAX_S:g} seconds, not {value!r}", field=name)
            values[name] = float(value)
        return cls(**values)


class Message:
    """Both channels carry the same, so that any player plays it on both sides.

    Events: ``voiced`` once there is enough voice, ``message`` with ``why`` at the end. With less voice the file goes.
    """

    def __init__(self, hub: RecordingHub, path: str, limits: Limits, emit: Emit, over: Callable[[], None]) -> None:
        now = hub.poller.now
        self._hub = hub
        self._path = path
        self._limits = limits
        self._emit = emit
        self._over = over
        self._recorder = Recorder(hub, path, self._failed)
        self._began = self._voice_at = now
        self._voiced_s = 0.0
        self._kept = False
        self._ended = False
        self._timer: Timer = hub.poller.call_at(now + CHECK_S, self._check)

    def add(self, ts: int, ssrc: int, payload: bytes, pt: int, now: float) -> None:
        """One packet of the leg."""
        self._recorder.left.add(ts, ssrc, payload, pt, now)
        self._recorder.right.add(ts, ssrc, payload, pt, now)
        samples = decode_alaw(payload) if pt == PCMA else decode_ulaw(payload)
        if float(np.abs(samples.astype(np.int32)).mean()) < VOICE_LEVEL:
            return
        self._voice_at = now
        self._voiced_s += len(payload) / CLOCK_HZ
        if not self._kept and self._voiced_s >= self._limits.min_s:
            self._kept = True
            self._emit({"ev": "voiced"})

    def _check(self) -> None:
        now, limits = self._hub.poller.now, self._limits
        if now - self._began >= limits.max_s:
            self.end("max")
        elif limits.silence_s and now - self._voice_at >= limits.silence_s:
            self.end("silence")
        else:
            self._timer = self._hub.poller.call_at(now + CHECK_S, self._check)

    def _failed(self, message: str, kept: bool) -> None:
        self._kept = False
        self.end("error", message=message)

    def end(self, why: str, **details: str) -> None:
        """Close the file, or remove it when there is not enough voice in it. Harmless when it is over."""
        if self._ended:
            return
        self._ended = True
        self._timer.cancel()
        self._recorder.stop()
        if not self._kept:
            self._hub.remove(self._path)
        self._over()
        seconds = round(self._hub.poller.now - self._began, 3)
        self._emit({"ev": "message", "why": why, "seconds": seconds, "kept": self._kept, **details})
