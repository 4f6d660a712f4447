"""Messages waiting to be sent: written with the journal's offset, so none is lost or comes in twice."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Table, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from ccc.store.models import Notification
from ccc.store.records import NoticeRecord

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
    query = select(Notification).where(Notification.instance == instance).order_by(Notification.at.desc())
    return [_record(row) for row in session.scalars(query.limit(limit))]


def tried(session: Session, notice_id: str, *, state: str, notifier: str, error: str, next_at: datetime) -> None:
    """Note a try: ``sent``, ``failed`` for good, or still ``waiting`` until ``next_at``."""
    session.execute(
        update(Notification)
        .where(Notification.id == notice_id)
        .values(state=state, notifier=notifier, error=error[:500], next_at=next_at, tries=Notification.tries + 1)
    )


def _record(row: Notification) -> NoticeRecord:
    return NoticeRecord(
        row.id, row.instance, row.call, row.at, row.channel, row.to, row.subject, row.text, row.state, row.tries,
        row.next_at, row.notifier, row.error,
    )  # fmt: skip
