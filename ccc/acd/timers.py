"""Deadlines by key: a heap with lazy deletion, so that a thousand waiting callers cost nothing per event."""

from __future__ import annotations

import heapq
import math
from typing import TypeAlias

Key: TypeAlias = tuple[str, str]
"""(kind, id)"""


class Timers:
    """At most one deadline per key; keys due at the same time come out in the order they were set."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, Key]] = []
        self._live: dict[Key, tuple[float, int]] = {}
        self._count = 0

    def set(self, key: Key, at: float) -> None:
        """Set or move the deadline of ``key``; an infinite one removes it."""
        if at == math.inf:
            self.cancel(key)
            return
        known = self._live.get(key)
        if known is not None and known[0] == at:
            return
        self._count += 1
        self._live[key] = (at, self._count)
        heapq.heappush(self._heap, (at, self._count, key))
        if len(self._heap) > 2 * len(self._live) + 64:
            self._heap = [(at, n, key) for key, (at, n) in self._live.items()]
            heapq.heapify(self._heap)

    def cancel(self, key: Key) -> None:
        self._live.pop(key, None)

    def next(self) -> float | None:
        """The earliest deadline, None when there is none."""
        self._drop_stale()
        return self._heap[0][0] if self._heap else None

    def pop_due(self, now: float) -> Key | None:
        """Remove and return one key whose deadline is not after ``now``."""
        self._drop_stale()
        if not self._heap or self._heap[0][0] > now:
            return None
        _, _, key = heapq.heappop(self._heap)
        del self._live[key]
        return key

    def _drop_stale(self) -> None:
        heap = self._heap
        while heap and self._live.get(heap[0][2]) != heap[0][:2]:
            heapq.heappop(heap)
