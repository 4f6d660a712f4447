"""Where users are signed in: one row for each browser."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from ccc.store.base import utc_now
from ccc.store.models import User, WebSession
from ccc.store.records import WebSessionRecord


def put(session: Session, key: str, username: str, now: datetime, address: str, browser: str) -> None:
    """Note that the session ``key`` was used; one not known yet begins."""
    row = session.get(WebSession, key)
    if row is None:
        user_id = session.scalars(select(User.id).where(User.username == username)).one()
        row = WebSession(id=key, user_id=user_id, began_at=now)
        session.add(row)
    row.seen_at, row.address, row.browser = now, address[:64], browser[:255]


def open_of(session: Session, username: str, since: datetime) -> list[WebSessionRecord]:
    """The user's sessions that have not ended and were used after ``since``, the latest first."""
    query = (
        select(WebSession)
        .join(User)
        .where(User.username == username, WebSession.ended_at.is_(None), WebSession.seen_at > since)
        .order_by(WebSession.seen_at.desc(), WebSession.id)
    )
    return [
        WebSessionRecord(row.id, row.began_at, row.seen_at, row.address, row.browser) for row in session.scalars(query)
    ]


def ended(session: Session, key: str) -> bool:
    """True when somebody ended this session. One that is not known has not been noted yet: it goes on."""
    return session.scalar(select(WebSession.ended_at).where(WebSession.id == key)) is not None


def end(session: Session, username: str, *, only: str = "", but: str = "") -> int:
    """End one of the user's sessions, or all ``but`` one; returns how many there were."""
    user_id = session.scalars(select(User.id).where(User.username == username)).one()
    change = update(WebSession).where(WebSession.user_id == user_id, WebSession.ended_at.is_(None))
    if only:
        change = change.where(WebSession.id == only)
    if but:
        change = change.where(WebSession.id != but)
    return session.connection().execute(change.values(ended_at=utc_now())).rowcount


def forget(session: Session, before: datetime) -> int:
    """Delete what ended, or was last used, before that; returns how many."""
    last = func.coalesce(WebSession.ended_at, WebSession.seen_at)
    return session.connection().execute(delete(WebSession).where(last < before)).rowcount
