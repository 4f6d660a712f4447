"""The media workers as the runtime sees them: connected, chosen by load, their events handed to their legs."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ccc.errors import CccError, UnavailableError
from ccc.media.client import MediaWorker

log = logging.getLogger(__name__)
RECONNECT_S = 0.1
MediaEvent = dict[str, Any]
LegEvents = Callable[[MediaEvent], None]
WORKER_LOST: MediaEvent = {"ev": "worker-lost"}


class Link:
    """One worker: its connection and the legs placed on it."""

    def __init__(self, socket_path: Path) -> None:
        self.socket_path = socket_path
        self.worker: MediaWorker | None = None
        self.legs: dict[str, LegEvents] = {}
        self.load: MediaEvent = {}

    @property
    def up(self) -> bool:
        return self.worker is not None

    async def keep_connected(self) -> None:
        """Connect, stay until the worker is gone, tell its legs, connect to its successor.

        Whatever goes wrong here stays here: the legs of other workers must not notice.
        """
        while True:
            try:
                await self._stay_connected()
            except CccError as error:
                log.debug("media worker %s: %s", self.socket_path.stem, error.message)  # it starts, or starts again
            except Exception:
                log.exception("media worker %s: its connection failed; it is made anew", self.socket_path.stem)
            await asyncio.sleep(RECONNECT_S)

    async def _stay_connected(self) -> None:
        lost: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        worker = MediaWorker(self.socket_path)
        worker.on_event = self._on_event
        worker.on_lost = lambda why: None if lost.done() else lost.set_result(why)
        await worker.connect()
        log.info("media worker %s connected", self.socket_path.stem)
        self.worker = worker
        try:
            await lost
        finally:
            self.worker = None
            try:
                await worker.close()
            finally:
                if lost.done() and not lost.cancelled():
                    self.lose_legs(lost.result())

    def lose_legs(self, why: str) -> None:
        """The worker is gone and every leg with it."""
        log.error("media worker %s is gone (%s); its %d legs end", self.socket_path.stem, why, len(self.legs))
        orphans, self.legs = list(self.legs.values()), {}
        for leg in orphans:
            try:
                leg(WORKER_LOST)
            except Exception:
                log.exception("a leg could not take in that its worker is gone")  # the others must hear it too

    def _on_event(self, event: MediaEvent) -> None:
        leg_id = event.get("leg")
        if leg_id is None:
            if event.get("ev") == "load":
                self.load = event
            return
        leg = self.legs.get(leg_id)
        if leg is not None:
            leg(event)

    def attach(self, leg: str, events: LegEvents) -> None:
        self.legs[leg] = events

    def detach(self, leg: str) -> None:
        self.legs.pop(leg, None)

    async def request(self, op: str, **fields: Any) -> dict[str, Any]:
        """Ask the worker; UnavailableError when it is gone."""
        if self.worker is None:
            raise UnavailableError(f"media worker {self.socket_path.stem} is not connected", code="media-worker-died")
        answer: dict[str, Any] = await self.worker.request(op, **fields)
        return answer

    def send(self, op: str, **fields: Any) -> None:
        """Tell the worker, expecting no answer. Dropped when the worker is gone: its legs are gone with it."""
        if self.worker is not None:
            self.worker.send(op, **fields)


class MediaPool:
    """All workers of this runtime."""

    def __init__(self, sockets: list[Path], capacity: int) -> None:
        self.links = [Link(path) for path in sockets]
        self._capacity = capacity

    def pick(self) -> Link:
        """The connected worker with the fewest legs. UnavailableError when none can take another leg."""
        candidates = [link for link in self.links if link.up and len(link.legs) < self._capacity]
        if not candidates:
            raise UnavailableError("no media worker can take another call", code="full")
        return min(candidates, key=lambda link: len(link.legs))

    def has_room(self) -> bool:
        return any(link.up and len(link.legs) < self._capacity for link in self.links)

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            for link in self.links:
                group.create_task(link.keep_connected())

    def health(self) -> list[dict[str, Any]]:
        """One line per worker for ``/healthz`` and the pages."""
        return [
            {
                "worker": link.socket_path.stem,
                "state": "up" if link.up else "down",
                "legs": len(link.legs),
                **_load(link),
            }
            for link in self.links
        ]


def _load(link: Link) -> dict[str, Any]:
    return {key: link.load[key] for key in ("cpu", "drops") if key in link.load}
