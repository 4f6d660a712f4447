"""What has its time: planned publishing (定时发布), numbers that open again, what a dead process left half done."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import UTC, datetime

from ccc.errors import UnavailableError
from ccc.loader import Registry, load
from ccc.services import closures, publishing, schedules
from ccc.services.snapshot import export_if_stale
from ccc.store import Store

log = logging.getLogger(__name__)
EVERY_S = 2.0
COMPARED_EVERY_S = 30.0
"""What the telephone side lives on with what is committed: a process may have died between the two."""


class Planned:
    """Looks every two seconds; one look after another, so nothing is done twice."""

    def __init__(self, store: Store, registry: Callable[[], Registry] = load) -> None:
        self._store = store
        self._load = registry
        self._registry: Registry | None = None
        self._compared: datetime | None = None

    async def run(self) -> None:
        """Until cancelled. A look that fails is told, and the next one comes."""
        while True:
            try:
                await asyncio.to_thread(self.look, datetime.now(UTC))
            except UnavailableError as error:
                log.warning("what is planned was not looked for: %s", error.message)
            except Exception:
                log.exception("what is planned could not be done")
            await asyncio.sleep(EVERY_S)

    def look(self, now: datetime) -> None:
        """Everything whose time has come by ``now``."""
        if self._compared is None or (now - self._compared).total_seconds() >= COMPARED_EVERY_S:
            if export_if_stale(self._store):
                log.warning("the telephone side did not have the last change; it has now")
            self._compared = now
        publishing.settle(self._store, now)
        closures.reopen_due(self._store, now)
        if schedules.any_due(self._store, now):
            if self._registry is None:
                self._registry = self._load()
            schedules.publish_due(self._store, self._registry, now)
