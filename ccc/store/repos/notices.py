"""Messages waiting to be sent: written with the journal's offset, so none is lost or comes in twice."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Table, delete, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from ccc.store.models import Notification
from ccc.store.records import NoticeRecord, Page
from ccc.store.repos.calls import from_cursor, to_cursor

_TABLE = cast(Table, Notification.__table__)


def add(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Store messages to be sent; one that is there already stays as it is."""
    if rows:
        insert = postgresql_insert if session.get_bind().dialect.name == "postgresql" else sqlite_insert
        session.connection().execute(insert(_TABLE).on_conflict_do_nothing(index_elements=["id"]), list(rows))


def due(session: Session, now: datetime, limit: int = 100) -> list[NoticeRecord]:
    """Those to be tried now, longest due first."""
    query = select(Notification).where(Notification.state == "waiting", Notification.next_at <= now)
    return [_record(row) for row in session.scalars(query.order_by(Notification.next_at).limit(limit))]


def find(session: Session, instance: str, *, limit: int = 100) -> list[NoticeRecord]:
    """The instance's messages, newest first."""
    return list(page(session, instance, size=limit).items)


def page(
    session: Session,
    instance: str,
    *,
    state: str = "",
    channel: str = "",
    text: str = "",
    after: str | None = None,
    size: int = 50,
) -> Page[NoticeRecord]:
    """A page of the instance's messages, newest first; ``text`` is part of a receiver or the call's whole id."""
    query = select(Notification).where(Notification.instance == instance)
    for column, value in ((Notification.state, state), (Notification.channel, channel)):
        if value:
            query = query.where(column == value)
    if text:
        query = query.where(Notification.to.contains(text, autoescape=True) | (Notification.call == text))
    if after:
        query = query.where(tuple_(Notification.at, Notification.id) < from_cursor(after))
    rows = list(session.scalars(query.order_by(Notification.at.desc(), Notification.id.desc()).limit(size + 1)))
    found = tuple(_record(row) for row in rows[:size])
    return Page(found, to_cursor(found[-1].at, found[-1].id) if len(rows) > size else None)


def get(session: Session, instance: str, notice_id: str) -> NoticeRecord | None:
    """One message of the instance."""
    row = session.scalar(select(Notification).where(Notification.id == notice_id, Notification.instance == instance))
    return None if row is None else _record(row)


def again(session: Session, notice_id: str, now: datetime) -> bool:
    """Try a failed message anew, as if it had just come; False when it has not failed."""
    query = update(Notification).where(Notification.id == notice_id, Notification.state == "failed")
    changed = session.execute(query.values(state="waiting", tries=0, error="", next_at=now))
    return bool(changed.rowcount)  # type: ignore[attr-defined]


def older_than(
    session: Session, before: datetime, count: int, *, instance: str | None = None, but: Collection[str] = ()
) -> list[str]:
    """Ids of messages sent or given up before: of one instance, or of all ``but`` some."""
    query = select(Notification.id).where(Notification.at < before, Notification.state != "waiting")
    query = query.where(
        Notification.instance == instance if instance is not None else Notification.instance.not_in(but)
    )
    return list(session.scalars(query.order_by(Notification.at).limit(count)))


def forget(session: Session, ids: Sequence[str]) -> None:
    """Delete them."""
    session.execute(delete(Notification).where(Notification.id.in_(ids)))


def tried(session: Session, notice_id: str, *, state: str, notifier: str, error: str, next_at: datetime) -> None:
    """Note a try: ``sent``, ``failed`` for good, or still ``waiting`` until ``next_at``."""
    this = update(Notification).where(Notification.id == notice_id)
    session.execute(
        this.values(state=state, notifier=notifier, error=error[:500], next_at=next_at, tries=Notification.tries + 1)
    )
    if state != "waiting":
        session.execute(this.where(Notification.expires_at.is_not(None)).values(text=""))


def _record(row: Notification) -> NoticeRecord:
    return NoticeRecord(
        row.id, row.instance, row.call, row.at, row.channel, row.to, row.subject, row.text, row.state, row.tries,
        row.next_at, row.notifier, row.error, row.expires_at,
    )  # fmt: skip
