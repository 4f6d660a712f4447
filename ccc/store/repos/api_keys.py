"""Keys of the REST API. The hash never leaves but to be compared."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from ccc.store.models import ApiKey, User
from ccc.store.records import ApiKeyRecord


def add(session: Session, id_: str, username: str, name: str, hash_: str, expires_at: datetime | None) -> ApiKeyRecord:
    """Keep a new key of the user."""
    user = session.scalars(select(User).where(User.username == username)).one()
    row = ApiKey(id=id_, user=user, name=name, hash=hash_, expires_at=expires_at, used_from="")
    session.add(row)
    session.flush()
    return _record(row)


def find(session: Session, username: str) -> list[ApiKeyRecord]:
    """The user's keys, revoked ones too, the newest first."""
    query = select(ApiKey).join(User).where(User.username == username).order_by(ApiKey.created_at.desc(), ApiKey.id)
    return [_record(row) for row in session.scalars(query)]


def get(session: Session, id_: str) -> tuple[ApiKeyRecord, str] | None:
    """A key and its hash."""
    row = session.get(ApiKey, id_)
    return None if row is None else (_record(row), row.hash)


def revoke(session: Session, id_: str, at: datetime) -> None:
    session.get_one(ApiKey, id_).revoked_at = at


def note_use(session: Session, id_: str, at: datetime, address: str) -> None:
    """Remember when and from where the key was used last."""
    row = session.get_one(ApiKey, id_)
    row.used_at, row.used_from = at, address[:64]


def _record(row: ApiKey) -> ApiKeyRecord:
    return ApiKeyRecord(
        row.id, row.user.username, row.name, row.created_at, row.expires_at, row.revoked_at, row.used_at, row.used_from
    )
