"""Make speech of any engine sound alike on the telephone: 8 kHz, no dead air at the ends, even loudness."""

from __future__ import annotations

import numpy as np
import soxr
from numpy.typing import NDArray

RATE_HZ = 8000
FRAME = 160
"""Samples of 20 ms: one RTP packet."""
SPEECH_DB = -20.0
"""Loudness aimed at: RMS of the audible part, in dB below full scale."""
PEAK_DB = -3.0
MAX_GAIN_DB = 30.0
KNEE = 0.7
"""Of full scale: where a limiter begins to bend."""
SILENCE_DB = -40.0
"""Below the loudest frame by this much counts as silence."""
LEAD_FRAMES, TAIL_FRAMES = 1, 4
"""Silence left at the ends, so that no sound is cut and sentences do not run into each other."""

Wave = NDArray[np.float64]


def resample(samples: NDArray[np.int16] | NDArray[np.float64], rate_hz: int) -> Wave:
    """Mono samples (int16, or float with full scale 1.0) to 8 kHz float64."""
    wave = samples.astype(np.float64) / 32768.0 if samples.dtype == np.int16 else samples.astype(np.float64)
    if rate_hz == RATE_HZ or len(wave) == 0:
        return wave
    converted: Wave = soxr.resample(wave, rate_hz, RATE_HZ, quality="HQ")
    return converted


def frame_rms(wave: Wave) -> Wave:
    """RMS of each 20 ms; the last frame is filled up with silence."""
    padded = np.pad(wave, (0, -len(wave) % FRAME)).reshape(-1, FRAME)
    rms: Wave = np.sqrt(np.mean(padded**2, axis=1))
    return rms


def trim(wave: Wave) -> Wave:
    """Cut leading and trailing silence down to 20 ms and 80 ms; nothing audible at all gives an empty array."""
    rms = frame_rms(wave)
    loudest = float(rms.max(initial=0.0))
    if loudest < 1e-4:
        return wave[:0]
    audible = np.flatnonzero(rms > loudest * 10 ** (SILENCE_DB / 20))
    first = max(0, int(audible[0]) - LEAD_FRAMES)
    last = int(audible[-1]) + 1 + TAIL_FRAMES
    return wave[first * FRAME : last * FRAME]


def normalise(wave: Wave) -> Wave:
    """Bring the audible part to -20 dBFS RMS, with no peak above -3 dBFS."""
    rms = frame_rms(wave)
    loudest = float(rms.max(initial=0.0))
    if loudest <= 0.0:
        return wave
    audible = rms[rms > loudest * 10 ** (SILENCE_DB / 20)]
    gain = 10 ** (SPEECH_DB / 20) / float(np.sqrt(np.mean(audible**2)))
    gain = min(gain, 10 ** (PEAK_DB / 20) / float(np.abs(wave).max()), 10 ** (MAX_GAIN_DB / 20))
    return wave * gain


def amplify(wave: Wave, factor: float) -> Wave:
    """Louder or quieter; what would leave the scale is bent into it instead of being cut off."""
    louder = wave * factor
    over = np.abs(louder) > KNEE
    bent = KNEE + (1.0 - KNEE) * np.tanh((np.abs(louder) - KNEE) / (1.0 - KNEE))
    limited: Wave = np.where(over, np.sign(louder) * bent, louder)
    return limited


def to_int16(wave: Wave) -> NDArray[np.int16]:
    """Float samples to int16; what exceeds full scale is clipped."""
    return np.clip(np.rint(wave * 32767.0), -32768, 32767).astype(np.int16)


def pad_to_frame(alaw: bytes, silence: int) -> bytes:
    """Fill the last packet up with silence."""
    return alaw + bytes([silence]) * (-len(alaw) % FRAME)
