"""Timer values of RFC 3261 17 (seconds) and the queues they wait in. No clock: time is passed in."""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Callable

T1_S = 0.5
T2_S = 4.0
T4_S = 5.0
TIMEOUT_S = 64 * T1_S
"""Timers B, F, H, J, L, M."""
TIMER_D_S = 32.0
_PURGE_S = 1.0


class Timer:
    """One pending call; ``cancel`` drops what it refers to at once, the heap entry goes when its time comes."""

    __slots__ = ("call",)

    def __init__(self, call: Callable[[], None]) -> None:
        self.call: Callable[[], None] | None = call

    def cancel(self) -> None:
        """It will not fire."""
        self.call = None


class Timers:
    """A heap for timers that mostly get cancelled, a queue for finished transactions that only wait to be forgotten."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, Timer]] = []
        self._count = 0
        self._linger: deque[tuple[float, dict[str, object], str, object]] = deque()

    def at(self, when: float, call: Callable[[], None]) -> Timer:
        """Run ``call`` at ``when``."""
        timer = Timer(call)
        self._count += 1
        heapq.heappush(self._heap, (when, self._count, timer))
        return timer

    def forget_later(self, now: float, table: dict[str, object], key: str, entry: object) -> None:
        """Drop ``table[key]`` 64*T1 from now when it is still ``entry`` (timers J, L, M: all the same length)."""
        self._linger.append((now + TIMEOUT_S, table, key, entry))

    def next_deadline(self) -> float | None:
        """When ``run`` has something to do next."""
        heap = self._heap
        while heap and heap[0][2].call is None:
            heapq.heappop(heap)
        first = heap[0][0] if heap else None
        if self._linger:
            purge = self._linger[0][0] + _PURGE_S
            return purge if first is None or purge < first else first
        return first

    def run(self, now: float) -> None:
        """Fire everything due."""
        heap = self._heap
        while heap and heap[0][0] <= now:
            call = heapq.heappop(heap)[2].call
            if call is not None:
                call()
        linger = self._linger
        while linger and linger[0][0] <= now:
            _, table, key, entry = linger.popleft()
            if table.get(key) is entry:
                del table[key]

    def __len__(self) -> int:
        return len(self._heap) + len(self._linger)
