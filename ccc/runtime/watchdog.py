"""Says when the event loop stood still, and who held it: a plugin that blocks harms every call (DESIGN "Plugins")."""

from __future__ import annotations

import asyncio
import logging
import sys
import threading
import time
from types import FrameType

from ccc.api.node import NodeType

log = logging.getLogger(__name__)
LIMIT_S = 0.05
BEAT_S = 0.02


def culprit(frame: FrameType | None) -> str:
    """The node whose ``run`` is on the stack with its file, else the innermost line: what to look at first."""
    innermost = "unknown code" if frame is None else _line(frame)
    while frame is not None:
        node = frame.f_locals.get("self")
        if frame.f_code.co_name == "run" and isinstance(node, NodeType):
            return f"node type {node.type!r} of {_line(frame)}, in {innermost}"
        frame = frame.f_back
    return innermost


def _line(frame: FrameType) -> str:
    return f"{frame.f_code.co_filename}:{frame.f_lineno} ({frame.f_code.co_name})"


class Watchdog:
    """A sleeping thread looks at the loop's heartbeat 40 times a second and does nothing while all is well."""

    def __init__(self, limit_s: float = LIMIT_S) -> None:
        self._limit_s = limit_s
        self._beat = time.monotonic()
        self._stopped = threading.Event()
        self._loop_thread = threading.get_ident()

    async def run(self) -> None:
        """Beat until cancelled. Call it on the loop to be watched."""
        self._loop_thread = threading.get_ident()
        self._beat = time.monotonic()
        thread = threading.Thread(target=self._look, name="loop-watchdog", daemon=True)
        thread.start()
        try:
            while True:
                await asyncio.sleep(BEAT_S)
                late_s = time.monotonic() - self._beat - BEAT_S
                if late_s > self._limit_s:
                    log.warning("the event loop stood still for %.0f ms", late_s * 1000)
                self._beat = time.monotonic()
        finally:
            self._stopped.set()
            thread.join()

    def _look(self) -> None:
        told: float | None = None
        while not self._stopped.wait(self._limit_s / 2):
            beat = self._beat
            if time.monotonic() - beat - BEAT_S > self._limit_s and told != beat:
                told = beat
                log.warning("the event loop stands still in %s", culprit(sys._current_frames().get(self._loop_thread)))
