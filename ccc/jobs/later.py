"""Work that nobody waits for: huey's queue in ``instance/jobs.db``, its worker threads in the jobs process."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from huey import SqliteHuey, crontab
from huey.consumer import Consumer
from sqlalchemy import text

from ccc.api.notice import Notifier
from ccc.home import Home
from ccc.jobs import exporting, notices
from ccc.loader import load
from ccc.services import retention
from ccc.services.waveform import cache_file
from ccc.store import Store, open_store
from ccc.store.repos import audit, calls

log = logging.getLogger(__name__)
TEMPORARY_S = 24 * 3600.0
BATCH = 500


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
    """The queue with every task registered on it. Other processes make one too, to put work in."""
    queue = Queue("ccc", filename=str(home.root / "jobs.db"), results=False, utc=True)

    def clean_up() -> None:
        store = open_store(home)
        try:
            maintain(home, store, datetime.now(UTC))
        finally:
            store.close()

    def export(export_id: str) -> None:
        store = open_store(home)
        try:
            exporting.run(store, export_id)
        finally:
            store.close()

    def send_notices() -> None:
        store = open_store(home)
        try:
            notices.deliver(store, _notifiers(), datetime.now(UTC))
        finally:
            store.close()

    queue.deliver = queue.task(name="send_notices")(send_notices)
    queue.periodic_task(crontab(minute="*"), name="send_notices_again")(send_notices)
    queue.periodic_task(crontab(hour="19", minute="30"), name="clean_up")(clean_up)  # 03:30 in Shanghai
    queue.export = queue.task(name="export")(export)
    return queue


@cache
def _notifiers() -> Mapping[str, Notifier]:
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


def maintain(home: Home, store: Store, now: datetime) -> dict[str, int]:
    """Nightly: delete calls past their retention with their recordings, left-over temporary files; tune the store.

    Returns counts: ``calls``, ``files`` (temporary ones), ``exports`` (expired ones).
    """
    with store.read() as session:
        default, own = retention.in_force(session)
    deleted = 0
    for instance, days in own.items():
        deleted += _forget_calls(home, store, now - timedelta(days=days), instance=instance) if days else 0
    deleted += _forget_calls(home, store, now - timedelta(days=default), but=list(own)) if default else 0
    folders = (home.prompts, home.uploads, home.cache, home.cache / "peaks", home.exports)
    files = sum(_drop_temporary(folder, now.timestamp()) for folder in folders)
    expired = exporting.expire(store, now)
    tune(store)
    log.info("clean-up: %d calls past retention, %d temporary files deleted", deleted, files)
    return {"calls": deleted, "files": files, "exports": expired}


def tune(store: Store) -> None:
    """Let SQLite learn which index finds few calls and which finds many; a fraction of a second, whatever the size.

    Not PRAGMA optimize: it looks only at tables its own connection has asked, and ours are new.
    """
    with store.write() as session:
        if session.get_bind().dialect.name == "sqlite":
            session.execute(text("PRAGMA analysis_limit=1000"))
            session.execute(text("ANALYZE"))


def _forget_calls(
    home: Home, store: Store, before: datetime, *, instance: str | None = None, but: Collection[str] = ()
) -> int:
    """The recording goes first: a crash in between leaves a call without one, never a recording without a call."""
    total = 0
    while True:
        with store.read() as session:
            old = calls.older_than(session, before, BATCH, instance=instance, but=but)
        if not old:
            return total
        for call_id, recording in old:
            cache_file(home, call_id).unlink(missing_ok=True)
            path = (home.recordings / recording).resolve()
            if recording and path.is_relative_to(home.recordings.resolve()):
                path.unlink(missing_ok=True)
        with store.write() as session:
            calls.delete(session, [call_id for call_id, _ in old])
            where = instance or ""
            audit.add(
                session, "system", "calls.retention", str(len(old)), instance=where, older_than=before.isoformat()
            )
        total += len(old)


def _drop_temporary(folder: Path, now: float) -> int:
    count = 0
    for path in folder.glob(".*.tmp"):
        with contextlib.suppress(FileNotFoundError):
            if now - path.stat().st_mtime > TEMPORARY_S:
                path.unlink()
                count += 1
    return count
