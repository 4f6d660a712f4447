"""Prompt files in memory: raw A-law, cut once into 20 ms frames; least recently used ones leave at a byte limit."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path

from ccc.audio.g711 import ALAW_SILENCE, ALAW_TO_ULAW
from ccc.media.offload import Offload
from ccc.media.rtp import FRAME, PCMU

Frames = list[bytes]
FRAME_COST = FRAME + 33 + 8
"""Bytes of memory a frame takes: data, object header, place in the list."""
REVALIDATE_S = 2.0
SILENT_FRAME = {8: bytes([ALAW_SILENCE]) * FRAME, 0: bytes([ALAW_SILENCE]).translate(ALAW_TO_ULAW) * FRAME}


def split(data: bytes) -> Frames:
    """160-byte frames; the last is padded with silence. Empty for no data."""
    padded = data + bytes([ALAW_SILENCE]) * (-len(data) % FRAME)
    return [padded[at : at + FRAME] for at in range(0, len(padded), FRAME)]


def silence(ms: int, pt: int) -> Frames:
    """At least one frame of silence in the codec ``pt`` (8 or 0)."""
    return [SILENT_FRAME[pt]] * max(1, round(ms / 20))


class _Entry:
    __slots__ = ("checked_at", "frames", "stamp", "ulaw")

    def __init__(self, frames: Frames, stamp: tuple[int, int], now: float) -> None:
        self.frames = frames
        self.ulaw: Frames | None = None
        self.stamp = stamp
        self.checked_at = now

    def cost(self) -> int:
        return (len(self.frames) + len(self.ulaw or ())) * FRAME_COST


class PromptCache:
    """``load`` touches the disk only in the loader's thread: a prompt that is on a stalled disk delays no other leg."""

    def __init__(self, loader: Offload, limit_bytes: int) -> None:
        self._loader = loader
        self._limit = limit_bytes
        self._entries: OrderedDict[str, _Entry] = OrderedDict()
        self.bytes = 0

    def get(self, path: str, pt: int, now: float) -> Frames | None:
        """Frames of ``path`` in codec ``pt`` when they are in memory.

        A file that was replaced since is noticed within ``REVALIDATE_S`` and heard from the play after that.
        """
        entry = self._entries.get(path)
        if entry is None:
            return None
        self._entries.move_to_end(path)
        if now - entry.checked_at > REVALIDATE_S:
            entry.checked_at = now
            self._loader.submit(lambda: _stamp(path), lambda stamp: self._validate(path, stamp))
        if pt != PCMU:
            return entry.frames
        if entry.ulaw is None:
            before = entry.cost()
            entry.ulaw = [frame.translate(ALAW_TO_ULAW) for frame in entry.frames]
            self._grow(entry.cost() - before, keep=path)
        return entry.ulaw

    def load(self, path: str, now: float, then: Callable[[Exception | None], None]) -> None:
        """Read ``path`` in the thread; then ``get`` finds it, or ``then`` is given the error (an OSError)."""

        def loaded(outcome: tuple[Frames, tuple[int, int]] | Exception) -> None:
            if isinstance(outcome, Exception):
                then(outcome)
                return
            self._forget(path)
            entry = _Entry(outcome[0], outcome[1], now)
            self._entries[path] = entry
            self._grow(entry.cost(), keep=path)
            then(None)

        self._loader.submit(lambda: (split(Path(path).read_bytes()), _stamp(path)), loaded)

    def _validate(self, path: str, stamp: tuple[int, int] | Exception) -> None:
        entry = self._entries.get(path)
        if entry is not None and entry.stamp != stamp:
            self._forget(path)

    def _forget(self, path: str) -> None:
        entry = self._entries.pop(path, None)
        if entry is not None:
            self.bytes -= entry.cost()

    def _grow(self, cost: int, keep: str) -> None:
        self.bytes += cost
        while self.bytes > self._limit and len(self._entries) > 1:
            oldest = next(iter(self._entries))
            if oldest == keep:
                break
            self._forget(oldest)


def _stamp(path: str) -> tuple[int, int]:
    status = Path(path).stat()
    return status.st_mtime_ns, status.st_size
