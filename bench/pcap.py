"""Quality of RTP as the caller's side saw it, from a tcpdump capture of 127.0.0.2 on loopback."""

from __future__ import annotations

import itertools
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from ccc.audio.g711 import decode_alaw

MEDIA_IP = bytes((127, 0, 0, 2))
_NANOSECONDS = 0xA1B23C4D


@dataclass(frozen=True, slots=True)
class Seen:
    """One RTP packet: ``port`` is the system's own, ``out`` True when the system sent it."""

    at_s: float
    port: int
    out: bool
    payload_type: int
    sequence: int
    payload: bytes


@dataclass(slots=True)
class Quality:
    """Deviations from 20 ms and reaction times, in milliseconds, sorted."""

    gaps_ms: list[float] = field(default_factory=list)
    reactions_ms: list[float] = field(default_factory=list)
    streams: int = 0
    received: int = 0
    missing: int = 0
    keys: int = 0


def packets(path: Path) -> Iterator[Seen]:
    """The RTP packets of a capture, in time order."""
    data = path.read_bytes()
    scale = 1e9 if struct.unpack_from("<I", data)[0] == _NANOSECONDS else 1e6
    at = 24
    while at + 16 <= len(data):
        seconds, fraction, length, _ = struct.unpack_from("<IIII", data, at)
        frame = data[at + 16 : at + 16 + length]
        at += 16 + length
        if frame[12:14] == b"\x08\x00" and frame[23] == 17:
            seen = _rtp(seconds + fraction / scale, frame)
            if seen is not None:
                yield seen


def _rtp(at_s: float, frame: bytes) -> Seen | None:
    udp = 14 + (frame[14] & 15) * 4
    source_port, target_port = struct.unpack_from(">HH", frame, udp)
    rtp = frame[udp + 8 :]
    if len(rtp) < 12 or rtp[0] >> 6 != 2 or 72 <= rtp[1] & 127 <= 76:
        return None
    out = frame[30:34] == MEDIA_IP
    sequence = int.from_bytes(rtp[2:4], "big")
    return Seen(at_s, source_port if out else target_port, out, rtp[1] & 127, sequence, rtp[12:])


def measure(path: Path, prompt_hz: float = 1000, other_hz: float = 440) -> Quality:
    """Gaps of what the system sent; time from the first packet of key 1 to the first of the ``prompt_hz`` prompt.

    From the first packet, not from the end bit: a key counts when it goes down, the prompt may be there before its end.
    """
    quality = Quality()
    sent: dict[int, list[tuple[float, int]]] = {}
    pressed: dict[int, float] = {}
    answered: set[int] = set()
    for seen in packets(path):
        if not seen.out:
            if seen.payload_type == 101:
                pressed.setdefault(seen.port, seen.at_s)
        elif seen.payload_type == 8:
            sent.setdefault(seen.port, []).append((seen.at_s, seen.sequence))
            if seen.port in pressed and seen.port not in answered and _louder(seen.payload, prompt_hz, other_hz):
                answered.add(seen.port)
                quality.reactions_ms.append((seen.at_s - pressed[seen.port]) * 1000)
    quality.keys = len(pressed)
    for stream in sent.values():
        _add_stream(quality, stream)
    quality.gaps_ms.sort()
    quality.reactions_ms.sort()
    return quality


def _add_stream(quality: Quality, stream: list[tuple[float, int]]) -> None:
    if len(stream) < 20:
        return
    quality.streams += 1
    quality.received += len(stream)
    quality.missing += ((stream[-1][1] - stream[0][1]) & 0xFFFF) + 1 - len(stream)
    pairs = itertools.pairwise(stream)
    quality.gaps_ms += [abs((after[0] - before[0]) * 1000 - 20) for before, after in pairs]


def _louder(payload: bytes, hz: float, than_hz: float) -> bool:
    samples = decode_alaw(payload).astype(np.float64)
    turns = 2j * np.pi * np.arange(len(samples)) / 8000
    return bool(abs(samples @ np.exp(turns * hz)) > 2 * abs(samples @ np.exp(turns * than_hz)))


def percentile(values: list[float], share: float) -> float:
    """The value below which ``share`` of the sorted ``values`` lie; NaN when there are none."""
    return values[min(len(values) - 1, int(len(values) * share))] if values else float("nan")
