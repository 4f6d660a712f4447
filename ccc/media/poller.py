"""The media worker's event loop: epoll and a heap of timers, nothing else.

Not asyncio: one packet costs one ``recv`` and one call here (measured; DESIGN "Media worker").
Callbacks take no argument and must not block; :attr:`Poller.now` is the monotonic time of the present wake-up.
"""

from __future__ import annotations

import heapq
import itertools
import logging
import select
import time
from collections.abc import Callable

log = logging.getLogger(__name__)

Callback = Callable[[], None]
BATCH = 128
"""File descriptors served between two looks at the timers, so that a burst of packets delays no tick by much."""


class Timer:
    """A call planned by :meth:`Poller.call_at`."""

    __slots__ = ("callback", "when")

    def __init__(self, when: float, callback: Callback) -> None:
        self.when = when
        self.callback: Callback | None = callback

    def cancel(self) -> None:
        """Forget the call (and what it refers to); harmless when it has happened."""
        self.callback = None


class Poller:
    """``clock`` returns monotonic seconds; tests pass their own."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._epoll = select.epoll()
        self._readers: dict[int, Callback] = {}
        self._writers: dict[int, Callback] = {}
        self._timers: list[tuple[float, int, Timer]] = []
        self._order = itertools.count()
        self._running = False
        self.now = clock()
        self.on_idle: Callback | None = None
        """Called at the end of each round, before the loop sleeps: here messages leave in one batch."""

    def add(self, fd: int, callback: Callback) -> None:
        """Call ``callback`` each time ``fd`` is readable (level-triggered: reading once per call is enough)."""
        self._readers[fd] = callback
        self._watch(fd, known=fd in self._writers)

    def add_writer(self, fd: int, callback: Callback) -> None:
        """Call ``callback`` while ``fd`` is writable, until :meth:`remove_writer`."""
        known = fd in self._readers or fd in self._writers
        self._writers[fd] = callback
        self._watch(fd, known=known)

    def remove_writer(self, fd: int) -> None:
        """Stop watching ``fd`` for writing; harmless when it is not watched."""
        if self._writers.pop(fd, None) is not None:
            self._watch(fd, known=True)

    def remove(self, fd: int) -> None:
        """Stop watching ``fd`` altogether (before it is closed); harmless when it is not watched."""
        known = self._readers.pop(fd, None) is not None
        if self._writers.pop(fd, None) is not None or known:
            self._epoll.unregister(fd)

    def _watch(self, fd: int, *, known: bool) -> None:
        mask = (select.EPOLLIN if fd in self._readers else 0) | (select.EPOLLOUT if fd in self._writers else 0)
        if known:
            self._epoll.modify(fd, mask)
        else:
            self._epoll.register(fd, mask)

    def call_at(self, when: float, callback: Callback) -> Timer:
        """Call ``callback`` once at the monotonic time ``when`` (seconds), or as soon as possible after it."""
        timer = Timer(when, callback)
        heapq.heappush(self._timers, (when, next(self._order), timer))
        return timer

    def run(self) -> None:
        """Serve until :meth:`stop`. An exception in a callback is logged; the other legs go on."""
        self._running = True
        while self._running:
            self.round(None)

    def stop(self) -> None:
        """Let :meth:`run` return after the present round."""
        self._running = False

    def round(self, timeout_s: float | None) -> None:
        """One turn: due timers, then descriptors, waiting at most until the next timer (or ``timeout_s``)."""
        self._run_timers()
        if self.on_idle is not None:
            self.on_idle()
        wait_s = timeout_s
        if self._timers:
            until_s = max(0.0, self._timers[0][0] - self._clock())
            wait_s = until_s if wait_s is None else min(wait_s, until_s)
        events = self._epoll.poll(wait_s, BATCH)
        self.now = self._clock()
        readers = self._readers
        try:
            for fd, mask in events:
                # A callback earlier in this round may have removed the descriptor.
                if mask & ~select.EPOLLOUT and (callback := readers.get(fd)) is not None:
                    callback()
                if mask & select.EPOLLOUT and (callback := self._writers.get(fd)) is not None:
                    callback()
        except Exception:
            # Level-triggered: what this round did not reach is reported again in the next.
            log.exception("media: a descriptor's callback failed")

    def _run_timers(self) -> None:
        timers = self._timers
        self.now = self._clock()
        while timers and timers[0][0] <= self.now:
            timer = heapq.heappop(timers)[2]
            callback, timer.callback = timer.callback, None
            if callback is None:
                continue
            try:
                callback()
            except Exception:
                log.exception("media: a timer's callback failed")

    def close(self) -> None:
        """Release the epoll descriptor and everything the callbacks refer to."""
        self._readers.clear()
        self._writers.clear()
        self._timers.clear()
        self.on_idle = None
        self._epoll.close()
