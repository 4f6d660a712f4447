"""Append records so that kill -9 loses nothing and a power cut at most 50 ms (DESIGN "The path of a call")."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import logging
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType

from ccc.errors import ConfigError
from ccc.journal.frames import Record, frame
from ccc.journal.segments import LOCK, numbers, path_of

log = logging.getLogger(__name__)
SYNC_INTERVAL_S = 0.03
"""Time between two fsyncs; with the fsync itself below the promised 50 ms."""
RETRY_S = 0.5
ROTATE_RETRY_BYTES = 1024 * 1024
Health = Callable[[bool], None]


class Batch:
    """Collects records that go to disk in one write."""

    __slots__ = ("_frames",)

    def __init__(self) -> None:
        self._frames: list[bytes] = []

    def append(self, record: Record) -> None:
        self._frames.append(frame(record))

    def take(self) -> bytes:
        return b"".join(self._frames)


class Writer:
    """The one writer of a journal folder. ConfigError when another process writes it or it cannot be written.

    Every start opens a new segment. ``append`` returns when the kernel has the record. While the disk refuses
    (``healthy`` False) records wait in memory, at most ``buffer_bytes``, and are written in order once it accepts
    again.
    """

    def __init__(
        self,
        folder: Path,
        segment_bytes: int = 16 * 1024 * 1024,
        *,
        buffer_bytes: int = 32 * 1024 * 1024,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.folder = folder
        self.healthy = True
        self.dropped = 0
        """Records lost because the buffer was full while the disk refused."""
        self._segment_bytes = segment_bytes
        self._buffer_bytes = buffer_bytes
        self._clock = clock
        self._callbacks: list[Health] = []
        self._lock = threading.Lock()
        self._telling = threading.RLock()
        self._told = True
        self._backlog: deque[bytes] = deque()
        self._backlog_size = 0
        self._retired: list[int] = []
        """Descriptors of finished segments: the sync thread syncs and closes them."""
        self._dirty = threading.Event()
        self._closing = threading.Event()
        self._folder_dirty = True
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._lock_fd = _take_lock(folder)
            self._number = max(numbers(folder), default=0)
            self._fd = -1
            self._open_next()
        except OSError as error:
            raise ConfigError(
                f"cannot write the journal in {folder}: {error.strerror}; check disk and rights"
            ) from error
        self._thread = threading.Thread(target=self._sync_loop, name="journal-fsync", daemon=True)
        self._thread.start()

    def append(self, record: Record) -> None:
        """Write one record now (one ``write`` call). TypeError for what JSON cannot hold; never raises for the disk."""
        self._write(frame(record))

    @contextlib.contextmanager
    def batch(self) -> Iterator[Batch]:
        """``with writer.batch() as batch: batch.append(record)``: one write at the end, also when the block raises."""
        batch = Batch()
        try:
            yield batch
        finally:
            if data := batch.take():
                self._write(data)

    def on_health(self, callback: Health) -> None:
        """Call ``callback(healthy)`` on each change, from the appending thread or from the sync thread."""
        self._callbacks.append(callback)

    def close(self) -> None:
        """Write what waits, sync, release the folder."""
        if self._closing.is_set():
            return
        self._closing.set()
        self._dirty.set()
        self._thread.join()
        with self._lock:
            self._drain()
            if self._backlog:
                log.error("journal %s closed with %d bytes not written", self.folder, self._backlog_size)
            with contextlib.suppress(OSError):
                os.fsync(self._fd)
            os.close(self._fd)
            os.close(self._lock_fd)

    def __enter__(self) -> Writer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _write(self, data: bytes) -> None:
        with self._lock:
            if self._backlog or not self._put(data):
                self._keep(data)
        if self.healthy is not self._told:
            self._tell()

    def _put(self, data: bytes) -> bool:
        """Write to the current segment; False when the disk refused (nothing of ``data`` remains in the file)."""
        if self._offset >= self._rotate_at:
            self._rotate()
        try:
            if self._broken:
                self._open_next()
            written = os.write(self._fd, data)
            while written < len(data):
                written += os.write(self._fd, data[written:])
        except OSError as error:
            self._refused(error)
            return False
        self._offset += written
        if not self._dirty.is_set():
            self._dirty.set()
        return True

    def _rotate(self) -> None:
        try:
            self._open_next()
        except OSError as error:
            log.error("journal %s: no new segment (%s), going on with the old one", self.folder, error.strerror)
            self._rotate_at = self._offset + ROTATE_RETRY_BYTES

    def _open_next(self) -> None:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND
        fd = os.open(path_of(self.folder, self._number + 1), flags, 0o600)
        if self._fd >= 0:
            self._retired.append(self._fd)
        self._fd = fd
        self._number += 1
        self._offset = 0
        self._broken = False
        self._rotate_at = self._segment_bytes
        self._folder_dirty = True

    def _refused(self, error: OSError) -> None:
        """The disk said no: cut a half-written record off, and leave a segment that can no longer be trusted."""
        if self.healthy:
            log.error("journal %s is not writable: %s", self.folder, error.strerror)
        self.healthy = False
        try:
            os.ftruncate(self._fd, self._offset)
        except OSError:
            self._broken = True
        # a full disk gets better and the segment is whole; after any other error begin a new one
        if self._offset and error.errno not in (errno.ENOSPC, errno.EDQUOT):
            self._broken = True

    def _keep(self, data: bytes) -> None:
        if self._backlog_size + len(data) > self._buffer_bytes:
            self.dropped += 1
            if self.dropped == 1:
                log.error("journal %s: buffer of %d bytes is full, records are lost", self.folder, self._buffer_bytes)
            return
        self._backlog.append(data)
        self._backlog_size += len(data)

    def _drain(self) -> None:
        """Write the backlog in order as far as the disk accepts it."""
        while self._backlog:
            data = self._backlog[0]
            if not self._put(data):
                return
            self._backlog.popleft()
            self._backlog_size -= len(data)
        if not self.healthy:
            log.warning("journal %s is writable again", self.folder)
        self.healthy = True

    def _tell(self) -> None:
        """Say what was not said yet. Both threads change ``healthy``: compared with what was said, none is missed."""
        with self._telling:
            while (healthy := self.healthy) is not self._told:
                self._told = healthy
                for callback in self._callbacks:
                    try:
                        callback(healthy)
                    except Exception:
                        log.exception("a listener to the journal's health failed")

    def _sync_loop(self) -> None:
        """Group fsyncs (each covers every record written before it) and retry a refusing disk."""
        while not self._closing.is_set():
            self._dirty.wait(RETRY_S)
            self._dirty.clear()
            started = self._clock()
            if not self.healthy:
                with self._lock:
                    self._drain()
                self._tell()  # before the fsync, which may take long
            self._sync()
            self._tell()
            pause = RETRY_S if not self.healthy else max(0.0, started + SYNC_INTERVAL_S - self._clock())
            self._closing.wait(pause)

    def _sync(self) -> None:
        with self._lock:
            retired, self._retired = self._retired, []
            fd, folder_dirty, self._folder_dirty = self._fd, self._folder_dirty, False
        try:
            for old in retired:
                os.fdatasync(old)
            os.fdatasync(fd)
            if folder_dirty:
                _sync_folder(self.folder)
            gone = os.fstat(fd).st_nlink == 0
        except OSError as error:
            with self._lock:
                self._refused(error)
            return
        finally:
            for old in retired:
                os.close(old)
        if gone:
            self._restore_folder()

    def _restore_folder(self) -> None:
        """Somebody deleted the segment under our feet: go on in a new one."""
        with self._lock:
            log.error("journal %s: segment %d was deleted from outside", self.folder, self._number)
            try:
                self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
                self._open_next()
            except OSError as error:
                self._refused(error)


def _take_lock(folder: Path) -> int:
    """An exclusive lock for as long as this process lives. ConfigError when another one holds it."""
    fd = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(fd)
        raise ConfigError(f"another process writes the journal in {folder}; stop it or use another --home") from None
    return fd


def _sync_folder(folder: Path) -> None:
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
