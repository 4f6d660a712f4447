"""What the pages need about who is signed in, and the recordings they hear."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import text

from ccc.services import calls, two_factor, users
from ccc.services.actor import Actor
from ccc.store import Store
from ccc.store.repos import centre, web_sessions
from ccc.store.repos import two_factor as factors
from ccc.store.repos import users as repo


@dataclass(frozen=True, slots=True)
class Place:
    """A role in one instance."""

    instance: str
    title: str
    role: str
    timezone: str


@dataclass(frozen=True, slots=True)
class Profile:
    """A user as the pages know it. ``key`` changes with the password, which ends every older session."""

    username: str
    name: str
    key: str
    language: str
    places: tuple[Place, ...]
    account: str = ""
    account_role: str = ""
    email: str = ""
    two_factor: bool = False
    """Signs in with a code, too."""
    two_factor_due: bool = False
    """The account asks for it, and there is none yet."""

    @property
    def actor(self) -> Actor:
        """The same user for the services."""
        return Actor(
            self.username,
            {place.instance: place.role for place in self.places},
            account=self.account,
            account_role=self.account_role,
        )


def sign_in(store: Store, username: str, password: str, address: str) -> Profile | None:
    """The active user when the password is right, else None; noted in the audit log when the store can be written."""
    found = users.log_in(store, username, password, address)
    return None if found is None else profile(store, found.fs_uniquifier)


def second_step(store: Store, key: str, code: str, address: str) -> Profile | None:
    """The user whose password was right, when the code is, too; noted in the audit log either way."""
    found = profile(store, key)
    if found is None or not two_factor.check(store, found.username, code, two_factor.now_utc(), address):
        return None
    users.note_log_in(store, found.username, address, done=True)
    return found


def profile(store: Store, key: str, session_key: str = "") -> Profile | None:
    """The active user of a session; None when disabled, signed out elsewhere, or signed in with an older password."""
    with store.read() as session:
        user = repo.by_key(session, key)
        if user is None or not user.active or (session_key and web_sessions.ended(session, session_key)):
            return None
        level = factors.required(session, user.account)
        known = {item.name: item for item in centre.instances(session)}
    places = tuple(
        Place(name, known[name].title or name, role, known[name].timezone) for name, role in user.roles.items()
    )
    return Profile(
        user.username,
        user.name or user.username,
        user.fs_uniquifier,
        user.locale,
        places,
        user.account,
        user.account_role,
        email=user.email or "",
        two_factor=user.two_factor,
        two_factor_due=not user.two_factor and two_factor.required_of(level, user.account_role, user.roles),
    )


def set_language(store: Store, actor: Actor, language: str) -> None:
    """Remember the language of the user's pages."""
    users.set_locale(store, actor, language)


def recording_file(store: Store, actor: Actor, instance: str, call_id: str, address: str, *, further: bool) -> Path:
    """The WAV of a call the actor may see; the access is noted (``further`` as in :func:`calls.recording_file`).

    NotFoundError when the call was not recorded, its file is gone, or the actor may not see it.
    """
    return calls.recording_file(store, actor, calls.get_call(store, actor, instance, call_id), address, further=further)


def ping(store: Store) -> None:
    """UnavailableError when the store does not answer."""
    with store.read() as session:
        session.execute(text("SELECT 1"))
