"""The recording's file: 16-bit 8 kHz stereo WAV, written by time, playable after every write."""

from __future__ import annotations

import os
import struct
from pathlib import Path
from typing import NamedTuple

import numpy as np

from ccc.audio import g711
from ccc.errors import CccError
from ccc.media.rtp import CLOCK_HZ, PCMA

_HEADER = struct.Struct("<4sI4s4sIHHIIHH4sI")
HEADER_BYTES = _HEADER.size
SAMPLE_BYTES = 4
"""One sample of both channels."""


class Run(NamedTuple):
    """Audio without a gap: from sample ``start`` of the recording on, in codec ``pt``."""

    start: int
    pt: int
    chunks: list[bytes]


class Batch(NamedTuple):
    """What the writer gets at once: everything before sample ``upto`` may go to the file."""

    left: list[Run]
    right: list[Run]
    upto: int
    last: bool


class RecordingError(CccError):
    """The recording cannot be written."""

    code = "recording"


def header(samples: int) -> bytes:
    """A WAV header for ``samples`` of both channels."""
    size = samples * SAMPLE_BYTES
    form = (16, 1, 2, CLOCK_HZ, CLOCK_HZ * SAMPLE_BYTES, SAMPLE_BYTES, 16)
    return _HEADER.pack(b"RIFF", 36 + size, b"WAVE", b"fmt ", *form, b"data", size)


class StereoFile:
    """Used by the writer's thread only. A file that exists is continued at its end."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._fd = -1
        self._base = 0
        """Samples that were there before."""
        self._written = 0
        self._tail = np.zeros((0, 2), np.int16)
        self.late = 0
        """Samples that came after their place had been written."""

    @property
    def samples(self) -> int:
        """How much is in the file."""
        return self._base + self._written

    @property
    def opened(self) -> bool:
        return self._fd >= 0

    def open(self) -> None:
        """Create the file (and its folder) with an empty header. RecordingError when that fails."""
        try:
            Path(self._path).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            fd = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                self._base = self._existing(fd)
                os.pwrite(fd, header(self._base), 0)
            except BaseException:
                if os.fstat(fd).st_size == 0:  # a full disk gives a name, but no room for a header
                    Path(self._path).unlink(missing_ok=True)
                os.close(fd)
                raise
        except OSError as error:
            raise RecordingError(f"cannot write {self._path}: {error.strerror}") from error
        self._fd = fd

    def _existing(self, fd: int) -> int:
        """Samples already in the file. RecordingError when it is something else than a recording of ours."""
        size = os.fstat(fd).st_size
        if size == 0:
            return 0
        old = os.pread(fd, HEADER_BYTES, 0)
        if old[:4] != b"RIFF" or old[20:40] != header(0)[20:40]:
            raise RecordingError(f"{self._path} exists and is not one of our recordings")
        return (size - HEADER_BYTES) // SAMPLE_BYTES

    def write(self, batch: Batch) -> None:
        """Put the runs in their places, write all before ``batch.upto``, refresh the header. RecordingError."""
        if self._fd < 0:
            return
        self._grow(batch)
        for channel, runs in enumerate((batch.left, batch.right)):
            for run in runs:
                self._place(channel, run)
        ready = max(0, min(len(self._tail), batch.upto - self._written))
        try:
            offset = HEADER_BYTES + (self._base + self._written) * SAMPLE_BYTES
            _write_all(self._fd, self._tail[:ready].tobytes(), offset)
            self._written += ready
            self._tail = self._tail[ready:].copy()
            os.pwrite(self._fd, header(self._base + self._written), 0)
        except OSError as error:
            raise RecordingError(f"cannot write {self._path}: {error.strerror}") from error
        if batch.last:
            self.close()

    def _grow(self, batch: Batch) -> None:
        """Make room for everything up to ``upto`` and for runs that reach beyond it."""
        end = batch.upto
        for run in (*batch.left, *batch.right):
            end = max(end, run.start + sum(map(len, run.chunks)))
        missing = end - self._written - len(self._tail)
        if missing > 0:
            self._tail = np.concatenate([self._tail, np.zeros((missing, 2), np.int16)])

    def _place(self, channel: int, run: Run) -> None:
        data = b"".join(run.chunks)
        samples = g711.decode_alaw(data) if run.pt == PCMA else g711.decode_ulaw(data)
        at = run.start - self._written
        if at < 0:
            self.late += min(-at, len(samples))
            samples, at = samples[-at:], 0
        self._tail[at : at + len(samples), channel] = samples

    def close(self) -> None:
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1


def _write_all(fd: int, data: bytes, offset: int) -> None:
    view = memoryview(data)
    while view:
        done = os.pwrite(fd, view, offset)
        view, offset = view[done:], offset + done
