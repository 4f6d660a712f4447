"""Before a test call: may this user make it, and through what? (The call itself is the telephone side's.)"""

from __future__ import annotations

from dataclasses import dataclass

from ccc.bus import request
from ccc.errors import InvalidError, UnavailableError, say
from ccc.flow.compile import compile_flow
from ccc.flow.document import parse_document
from ccc.loader import Registry
from ccc.services.actor import Actor
from ccc.services.flows import draft_of, references, render_prompts
from ccc.services.log import note
from ccc.services.numbers import instance_number, instance_numbers
from ccc.store import Store

HAND_OVER_S = 5.0
REFUSED = frozenset({"too-large", "full", "flow-invalid"})


@dataclass(frozen=True, slots=True)
class Target:
    """What is called. ``subject`` goes into the ticket of ``/rt/call``."""

    subject: str
    callee: str


def number_to_call(store: Store, actor: Actor, instance: str, number: str) -> Target:
    """A number of the instance. InvalidError while calls to it would be refused."""
    actor.require(instance, "admin")
    found = instance_number(store, actor, instance, number)
    if not found.flow or found.flow_live is None:
        raise InvalidError(say("No published flow is bound to %(number)s: calls to it are refused."),
                           field="flow", values={"number": number})  # fmt: skip
    _note(store, actor, "number.test-call", number, instance)
    return Target(f"number:{number}", number)


def draft_to_call(store: Store, registry: Registry, actor: Actor, instance: str, name: str) -> Target:
    """The draft of a flow as it is saved, checked and handed to the telephone side for this one call, not published.

    FlowInvalid with every problem, as for publishing. UnavailableError when the telephone side cannot take it.
    """
    actor.require(instance, "admin")
    draft = draft_of(store, instance, name)
    compiled = compile_flow(parse_document(draft.document), registry, references(store, registry, instance, name))
    render_prompts(store.home, compiled, registry)
    callee = next((item.number for item in instance_numbers(store, actor, instance) if item.flow == name), "")
    message = {
        "op": "test-draft",
        "user": actor.user,
        "instance": instance,
        "callee": callee,
        "document": draft.document,
    }
    answer = request(store.home.socket("runtime"), message, HAND_OVER_S)
    if "error" in answer:
        kind = InvalidError if answer["error"]["code"] in REFUSED else UnavailableError
        raise kind(answer["error"]["message"], code=answer["error"]["code"])
    _note(store, actor, "flow.test-call", name, instance)
    return Target(f"draft:{answer['draft']}", callee)


def _note(store: Store, actor: Actor, action: str, thing: str, instance: str) -> None:
    """Test calls ring agents and dial out: who made one is written down."""
    with store.write() as session:
        note(session, actor, action, thing, instance=instance)
