"""What a caller says, and the file of what it hears."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from ccc.audio.g711 import encode_alaw
from ccc.audio.tones import silence, sine
from ccc.errors import InvalidError

RATE_HZ = 8000
MAX_SAMPLES = 4 * 3600 * RATE_HZ


def beeps() -> bytes:
    """What ``ccc call`` says by itself: 440 Hz, half a second on, half a second off (A-law, to be looped)."""
    return sine(440, 0.5, level_db=-16.0) + silence(0.5)


def tone(hz: int) -> bytes:
    """One second of an unbroken tone (A-law, to be looped: whole cycles, no fades)."""
    return sine(hz, 1.0, level_db=-16.0, fade_ms=0.0)


def load(path: Path) -> bytes:
    """Any WAV (or FLAC, OGG) as 8 kHz mono A-law. InvalidError when it is no audio."""
    try:
        samples, rate_hz = soundfile.read(str(path), dtype="float32", always_2d=True)
    except (soundfile.SoundFileError, OSError) as error:
        raise InvalidError(f"{path} cannot be read as audio: {error}; give a WAV file", field="wav") from error
    mono = samples.mean(axis=1)
    if rate_hz != RATE_HZ:
        mono = soxr.resample(mono, rate_hz, RATE_HZ)
    return encode_alaw(np.clip(np.rint(mono * 32767), -32768, 32767).astype(np.int16))


class Recording:
    """Sound placed by its RTP time: what was lost stays silent. Written as 16-bit mono WAV."""

    def __init__(self) -> None:
        self._samples = np.zeros(RATE_HZ * 10, dtype=np.int16)
        self._length = 0
        self._source: int | None = None
        self._base = 0

    def put(self, ssrc: int, timestamp: int, samples: NDArray[np.int16], at_s: float) -> None:
        """``at_s``: seconds since the recording began, used to place a new source."""
        if ssrc != self._source:
            self._source = ssrc
            self._base = timestamp - round(at_s * RATE_HZ)
        at = (timestamp - self._base) & 0xFFFFFFFF
        if at > 0x80000000 or at + len(samples) > MAX_SAMPLES:
            return
        if abs(at - at_s * RATE_HZ) > 10 * RATE_HZ:
            self._source = None
            return self.put(ssrc, timestamp, samples, at_s)
        end = at + len(samples)
        if end > len(self._samples):
            self._samples = np.concatenate((self._samples, np.zeros(max(end, len(self._samples)), dtype=np.int16)))
        self._samples[at:end] = samples
        self._length = max(self._length, end)
        return None

    def write(self, path: Path) -> None:
        """Write the WAV; InvalidError when the file cannot be written."""
        try:
            with wave.open(str(path), "wb") as file:
                file.setnchannels(1)
                file.setsampwidth(2)
                file.setframerate(RATE_HZ)
                file.writeframes(self._samples[: self._length].tobytes())
        except OSError as error:
            raise InvalidError(f"cannot write {path}: {error.strerror}", field="record") from error
