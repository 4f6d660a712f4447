"""What the jobs process has to do, does and has done."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Table, delete, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from ccc.store.models import Account, Instance, Job
from ccc.store.records import JobRecord, Page
from ccc.store.repos.calls import from_cursor, to_cursor

_TABLE = cast(Table, Job.__table__)
_COLUMNS = [column.name for column in _TABLE.columns]
UNFINISHED = ("waiting", "running")


def put(session: Session, job_id: str, now: datetime, **values: Any) -> None:
    """A job is waiting (again): made, or the one of this id begun anew. ``values``: columns."""
    fresh = {"state": "waiting", "done": 0, "total": 0, "error": "", "started_at": None, "ended_at": None} | values
    rest = {"kind": "", "instance": "", "user": "", "about": "", "task": [], "recurring": False, "runs": 0}
    insert = sqlite_insert if session.get_bind().dialect.name == "sqlite" else postgresql_insert
    row = {"id": job_id, "created_at": now, "result": {}, **rest, **fresh}
    session.connection().execute(
        insert(_TABLE).values(row).on_conflict_do_update(index_elements=["id"], set_={**fresh, "created_at": now})
    )


def again(session: Session, job_id: str, now: datetime) -> bool:
    """It waits for another turn; False when there is no such job."""
    values = {"state": "waiting", "done": 0, "error": "", "created_at": now, "started_at": None, "ended_at": None}
    return bool(session.execute(update(Job).where(Job.id == job_id).values(values)).rowcount)  # type: ignore[attr-defined]


def begin(session: Session, job_id: str, now: datetime) -> bool:
    """It runs now; False when there is no such job."""
    values = {"state": "running", "started_at": now, "ended_at": None, "error": "", "runs": Job.runs + 1}
    return bool(session.execute(update(Job).where(Job.id == job_id).values(values)).rowcount)  # type: ignore[attr-defined]


def progress(session: Session, job_id: str, done: int, total: int) -> None:
    """How far it is."""
    session.execute(update(Job).where(Job.id == job_id).values(done=done, total=total))


def end(session: Session, job_id: str, now: datetime, *, error: str = "", result: dict[str, Any] | None = None) -> None:
    """It is done, or failed for the reason ``error``."""
    values: dict[str, Any] = {"state": "failed" if error else "done", "ended_at": now, "error": error[:500]}
    if result is not None:
        values["result"] = result
    session.execute(update(Job).where(Job.id == job_id).values(values))


def get(session: Session, job_id: str) -> JobRecord | None:
    """One job."""
    row = session.get(Job, job_id)
    return None if row is None else _record(row)


def waiting(session: Session) -> list[JobRecord]:
    """Those to be done, the oldest first."""
    query = select(Job).where(Job.state == "waiting", Job.recurring.is_(False)).order_by(Job.created_at, Job.id)
    return [_record(row) for row in session.scalars(query)]


def interrupt(session: Session, now: datetime, error: str) -> int:
    """At the start of jobs: what ran when they ended did not come to its end. How many."""
    values = {"state": "failed", "ended_at": now, "error": error}
    done = session.execute(update(Job).where(Job.state == "running", Job.kind != "import").values(values))
    return int(done.rowcount)  # type: ignore[attr-defined]


def find(
    session: Session,
    *,
    instance: str = "",
    account: str = "",
    states: Collection[str] = (),
    kind: str = "",
    after: str | None = None,
    size: int = 50,
) -> Page[JobRecord]:
    """A page of jobs, newest first: the instance's, or with ``account`` those of all its instances and the whole
    installation's. Recurring ones are not among them."""
    query = select(Job).where(Job.recurring.is_(False))
    if instance:
        query = query.where(Job.instance == instance)
    elif account:
        query = query.where(Job.instance.in_(["", *_instances(session, account)]))
    if states:
        query = query.where(Job.state.in_(states))
    if kind:
        query = query.where(Job.kind == kind)
    if after:
        query = query.where(tuple_(Job.created_at, Job.id) < from_cursor(after))
    rows = list(session.scalars(query.order_by(Job.created_at.desc(), Job.id.desc()).limit(size + 1)))
    found = tuple(_record(row) for row in rows[:size])
    return Page(found, to_cursor(found[-1].created_at, found[-1].id) if len(rows) > size else None)


def recurring(session: Session) -> list[JobRecord]:
    """The work that comes again and again, with its last run."""
    return [_record(row) for row in session.scalars(select(Job).where(Job.recurring).order_by(Job.id))]


def forget(session: Session, before: datetime) -> int:
    """Delete what was finished before; how many."""
    query = delete(Job).where(Job.ended_at < before, Job.recurring.is_(False), Job.state.not_in(UNFINISHED))
    return int(session.execute(query).rowcount)  # type: ignore[attr-defined]


def _instances(session: Session, account: str) -> Sequence[str]:
    return session.scalars(select(Instance.name).join(Account).where(Account.name == account)).all()


def _record(row: Job) -> JobRecord:
    return JobRecord(**{name: getattr(row, name) for name in _COLUMNS})
