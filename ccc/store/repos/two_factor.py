"""The second factor of users, and who must have one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from ccc.store.models import Account, User

METHOD = "authenticator"
"""Flask-Security's word for an app that shows codes."""


@dataclass(frozen=True, slots=True)
class Factor:
    """What is stored: the sealed secret, the newest time step used, hashes of the recovery codes left."""

    secret: str
    counter: int
    recovery: tuple[str, ...]


def get(session: Session, username: str) -> Factor | None:
    """The user's second factor, None without one."""
    user = _user(session, username)
    if not user.tf_totp_secret:
        return None
    return Factor(user.tf_totp_secret, user.tf_counter or 0, tuple(user.mf_recovery_codes or ()))


def put(session: Session, username: str, factor: Factor, now: datetime) -> None:
    """A new one takes the place of whatever there was."""
    user = _user(session, username)
    user.tf_primary_method, user.tf_totp_secret, user.tf_since = METHOD, factor.secret, now
    user.tf_counter, user.mf_recovery_codes = factor.counter, list(factor.recovery)


def used(session: Session, username: str, counter: int) -> None:
    """A code of this time step was used: none of it or of an earlier one is taken again."""
    session.execute(update(User).where(User.username == username).values(tf_counter=counter))


def set_recovery(session: Session, username: str, codes: tuple[str, ...]) -> None:
    """The recovery codes left."""
    _user(session, username).mf_recovery_codes = list(codes)


def remove(session: Session, username: str) -> None:
    """The password alone is enough again."""
    user = _user(session, username)
    user.tf_primary_method = user.tf_totp_secret = user.tf_counter = None
    user.tf_since = user.mf_recovery_codes = None


def required(session: Session, account: str) -> str:
    """Who of the main account must have a second factor: ``''``, ``admin`` or ``supervisor``."""
    return session.scalars(select(Account.two_factor).where(Account.name == account)).one()


def set_required(session: Session, account: str, who: str) -> None:
    """Change it."""
    session.execute(update(Account).where(Account.name == account).values(two_factor=who))


def _user(session: Session, username: str) -> User:
    return session.scalars(select(User).where(User.username == username)).one()
