"""What is really inside a file called WAV (AUD-1). Pure: bytes in, description or a reason for refusal out."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from ccc.errors import InvalidError, say

MAX_BYTES = 5 * 1024 * 1024
MIN_RATE_HZ, MAX_RATE_HZ = 4000, 192_000
MAX_CHANNELS = 8
STREAMED = 0xFFFFFFFF
"""Data size of a file written to a pipe: unknown, so it goes to the end."""
EXTENSIBLE = 0xFFFE
FORMATS = {1: "PCM", 2: "MS ADPCM", 3: "float", 6: "A-law", 7: "mu-law", 0x11: "IMA ADPCM", 0x31: "GSM 6.10"}
OTHERS = (
    (b"ID3", "MP3"),
    (b"OggS", "Ogg"),
    (b"fLaC", "FLAC"),
    (b"FORM", "AIFF"),
    (b"RIFX", "RIFX"),
    (b"RF64", "RF64"),
    (b"#!AMR", "AMR"),
    (b"\x1aE\xdf\xa3", "WebM"),
    (b"PK\x03\x04", "ZIP"),
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
        raise refused(say("audio refused: the file is empty"))
    if len(data) > MAX_BYTES:
        raise too_large(len(data))
    if data[:4] != b"RIFF" or data[8:12] != b"WAVE":
        raise _no_wav(data)
    layout: bytes | None = None
    at = 12
    while at + 8 <= len(data):
        name, size = data[at : at + 4], struct.unpack_from("<I", data, at + 4)[0]
        body = at + 8
        if name == b"data":
            if layout is None:
                raise refused(say("audio refused: the WAV header has no format chunk before the sound"))
            return _described(layout, size, len(data) - body)
        if name == b"fmt ":
            layout = data[body : body + size]
        at = body + size + (size & 1)
    raise refused(say("audio refused: the file is truncated: it ends before the sound begins"))


def _described(layout: bytes, promised: int, present: int) -> WavInfo:
    if len(layout) < 16:
        raise refused(say("audio refused: the WAV format chunk is too short"))
    tag, channels, rate_hz = struct.unpack_from("<HHI", layout)
    if tag == EXTENSIBLE and len(layout) >= 26:
        tag = struct.unpack_from("<H", layout, 24)[0]
    if tag not in FORMATS:
        coding = "MP3" if tag == 0x55 else f"0x{tag:04x}"
        raise refused(say("audio refused: the WAV holds the coding %(coding)s; save it as PCM"), coding=coding)
    if not MIN_RATE_HZ <= rate_hz <= MAX_RATE_HZ:
        bounds = {"rate": rate_hz, "least": MIN_RATE_HZ, "most": MAX_RATE_HZ}
        raise refused(say("audio refused: a sample rate of %(rate)s Hz is outside %(least)s to %(most)s"), **bounds)
    if not 1 <= channels <= MAX_CHANNELS:
        raise refused(
            say("audio refused: %(channels)s channels are not 1 to %(most)s"), channels=channels, most=MAX_CHANNELS
        )
    if promised != STREAMED and promised > present:
        raise refused(
            say(
                "audio refused: the file is truncated: %(promised)s bytes of sound are announced, %(present)s are there"
            ),
            promised=promised,
            present=present,
        )
    if min(promised, present) == 0:
        raise refused(say("audio refused: the WAV holds no sound"))
    return WavInfo(FORMATS[tag], rate_hz, channels, min(promised, present))


def _no_wav(data: bytes) -> InvalidError:
    """What it is instead, whatever its name says."""
    cure = say("audio refused: this is no WAV file, whatever its name says; convert it to WAV (8 kHz mono is best)")
    kind = _kind(data)
    if not kind:
        return refused(cure)
    return refused(
        say("audio refused: this is a file of kind %(kind)s, not WAV; convert it to WAV (8 kHz mono is best)"),
        kind=kind,
    )


def _kind(data: bytes) -> str:
    """'' when nobody knows."""
    for magic, kind in OTHERS:
        if data.startswith(magic):
            return kind
    if data[4:8] == b"ftyp":
        return "MP4 / M4A"
    if len(data) > 1 and data[0] == 0xFF and data[1] & 0xE0 == 0xE0:
        return "MP3"
    return ""


def too_large(size: int) -> InvalidError:
    return refused(
        say("audio refused: the file has %(size)s MB; the limit is %(most)s MB"),
        size=f"{size / 1048576:.1f}",
        most=MAX_BYTES // 1048576,
    )


def refused(text: str, **values: object) -> InvalidError:
    """The error every refused upload ends in: field ``file``, code ``audio``."""
    return InvalidError(text, field="file", code="audio", values=values)
