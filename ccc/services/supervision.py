"""What a supervisor does to an agent at work: the telephone side carries it out, the log keeps it."""

from __future__ import annotations

from typing import Any, NoReturn

from ccc.errors import ConflictError, InvalidError, NotFoundError, UnavailableError, say
from ccc.services.actor import Actor
from ccc.services.orders import order
from ccc.store import Store
from ccc.store.repos import agents, centre

STATES = ("ready", "break", "offline")


def set_agent_state(store: Store, actor: Actor, instance: str, username: str, state: str, reason: str = "") -> None:
    """Choose ``ready``, ``break`` (with one of the instance's reasons, or none) or ``offline`` for an agent.

    Somebody who is on a call gets it afterwards, as if he had chosen it himself. InvalidError, NotFoundError;
    ConflictError when he is not at his workbench, UnavailableError when the telephone side does not answer or the
    store cannot take the entry: nothing is done that the log does not keep (see ``orders``).
    """
    actor.require(instance, "admin", "supervisor")
    if state not in STATES:
        raise InvalidError(say("Choose ready, break or offline."), field="state")
    with store.read() as session:
        known = agents.get(session, instance, username)
        reasons = next((item.break_reasons for item in centre.instances(session) if item.name == instance), ())
    if known is None:
        raise NotFoundError(say("There is no agent %(name)s."), values={"name": username})
    if reason and (state != "break" or reason not in reasons):
        raise InvalidError(say("There is no break reason %(reason)s."), field="reason", values={"reason": reason[:64]})
    told = {"state": state, "reason": reason}
    question = {"op": "agent-state", "instance": instance, "user": username, **told, "by": actor.user}
    answer = order(store, actor, "agent.state", username, question, instance=instance, **told)
    if error := answer.get("error"):
        _refuse(error, username)


def _refuse(error: dict[str, Any], username: str) -> NoReturn:
    if error.get("code") == "away":
        raise ConflictError(say("%(name)s is not at the workbench."), values={"name": username})
    if error.get("code") == "not-found":  # made a moment ago: the telephone side has not heard of him yet
        raise NotFoundError(say("There is no agent %(name)s."), values={"name": username})
    raise UnavailableError(str(error.get("message", "")))
