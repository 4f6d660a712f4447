"""Calls that could not be taken leave a record, too; a flood of them leaves a few and their number."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from ccc.runtime.record import CallRecord, Journal
from ccc.snapshot.model import Instance

log = logging.getLogger(__name__)
BURST = 60
"""So many refused calls of an instance are recorded one by one at once,"""
PER_S = 2.0
"""and so many a second after that: a carrier that tries again and again must not fill the disk."""


class HealthyJournal(Journal, Protocol):
    """A journal that says whether the disk takes records."""

    healthy: bool


@dataclass(frozen=True, slots=True)
class _Call:
    """One that was only counted. ``at``: UTC epoch seconds."""

    id: str
    facts: dict[str, Any]
    cause: str
    reason: str
    at: float


@dataclass(slots=True)
class _Budget:
    left: float
    at: float
    unrecorded: int = 0
    """Calls only counted since the last record."""
    last: _Call | None = None
    """The newest of them."""

    def take(self, now: float) -> bool:
        """Whether one more may be recorded; ``now`` is monotonic."""
        self.left = min(BURST, self.left + (now - self.at) * PER_S)
        self.at = now
        if self.left < 1:
            return False
        self.left -= 1
        return True


class Refusals:
    """Writes the records of refused calls and lets each be counted.

    While the journal cannot be written they are counted in memory only: what it keeps there for later is for the
    calls in progress. :meth:`catch_up` tells their number once it can be written again.
    """

    def __init__(self, journal: HealthyJournal, count: Callable[[Mapping[str, Any]], None]) -> None:
        self._journal = journal
        self._count = count
        self._budgets: dict[str, _Budget] = {}

    @property
    def unrecorded(self) -> int:
        """Calls no record tells of yet."""
        return sum(budget.unrecorded for budget in self._budgets.values())

    def note(
        self,
        call_id: str,
        instance: Instance,
        facts: Mapping[str, Any],
        cause: str,
        reason: str,
        now: float | None = None,
    ) -> bool:
        """A call to a number of the instance was refused. False when it is only counted (``now``: monotonic)."""
        now = time.monotonic() if now is None else now
        budget = self._budgets.setdefault(instance.name, _Budget(BURST, now))
        whole = {"instance": instance.name, "account": instance.account, "direction": "inbound", **facts}
        call = _Call(call_id, whole, cause, reason, time.time())
        self._count({**whole, "started_at": call.at, "cause": cause})
        if self._journal.healthy and budget.take(now):
            self._record(call, budget)
            return True
        if budget.unrecorded == 0 and not self._journal.healthy:
            log.warning("%s: refused calls are counted only: %s", instance.name, reason)
        budget.unrecorded += 1
        budget.last = call
        return False

    def catch_up(self, now: float | None = None) -> None:
        """Where calls were only counted, record the last of them with the number of the others. Call it at times."""
        now = time.monotonic() if now is None else now
        for name, budget in self._budgets.items():
            if budget.last is not None and self._journal.healthy and budget.take(now):
                log.warning("%s: %d refused calls were counted only", name, budget.unrecorded)
                budget.unrecorded -= 1
                self._record(budget.last, budget)

    def _record(self, call: _Call, budget: _Budget) -> None:
        reason = call.reason
        if budget.unrecorded:
            reason = f"{reason}; {budget.unrecorded} more calls were refused before it and not recorded one by one"
        budget.unrecorded, budget.last = 0, None
        CallRecord(self._journal, call.id, call.facts, call.at).close(call.cause, reason)
