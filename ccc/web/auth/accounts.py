"""The user as Flask-Security and Flask-Login want to see it."""

from __future__ import annotations

import logging
import time
from typing import Any

from flask import has_request_context, request, session
from flask_security import RoleMixin, UserMixin
from flask_security.datastore import UserDatastore

from ccc.errors import UnavailableError
from ccc.services import sessions, where_signed_in
from ccc.services.actor import ROLES
from ccc.services.sessions import Profile
from ccc.store import Store

log = logging.getLogger(__name__)
REMEMBER_S = 3600.0
TOUCH_S = 60.0
"""So often a session in use is noted as seen."""
SESSION = "sid"
"""What names this browser's sign-in in the session cookie."""
"""While the store is down a user seen so recently stays signed in: an agent's page must get tickets to reconnect."""


class Role(RoleMixin):
    """A role by name; permissions are not used."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.permissions: list[str] = []


class SignedIn(UserMixin):
    """A signed-in user of this request."""

    fs_uniquifier = ""
    username = ""

    def __init__(self, profile: Profile) -> None:
        self.profile = profile
        self.username = profile.username
        self.fs_uniquifier = profile.key
        self.active = True
        self.roles = [Role(name) for name in ROLES if any(place.role == name for place in profile.places)]


class AccountStore(UserDatastore):
    """Read-only: users are changed by services, never by Flask-Security."""

    def __init__(self, store: Store) -> None:
        super().__init__(SignedIn, Role)
        self._store = store
        self._seen: dict[tuple[str, str], tuple[float, Profile]] = {}
        self._noted: dict[str, float] = {}

    def find_user(self, case_insensitive: bool = False, **kwargs: Any) -> SignedIn | None:
        """By ``fs_uniquifier``, the session's key."""
        key, name = kwargs.get("fs_uniquifier"), session.get(SESSION, "") if has_request_context() else ""
        profile = self._profile(str(key), str(name)) if key and name else None
        if profile is None:
            return None
        self._note(profile, str(name))
        return SignedIn(profile)

    def _profile(self, key: str, name: str) -> Profile | None:
        now = time.monotonic()
        try:
            profile = sessions.profile(self._store, key, name)
        except UnavailableError as error:
            seen_at, remembered = self._seen.get((key, name), (0.0, None))
            if remembered is None or now - seen_at > REMEMBER_S:
                raise
            log.warning("store down, %s stays signed in: %s", remembered.username, error.message)
            return remembered
        # Made anew, never changed: other threads may be reading it.
        seen = {one: entry for one, entry in self._seen.items() if now - entry[0] < REMEMBER_S and one != (key, name)}
        self._seen = seen if profile is None else {**seen, (key, name): (now, profile)}
        return profile

    def _note(self, profile: Profile, name: str) -> None:
        now = time.monotonic()
        if now - self._noted.get(name, -TOUCH_S) < TOUCH_S:
            return
        self._noted = {one: at for one, at in self._noted.items() if now - at < TOUCH_S} | {name: now}
        address, browser = request.remote_addr or "", request.user_agent.string
        where_signed_in.touch(self._store, profile.username, name, address, browser)

    def find_role(self, role: str) -> Role | None:
        """The role when it is one of ours."""
        return Role(role) if role in ROLES else None

    def put(self, model: Any) -> Any:
        """Nothing to store."""
        return model

    def commit(self) -> None:
        """Nothing to commit."""
