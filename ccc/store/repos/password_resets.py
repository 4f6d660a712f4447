"""Codes sent to people who forgot the password: by hash, so that the store does not hold them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from ccc.store.models import PasswordReset, User


def add(session: Session, username: str, digest: str, now: datetime) -> None:
    """One more code for the user."""
    user_id = session.scalars(select(User.id).where(User.username == username)).one()
    session.add(PasswordReset(hash=digest, user_id=user_id, made_at=now))


def owner(session: Session, digest: str, since: datetime) -> str | None:
    """The user name of whom the code was made for after ``since``."""
    query = select(User.username).join(PasswordReset).where(PasswordReset.hash == digest, PasswordReset.made_at > since)
    return session.scalar(query)


def made_since(session: Session, username: str, since: datetime) -> int:
    """How many codes the user got after that."""
    query = select(func.count()).select_from(PasswordReset).join(User)
    return session.scalar(query.where(User.username == username, PasswordReset.made_at > since)) or 0


def forget_of(session: Session, username: str) -> None:
    """Every code of the user: one was used, or the password was changed."""
    user_id = session.scalars(select(User.id).where(User.username == username)).one()
    session.execute(delete(PasswordReset).where(PasswordReset.user_id == user_id))


def forget(session: Session, before: datetime) -> None:
    """Those made before that."""
    session.execute(delete(PasswordReset).where(PasswordReset.made_at < before))
