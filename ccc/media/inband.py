"""Keys as tones in the audio (ITU-T Q.23, Q.24): Goertzel's sums for the eight DTMF frequencies."""

from __future__ import annotations

import numpy as np

from ccc.audio import g711
from ccc.media.rtp import PCMA

BLOCK = 102
"""Samples per decision (12.75 ms): a tone of 40 ms fills at least two blocks, one of 20 ms does not."""
LOW_HZ = (697, 770, 852, 941)
HIGH_HZ = (1209, 1336, 1477, 1633)
_LAYOUT = ("123A", "456B", "789C", "*0#D")

_HITS_TO_BEGIN = 2
_MISSES_TO_END = 3
_MIN_POWER = (BLOCK / 2 * 460) ** 2
"""Each tone at least about -37 dB below full scale (Q.24 asks for -24 dBm0 and less)."""
_PEAK_RATIO = 6.3
_MAX_TWIST = 6.31
"""8 dB between the two tones, either way."""
_PURITY = 0.75
"""Share of the block's energy that must lie in the two tones: speech does not reach it."""


def _basis() -> np.ndarray:
    """102 x 16: cosines and sines of the eight frequencies."""
    angle = 2 * np.pi * np.outer(np.arange(BLOCK), np.array(LOW_HZ + HIGH_HZ)) / 8000
    return np.hstack([np.cos(angle), np.sin(angle)])


_BASIS = _basis()


class InbandDetector:
    """Feed the audio of one leg; a key is reported once, when it has sounded for two blocks."""

    __slots__ = ("_candidate", "_hits", "_key", "_misses", "_rest")

    def __init__(self) -> None:
        self._rest = np.zeros(0, np.int16)
        self._candidate: str | None = None
        self._key: str | None = None
        self._hits = 0
        self._misses = 0

    def feed(self, payload: bytes, pt: int) -> str:
        """The keys that begin in this payload (``pt``: 8 A-law, 0 mu-law), mostly ``""``."""
        samples = g711.decode_alaw(payload) if pt == PCMA else g711.decode_ulaw(payload)
        samples = np.concatenate([self._rest, samples])
        count = len(samples) // BLOCK
        self._rest = samples[count * BLOCK :]
        if not count:
            return ""
        blocks = samples[: count * BLOCK].reshape(count, BLOCK).astype(np.float64)
        sums = blocks @ _BASIS
        power = sums[:, :8] ** 2 + sums[:, 8:] ** 2
        energy = (blocks**2).sum(axis=1)
        return "".join(filter(None, (self._step(_key(p, e)) for p, e in zip(power, energy, strict=True))))

    def _step(self, heard: str | None) -> str | None:
        """Two equal blocks begin a key; three others in a row end it."""
        if self._key is not None:
            self._misses = 0 if heard == self._key else self._misses + 1
            if self._misses >= _MISSES_TO_END:
                self._key = None
        self._hits = self._hits + 1 if heard is not None and heard == self._candidate else int(heard is not None)
        self._candidate = heard
        if heard is not None and self._hits >= _HITS_TO_BEGIN and heard != self._key:
            self._key, self._misses = heard, 0
            return heard
        return None


def _key(power: np.ndarray, energy: float) -> str | None:
    """The key of one block: one strong low and one strong high tone, alike in level, and little else."""
    low, high = int(power[:4].argmax()), 4 + int(power[4:].argmax())
    p_low, p_high = float(power[low]), float(power[high])
    if min(p_low, p_high) < _MIN_POWER or max(p_low, p_high) > _MAX_TWIST * min(p_low, p_high):
        return None
    for row in range(4):
        if (row != low and power[row] * _PEAK_RATIO > p_low) or (
            row + 4 != high and power[row + 4] * _PEAK_RATIO > p_high
        ):
            return None
    if p_low + p_high < _PURITY * BLOCK / 2 * energy:
        return None
    return _LAYOUT[low][high - 4]
