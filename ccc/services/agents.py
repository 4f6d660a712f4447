"""Agents of an instance (AGT-1): make, import, change, take out, bring back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from ccc.errors import ConflictError, InvalidError, NotFoundError, say
from ccc.services import checks, passwords
from ccc.services.actor import Actor
from ccc.services.log import note
from ccc.services.revisions import require_unchanged
from ccc.services.snapshot import export_snapshot
from ccc.store import Store
from ccc.store.records import AgentRecord, DedicatedRecord, UserRecord
from ccc.store.repos import agents, dedicated, groups, users


@dataclass(frozen=True, slots=True)
class Restored:
    """The dedicated customers of agents brought back: how many are theirs again, how many got another meanwhile."""

    customers: int
    elsewhere: int


def list_agents(store: Store, actor: Actor, instance: str) -> list[AgentRecord]:
    """The instance's people by user name."""
    actor.require(instance, "admin", "supervisor")
    with store.read() as session:
        return agents.find(session, instance)


def list_past(store: Store, actor: Actor, instance: str) -> list[AgentRecord]:
    """Who was taken out, the latest first."""
    actor.require(instance, "admin", "supervisor")
    with store.read() as session:
        return agents.past(session, instance)


def get_agent(store: Store, actor: Actor, instance: str, username: str) -> AgentRecord:
    """One of them. NotFoundError when there is none."""
    actor.require(instance, "admin", "supervisor")
    with store.read() as session:
        return existing(session, instance, username)


def candidates(store: Store, actor: Actor, instance: str) -> list[UserRecord]:
    """Active users of the instance's account who are not in it: they can be imported (ROL-8)."""
    actor.require(instance, "admin")
    with store.read() as session:
        everybody = users.of_account(session, checks.instance(session, instance).account)
        return [user for user in everybody if user.active and instance not in user.roles]


def create_agent(store: Store, actor: Actor, wanted: AgentRecord, password: str) -> AgentRecord:
    """Make a user of the instance's account on the spot and bring it into the instance."""
    actor.require(wanted.instance, "admin")
    hashed = passwords.hash_password(password)
    with store.write() as session:
        made = add_new(session, actor, wanted, hashed)
    export_snapshot(store)
    return made


def import_agent(store: Store, actor: Actor, wanted: AgentRecord) -> AgentRecord:
    """Bring a user of the account into the instance. ConflictError when there already; name and address stay."""
    actor.require(wanted.instance, "admin")
    with store.write() as session:
        made = add_known(session, actor, wanted)
    export_snapshot(store)
    return made


def change_agent(store: Store, actor: Actor, wanted: AgentRecord, revision: int) -> AgentRecord:
    """Save display name, role, groups, auto-answer. StaleError when somebody saved since ``revision`` was read."""
    actor.require(wanted.instance, "admin")
    with store.write() as session:
        old = existing(session, wanted.instance, wanted.username)
        require_unchanged(old.revision, revision)
        _check(session, wanted)
        users.rename(session, wanted.username, checks.shown_name(wanted.name, wanted.username))
        agents.put(session, wanted)
        _keep_an_admin(session, wanted.instance, "role")
        new = existing(session, wanted.instance, wanted.username)
        note(session, actor, "agent.change", new.username, instance=new.instance, before=_shape(old), after=_shape(new))
    export_snapshot(store)
    return new


def set_groups(
    store: Store, actor: Actor, instance: str, usernames: Sequence[str], wanted: Mapping[str, int], mode: str
) -> int:
    """Skill groups of many: ``add`` (or change the level), ``remove``, ``replace``. Returns how many changed."""
    actor.require(instance, "admin")
    changed = 0
    with store.write() as session:
        for username in usernames:
            old = existing(session, instance, username)
            kept = {} if mode == "replace" else dict(old.groups)
            if mode == "remove":
                kept = {name: level for name, level in kept.items() if name not in wanted}
            else:
                kept |= wanted
            changed += _save(session, actor, old, replace(old, groups=kept))
    export_snapshot(store)
    return changed


def set_auto_answer(store: Store, actor: Actor, instance: str, usernames: Sequence[str], on: bool) -> int:
    """Calls are answered by themselves after a tone, or not. Returns how many changed."""
    actor.require(instance, "admin")
    with store.write() as session:
        found = [existing(session, instance, username) for username in usernames]
        changed = sum(_save(session, actor, old, replace(old, auto_answer=on)) for old in found)
    export_snapshot(store)
    return changed


def remove_agents(store: Store, actor: Actor, instance: str, usernames: Sequence[str]) -> None:
    """Take them out of the instance: signed out of its workbench, kept in its history; they stay users."""
    actor.require(instance, "admin")
    if actor.user in usernames:
        raise InvalidError(say("Nobody takes himself out; ask another administrator."))
    with store.write() as session:
        for username in usernames:
            old = existing(session, instance, username)
            agents.remove(session, instance, username, actor.user)
            note(session, actor, "agent.remove", username, instance=instance, before=_shape(old))
        _keep_an_admin(session, instance, None)
    export_snapshot(store)


def restore_agents(store: Store, actor: Actor, instance: str, usernames: Sequence[str]) -> Restored:
    """Bring those taken out back, with the role, the groups (as far as they still exist) and the customers they had.

    A customer who has another agent meanwhile stays with that one.
    """
    actor.require(instance, "admin")
    given = had = 0
    with store.write() as session:
        past = {item.username: item for item in agents.past(session, instance)}
        for username in usernames:
            if username not in past:
                raise NotFoundError(say("There is no former agent %(name)s."), values={"name": username})
            known = {group.name for group in groups.find(session, instance)}
            kept = {name: level for name, level in past[username].groups.items() if name in known}
            own = agents.past_customers(session, instance, username)
            given, had = given + len(own), had + past[username].customers
            add_known(session, actor, replace(past[username], groups=kept), own)
    export_snapshot(store)
    return Restored(given, had - given)


def existing(session: Session, instance: str, username: str) -> AgentRecord:
    """The agent, else NotFoundError."""
    found = agents.get(session, instance, username)
    if found is None:
        raise NotFoundError(say("There is no agent %(name)s in this instance."), values={"name": username})
    return found


def add_new(session: Session, actor: Actor, wanted: AgentRecord, hashed: str) -> AgentRecord:
    """Inside a transaction: a new user and its place in the instance."""
    checks.username(wanted.username)
    checks.free(session, wanted.username)
    _check(session, wanted)
    account = checks.instance(session, wanted.instance).account
    email = checks.email(session, wanted.email, wanted.username)
    users.add(session, account, wanted.username, checks.shown_name(wanted.name, wanted.username), email, hashed)
    agents.put(session, wanted)
    made = existing(session, wanted.instance, wanted.username)
    note(session, actor, "agent.add", made.username, instance=made.instance, after=_shape(made))
    return made


def add_known(
    session: Session, actor: Actor, wanted: AgentRecord, customers: Sequence[DedicatedRecord] = ()
) -> AgentRecord:
    """Inside a transaction: a place in the instance for a user of its account, with ``customers`` of his own."""
    user = users.get(session, wanted.username)
    if user is None or user.account != checks.instance(session, wanted.instance).account:
        raise NotFoundError(
            say("There is no user %(name)s in this account."), field="username", values={"name": wanted.username}
        )
    if wanted.instance in user.roles:
        raise ConflictError(
            say("%(name)s is in this instance already."), field="username", values={"name": wanted.username}
        )
    _check(session, wanted)
    agents.put(session, wanted)
    dedicated.put(session, customers, actor.user)
    made = existing(session, wanted.instance, wanted.username)
    note(session, actor, "agent.import", made.username, instance=made.instance, after=_shape(made))
    return made


def _save(session: Session, actor: Actor, old: AgentRecord, new: AgentRecord) -> int:
    if old == new:
        return 0
    _check(session, new)
    agents.put(session, new)
    note(session, actor, "agent.change", new.username, instance=new.instance, before=_shape(old), after=_shape(new))
    return 1


def _check(session: Session, wanted: AgentRecord) -> None:
    checks.role(wanted.role)
    known = {group.name for group in groups.find(session, wanted.instance)}
    if unknown := sorted(set(wanted.groups) - known):
        raise InvalidError(
            say("There is no skill group %(name)s."), field="groups", values={"name": ", ".join(unknown)}
        )
    if any(not 1 <= level <= 9 for level in wanted.groups.values()):
        raise InvalidError(say("A level is a number from 1 (asked first) to 9."), field="groups")


def _keep_an_admin(session: Session, instance: str, field: str | None) -> None:
    if not any(item.role == "admin" and item.active for item in agents.find(session, instance)):
        raise InvalidError(say("The instance needs an administrator who can sign in."), field=field)


def _shape(agent: AgentRecord) -> dict[str, object]:
    return {
        "name": agent.name,
        "role": agent.role,
        "auto_answer": agent.auto_answer,
        "groups": dict(sorted(agent.groups.items())),
        **({"customers": agent.customers} if agent.customers else {}),
    }
