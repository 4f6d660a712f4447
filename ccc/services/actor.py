"""Who acts, and what that somebody may do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ccc.errors import ForbiddenError, NotFoundError, say
from ccc.store import Store
from ccc.store.repos import users

ROLES = ("admin", "supervisor", "agent")
ACCOUNT_ROLES = ("owner", "manager")
"""Owner (ROL-1) and console manager (ROL-2) of a main account; neither may open an instance he is not in."""


@dataclass(frozen=True, slots=True)
class Actor:
    """A user with a role per instance. ``system`` (the command line, jobs) may do everything."""

    user: str
    roles: Mapping[str, str] = field(default_factory=dict)
    system: bool = False
    account: str = ""
    account_role: str = ""
    address: str = ""
    """Where from: the client's address, for the audit log."""
    key: str = ""
    """The API key the user acts through, by name and number, for the audit log."""

    def role(self, instance: str) -> str:
        """``admin``, ``supervisor`` or ``agent``. NotFoundError when the user is not in the instance (ROL-8)."""
        if self.system:
            return "admin"
        role = self.roles.get(instance)
        if role is None:
            raise NotFoundError(say("no instance %(instance)s"), values={"instance": repr(instance)})
        return role

    def require(self, instance: str, *roles: str) -> None:
        """ForbiddenError unless the actor has one of ``roles`` in the instance."""
        if self.role(instance) not in roles:
            raise ForbiddenError(
                say("this needs the role %(roles)s in %(instance)s; ask an administrator"),
                values={"roles": " or ".join(roles), "instance": repr(instance)},
            )

    def require_account(self, account: str, *roles: str) -> None:
        """NotFoundError for another main account, ForbiddenError unless one of ``roles`` (default: any) in it."""
        if self.system:
            return
        if account != self.account:
            raise NotFoundError(say("no account %(account)s"), values={"account": repr(account)})
        if self.account_role not in (roles or ACCOUNT_ROLES):
            raise ForbiddenError(say("this needs the owner or a console manager of the account; ask one of them"))


SYSTEM = Actor("system", system=True)


def actor_of(store: Store, username: str) -> Actor:
    """The actor for a logged-in user. ForbiddenError when there is no such active user."""
    with store.read() as session:
        user = users.get(session, username)
    if user is None or not user.active:
        raise ForbiddenError(say("this user is disabled; ask an administrator"))
    return Actor(user.username, user.roles, account=user.account, account_role=user.account_role)
