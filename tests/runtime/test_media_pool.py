"""Connections to the media workers: what breaks is told with its reason, and only there begun anew."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ccc.runtime import media_pool
from ccc.runtime.media_pool import MediaPool
from tests.runtime.fakes import settle


class Worker:
    """A worker that connects at once; ``broken`` sockets have a bug."""

    broken: dict[str, Exception] = {}
    made: list[Worker] = []

    def __init__(self, path: Path) -> None:
        self.path = path
        self.on_event: Callable[[dict[str, Any]], None] = lambda event: None
        self.on_lost: Callable[[str], None] = lambda why: None
        Worker.made.append(self)

    async def connect(self) -> None:
        if error := Worker.broken.pop(self.path.stem, None):
            raise error

    async def close(self) -> None:
        if error := Worker.broken.pop(f"close {self.path.stem}", None):
            raise error


@pytest.fixture
def pool(monkeypatch: pytest.MonkeyPatch) -> MediaPool:
    monkeypatch.setattr(media_pool, "MediaWorker", Worker)
    monkeypatch.setattr(media_pool, "RECONNECT_S", 0.0)
    monkeypatch.setattr(Worker, "broken", {})
    monkeypatch.setattr(Worker, "made", [])
    return MediaPool([Path("/run/media-0.sock"), Path("/run/media-1.sock")], capacity=10)


def test_one_connection_with_a_bug_does_not_begin_the_others_anew(
    pool: MediaPool, caplog: pytest.LogCaptureFixture
) -> None:
    async def main() -> None:
        Worker.broken["media-0"] = RuntimeError("a bug")
        running = asyncio.create_task(pool.run())
        await settle()
        heard: list[dict[str, Any]] = []
        for link in pool.links:
            assert link.up
            link.attach("leg", heard.append)
        Worker.broken["close media-1"] = ValueError("another bug")
        Worker.made[1].on_lost("it was killed")
        await settle()
        assert heard == [{"ev": "worker-lost"}], "the legs of the lost worker, and only they"
        assert pool.links[0].legs and all(link.up for link in pool.links)
        assert [worker.path.stem for worker in Worker.made] == ["media-0", "media-1", "media-0", "media-1"]
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    with caplog.at_level(logging.ERROR):
        asyncio.run(main())
    told = "\n".join(record.getMessage() + str(record.exc_info) for record in caplog.records)
    assert "a bug" in told and "another bug" in told and "it was killed" in told
