"""The browsers a user is signed in with: what they are, end one or all others."""

from __future__ import annotations

import logging
import secrets
from datetime import UTC, datetime, timedelta

from ccc.bus import request
from ccc.errors import NotFoundError, UnavailableError, say
from ccc.services.actor import Actor
from ccc.services.log import note
from ccc.store import Store
from ccc.store.records import WebSessionRecord
from ccc.store.repos import web_sessions

log = logging.getLogger(__name__)
SHIFT = timedelta(hours=12)
"""A session lasts a long shift after its last request."""
KEPT = timedelta(days=2)
"""Longer than any cookie: an ended session must be known as long as somebody could come with its cookie."""


def new_key() -> str:
    """What names a session in its cookie."""
    return secrets.token_hex(16)


def touch(store: Store, username: str, key: str, address: str, browser: str) -> None:
    """Note that the session was used now. A store that cannot be written stops nobody: the next request tries again."""
    try:
        with store.write() as session:
            web_sessions.put(session, key, username, datetime.now(UTC), address, browser)
    except UnavailableError as error:
        log.warning("the session of %s could not be noted: %s", username, error.message)


def mine(store: Store, actor: Actor) -> list[WebSessionRecord]:
    """The actor's sessions, the latest first."""
    with store.read() as session:
        return web_sessions.open_of(session, actor.user, datetime.now(UTC) - SHIFT)


def end(store: Store, actor: Actor, key: str) -> None:
    """Sign out one of the actor's own browsers, its workbench too. NotFoundError for anybody else's."""
    with store.write() as session:
        if not web_sessions.end(session, actor.user, only=key):
            raise NotFoundError(say("This sign-in has ended already."))
        note(session, actor, "user.session-end", actor.user)
    tell_runtime(store, actor.user, only=key)


def sign_out(store: Store, actor: Actor, key: str) -> None:
    """The actor leaves: nobody comes in with a copy of this session's cookie, its open pages close."""
    with store.write() as session:
        web_sessions.put(session, key, actor.user, datetime.now(UTC), actor.address, "")  # it may not be noted yet
        web_sessions.end(session, actor.user, only=key)
        note(session, actor, "user.sign-out", actor.user)
    tell_runtime(store, actor.user, only=key)


def end_others(store: Store, actor: Actor, but: str) -> int:
    """Sign out every browser of the actor's but this; returns how many."""
    with store.write() as session:
        count = web_sessions.end(session, actor.user, but=but)
        note(session, actor, "user.session-end", actor.user, others=count)
    tell_runtime(store, actor.user, but=but)
    return count


def forget_old(store: Store, now: datetime) -> int:
    """Nightly: what no cookie can name any more."""
    with store.write() as session:
        return web_sessions.forget(session, now - KEPT)


def tell_runtime(store: Store, username: str, *, only: str = "", but: str = "") -> None:
    """Close the open pages of ended sessions: of one, or of all but one; the agent is offline at once."""
    try:
        request(store.home.socket("runtime"), {"op": "sessions-ended", "user": username, "only": only, "but": but})
    except UnavailableError as error:
        log.warning("open pages of %s were not closed: %s", username, error.message)
