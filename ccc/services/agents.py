"""Agents of an instance (AGT-1)."""

from __future__ import annotations

from ccc.services.actor import Actor
from ccc.store import Store
from ccc.store.records import AgentRecord
from ccc.store.repos import agents


def list_agents(store: Store, actor: Actor, instance: str) -> list[AgentRecord]:
    """The instance's people by user name."""
    actor.require(instance, "admin", "supervisor")
    with store.read() as session:
        return agents.find(session, instance)
