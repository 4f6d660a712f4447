"""Calls that could not be taken leave a record, too; a flood of them leaves a few and their number."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ccc.runtime.record import CallRecord, Journal
from ccc.snapshot.model import Instance

BURST = 60
"""So many refused calls of an instance are recorded one by one at once,"""
PER_S = 2.0
"""and so many a second after that: a carrier that tries again and again must not fill the disk."""


@dataclass(slots=True)
class _Budget:
    left: float
    at: float
    unrecorded: int = 0

    def take(self, now: float) -> bool:
        """Whether one more may be recorded; ``now`` is monotonic."""
        self.left = min(BURST, self.left + (now - self.at) * PER_S)
        self.at = now
        if self.left < 1:
            self.unrecorded += 1
            return False
        self.left -= 1
        return True


class Refusals:
    """Writes the records of refused calls and lets each be counted."""

    def __init__(self, journal: Journal, count: Callable[[Mapping[str, Any]], None]) -> None:
        self._journal = journal
        self._count = count
        self._budgets: dict[str, _Budget] = {}

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
        if not budget.take(now):
            self._count({**whole, "started_at": time.time(), "cause": cause})
            return False
        if budget.unrecorded:
            reason = f"{reason}; {budget.unrecorded} more calls were refused before it and not recorded one by one"
            budget.unrecorded = 0
        self._count(CallRecord(self._journal, call_id, whole).close(cause, reason))
        return True
