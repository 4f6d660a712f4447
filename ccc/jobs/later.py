"""Work that nobody waits for: huey's queue in ``instance/jobs.db``, its worker threads in the jobs process."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any

from huey import SqliteHuey, crontab
from huey.consumer import Consumer

from ccc.api.notice import Notifier
from ccc.home import Home
from ccc.jobs import exporting, notices
from ccc.jobs.cleaning import maintain
from ccc.jobs.watched import watch
from ccc.loader import load
from ccc.store import Store, open_store


class _Consumer(Consumer):  # type: ignore[misc]
    def _set_signal_handlers(self) -> None:
        """The process stops itself; huey must not take SIGTERM away from it."""


class Queue(SqliteHuey):  # type: ignore[misc]
    """The queue; its tasks are methods that return at once."""

    export: Callable[[str], Any]
    """Write a waiting export (its id)."""
    deliver: Callable[[], Any]
    """Send the messages flows left."""


def make_queue(home: Home) -> Queue:
    """The queue with every task registered on it. Other processes make one too, to put work in.

    What a task returns is shown on the page 任务: counts by name, or ``{"error": why}``.
    """
    queue = Queue("ccc", filename=str(home.root / "jobs.db"), results=False, utc=True)
    watch(queue, home)

    def clean_up() -> dict[str, int]:
        with _store(home) as store:
            return maintain(home, store, datetime.now(UTC))

    def export(export_id: str) -> dict[str, Any]:
        with _store(home) as store:
            return exporting.run(store, export_id)

    def send_notices() -> dict[str, int]:
        with _store(home) as store:
            return {"sent": notices.deliver(store, known_notifiers(), datetime.now(UTC))}

    queue.deliver = queue.task(name="send_notices")(send_notices)
    queue.periodic_task(crontab(minute="*"), name="send_notices_again")(send_notices)
    queue.periodic_task(crontab(hour="19", minute="30"), name="clean_up")(clean_up)  # 03:30 in Shanghai
    queue.export = queue.task(name="export")(export)
    return queue


@contextlib.contextmanager
def _store(home: Home) -> Iterator[Store]:
    store = open_store(home)
    try:
        yield store
    finally:
        store.close()


@cache
def known_notifiers() -> Mapping[str, Notifier]:
    """What the plugins bring, loaded once."""
    return load().notifiers


@contextlib.contextmanager
def consuming(queue: SqliteHuey, workers: int = 1) -> Iterator[Consumer]:
    """Run the queue's scheduler and worker threads inside the block."""
    consumer = _Consumer(queue, workers=workers, periodic=True, initial_delay=0.5, max_delay=5.0, scheduler_interval=10)
    consumer.start()
    try:
        yield consumer
    finally:
        consumer.stop()
