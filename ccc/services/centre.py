"""Instances, and numbers bound to flows (NUM-2)."""

from __future__ import annotations

import re

from ccc.errors import ConflictError, InvalidError, NotFoundError, say
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
        raise InvalidError(say("%(text)s is not a number"), field="number", values={"text": repr(number)})
    with store.write() as session:
        found = _instance(centre.instances(session), instance)
        _check_flow(flow, {item.name for item in flows.find(session, instance)})
        if not centre.add_number(session, found.account, snap.Number(number, instance, flow, trunks)):
            text = say("the number %(number)s is there already")
            raise ConflictError(text, field="number", values={"number": number})
        note(session, actor, "number.add", number, instance=instance, flow=flow)
    export_snapshot(store)


def bind_number(store: Store, actor: Actor, instance: str, number: str, flow: str) -> None:
    """Let calls to the number run another flow of the instance; '' takes it off."""
    actor.require(instance, "admin")
    with store.write() as session:
        _check_flow(flow, {item.name for item in flows.find(session, instance)})
        if not centre.bind_number(session, instance, number, flow):
            where = {"number": repr(number), "instance": repr(instance)}
            raise NotFoundError(say("no number %(number)s in %(instance)s"), field="number", values=where)
        note(session, actor, "number.bind", number, instance=instance, flow=flow)
    export_snapshot(store)


def _instance(found: list[snap.Instance], name: str) -> snap.Instance:
    for item in found:
        if item.name == name:
            return item
    raise NotFoundError(say("no instance %(name)s"), field="instance", values={"name": repr(name)})


def _check_flow(flow: str, known: set[str]) -> None:
    if flow and flow not in known:
        values = {"flow": repr(flow), "known": ", ".join(sorted(known)) or "–"}
        raise InvalidError(say("no flow %(flow)s; there are: %(known)s"), field="flow", values=values)
