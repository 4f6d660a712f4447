"""What is really inside a file called WAV (AUD-1). Pure: bytes in, description or a reason for refusal out."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from ccc.errors import InvalidError

MAX_BYTES = 5 * 1024 * 1024
MIN_RATE_HZ, MAX_RATE_HZ = 4000, 192_000
MAX_CHANNELS = 8
STREAMED = 0xFFFFFFFF
"""Data size of a file written to a pipe: unknown, so it goes to the end."""
EXTENSIBLE = 0xFFFE
FORMATS = {1: "PCM", 2: "MS ADPCM", 3: "float", 6: "A-law", 7: "mu-law", 0x11: "IMA ADPCM", 0x31: "GSM 6.10"}
OTHERS = (
    (b"ID3", "an MP3"),
    (b"OggS", "an Ogg"),
    (b"fLaC", "a FLAC"),
    (b"FORM", "an AIFF"),
    (b"RIFX", "a big-endian RIFX"),
    (b"RF64", "an RF64"),
    (b"#!AMR", "an AMR"),
    (b"\x1aE\xdf\xa3", "a WebM"),
    (b"PK\x03\x04", "a ZIP"),
)


@dataclass(frozen=True, slots=True)
class WavInfo:
    """A WAV file's format. ``data_bytes``: length of the sound as found in the file."""

    format: str
    rate_hz: int
    channels: int
    data_bytes: int


def inspect(data: bytes) -> WavInfo:
    """Describe a WAV file. InvalidError with the reason when it is empty, too large, no WAV, truncated or unusable."""
    if not data:
        raise refused("the file is empty")
    if len(data) > MAX_BYTES:
        raise too_large(len(data))
    if data[:4] != b"RIFF" or data[8:12] != b"WAVE":
        raise refused(f"this is {_kind(data)} file, not WAV; convert it to WAV (8 kHz mono is best)")
    layout: bytes | None = None
    at = 12
    while at + 8 <= len(data):
        name, size = data[at : at + 4], struct.unpack_from("<I", data, at + 4)[0]
        body = at + 8
        if name == b"data":
            if layout is None:
                raise refused("the WAV header has no format chunk before the sound")
            return _described(layout, size, len(data) - body)
        if name == b"fmt ":
            layout = data[body : body + size]
        at = body + size + (size & 1)
    raise refused("the file is truncated: it ends before the sound begins")


def _described(layout: bytes, promised: int, present: int) -> WavInfo:
    if len(layout) < 16:
        raise refused("the WAV format chunk is too short")
    tag, channels, rate_hz = struct.unpack_from("<HHI", layout)
    if tag == EXTENSIBLE and len(layout) >= 26:
        tag = struct.unpack_from("<H", layout, 24)[0]
    if tag not in FORMATS:
        raise refused(f"the WAV holds coding 0x{tag:04x} ({'MP3' if tag == 0x55 else 'unknown'}); save it as PCM")
    if not MIN_RATE_HZ <= rate_hz <= MAX_RATE_HZ:
        raise refused(f"a sample rate of {rate_hz} Hz is outside {MIN_RATE_HZ} to {MAX_RATE_HZ}")
    if not 1 <= channels <= MAX_CHANNELS:
        raise refused(f"{channels} channels are not 1 to {MAX_CHANNELS}")
    if promised != STREAMED and promised > present:
        raise refused(f"the file is truncated: {promised} bytes of sound are announced, {present} are there")
    if min(promised, present) == 0:
        raise refused("the WAV holds no sound")
    return WavInfo(FORMATS[tag], rate_hz, channels, min(promised, present))


def _kind(data: bytes) -> str:
    for magic, kind in OTHERS:
        if data.startswith(magic):
            return kind
    if data[4:8] == b"ftyp":
        return "an MP4 or M4A"
    if len(data) > 1 and data[0] == 0xFF and data[1] & 0xE0 == 0xE0:
        return "an MP3"
    return "an unknown"


def too_large(size: int) -> InvalidError:
    return refused(f"the file has {size / 1048576:.1f} MB; the limit is {MAX_BYTES // 1048576} MB")


def refused(reason: str) -> InvalidError:
    """The error every refused upload ends in: field ``file``, code ``audio``."""
    return InvalidError(f"audio refused: {reason}", field="file", code="audio")
