"""Who edits which flow's draft at the moment. Times are given: the repository has no clock."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from ccc.store.models import Flow, FlowLock, Instance
from ccc.store.records import LockRecord


def get(session: Session, instance: str, name: str) -> LockRecord | None:
    """The lock of the flow's draft, however old."""
    row = _lock(session, instance, name)
    return None if row is None else _record(row)


def of_instance(session: Session, instance: str) -> dict[str, LockRecord]:
    """Every lock by flow, however old."""
    query = select(FlowLock, Flow.name).join(Flow, Flow.id == FlowLock.flow_id).join(Instance)
    return {name: _record(row) for row, name in session.execute(query.where(Instance.name == instance))}


def put(
    session: Session, instance: str, name: str, *, token: str, user: str, shown_name: str, at: datetime
) -> LockRecord:
    """Take the lock, from whoever has it. The flow must exist."""
    row = _lock(session, instance, name)
    if row is None:
        query = select(Flow.id).join(Instance).where(Instance.name == instance, Flow.name == name)
        row = FlowLock(flow_id=session.scalars(query).one())
        session.add(row)
    row.token, row.user, row.shown_name, row.taken_at, row.seen_at, row.saves = token, user, shown_name, at, at, 0
    session.flush()
    return _record(row)


def touch(session: Session, instance: str, name: str, at: datetime, *, saved: bool = False) -> None:
    """The page that holds the lock is there; ``saved``: it has saved once more."""
    row = _lock(session, instance, name)
    assert row is not None
    row.seen_at = at
    row.saves += saved


def remove(session: Session, instance: str, name: str) -> None:
    """Nobody edits the draft any more."""
    row = _lock(session, instance, name)
    if row is not None:
        session.delete(row)


def _lock(session: Session, instance: str, name: str) -> FlowLock | None:
    query = select(FlowLock).join(Flow, Flow.id == FlowLock.flow_id).join(Instance)
    return session.scalar(query.where(Instance.name == instance, Flow.name == name))


def _record(row: FlowLock) -> LockRecord:
    return LockRecord(row.token, row.user, row.shown_name, row.taken_at, row.seen_at, row.saves)
