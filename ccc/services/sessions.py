"""What the pages need about who is signed in, and the recordings they hear."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import text

from ccc.services import calls, users
from ccc.services.actor import Actor
from ccc.store import Store
from ccc.store.repos import centre
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


def profile(store: Store, key: str) -> Profile | None:
    """The active user of a session, None when disabled or signed in with an older password."""
    with store.read() as session:
        user = repo.by_key(session, key)
        if user is None or not user.active:
            return None
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
    )


def set_language(store: Store, actor: Actor, language: str) -> None:
    """Remember the language of the user's pages."""
    users.set_locale(store, actor, language)


def recording_file(store: Store, actor: Actor, instance: str, call_id: str, address: str, *, log: bool) -> Path:
    """The WAV of a call the actor may see; ``log``: write the access to the audit log.

    NotFoundError when the call was not recorded, its file is gone, or the actor may not see it.
    """
    return calls.recording_file(store, actor, calls.get_call(store, actor, instance, call_id), address, log=log)


def ping(store: Store) -> None:
    """UnavailableError when the store does not answer."""
    with store.read() as session:
        session.execute(text("SELECT 1"))
