"""The clock of everything we generate: every 20 ms per leg, the legs spread over four phases of 5 ms."""

from __future__ import annotations

import logging
from typing import Protocol

from ccc.media.poller import Poller, Timer

log = logging.getLogger(__name__)

PHASES = 4
STEP_S = 0.005
PERIOD_S = PHASES * STEP_S
MAX_CATCH_UP_S = 0.1
"""Ticks missed for less are made up at once; after a longer standstill the clocks skip (no burst)."""


class Clocked(Protocol):
    """Something that sends a packet each 20 ms."""

    def tick(self, now: float) -> bool:
        """Send the next packet; False when there is none any more."""
        ...

    def ended(self, now: float) -> None:
        """Called after ``tick`` returned False; the ticker has forgotten it."""
        ...

    def skip_to(self, now: float) -> None:
        """Time was lost up to ``now``."""
        ...


class Ticker:
    """Runs only while something is clocked."""

    __slots__ = ("_joining", "_next_at", "_phase_of", "_phases", "_poller", "_round", "_timer", "late_s")

    def __init__(self, poller: Poller) -> None:
        self._poller = poller
        self._phases: list[dict[Clocked, None]] = [{} for _ in range(PHASES)]
        self._phase_of: dict[Clocked, int] = {}
        self._joining: list[tuple[Clocked, int]] = []
        self._next_at = 0.0
        self._round = 0
        self._timer: Timer | None = None
        self.late_s = 0.0
        """The worst delay of a tick since it was last read."""

    def join(self, item: Clocked, now: float, first_at: float) -> None:
        """Tick ``item`` at ``first_at`` (nearest 2.5 ms; within 40 ms of ``now``) and each 20 ms from then on."""
        if not self._phase_of:
            steps = max(1, int((first_at - now) / STEP_S + 1e-6))
            self._next_at, self._round = first_at - (steps - 1) * STEP_S, 0
            if self._timer is not None:
                self._timer.cancel()
            self._arm()
        due = self._round + max(0, round((first_at - self._next_at) / STEP_S))
        self._phase_of[item] = due % PHASES
        if due - self._round >= PHASES:
            self._joining.append((item, due))  # its phase fires once more before the item is due
        else:
            self._phases[due % PHASES][item] = None

    def leave(self, item: Clocked) -> None:
        """Tick it no more; harmless when it is not clocked. Not from within its own tick: return False there."""
        phase = self._phase_of.pop(item, None)
        if phase is not None:
            self._phases[phase].pop(item, None)
            self._joining = [entry for entry in self._joining if entry[0] is not item]

    def __len__(self) -> int:
        return len(self._phase_of)

    def _arm(self) -> None:
        self._timer = self._poller.call_at(self._next_at, self._run)

    def _run(self) -> None:
        """Fire the due phase; plan the next first, so that a failing item cannot stop the clock."""
        now = self._poller.now
        late_s = now - self._next_at
        if late_s > self.late_s:
            self.late_s = late_s
        phase = self._round % PHASES
        self._round += 1
        self._next_at += STEP_S
        self._timer = None
        if late_s > MAX_CATCH_UP_S:
            self._skip(now)
        if self._phase_of:
            self._arm()
        self._fire(phase, now)
        if self._joining:
            self._admit()

    def _fire(self, phase: int, now: float) -> None:
        items = self._phases[phase]
        done: list[Clocked] = []
        for item in items:
            try:
                if not item.tick(now):
                    done.append(item)
            except Exception:
                log.exception("media: a clocked sender failed; it is stopped")
                done.append(item)
        for item in done:
            items.pop(item, None)
            self._phase_of.pop(item, None)
        for item in done:
            item.ended(now)

    def _admit(self) -> None:
        waiting = []
        for item, due in self._joining:
            if due - self._round >= PHASES:
                waiting.append((item, due))
            else:
                self._phases[due % PHASES][item] = None
        self._joining = waiting

    def _skip(self, now: float) -> None:
        log.warning("media: the worker stood still for %.0f ms", (now - self._next_at) * 1000)
        self._next_at = now + STEP_S
        for item in self._phase_of:
            item.skip_to(now)
