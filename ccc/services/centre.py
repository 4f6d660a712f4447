"""The instances somebody works in, and their skill groups."""

from __future__ import annotations

from ccc.services.actor import Actor
from ccc.snapshot import model as snap
from ccc.store import Store
from ccc.store.repos import centre


def list_instances(store: Store, actor: Actor) -> list[snap.Instance]:
    """The instances the actor works in."""
    with store.read() as session:
        return [item for item in centre.instances(session) if actor.system or item.name in actor.roles]


def list_skill_groups(store: Store, actor: Actor, instance: str) -> list[snap.SkillGroup]:
    """The instance's skill groups by name."""
    actor.role(instance)
    with store.read() as session:
        return centre.skill_groups(session, instance)
