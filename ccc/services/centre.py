"""Instances, and numbers bound to flows (NUM-2)."""

from __future__ import annotations

import re

from ccc.errors import ConflictError, InvalidError, NotFoundError
from ccc.services.actor import Actor
from ccc.services.log import note
from ccc.services.snapshot import export_snapshot
from ccc.snapshot import model as snap
from ccc.store import Store
from ccc.store.repos import centre, flows

_NUMBER = re.compile(r"\+?[0-9*#A-Za-z._-]{1,31}")


def list_instances(store: Store, actor: Actor) -> list[snap.Instance]:
    """The instances the actor works in."""
    with store.read() as session:
        return [item for item in centre.instances(session) if actor.system or item.name in actor.roles]


def list_skill_groups(store: Store, actor: Actor, instance: str) -> list[snap.SkillGroup]:
    """The instance's skill groups by name."""
    actor.role(instance)
    with store.read() as session:
        return centre.skill_groups(session, instance)


def add_number(
    store: Store, actor: Actor, instance: str, number: str, flow: str = "", trunks: tuple[str, ...] = ()
) -> None:
    """Add a number to the instance, bound to a flow that exists ('' binds none yet)."""
    actor.require(instance, "admin")
    if not _NUMBER.fullmatch(number):
        raise InvalidError(f"{number!r} is not a number", field="number")
    with store.write() as session:
        found = _instance(centre.instances(session), instance)
        _check_flow(flow, {item.name for item in flows.find(session, instance)})
        if not centre.add_number(session, found.account, snap.Number(number, instance, flow, trunks)):
            raise ConflictError(f"the number {number} is there already", field="number")
        note(session, actor, "number.add", number, instance=instance, flow=flow)
    export_snapshot(store)


def bind_number(store: Store, actor: Actor, instance: str, number: str, flow: str) -> None:
    """Let calls to the number run another flow of the instance; '' takes it off."""
    actor.require(instance, "admin")
    with store.write() as session:
        _check_flow(flow, {item.name for item in flows.find(session, instance)})
        if not centre.bind_number(session, instance, number, flow):
            raise NotFoundError(f"no number {number!r} in {instance!r}", field="number")
        note(session, actor, "number.bind", number, instance=instance, flow=flow)
    export_snapshot(store)


def _instance(found: list[snap.Instance], name: str) -> snap.Instance:
    for item in found:
        if item.name == name:
            return item
    raise NotFoundError(f"no instance {name!r}", field="instance")


def _check_flow(flow: str, known: set[str]) -> None:
    if flow and flow not in known:
        raise InvalidError(f"no flow {flow!r}; there are: {', '.join(sorted(known)) or 'none'}", field="flow")
