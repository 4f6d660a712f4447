"""What calls look up in the configuration and in the queues."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from ccc.api.control import FlowFailed
from ccc.api.queue_state import QueueState
from ccc.errors import CccError
from ccc.hours import china_day, decide
from ccc.hours.decide import no_calendar
from ccc.snapshot.model import WorkingHours
from ccc.tables import TableFile, open_table

if TYPE_CHECKING:
    from ccc.runtime.desks import Desks


class InstanceTables(Mapping[str, TableFile]):
    """An instance's lookup tables by name, opened when they are asked for."""

    def __init__(self, paths: Mapping[str, str]) -> None:
        self._paths = paths

    def __getitem__(self, name: str) -> TableFile:
        path = self._paths[name]
        try:
            return open_table(Path(path))
        except CccError as error:
            raise FlowFailed(f"table {name!r}: {error.message}") from error

    def __contains__(self, name: Any) -> bool:
        return name in self._paths

    def __iter__(self) -> Iterator[str]:
        return iter(self._paths)

    def __len__(self) -> int:
        return len(self._paths)


def state_of(found: WorkingHours | None, name: str, now: datetime) -> tuple[str, str]:
    """(open, closed or holiday; the day's name) at ``now`` (in the instance's zone). FlowFailed: none of this name."""
    if found is None:
        raise FlowFailed(f"there are no working hours {name!r}; make them in the settings or change the node")
    moment = now.astimezone(ZoneInfo(found.timezone)) if found.timezone else now
    decision = decide(found.schedule, moment, china_day if found.holidays == "china" else no_calendar)
    return decision.state, decision.name


def queue_state(desks: Desks, group: str) -> QueueState:
    """The queue of a skill group now. FlowFailed when there is no such group."""
    found = next((item for item in desks.acd.queues() if item.group == group), None)
    if found is None:
        raise FlowFailed(f"skill group {group!r} does not exist; create it or change the node")
    since = found.longest_since
    longest = 0.0 if since is None else time.monotonic() - since
    return QueueState(found.waiting, found.ready, found.working, longest, found.estimated_wait_s)
