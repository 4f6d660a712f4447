"""Messages callers left: stored with the journal offset, listed by keyset paging."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, Table, delete, or_, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from ccc.store.models import Voicemail
from ccc.store.records import Page, VoicemailFilter, VoicemailRecord
from ccc.store.repos.calls import from_cursor, to_cursor

_COLUMNS = [column.name for column in cast(Table, Voicemail.__table__).columns]


def add(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Store messages; one whose file is known already stays as it is."""
    if rows:
        insert = sqlite_insert if session.get_bind().dialect.name == "sqlite" else postgresql_insert
        session.execute(insert(Voicemail).on_conflict_do_nothing(index_elements=[Voicemail.path]), rows)


def find(
    session: Session,
    instance: str,
    groups: Collection[str] | None,
    wanted: VoicemailFilter,
    *,
    after: str | None,
    size: int,
) -> Page[VoicemailRecord]:
    """The instance's messages, newest first; ``groups`` None: of every group. InvalidError: no cursor of ours."""
    query = select(Voicemail).where(Voicemail.instance == instance, _in_state(wanted.state))
    if groups is not None:
        query = query.where(Voicemail.skill_group.in_(groups))
    if wanted.skill_group:
        query = query.where(Voicemail.skill_group == wanted.skill_group)
    if wanted.since is not None:
        query = query.where(Voicemail.at >= wanted.since)
    if wanted.number:
        numbers = (Voicemail.caller, Voicemail.callee)
        query = query.where(or_(*(column.contains(wanted.number, autoescape=True) for column in numbers)))
    if after:
        at, number = from_cursor(after)
        query = query.where(tuple_(Voicemail.at, Voicemail.id) < (at, int(number) if number.isdecimal() else 0))
    rows = list(session.scalars(query.order_by(Voicemail.at.desc(), Voicemail.id.desc()).limit(size + 1)))
    items = tuple(_record(row) for row in rows[:size])
    return Page(items, to_cursor(items[-1].at, str(items[-1].id)) if len(rows) > size else None)


def _in_state(state: str) -> ColumnElement[bool]:
    """``new``, ``heard``, ``done``, ``deleted``; anything else: all but the deleted."""
    heard, done, there = Voicemail.heard_at, Voicemail.done_at, Voicemail.deleted_at.is_(None)
    match state:
        case "new":
            return heard.is_(None) & done.is_(None) & there
        case "heard":
            return heard.is_not(None) & done.is_(None) & there
        case "done":
            return done.is_not(None) & there
        case "deleted":
            return Voicemail.deleted_at.is_not(None)
    return there


def count_new(session: Session, instance: str, groups: Collection[str] | None, most: int) -> int:
    """How many nobody has heard yet, counted up to ``most``."""
    query = select(Voicemail.id).where(Voicemail.instance == instance, _in_state("new"))
    if groups is not None:
        query = query.where(Voicemail.skill_group.in_(groups))
    return len(session.scalars(query.limit(most)).all())


def get(session: Session, instance: str, number: int) -> VoicemailRecord | None:
    """One message, also a deleted one."""
    row = session.scalar(select(Voicemail).where(Voicemail.instance == instance, Voicemail.id == number))
    return None if row is None else _record(row)


def change(session: Session, number: int, **values: Any) -> None:
    """Set columns of a message. A new note is a new revision: listening meanwhile makes nobody's note stale."""
    if "note" in values:
        values["revision"] = Voicemail.revision + 1
    session.execute(update(Voicemail).where(Voicemail.id == number).values(values))


def older_than(
    session: Session, before: datetime, count: int, *, instance: str | None = None, but: Collection[str] = ()
) -> list[tuple[int, str]]:
    """(id, path) of messages left before: of one instance, or of all ``but`` some."""
    query = select(Voicemail.id, Voicemail.path).where(Voicemail.at < before).order_by(Voicemail.at).limit(count)
    query = query.where(Voicemail.instance == instance if instance is not None else Voicemail.instance.not_in(but))
    return [(number, path) for number, path in session.execute(query)]


def deleted_before(session: Session, moment: datetime, count: int) -> list[tuple[int, str]]:
    """(id, path) of messages somebody deleted before."""
    query = select(Voicemail.id, Voicemail.path).where(Voicemail.deleted_at < moment).limit(count)
    return [(number, path) for number, path in session.execute(query)]


def forget(session: Session, numbers: Sequence[int]) -> None:
    """Delete the rows for good."""
    session.execute(delete(Voicemail).where(Voicemail.id.in_(numbers)))


def _record(row: Voicemail) -> VoicemailRecord:
    return VoicemailRecord(**{name: getattr(row, name) for name in _COLUMNS})
