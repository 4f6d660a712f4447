"""The shape of a recording: peaks per channel, computed once and kept in the cache."""

from __future__ import annotations

import hashlib
import json
import os
import wave
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ccc.errors import InvalidError, say
from ccc.home import Home
from ccc.services.actor import Actor
from ccc.services.calls import get_call, recording_file
from ccc.store import Store

BUCKETS = 1000
SLICE = 50
"""Buckets read at once: at most a few MB of a recording of hours."""
FULL = 255


def recording_peaks(store: Store, actor: Actor, instance: str, call_id: str) -> dict[str, Any]:
    """``{seconds, channels: [[0..255, ...], ...]}`` of a call's recording (left caller, right the other side).

    NotFoundError when there is none, InvalidError when the file is not one of our WAVs.
    """
    path = recording_file(store, actor, get_call(store, actor, instance, call_id), log=False)
    return peaks_of(store.home, call_id, path)


def peaks_of(home: Home, key: str, path: Path) -> dict[str, Any]:
    """The shape of the WAV at ``path``, kept in the cache as ``key``. InvalidError when it is not one of ours."""
    cached = cache_file(home, key)
    status = path.stat()
    stamp = [status.st_size, status.st_mtime_ns]
    try:
        known = json.loads(cached.read_text())
        if known["stamp"] == stamp:
            return dict(known["peaks"])
    except (OSError, ValueError, KeyError, TypeError):
        pass  # not there, or of an older version: computed below
    peaks = compute(path)
    _keep(cached, {"stamp": stamp, "peaks": peaks})
    return peaks


def cache_file(home: Home, key: str) -> Path:
    """Where peaks are kept: a call's by its id (which may hold anything, so its hash is the name)."""
    return home.cache / "peaks" / f"{hashlib.sha256(key.encode()).hexdigest()[:32]}.json"


def compute(path: Path) -> dict[str, Any]:
    """Peaks of a 16-bit PCM WAV, at most BUCKETS per channel. InvalidError for anything else."""
    try:
        with path.open("rb") as raw, wave.open(raw) as file:
            rate, channels, width, frames = (
                file.getframerate(),
                file.getnchannels(),
                file.getsampwidth(),
                file.getnframes(),
            )
            if width != 2 or channels not in (1, 2):
                raise InvalidError(say("this recording is not 16-bit audio"))
            frames = min(frames, (path.stat().st_size - raw.tell()) // (2 * channels))
            count = min(BUCKETS, frames)
            edges = np.linspace(0, frames, count + 1).astype(np.int64)
            parts = [
                _peaks(file.readframes(int(edges[end] - edges[begin])), channels, edges[begin:end] - edges[begin])
                for begin, end in _slices(count)
            ]
    except (wave.Error, EOFError, OSError) as error:
        raise InvalidError(say("this recording cannot be read (%(error)s)"), values={"error": error}) from error
    found = np.concatenate(parts) if parts else np.zeros((0, channels), np.int64)
    return {"seconds": round(frames / rate, 3) if rate else 0.0, "channels": found.T.tolist()}


def _slices(count: int) -> list[tuple[int, int]]:
    return [(begin, min(begin + SLICE, count)) for begin in range(0, count, SLICE)]


def _peaks(data: bytes, channels: int, starts: NDArray[np.int64]) -> NDArray[np.int64]:
    samples = np.frombuffer(data, "<i2").reshape(-1, channels)
    highest = np.maximum.reduceat(samples, starts).astype(np.int64)
    lowest = np.minimum.reduceat(samples, starts).astype(np.int64)
    return np.maximum(highest, -lowest) * FULL // 32768


def _keep(path: Path, value: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{os.urandom(4).hex()}.tmp")
    temporary.write_text(json.dumps(value, separators=(",", ":")))
    temporary.replace(path)
