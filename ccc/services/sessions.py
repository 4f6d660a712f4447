"""What the pages need about who is signed in, and the recordings they hear."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select, text
from sqlalchemy.orm import selectinload

from ccc.errors import NotFoundError
from ccc.services import calls, users
from ccc.services.actor import Actor
from ccc.store import Store
from ccc.store.base import utc_now
from ccc.store.models import Instance, Membership, User
from ccc.store.repos import audit


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

    @property
    def actor(self) -> Actor:
        """The same user for the services."""
        return Actor(self.username, {place.instance: place.role for place in self.places})


def sign_in(store: Store, username: str, password: str, address: str) -> Profile | None:
    """The active user when the password is right, else None. Written to the audit log when it is."""
    found = users.verify_password(store, username, password)
    if found is None:
        return None
    with store.write() as session:
        user = session.scalars(select(User).where(User.id == found.id)).one()
        user.last_login_at, user.last_login_ip = user.current_login_at, user.current_login_ip
        user.current_login_at, user.current_login_ip = utc_now(), address
        user.login_count = (user.login_count or 0) + 1
        audit.add(session, username, "user.sign-in", username, address=address)
    return profile(store, found.fs_uniquifier)


def profile(store: Store, key: str) -> Profile | None:
    """The active user of a session, None when disabled or signed in with an older password."""
    with store.read() as session:
        query = select(User).where(User.fs_uniquifier == key, User.active).options(selectinload(User.memberships))
        user = session.scalar(query)
        if user is None:
            return None
        roles = {member.instance_id: member.role for member in user.memberships}
        wanted = select(Instance).join(Membership).where(Membership.user_id == user.id).order_by(Membership.id)
        places = tuple(
            Place(row.name, row.title or row.name, roles[row.id], row.timezone) for row in session.scalars(wanted)
        )
        return Profile(user.username, user.name or user.username, user.fs_uniquifier, user.locale or "", places)


def set_language(store: Store, actor: Actor, language: str) -> None:
    """Remember the language of the user's pages."""
    with store.write() as session:
        session.scalars(select(User).where(User.username == actor.user)).one().locale = language


def recording_file(store: Store, actor: Actor, instance: str, call_id: str, address: str, *, log: bool) -> Path:
    """The WAV of a call the actor may see; ``log``: write the access to the audit log.

    NotFoundError when the call was not recorded, its file is gone, or the actor may not see it.
    """
    record = calls.get_call(store, actor, instance, call_id)
    folder = store.home.recordings.resolve()
    path = (folder / record.recording).resolve()
    if not record.recording or not path.is_relative_to(folder) or not path.is_file():
        raise NotFoundError(f"there is no recording of call {call_id!r}")
    if log:
        with store.write() as session:
            audit.add(session, actor.user, "recording.play", call_id, instance=instance, address=address)
    return path


def ping(store: Store) -> None:
    """UnavailableError when the store does not answer."""
    with store.read() as session:
        session.execute(text("SELECT 1"))
