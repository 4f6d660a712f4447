"""Users: add, list, roles, passwords, switch off (ROL-3, ROL-4, AGT-1)."""

from __future__ import annotations

import functools
import logging

from ccc.bus import request
from ccc.errors import ForbiddenError, InvalidError, NotFoundError, UnavailableError, say
from ccc.services import checks, passwords, where_signed_in
from ccc.services.actor import ACCOUNT_ROLES, Actor
from ccc.services.log import note
from ccc.services.snapshot import export_snapshot
from ccc.store import Store
from ccc.store.records import UserRecord
from ccc.store.repos import agents, audit, centre, password_resets, users, web_sessions

log = logging.getLogger(__name__)


class WrongPasswordError(InvalidError):
    """What was given as the own password is not it; the pages count how often."""

    def __init__(self) -> None:
        super().__init__(say("This is not your password."), field="password")


def add_user(
    store: Store,
    actor: Actor,
    username: str,
    password: str,
    *,
    instance: str,
    role: str = "agent",
    name: str = "",
    email: str | None = None,
    groups: tuple[str, ...] = (),
) -> UserRecord:
    """Make a user of the instance's account and import it into the instance.

    InvalidError for a bad name, role, password or skill group; ConflictError when the name is taken.
    """
    actor.require(instance, "admin")
    checks.username(username)
    checks.role(role)
    hashed = passwords.hash_password(password)
    with store.write() as session:
        found = checks.instance(session, instance)
        checks.free(session, username)
        known = {group.name for group in centre.skill_groups(session, instance)}
        for group in groups:
            if group not in known:
                raise InvalidError(
                    f"no skill group {group!r} in {instance!r}; there are: {', '.join(sorted(known)) or 'none'}",
                    field="groups",
                )
        users.add(session, found.account, username, name or username, email, hashed)
        users.set_role(session, username, instance, role)
        for group in groups:
            centre.join_group(session, instance, username, group)
        note(session, actor, "user.add", username, instance=instance, after={"role": role})
        made = users.get(session, username)
    export_snapshot(store)
    assert made is not None
    return made


def list_users(store: Store, actor: Actor, instance: str | None = None) -> list[UserRecord]:
    """The instance's users, or all (only the system)."""
    if instance is None and not actor.system:
        raise ForbiddenError("only the command line lists the users of all instances; name one")
    if instance is not None:
        actor.require(instance, "admin", "supervisor")
    with store.read() as session:
        return users.find(session, instance)


def set_role(store: Store, actor: Actor, username: str, instance: str, role: str | None) -> None:
    """Import the user into the instance with this role, change it, or take the user out (None)."""
    actor.require(instance, "admin")
    if role is not None:
        checks.role(role)
    with store.write() as session:
        found = checks.instance(session, instance)
        user = users.get(session, username)
        if user is None or user.account != found.account:
            raise NotFoundError(f"no user {username!r} in the instance's account", field="username")
        if role is not None:
            users.set_role(session, username, instance, role)
        elif instance in user.roles:
            agents.remove(session, instance, username, actor.user)
        before = {"role": user.roles.get(instance)}
        note(session, actor, "user.role", username, instance=instance, before=before, after={"role": role})
    export_snapshot(store)


def set_password(store: Store, actor: Actor, username: str, password: str) -> None:
    """Set a password; ends the user's sessions. A user may set the own one, an admin those of the own instances."""
    if actor.user != username:
        managed(store, actor, username)
    _store_password(store, actor, username, passwords.hash_password(password))


def change_password(store: Store, actor: Actor, old: str, new: str, session_key: str) -> str:
    """The actor's own, with the old one as proof; every session but this one ends, its page stays open.

    Returns the user's new ``fs_uniquifier``: the caller keeps this session in with it. InvalidError at ``password``.
    """
    confirm(store, actor, old)
    _store_password(store, actor, actor.user, passwords.hash_password(new), but=session_key)
    with store.read() as session:
        user = users.get(session, actor.user)
    assert user is not None
    return user.fs_uniquifier


def _store_password(store: Store, actor: Actor, username: str, hashed: str, *, but: str = "") -> None:
    with store.write() as session:
        if users.get(session, username) is None:
            raise NotFoundError(f"no user {username!r}", field="username")
        users.set_password(session, username, hashed)
        password_resets.forget_of(session, username)
        web_sessions.end(session, username, but=but)
        note(session, actor, "user.password", username)
    where_signed_in.tell_runtime(store, username, but=but)


def set_active(store: Store, actor: Actor, username: str, active: bool) -> None:
    """Switch a user off (sessions end, sockets close, agent goes offline) or on again."""
    user = managed(store, actor, username)
    if actor.user == username:
        raise InvalidError(say("You cannot disable yourself; ask another administrator."))
    with store.write() as session:
        users.set_active(session, username, active)
        if user.account_role == "owner":  # two may be disabling each other
            checks.keep_an_owner(session, user.account)
        if not active:
            password_resets.forget_of(session, username)
            web_sessions.end(session, username)
        action = "user.enable" if active else "user.disable"
        note(session, actor, action, username, before={"active": not active}, after={"active": active})
    export_snapshot(store)
    if not active:
        _tell_runtime(store, username)


def verify_password(store: Store, username: str, password: str) -> UserRecord | None:
    """The active user when the password is right, else None (equally slow in both cases)."""
    with store.read() as session:
        user = users.get(session, username)
        stored = users.password_of(session, username)
    right = passwords.verify(stored or _unknown(), password)
    if stored is not None and passwords.is_quick(stored):
        passwords.verify(_unknown(), password)
    return user if right and user is not None and user.active else None


def log_in(store: Store, username: str, password: str, address: str) -> UserRecord | None:
    """:func:`verify_password`, noted (:func:`note_log_in`). Who has a second factor is not in yet: nothing to note."""
    user = verify_password(store, username, password)
    if user is None or not user.two_factor:
        note_log_in(store, username, address, done=user is not None)
    return user


def note_log_in(store: Store, username: str, address: str, *, done: bool) -> None:
    """Write down time and address. A store that cannot be written now stops nobody."""
    try:
        with store.write() as session:
            if done:
                users.note_login(session, username, address)
            action = "user.sign-in" if done else "user.sign-in-failed"
            audit.add(session, username[:64], action, username[:64], address=address)
    except UnavailableError:
        log.warning("the log-in of %r from %s could not be noted", username, address)


def change_self(store: Store, actor: Actor, name: str, email: str, password: str) -> None:
    """The actor's display name and address; a new address needs the password: codes for a new one go there.

    InvalidError or ConflictError name the field.
    """
    with store.read() as session:
        stored = users.password_of(session, actor.user)
    right = passwords.verify(stored, password) if password else False
    with store.write() as session:
        old = users.get(session, actor.user)
        if old is None:
            raise NotFoundError(say("There is no user %(name)s."), values={"name": actor.user})
        address = checks.email(session, email, actor.user)
        if address != old.email and not right:
            raise (
                WrongPasswordError
                if password
                else InvalidError(say("For another address enter your password."), field="password")
            )
        shown = checks.shown_name(name, actor.user)
        users.change(session, actor.user, name=shown, email=address)
        before, after = {"name": old.name, "email": old.email}, {"name": shown, "email": address}
        note(session, actor, "user.change", actor.user, before=before, after=after)
    export_snapshot(store)


def confirm(store: Store, actor: Actor, password: str) -> None:
    """WrongPasswordError unless it is the actor's password: asked before what an unlocked screen must not give away."""
    with store.read() as session:
        stored = users.password_of(session, actor.user)
    if not passwords.verify(stored, password):
        raise WrongPasswordError


def set_locale(store: Store, actor: Actor, locale: str) -> None:
    """Remember the actor's language of the pages."""
    with store.write() as session:
        users.set_locale(session, actor.user, locale)


@functools.cache
def _unknown() -> str:
    """A hash to spend the same time on when there is no such user."""
    return passwords.hash_password(passwords.random_password())


def managed(store: Store, actor: Actor, username: str) -> UserRecord:
    """The user, when the actor may disable it and set its password.

    NotFoundError when it is no business of the actor's, ForbiddenError when it can do more than the actor.
    """
    with store.read() as session:
        user = users.get(session, username)
    mine = {instance for instance, role in actor.roles.items() if role == "admin"}
    console = user is not None and actor.account_role in ACCOUNT_ROLES and user.account == actor.account
    if user is None or not (actor.system or console or mine & set(user.roles)):
        raise NotFoundError(say("There is no user %(name)s."), values={"name": username})
    if actor.system or (actor.account_role == "owner" and console):
        return user
    # A password set is a door opened: nobody gets past his own rights through somebody else's.
    if user.account_role == "owner" or (user.account_role and not console):
        raise ForbiddenError(say("%(name)s runs the account; only an owner may do this."), values={"name": username})
    if not console and not set(user.roles) <= mine:
        raise ForbiddenError(
            say("%(name)s works in other instances, too; ask the owner or a console manager of the account."),
            values={"name": username},
        )
    return user


def _tell_runtime(store: Store, username: str) -> None:
    try:
        request(store.home.socket("runtime"), {"op": "user-disabled", "user": username})
    except UnavailableError:
        return  # not running, or busy: the snapshot says it too, within its polling second
