"""What people call what records name: users, main account, flows, skill groups. Who is gone keeps the recorded name."""

from __future__ import annotations

from ccc.services.actor import Actor
from ccc.store import Store
from ccc.store.repos import centre, flows, users


def people(store: Store, actor: Actor) -> dict[str, str]:
    """User name -> display name of everybody in the actor's main account; who has none is missing."""
    with store.read() as session:
        return users.names(session, actor.account)


def account(store: Store, actor: Actor) -> str:
    """What the actor's main account is called; '' without one."""
    with store.read() as session:
        return users.account_title(session, actor.account)


def flows_of(store: Store, actor: Actor, instance: str) -> dict[str, str]:
    """Reference name -> title of the instance's flows, for everybody who works in it."""
    actor.role(instance)  # whoever works there
    with store.read() as session:
        return {flow.name: flow.title or flow.name for flow in flows.find(session, instance)}


def groups_of(store: Store, actor: Actor, instance: str) -> dict[str, str]:
    """Reference name -> title of the instance's skill groups, for everybody who works in it."""
    actor.role(instance)  # whoever works there
    with store.read() as session:
        return {group.name: group.title or group.name for group in centre.skill_groups(session, instance)}
