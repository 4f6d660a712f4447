"""Forgotten passwords, by mail (ROL-10): a code for one use within an hour."""

from __future__ import annotations

import hashlib
import logging
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from ccc.bus import request
from ccc.errors import InvalidError, UnavailableError, say
from ccc.services import passwords, where_signed_in
from ccc.services.actor import Actor
from ccc.services.log import note
from ccc.store import Store
from ccc.store.records import UserRecord
from ccc.store.repos import audit, notices, password_resets, users, web_sessions

log = logging.getLogger(__name__)
LIFETIME = timedelta(hours=1)
PER_USER = 5
"""Mails within an hour: nobody fills somebody's mailbox."""


@dataclass(frozen=True, slots=True)
class Mail:
    """The words of the mail with the code, in the user's language: the pages know them."""

    subject: str
    text: str


def ask(store: Store, login: str, words: Callable[[UserRecord, str], Mail], now: datetime, address: str = "") -> None:
    """Mail a code to the user of this name or mail address, when there is one who is active and has an address.

    Nothing tells the asker which. The mail goes by jobs, at once and again for an hour.
    """
    code = passwords.random_password()
    with store.write() as session:
        user = _find(session, login.strip())
        sent = user is not None and password_resets.made_since(session, user.username, now - LIFETIME) < PER_USER
        if user is not None and sent:
            password_resets.add(session, user.username, _digest(code), now)
            notices.add(session, [_notice(user, words(user, code), now)])
        audit.add(session, login[:64], "user.password-forgotten", login[:64], address=address, mail=sent)
    _deliver(store)


def reset(store: Store, code: str, password: str, now: datetime, address: str = "") -> str:
    """Set the password of whom the code was sent to; every session of the user ends. Returns the user name.

    InvalidError at ``code`` when it is wrong, used or older than an hour, at ``password`` when that is not good.
    """
    hashed = passwords.hash_password(password)
    with store.write() as session:
        username = password_resets.owner(session, _digest(code), now - LIFETIME)
        user = users.get(session, username) if username is not None else None
        if user is None or not user.active:
            raise InvalidError(
                say("This code is wrong, has been used or is older than an hour. Ask for a new one."), field="code"
            )
        users.set_password(session, user.username, hashed)
        password_resets.forget_of(session, user.username)
        web_sessions.end(session, user.username)
        note(session, Actor(user.username, account=user.account, address=address), "user.password-reset", user.username)
    where_signed_in.tell_runtime(store, user.username)
    return user.username


def forget_old(store: Store, now: datetime) -> None:
    """Nightly: codes that are of no use any more."""
    with store.write() as session:
        password_resets.forget(session, now - LIFETIME)


def _find(session: Session, login: str) -> UserRecord | None:
    username = users.by_email(session, login) if "@" in login else None
    user = users.get(session, username or login)
    return user if user is not None and user.active and user.email else None


def _notice(user: UserRecord, mail: Mail, now: datetime) -> dict[str, object]:
    return {
        "id": f"reset-{uuid.uuid4().hex}", "instance": "", "call": "", "at": now, "channel": "mail",
        "to": user.email, "subject": mail.subject, "text": mail.text, "state": "waiting", "tries": 0,
        "next_at": now, "notifier": "", "error": "", "expires_at": now + LIFETIME,
    }  # fmt: skip


def _digest(code: str) -> str:
    """80 random bits need no slow hash."""
    plain = "".join(code.split()).replace("-", "").lower()
    return hashlib.sha256(plain.encode()).hexdigest()


def _deliver(store: Store) -> None:
    try:
        request(store.home.socket("jobs"), {"op": "notices"})
    except UnavailableError as error:
        log.warning("a mail waits for jobs: %s", error.message)
