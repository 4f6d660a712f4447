"""The queue's work told in the store, so that people see what waits, runs, failed (page 任务)."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from huey import SqliteHuey
from huey.api import PeriodicTask, Task
from huey.signals import SIGNAL_ENQUEUED
from sqlalchemy.orm import Session

from ccc.errors import CccError, UnavailableError
from ccc.home import Home
from ccc.services.jobs import in_parts
from ccc.store import Store
from ccc.store.records import JobRecord
from ccc.store.repos import jobs

log = logging.getLogger(__name__)
RECURRING = {"send_notices": "notices", "send_notices_again": "notices", "clean_up": "cleaning"}
"""Tasks that come again and again: one row each tells of the last run."""
INTERRUPTED = "The jobs process ended while this was running."


def job_id(task: Task) -> str:
    """The row of a task: a recurring one's kind, an export's own, else one for each time it is asked for."""
    kind = _kind(task)
    if kind == "export" and task.args:
        return f"export:{task.args[0]}"
    return kind if _recurs(task) else str(task.id)


def watch(queue: SqliteHuey, home: Home) -> None:
    """Let every task of the queue leave its traces. Work never waits for, nor fails because of, its traces."""
    told = _Told(home)
    queue.signal(SIGNAL_ENQUEUED)(told.enqueued)
    queue.pre_execute()(told.begins)
    queue.post_execute()(told.ended)


def take_up(queue: SqliteHuey, store: Store) -> int:
    """At the start of jobs: work somebody asked for while we were away goes into the queue; what ran has failed."""
    now = datetime.now(UTC)
    with store.write() as session:
        jobs.interrupt(session, now, INTERRUPTED)
        wanted = jobs.waiting(session)
    queued = {job_id(task) for task in queue.pending()}
    return sum(enqueue(queue, job) for job in wanted if job.id not in queued)


def enqueue(queue: SqliteHuey, job: JobRecord) -> bool:
    """Put a waiting job's task into the queue (again); False when its task is not known (any more)."""
    kinds = {kind.__name__: kind for kind in queue._registry._registry.values()}
    kind = kinds.get(str(job.task[0])) if job.task else None
    if kind is None:
        return False
    queue.enqueue(kind(args=tuple(job.task[1:]), id=job.id.rpartition(":")[2]))
    return True


class _Told:
    def __init__(self, home: Home) -> None:
        self._home = home
        self._store: Store | None = None
        self._lock = threading.Lock()

    def enqueued(self, _signal: str, task: Task) -> None:
        """A row for what waits; an export has its own already, a recurring one gets it with its first run."""

        def tell(session: Session, now: datetime) -> None:
            if jobs.get(session, job_id(task)) is None:
                _add(session, task, now)

        if not _recurs(task):
            self._write(task, tell)

    def begins(self, task: Task) -> None:
        """It runs now."""

        def tell(session: Session, now: datetime) -> None:
            if not jobs.begin(session, job_id(task), now):
                _add(session, task, now)
                jobs.begin(session, job_id(task), now)

        self._write(task, tell)

    def ended(self, task: Task, value: Any, exception: Exception | None) -> None:
        """It ended: with what it says of itself, or with an exception."""
        result = value if isinstance(value, dict) else {}
        error = str(result.get("error", "")) if exception is None else _why(exception)
        counts = {name: count for name, count in result.items() if name != "error"}
        if isinstance(exception, CccError):
            counts |= in_parts(exception)
        self._write(task, lambda session, now: jobs.end(session, job_id(task), now, error=error, result=counts))

    def _write(self, task: Task, act: Callable[[Session, datetime], object]) -> None:
        try:
            with self._opened().write() as session:
                act(session, datetime.now(UTC))
        except UnavailableError as error:
            log.warning("task %s runs untold: %s", task.name, error.message)
        except Exception:
            log.exception("task %s runs untold", task.name)

    def _opened(self) -> Store:
        with self._lock:
            if self._store is None:
                if not self._home.database.exists():
                    raise UnavailableError(f"no store at {self._home.database}")
                self._store = Store(self._home)
            return self._store


def _kind(task: Task) -> str:
    return str(RECURRING.get(task.name, task.name))[:32]


def _recurs(task: Task) -> bool:
    return task.name in RECURRING or isinstance(task, PeriodicTask)


def _add(session: Session, task: Task, now: datetime) -> None:
    again = [] if _recurs(task) else [task.name, *task.args]
    jobs.put(session, job_id(task), now, kind=_kind(task), task=again, recurring=_recurs(task))


def _why(exception: Exception) -> str:
    """For people: what our own errors say; of others their kind, too."""
    return exception.message if isinstance(exception, CccError) else f"{type(exception).__name__}: {exception}"
