"""What a snapshot must hold beyond the right types: names that refer to something, no doubles, real networks."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable

from ccc.snapshot.model import (
    Agent,
    Audio,
    Blacklist,
    Dedicated,
    FlowVersion,
    Number,
    SkillGroup,
    Snapshot,
    Table,
    WorkingHours,
)

Named = Number | Agent | SkillGroup | FlowVersion | Audio | Table | Blacklist | Dedicated | WorkingHours


def check(snapshot: Snapshot) -> str | None:
    """The first thing that is wrong, in words, or None."""
    return (
        _doubles(snapshot) or _trunks(snapshot) or _instances(snapshot) or _memberships(snapshot) or _numbers(snapshot)
    )


def _first_double(kind: str, keys: Iterable[object]) -> str | None:
    seen = set()
    for key in keys:
        if key in seen:
            return f"{kind} {key} is there twice"
        seen.add(key)
    return None


def _doubles(snapshot: Snapshot) -> str | None:
    return (
        _first_double("instance", (item.name for item in snapshot.instances))
        or _first_double("trunk", (item.id for item in snapshot.trunks))
        or _first_double("number", (item.number for item in snapshot.numbers))
        or _first_double("agent", ((item.instance, item.user) for item in snapshot.agents))
        or _first_double("skill group", ((item.instance, item.name) for item in snapshot.skill_groups))
        or _first_double("flow", ((item.instance, item.name) for item in snapshot.flows))
        or _first_double("audio", ((item.instance, item.name) for item in snapshot.audio))
        or _first_double("table", ((item.instance, item.name) for item in snapshot.tables))
        or _first_double("working hours", ((item.instance, item.name) for item in snapshot.hours))
        or _first_double("blacklist of", (item.instance for item in snapshot.blacklists))
        or _first_double("dedicated agent of", ((item.instance, item.number) for item in snapshot.dedicated))
    )


def _trunks(snapshot: Snapshot) -> str | None:
    for trunk in snapshot.trunks:
        for block in trunk.addresses:
            try:
                ipaddress.ip_network(block, strict=False)
            except ValueError:
                return f"trunk {trunk.name}: {block!r} is not a network such as 192.0.2.0/24"
    return None


def _instances(snapshot: Snapshot) -> str | None:
    known = {item.name for item in snapshot.instances}
    items: tuple[Named, ...] = (
        *snapshot.numbers,
        *snapshot.agents,
        *snapshot.skill_groups,
        *snapshot.flows,
        *snapshot.audio,
        *snapshot.tables,
        *snapshot.blacklists,
        *snapshot.hours,
        *snapshot.dedicated,
    )
    for item in items:
        if item.instance not in known:
            return f"{type(item).__name__.lower()} {_name(item)} belongs to the unknown instance {item.instance!r}"
    return None


def _name(item: object) -> str:
    for attribute in ("number", "user", "name"):
        if hasattr(item, attribute):
            return repr(getattr(item, attribute))
    return "?"


def _memberships(snapshot: Snapshot) -> str | None:
    groups = {(item.instance, item.name) for item in snapshot.skill_groups}
    for agent in snapshot.agents:
        for membership in agent.groups:
            if (agent.instance, membership.group) not in groups:
                return f"agent {agent.user!r} is in the unknown skill group {membership.group!r}"
    return None


def _numbers(snapshot: Snapshot) -> str | None:
    trunks = {item.id for item in snapshot.trunks}
    for number in snapshot.numbers:
        for trunk in number.trunks:
            if trunk not in trunks:
                return f"number {number.number!r} names the unknown trunk {trunk!r}"
    return None
