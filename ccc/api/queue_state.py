"""What a node may ask about queues of the instance."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class QueueState:
    """A skill group at this moment. ``estimated_wait_s``: of a caller who joined now; None when nobody works."""

    waiting: int
    ready: int
    working: int
    """Agents who are ready, ring, talk or wrap up; not those on break or offline."""
    longest_wait_s: float = 0.0
    estimated_wait_s: float | None = None
