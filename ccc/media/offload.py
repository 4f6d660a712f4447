"""Blocking work beside the event loop: one thread, a queue, and results delivered in the loop.

Each instance has its own thread, so that a disk that stalls while recording does not hold up prompts.
"""

from __future__ import annotations

import logging
import os
import queue
import threading
from collections import deque
from collections.abc import Callable
from typing import TypeVar

from ccc.media.poller import Poller

log = logging.getLogger(__name__)
T = TypeVar("T")
Job = Callable[[], None]


class Offload:
    """``submit`` runs a function in the thread and hands its result (or exception) to a callback in the loop."""

    def __init__(self, poller: Poller, name: str) -> None:
        self._poller = poller
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._results: deque[Job] = deque()
        self._wake = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        poller.add(self._wake, self._deliver)
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)
        self._thread.start()

    def submit(self, work: Callable[[], T], then: Callable[[T | Exception], None]) -> None:
        """Run ``work`` in the thread, then ``then(result)`` in the loop; an exception is passed as the result."""

        def job() -> None:
            outcome: T | Exception
            try:
                outcome = work()
            except Exception as error:
                outcome = error.with_traceback(None)  # a traceback would tie frames into a cycle, and gc is off
            self._results.append(lambda: then(outcome))
            os.eventfd_write(self._wake, 1)

        self._jobs.put(job)

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            job()
            del job  # not to keep the last job's leg alive while waiting for the next

    def _deliver(self) -> None:
        os.eventfd_read(self._wake)
        while self._results:
            self._results.popleft()()

    def close(self, timeout_s: float) -> bool:
        """Finish what is queued, at most ``timeout_s``; False when the thread is still stuck then."""
        self._jobs.put(None)
        self._thread.join(timeout_s)
        if self._thread.is_alive():
            log.warning("media: %s is still waiting for the disk; leaving it", self._thread.name)
            return False
        self._poller.remove(self._wake)
        os.close(self._wake)
        return True
