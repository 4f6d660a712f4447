"""What a caller hears, in words: silence, a tone of so many Hz, or other sound. Windows of 200 ms, no I/O."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

RATE_HZ = 8000
WINDOW = 1600
"""Samples of a window: 200 ms, so frequencies come in steps of 5 Hz before interpolation."""
SILENT_DB = -50.0
_PURE = 0.85
"""Share of the energy around the strongest frequency that makes a sound a tone."""

Kind = Literal["silence", "tone", "sound"]


@dataclass(frozen=True, slots=True)
class Window:
    """200 ms of sound: ``level_db`` below full scale, ``hz`` the strongest frequency (0 when silent)."""

    kind: Kind
    level_db: float
    hz: float


@dataclass(slots=True)
class Stretch:
    """A time during which it sounded the same. Times in seconds from the first sample."""

    kind: Kind
    hz: float
    level_db: float
    from_s: float
    to_s: float

    def as_dict(self) -> dict[str, object]:
        """The shape in ``ccc call --json``."""
        return {
            "kind": self.kind,
            "hz": round(self.hz),
            "level_db": round(self.level_db, 1),
            "from_s": round(self.from_s, 2),
            "to_s": round(self.to_s, 2),
        }

    def __str__(self) -> str:
        if self.kind == "silence":
            return "silence"
        if self.kind == "tone":
            return f"a tone of {self.hz:.0f} Hz, {self.level_db:.0f} dB"
        return f"sound, strongest at {self.hz:.0f} Hz, {self.level_db:.0f} dB"


def examine(samples: NDArray[np.int16]) -> Window:
    """What one window contains."""
    wave = samples.astype(np.float64) / 32768
    power = float(np.mean(wave * wave))
    level_db = 10 * np.log10(power) if power > 0 else -120.0
    if level_db < SILENT_DB:
        return Window("silence", float(level_db), 0.0)
    spectrum = np.abs(np.fft.rfft(wave * np.hanning(len(wave)))) ** 2
    spectrum[: max(1, 60 * len(wave) // RATE_HZ)] = 0
    total = float(spectrum.sum())
    peak = int(np.argmax(spectrum))
    if total <= 0 or not 0 < peak < len(spectrum) - 1:
        return Window("sound", float(level_db), 0.0)
    left, middle, right = np.log(spectrum[peak - 1 : peak + 2] + 1e-30)
    bend = left - 2 * middle + right
    shift = 0.5 * (left - right) / bend if bend else 0.0
    hz = float((peak + shift) * RATE_HZ / len(wave))
    pure = float(spectrum[max(0, peak - 3) : peak + 4].sum()) / total
    return Window("tone" if pure >= _PURE else "sound", float(level_db), hz)


class Ear:
    """Collects samples and keeps the stretches; a change must last two windows before it counts."""

    def __init__(self) -> None:
        self._buffer = np.zeros(0, dtype=np.int16)
        self._time_s = 0.0
        self._candidate: Stretch | None = None
        self.stretches: list[Stretch] = []

    def feed(self, samples: NDArray[np.int16]) -> list[Stretch]:
        """Take samples; returns stretches that began now (already 400 ms long)."""
        self._buffer = np.concatenate((self._buffer, samples))
        began = []
        while len(self._buffer) >= WINDOW:
            window, self._buffer = examine(self._buffer[:WINDOW]), self._buffer[WINDOW:]
            began += self._take(window)
        return began

    def _take(self, window: Window) -> list[Stretch]:
        at = self._time_s
        self._time_s += WINDOW / RATE_HZ
        current = self.stretches[-1] if self.stretches else None
        if current and _same(current, window):
            current.to_s, self._candidate = self._time_s, None
            return []
        if self._candidate and _same(self._candidate, window):
            began, self._candidate = self._candidate, None
            began.to_s = self._time_s
            self.stretches.append(began)
            return [began]
        self._candidate = Stretch(window.kind, window.hz, window.level_db, at, self._time_s)
        return []

    @property
    def heard(self) -> bool:
        """Anything but silence so far."""
        return any(stretch.kind != "silence" for stretch in self.stretches)

    @property
    def heard_s(self) -> float:
        """Seconds since the first sound began; 0 before."""
        first = next((stretch for stretch in self.stretches if stretch.kind != "silence"), None)
        return self._time_s - first.from_s if first else 0.0

    @property
    def quiet_s(self) -> float:
        """Seconds of silence just now; 0 while something is heard."""
        last = self.stretches[-1] if self.stretches else None
        return last.to_s - last.from_s if last and last.kind == "silence" else 0.0


def _same(stretch: Stretch, window: Window) -> bool:
    if stretch.kind != window.kind:
        return False
    return stretch.kind != "tone" or abs(stretch.hz - window.hz) <= 10
