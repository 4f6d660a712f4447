"""Exports of call records."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from ccc.store.models import Export
from ccc.store.records import CallFilter, ExportRecord

UNFINISHED = ("waiting", "running")


def add(session: Session, record: ExportRecord) -> None:
    """Put a new export in."""
    session.add(Export(**{**asdict(record), "wanted": _to_json(record.wanted)}))


def get(session: Session, export_id: str, instance: str | None = None) -> ExportRecord | None:
    """The export (of the instance)."""
    row = session.get(Export, export_id)
    return None if row is None or instance not in (None, row.instance) else _record(row)


def of_user(session: Session, instance: str, user: str, limit: int) -> list[ExportRecord]:
    """A user's exports in an instance, newest first."""
    query = select(Export).where(Export.instance == instance, Export.user == user)
    return [_record(row) for row in session.scalars(query.order_by(Export.created_at.desc()).limit(limit))]


def unfinished(session: Session, instance: str | None = None, user: str | None = None) -> list[str]:
    """Ids of exports that wait or run, the oldest first."""
    query = select(Export.id).where(Export.state.in_(UNFINISHED)).order_by(Export.created_at)
    if instance is not None:
        query = query.where(Export.instance == instance, Export.user == user)
    return list(session.scalars(query))


def change(session: Session, export_id: str, values: dict[str, Any], *, only: Sequence[str] = ()) -> bool:
    """Change an export, ``only`` when its state is one of these; False when it is not."""
    query = update(Export).where(Export.id == export_id).values(values)
    if only:
        query = query.where(Export.state.in_(only))
    return bool(session.execute(query).rowcount)  # type: ignore[attr-defined]


def expired(session: Session, now: datetime) -> list[ExportRecord]:
    """Finished exports past their time."""
    query = select(Export).where(Export.state == "done", Export.expires_at <= now)
    return [_record(row) for row in session.scalars(query)]


def forget(session: Session, before: datetime) -> int:
    """Delete the entries of finished exports asked for before; how many."""
    query = delete(Export).where(Export.created_at < before, Export.state.not_in((*UNFINISHED, "done")))
    return int(session.execute(query).rowcount)  # type: ignore[attr-defined]


def count(session: Session) -> int:
    """How many there are."""
    return session.scalar(select(func.count()).select_from(Export)) or 0


def _record(row: Export) -> ExportRecord:
    values = {column.name: getattr(row, column.name) for column in Export.__table__.columns}
    return ExportRecord(**{**values, "wanted": _from_json(row.wanted)})


def _to_json(wanted: CallFilter) -> dict[str, Any]:
    values = {name: value for name, value in asdict(wanted).items() if value}
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in values.items()}


def _from_json(values: dict[str, Any]) -> CallFilter:
    times: dict[str, Any] = {
        name: datetime.fromisoformat(values[name]) for name in ("since", "until") if name in values
    }
    return CallFilter(**{**values, **times})
