"""账号权限: the users of a main account, their roles in it and in its instances (ROL-1..4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from ccc.errors import ForbiddenError, InvalidError, NotFoundError, say
from ccc.services import checks, passwords
from ccc.services.actor import ACCOUNT_ROLES, Actor
from ccc.services.log import note
from ccc.services.revisions import require_unchanged
from ccc.services.snapshot import export_snapshot
from ccc.snapshot import model as snap
from ccc.store import Store
from ccc.store.records import UserRecord
from ccc.store.repos import agents, centre, users


@dataclass(frozen=True, slots=True)
class UserWish:
    """A user as somebody wants it to be; ``roles`` maps instance to role."""

    username: str
    name: str = ""
    email: str = ""
    account_role: str = ""
    roles: Mapping[str, str] | None = None


def list_users(store: Store, actor: Actor, account: str) -> list[UserRecord]:
    """Everybody in the main account."""
    actor.require_account(account)
    with store.read() as session:
        return users.of_account(session, account)


def list_instances(store: Store, actor: Actor, account: str) -> list[snap.Instance]:
    """The main account's instances."""
    actor.require_account(account)
    with store.read() as session:
        return _instances(session, account)


def get_user(store: Store, actor: Actor, account: str, username: str) -> UserRecord:
    """One of them. NotFoundError when there is none in this account."""
    actor.require_account(account)
    with store.read() as session:
        return _existing(session, account, username)


def create_user(store: Store, actor: Actor, account: str, wanted: UserWish, password: str) -> UserRecord:
    """Make a user of the account. Only the owner makes owners and console managers."""
    actor.require_account(account)
    checks.username(wanted.username)
    hashed = passwords.hash_password(password)
    with store.write() as session:
        _may_give(actor, "", wanted.account_role)
        checks.free(session, wanted.username)
        email = checks.email(session, wanted.email, wanted.username)
        name = checks.shown_name(wanted.name, wanted.username)
        users.add(session, account, wanted.username, name, email, hashed)
        users.set_account_role(session, wanted.username, wanted.account_role)
        _give_roles(session, actor, account, wanted.username, wanted.roles or {})
        made = _existing(session, account, wanted.username)
        note(session, actor, "user.add", made.username, after=_shape(made))
    export_snapshot(store)
    return made


def change_user(store: Store, actor: Actor, account: str, wanted: UserWish, revision: int) -> UserRecord:
    """Save name, address and roles. StaleError when somebody saved since ``revision`` was read."""
    actor.require_account(account)
    with store.write() as session:
        old = _existing(session, account, wanted.username)
        require_unchanged(old.revision, revision)
        _may_give(actor, old.account_role, wanted.account_role)
        if old.username == actor.user and old.account_role != wanted.account_role:
            raise InvalidError(say("Nobody changes the own role in the account."), field="account_role")
        email = checks.email(session, wanted.email, wanted.username)
        name = checks.shown_name(wanted.name, wanted.username)
        users.change(session, wanted.username, name=name, email=email, account_role=wanted.account_role)
        _give_roles(session, actor, account, wanted.username, wanted.roles or {})
        checks.keep_an_owner(session, account)
        new = _existing(session, account, wanted.username)
        note(session, actor, "user.change", new.username, before=_shape(old), after=_shape(new))
    export_snapshot(store)
    return new


def _give_roles(session: Session, actor: Actor, account: str, username: str, roles: Mapping[str, str]) -> None:
    """Exactly these roles in the account's instances; who is taken out of one is kept in its history."""
    known = {item.name for item in _instances(session, account)}
    if unknown := set(roles) - known:
        raise NotFoundError(say("There is no instance %(name)s."), field="roles", values={"name": min(unknown)})
    user = _existing(session, account, username)
    for instance in sorted(known):
        old, new = user.roles.get(instance), roles.get(instance)
        if old == new:
            continue
        if new is None:
            agents.remove(session, instance, username, actor.user)
        else:
            users.set_role(session, username, instance, checks.role(new))
            agents.forget_past(session, instance, username)
        note(session, actor, "user.role", username, instance=instance, before={"role": old}, after={"role": new})


def _may_give(actor: Actor, old: str, new: str) -> None:
    """Owners stand above console managers."""
    if new not in ("", *ACCOUNT_ROLES):
        raise InvalidError(say("This is not a role in the account."), field="account_role")
    if (old or new) and old != new and not (actor.system or actor.account_role == "owner"):
        raise ForbiddenError(say("Only an owner gives or takes roles in the account."), field="account_role")
    if old == "owner" and not (actor.system or actor.account_role == "owner"):
        raise ForbiddenError(say("Only an owner changes an owner."), field="account_role")


def _existing(session: Session, account: str, username: str) -> UserRecord:
    found = users.get(session, username)
    if found is None or found.account != account:
        raise NotFoundError(say("There is no user %(name)s."), values={"name": username})
    return found


def _instances(session: Session, account: str) -> list[snap.Instance]:
    return [item for item in centre.instances(session) if item.account == account]


def _shape(user: UserRecord) -> dict[str, object]:
    return {"name": user.name, "email": user.email, "account_role": user.account_role, "roles": user.roles}
