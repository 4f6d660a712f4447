"""Turn an uploaded WAV into what a media worker plays (AUD-1, AUD-2)."""

from __future__ import annotations

import io
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile

from ccc.audio.g711 import ALAW_SILENCE, encode_alaw
from ccc.errors import NotFoundError, UnavailableError, say
from ccc.prompts import level, wav
from ccc.prompts.files import write_atomic


@dataclass(frozen=True, slots=True)
class Converted:
    """What came out. ``source``: the format that was uploaded."""

    source: wav.WavInfo
    seconds: float


def convert_wav(path_in: str | os.PathLike[str], path_out: str | os.PathLike[str]) -> Converted:
    """Write the WAV at ``path_in`` as raw A-law, 8 kHz mono, to ``path_out`` (atomically; nothing on failure).

    PCM, float, A-law, mu-law and ADPCM, plain or extensible, any rate from 4 to 192 kHz, up to 8 channels (mixed
    down). Level and pauses stay as uploaded. InvalidError with the reason when the content is not such a WAV.
    """
    info, alaw = to_alaw(read_upload(Path(path_in)))
    write_atomic(Path(path_out), alaw)
    return Converted(info, len(alaw) / level.RATE_HZ)


def read_upload(path: Path) -> bytes:
    """The whole file, if it is not too large to be looked at. InvalidError, NotFoundError or UnavailableError."""
    try:
        size = path.stat().st_size
        if size > wav.MAX_BYTES:
            raise wav.too_large(size)
        return path.read_bytes()
    except FileNotFoundError as error:
        raise NotFoundError(f"audio file {path} does not exist", field="file") from error
    except IsADirectoryError as error:
        raise wav.refused(say("audio refused: %(path)s is a folder"), path=path) from error
    except OSError as error:
        raise UnavailableError(f"audio file {path} cannot be read: {error.strerror}") from error


def to_alaw(data: bytes) -> tuple[wav.WavInfo, bytes]:
    """A WAV file's bytes as A-law, whole 20 ms frames. InvalidError as :func:`convert_wav`."""
    info = wav.inspect(data)
    try:
        samples, rate_hz = soundfile.read(io.BytesIO(data), dtype="float64", always_2d=True)
    except (soundfile.SoundFileError, OSError, ValueError) as error:
        raise wav.refused(say("audio refused: the WAV cannot be read (%(why)s)"), why=error) from error
    if len(samples) == 0:
        raise wav.refused(say("audio refused: the WAV holds no sound"))
    if not np.isfinite(samples).all():
        raise wav.refused(say("audio refused: the WAV holds samples that are no numbers"))
    wave = level.resample(samples.mean(axis=1), rate_hz)
    loudest = float(np.abs(wave).max(initial=0.0))
    if loudest > 1.0:  # float files may exceed full scale; a clipped voice is worse than a quieter one
        wave = wave / loudest
    return info, level.pad_to_frame(encode_alaw(level.to_int16(wave)), ALAW_SILENCE) or bytes(
        [ALAW_SILENCE]
    ) * level.FRAME
