"""Inbound and outbound display (来显与外显): which number an agent and a person called see, and from where."""

from __future__ import annotations

from dataclasses import dataclass

from ccc.errors import NotFoundError, say
from ccc.geo import inbound_only
from ccc.services.actor import Actor
from ccc.store import Store
from ccc.store.repos import groups, instances, numbers, trunks
from ccc.store.repos.numbers import NumberRecord
from ccc.store.repos.trunks import TrunkRecord


@dataclass(frozen=True, slots=True)
class Shown:
    """``trunks``: those calls of the instance come or go by. ``outbound``: skill group -> numbers it may show."""

    trunks: tuple[TrunkRecord, ...]
    outbound: tuple[tuple[str, tuple[str, ...]], ...]
    inbound_only: tuple[str, ...]


def shown_numbers(store: Store, actor: Actor, instance: str) -> Shown:
    """As the instance is set up now."""
    actor.require(instance, "admin", "supervisor")
    with store.read() as session:
        place = instances.get(session, instance)
        if place is None:
            raise NotFoundError(say("There is no instance %(instance)s."), values={"instance": instance})
        lines = [item for item in trunks.of_account(session, place.account) if item.enabled]
        own: list[NumberRecord] = numbers.of_instance(session, instance)
        teams = groups.find(session, instance)
    outbound = tuple(
        (team.title or team.name, tuple(item.number for item in own if team.name in item.groups)) for team in teams
    )
    return Shown(tuple(lines), outbound, tuple(item.number for item in own if inbound_only(item.number)))
