"""Sounds made by code, so that no licence comes with them: sine tones, beeps, silence, telephone tones, hold music.

Every function returns raw A-law bytes, 8 kHz mono: 8000 bytes a second.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ccc.audio.g711 import ALAW_SILENCE, encode_alaw

RATE_HZ = 8000
FULL_SCALE = 32767.0

# Chords of the hold music, as semitones from middle C (261.63 Hz): C add9, A minor 7, F major 7, G sus4.
_CHORDS = ((0, 4, 7, 14), (-3, 0, 4, 7), (-7, -3, 0, 9), (-5, 0, 2, 7))
_ARPEGGIO = (0, 2, 1, 3, 2, 1, 3, 2)
_NOTE_S = 0.5
_PEAK_DB = -16.0


def _samples(seconds: float) -> int:
    return round(seconds * RATE_HZ)


def _amplitude(level_db: float) -> float:
    return FULL_SCALE * 10 ** (level_db / 20)


def _pcm(wave: NDArray[np.float64]) -> bytes:
    return encode_alaw(np.clip(np.rint(wave), -32768, 32767).astype(np.int16))


def silence(seconds: float) -> bytes:
    """A-law silence."""
    return bytes([ALAW_SILENCE]) * _samples(seconds)


def sine(hz: float, seconds: float, *, level_db: float = -10.0, fade_ms: float = 5.0) -> bytes:
    """A sine of ``hz`` at ``level_db`` below full scale; its ends fade over ``fade_ms`` (no clicks)."""
    return _tone((hz,), seconds, level_db, fade_ms)


def dual(low_hz: float, high_hz: float, seconds: float, *, level_db: float = -10.0) -> bytes:
    """Two sines of equal level at once (a DTMF key, ITU-T Q.23, without fades)."""
    return _tone((low_hz, high_hz), seconds, level_db, 0.0)


def _tone(frequencies_hz: tuple[float, ...], seconds: float, level_db: float, fade_ms: float) -> bytes:
    count = _samples(seconds)
    time_s = np.arange(count) / RATE_HZ
    wave = np.zeros(count)
    for hz in frequencies_hz:
        wave += np.sin(2 * np.pi * hz * time_s)
    wave *= _amplitude(level_db) / len(frequencies_hz)
    fade = min(_samples(fade_ms / 1000), count // 2)
    if fade:
        ramp = np.linspace(0.0, 1.0, fade, endpoint=False)
        wave[:fade] *= ramp
        wave[count - fade :] *= ramp[::-1]
    return _pcm(wave)


def beep(seconds: float = 0.3) -> bytes:
    """The beep before a voice-mail recording: 1000 Hz."""
    return sine(1000, seconds, level_db=-14.0)


def ringback(seconds: float = 5.0) -> bytes:
    """The Chinese ring-back tone: 450 Hz, 1 s on, 4 s off (GB/T 3380)."""
    cycle = sine(450, 1.0) + silence(4.0)
    count = _samples(seconds)
    return (cycle * (count // len(cycle) + 1))[:count]


def busy(seconds: float = 3.5) -> bytes:
    """The Chinese busy tone: 450 Hz, 0.35 s on, 0.35 s off (GB/T 3380)."""
    cycle = sine(450, 0.35) + silence(0.35)
    count = _samples(seconds)
    return (cycle * (count // len(cycle) + 1))[:count]


def _pluck(hz: float, gain: float) -> NDArray[np.float64]:
    """A soft, bell-like note: three partials, the higher the shorter, with a 12 ms attack."""
    time_s = np.arange(_samples(2.4)) / RATE_HZ
    wave: NDArray[np.float64] = np.zeros(len(time_s))
    for partial, weight, decay_s in ((1, 1.0, 0.75), (2, 0.28, 0.35), (3, 0.1, 0.18)):
        wave += weight * np.sin(2 * np.pi * hz * partial * time_s) * np.exp(-time_s / decay_s)
    attack = np.minimum(1.0, time_s / 0.012)
    release = np.minimum(1.0, (time_s[-1] - time_s) / 0.05)
    wave *= gain * attack * release
    return wave


def _hertz(semitones: int) -> float:
    return 261.63 * 2 ** (semitones / 12)


def hold_music(seconds: float = 32.0) -> bytes:
    """Quiet music made of broken chords over a soft bass; its end runs into its beginning: no seam."""
    count = max(_samples(seconds), 1)
    wave = np.zeros(count)
    notes = max(1, round(count / _samples(_NOTE_S)))
    for index in range(notes):
        at = index * count // notes
        chord = _CHORDS[index // len(_ARPEGGIO) % len(_CHORDS)]
        step = index % len(_ARPEGGIO)
        _mix_around(wave, at, _pluck(_hertz(chord[_ARPEGGIO[step]]), 1.0 if step % 4 == 0 else 0.75))
        if step % 4 == 0:
            _mix_around(wave, at, _pluck(_hertz(chord[0] - 12), 0.6))
    peak = float(np.max(np.abs(wave))) or 1.0
    return _pcm(wave * (_amplitude(_PEAK_DB) / peak))


def _mix_around(wave: NDArray[np.float64], at: int, note: NDArray[np.float64]) -> None:
    """Add ``note`` at ``at``; what passes the end goes on at the beginning."""
    length = len(wave)
    for start in range(0, len(note), length):
        piece = note[start : start + length]
        head = min(len(piece), length - at)
        wave[at : at + head] += piece[:head]
        wave[: len(piece) - head] += piece[head:]
