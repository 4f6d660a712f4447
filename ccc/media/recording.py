"""Recording a leg: left what it sends, right what it hears, in step with the clock; the disk belongs to a thread.

A pause is written as silence, so that times in the recording stay times of the call.
"""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable
from pathlib import Path

from ccc.media.offload import Offload
from ccc.media.poller import Poller, Timer
from ccc.media.rtp import CLOCK_HZ, MASK32
from ccc.media.wav import Batch, Run, StereoFile

log = logging.getLogger(__name__)

FLUSH_S = 1.0
SETTLE_UNITS = CLOCK_HZ * 4 // 10
"""Audio of the last 0.4 s stays in memory: overtaken packets still find their place."""
MAX_DRIFT_UNITS = CLOCK_HZ // 4
"""A channel whose RTP clock has left the wall by more is put in step again."""

ErrorHandler = Callable[[str], None]
FailureHandler = Callable[[str, bool], None]
"""What went wrong, and whether there is a file with something in it."""


class Channel:
    """Collects one direction. Packets without a gap cost one list append."""

    __slots__ = ("_chunks", "_end", "_next_ts", "_pt", "_runs", "_ssrc", "_started_at", "_wall")

    def __init__(self, started_at: float) -> None:
        self._started_at = started_at
        self._runs: list[Run] = []
        self._chunks: list[bytes] = []
        self._pt = -1
        self._ssrc: int | None = None
        self._next_ts = 0
        self._end = 0
        self._wall = 0

    def add(self, ts: int, ssrc: int, payload: bytes, pt: int, now: float) -> None:
        """One packet's audio, at its RTP time; the first of a source at its arrival."""
        if ts != self._next_ts or ssrc != self._ssrc or pt != self._pt:
            self._begin(ts, ssrc, pt, now)
        self._chunks.append(payload)
        self._next_ts = (ts + len(payload)) & MASK32
        self._end += len(payload)

    def _begin(self, ts: int, ssrc: int, pt: int, now: float) -> None:
        wall = round((now - self._started_at) * CLOCK_HZ)
        at = wall
        if ssrc == self._ssrc:
            step = (ts - self._next_ts) & MASK32
            at = self._end + (step - 0x100000000 if step & 0x80000000 else step)
            if abs(at - wall) > MAX_DRIFT_UNITS:
                at = wall
        self._chunks = []
        self._end = max(0, at)
        self._runs.append(Run(self._end, pt, self._chunks))
        self._ssrc, self._pt = ssrc, pt

    def take(self, now: float) -> list[Run]:
        """What has come since the last time; a channel that drifts is put in step with its next packet."""
        runs, self._runs = self._runs, []
        self._chunks = []
        wall = round((now - self._started_at) * CLOCK_HZ)
        if self._ssrc is not None:
            if abs(self._end - wall) > MAX_DRIFT_UNITS:
                self.reset()
            else:
                self._runs.append(Run(self._end, self._pt, self._chunks))
        return [run for run in runs if run.chunks]

    def reset(self) -> None:
        """Place the next packet by its arrival."""
        self._ssrc = None


class RecordingHub:
    """All recordings of a worker: one writing thread and one bound on what waits for the disk."""

    def __init__(self, poller: Poller, writer: Offload, limit_bytes: int) -> None:
        self.poller = poller
        self._writer = writer
        self._limit = limit_bytes
        self.waiting_bytes = 0

    def open(self, file: StereoFile, on_error: ErrorHandler) -> None:
        self._writer.submit(file.open, functools.partial(self._done, 0, on_error))

    def write(self, file: StereoFile, batch: Batch, on_error: ErrorHandler) -> bool:
        """Hand over a batch; False when too much waits already (only the last batch of a file is always taken)."""
        size = sum(sum(map(len, run.chunks)) for run in (*batch.left, *batch.right))
        if self.waiting_bytes + size > self._limit and size:
            if not batch.last:
                return False
            batch, size = batch._replace(left=[], right=[]), 0
        self.waiting_bytes += size
        self._writer.submit(lambda: file.write(batch), functools.partial(self._done, size, on_error))
        return True

    def remove(self, path: str) -> None:
        """Delete a recording nobody wants, after everything that is still to be written to it."""
        self._writer.submit(lambda: Path(path).unlink(missing_ok=True), _log_error)

    def close(self, file: StereoFile) -> None:
        """Close a file that failed."""
        self._writer.submit(file.close, _log_error)

    def _done(self, size: int, on_error: ErrorHandler, outcome: Exception | None) -> None:
        self.waiting_bytes -= size
        if outcome is not None:
            on_error(str(outcome))


def _log_error(outcome: Exception | None) -> None:
    if outcome is not None:
        log.error("recording: %s", outcome)


class Recorder:
    """One recording; give audio to ``left`` and ``right`` (see :class:`Channel`)."""

    def __init__(self, hub: RecordingHub, path: str, on_error: FailureHandler) -> None:
        now = hub.poller.now
        self._hub = hub
        self._path = path
        self._file = StereoFile(path)
        self._on_error = on_error
        self._started_at = now
        self._failed = False
        self._behind = False
        self.left = Channel(now)
        self.right = Channel(now)
        hub.open(self._file, self._report)
        self._timer: Timer = hub.poller.call_at(now + FLUSH_S, self._tick)

    def _tick(self) -> None:
        now = self._hub.poller.now
        self._flush(now, last=False)
        self._timer = self._hub.poller.call_at(now + FLUSH_S, self._tick)

    def _flush(self, now: float, *, last: bool) -> None:
        wall = round((now - self._started_at) * CLOCK_HZ)
        batch = Batch(self.left.take(now), self.right.take(now), wall if last else max(0, wall - SETTLE_UNITS), last)
        taken = self._failed or self._hub.write(self._file, batch, self._report)
        if not taken and not self._behind:
            self._on_error("the disk is too slow: audio of this recording is being lost", True)
        self._behind = not taken

    def reset(self) -> None:
        """After a pause: the next packets are placed by their arrival."""
        self.left.reset()
        self.right.reset()

    def stop(self) -> None:
        """Write what is left and close the file (in the thread)."""
        self._timer.cancel()
        if self._failed:
            self._hub.close(self._file)
        else:
            self._flush(self._hub.poller.now, last=True)

    def _report(self, message: str) -> None:
        """The first failure ends the recording; the call goes on. A file with nothing in it does not stay."""
        if not self._failed:
            self._failed = True
            log.error("recording: %s", message)
            if self._file.opened:
                kept = self._file.samples > 0
                if not kept:
                    self._hub.remove(self._path)
            else:
                kept = Path(self._path).exists()  # an earlier part, which could not be opened again
            self._on_error(message, kept)
