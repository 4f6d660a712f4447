"""The user as Flask-Security and Flask-Login want to see it."""

from __future__ import annotations

from typing import Any

from flask_security import RoleMixin, UserMixin
from flask_security.datastore import UserDatastore

from ccc.web.data import ROLES, Account, Data


class Role(RoleMixin):
    """A role by name; permissions are not used."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.permissions: list[str] = []


class SignedIn(UserMixin):
    """A signed-in user of this request."""

    fs_uniquifier = ""
    username = ""

    def __init__(self, account: Account) -> None:
        self.account = account
        self.username = account.username
        self.fs_uniquifier = account.key
        self.active = account.active
        self.roles = [Role(name) for name in ROLES if any(m.role == name for m in account.memberships)]


class AccountStore(UserDatastore):
    """Read-only: users are changed by services, never by Flask-Security."""

    def __init__(self, data: Data) -> None:
        super().__init__(SignedIn, Role)
        self._data = data

    def find_user(self, case_insensitive: bool = False, **kwargs: Any) -> SignedIn | None:
        """By ``fs_uniquifier``, the session's key."""
        key = kwargs.get("fs_uniquifier")
        account = self._data.account(key) if key else None
        return SignedIn(account) if account is not None else None

    def find_role(self, role: str) -> Role | None:
        """The role when it is one of ours."""
        return Role(role) if role in ROLES else None

    def put(self, model: Any) -> Any:
        """Nothing to store."""
        return model

    def commit(self) -> None:
        """Nothing to commit."""
