"""Messages callers left: stored with the journal offset, listed by keyset paging."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from ccc.store.models import Voicemail
from ccc.store.records import Page, VoicemailRecord


def add(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Store messages; one whose file is known already stays as it is."""
    if rows:
        insert = sqlite_insert if session.get_bind().dialect.name == "sqlite" else postgresql_insert
        session.execute(insert(Voicemail).on_conflict_do_nothing(index_elements=[Voicemail.path]), rows)


def find(
    session: Session, instance: str, groups: Collection[str] | None, *, unheard: bool, before: int | None, size: int
) -> Page[VoicemailRecord]:
    """The instance's messages, newest first; ``groups`` None: of every group."""
    query = select(Voicemail).where(Voicemail.instance == instance)
    if groups is not None:
        query = query.where(Voicemail.skill_group.in_(groups))
    if unheard:
        query = query.where(Voicemail.heard_at.is_(None))
    if before is not None:
        query = query.where(Voicemail.id < before)
    rows = list(session.scalars(query.order_by(Voicemail.id.desc()).limit(size + 1)))
    items = tuple(_record(row) for row in rows[:size])
    return Page(items, str(items[-1].id) if len(rows) > size else None)


def get(session: Session, instance: str, number: int) -> VoicemailRecord | None:
    """One message."""
    row = session.scalar(select(Voicemail).where(Voicemail.instance == instance, Voicemail.id == number))
    return None if row is None else _record(row)


def mark(session: Session, number: int, user: str, at: datetime | None) -> None:
    """Heard by ``user`` at ``at``; None: not heard."""
    values = {"heard_at": at, "heard_by": user if at is not None else ""}
    session.execute(update(Voicemail).where(Voicemail.id == number).values(values))


def _record(row: Voicemail) -> VoicemailRecord:
    return VoicemailRecord(
        id=row.id, call_id=row.call_id, instance=row.instance, skill_group=row.skill_group, caller=row.caller,
        callee=row.callee, path=row.path, seconds=row.seconds, at=row.at, heard_by=row.heard_by, heard_at=row.heard_at,
    )  # fmt: skip
