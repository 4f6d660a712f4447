"""Callbacks as the journal tells them: the newest record of each wins; listed by keyset paging."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select, tuple_
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from ccc.store.models import Callback
from ccc.store.records import CallbackRecord, Page

OPEN = ("waiting", "calling", "talking")


def put(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Store states; a later one of the same callback replaces the earlier one."""
    newest = {row["id"]: row for row in rows}
    if not newest:
        return
    insert = sqlite_insert if session.get_bind().dialect.name == "sqlite" else postgresql_insert
    query = insert(Callback)
    names = [name for name in next(iter(newest.values())) if name != "id"]
    changed = {name: getattr(query.excluded, name) for name in names}
    session.execute(query.on_conflict_do_update(index_elements=[Callback.id], set_=changed), list(newest.values()))


def find(
    session: Session,
    instance: str,
    groups: Collection[str] | None,
    *,
    state: str,
    number: str,
    before: tuple[datetime, str] | None,
    size: int,
) -> Page[CallbackRecord]:
    """The instance's callbacks, newest first; ``groups`` None: of every group; ``state``: one, ``open`` or ``''``.

    ``after`` of the page is the id of its last row; its time is looked up by :func:`get`.
    """
    query = select(Callback).where(Callback.instance == instance)
    if groups is not None:
        query = query.where(Callback.skill_group.in_(groups))
    if state:
        query = query.where(Callback.state.in_(OPEN if state == "open" else (state,)))
    if number:
        query = query.where(Callback.number == number)
    if before is not None:
        query = query.where(tuple_(Callback.asked_at, Callback.id) < before)
    rows = list(session.scalars(query.order_by(Callback.asked_at.desc(), Callback.id.desc()).limit(size + 1)))
    items = tuple(_record(row) for row in rows[:size])
    return Page(items, items[-1].id if len(rows) > size else None)


def get(session: Session, instance: str, callback_id: str) -> CallbackRecord | None:
    """One callback."""
    row = session.scalar(select(Callback).where(Callback.instance == instance, Callback.id == callback_id))
    return None if row is None else _record(row)


def asked_in(session: Session, instance: str, origin: str) -> list[CallbackRecord]:
    """Those asked for in one call, the first one first."""
    query = select(Callback).where(Callback.instance == instance, Callback.origin == origin)
    return [_record(row) for row in session.scalars(query.order_by(Callback.asked_at, Callback.id))]


def _record(row: Callback) -> CallbackRecord:
    return CallbackRecord(
        id=row.id, instance=row.instance, skill_group=row.skill_group, number=row.number, caller=row.caller,
        callee=row.callee, origin=row.origin, state=row.state, reason=row.reason, attempts=row.attempts,
        max_attempts=row.max_attempts, agent=row.agent, last_call=row.last_call, since=row.since,
        asked_at=row.asked_at, next_at=row.next_at, closed_at=row.closed_at, closed_by=row.closed_by,
    )  # fmt: skip
