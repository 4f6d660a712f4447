"""The user as Flask-Security and Flask-Login want to see it."""

from __future__ import annotations

import logging
import time
from typing import Any

from flask_security import RoleMixin, UserMixin
from flask_security.datastore import UserDatastore

from ccc.errors import UnavailableError
from ccc.services import sessions
from ccc.services.actor import ROLES
from ccc.services.sessions import Profile
from ccc.store import Store

log = logging.getLogger(__name__)
REMEMBER_S = 3600.0
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
        self._seen: dict[str, tuple[float, Profile]] = {}

    def find_user(self, case_insensitive: bool = False, **kwargs: Any) -> SignedIn | None:
        """By ``fs_uniquifier``, the session's key."""
        key = kwargs.get("fs_uniquifier")
        profile = self._profile(str(key)) if key else None
        return SignedIn(profile) if profile is not None else None

    def _profile(self, key: str) -> Profile | None:
        now = time.monotonic()
        try:
            profile = sessions.profile(self._store, key)
        except UnavailableError as error:
            seen_at, remembered = self._seen.get(key, (0.0, None))
            if remembered is None or now - seen_at > REMEMBER_S:
                raise
            log.warning("store down, %s stays signed in: %s", remembered.username, error.message)
            return remembered
        self._seen = {name: entry for name, entry in self._seen.items() if now - entry[0] < REMEMBER_S and name != key}
        if profile is not None:
            self._seen[key] = (now, profile)
        return profile

    def find_role(self, role: str) -> Role | None:
        """The role when it is one of ours."""
        return Role(role) if role in ROLES else None

    def put(self, model: Any) -> Any:
        """Nothing to store."""
        return model

    def commit(self) -> None:
        """Nothing to commit."""
