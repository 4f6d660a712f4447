"""Callbacks (回呼): list them, cancel one, have one called now. Agents see those of their skill groups.

They live in the telephone side; the list is what its journal has told so far.
"""

from __future__ import annotations

from ccc.bus.frames import Message
from ccc.errors import ConflictError, InvalidError, NotFoundError, say
from ccc.services.actor import Actor
from ccc.services.orders import order
from ccc.store import Store
from ccc.store.records import CallbackRecord, Page
from ccc.store.repos import callbacks, centre

MAX_PAGE = 500


def list_callbacks(
    store: Store,
    actor: Actor,
    instance: str,
    *,
    state: str = "",
    skill_group: str = "",
    number: str = "",
    after: str | None = None,
    size: int = 50,
) -> Page[CallbackRecord]:
    """A page, newest first; ``state``: one of theirs, or ``open``. InvalidError: ``after``, ``size``."""
    if not 1 <= size <= MAX_PAGE:
        raise InvalidError(say("a page has 1 to %(most)s callbacks"), field="size", values={"most": MAX_PAGE})
    groups = _groups(store, actor, instance)
    if skill_group:
        groups = {skill_group} if groups is None or skill_group in groups else set()
    with store.read() as session:
        before = None
        if after:
            last = callbacks.get(session, instance, after)
            if last is None:
                raise InvalidError(say("after is not the end of a page; take it from the page before"), field="after")
            before = (last.asked_at, last.id)
        return callbacks.find(session, instance, groups, state=state, number=number, before=before, size=size)


def get_callback(store: Store, actor: Actor, instance: str, callback_id: str) -> CallbackRecord:
    """One. NotFoundError when there is none, or it is another group's."""
    groups = _groups(store, actor, instance)
    with store.read() as session:
        found = callbacks.get(session, instance, callback_id)
    if found is None or (groups is not None and found.skill_group not in groups):
        raise NotFoundError(say("There is no such callback."))
    return found


def cancel_callback(store: Store, actor: Actor, instance: str, callback_id: str) -> None:
    """Nobody is called any more. ConflictError: closed, or the customer is being called right now."""
    found = get_callback(store, actor, instance, callback_id)
    told = {"id": callback_id}
    message = {"op": "callback", "do": "cancel", "instance": instance, **told, "user": actor.user}
    _check(order(store, actor, "callback.cancel", found.number, message, instance=instance, before=told))


def call_back_now(store: Store, actor: Actor, instance: str, callback_id: str) -> None:
    """To the head of its queue and, if the actor is an agent of the group, to him first. Errors as cancelling has."""
    found = get_callback(store, actor, instance, callback_id)
    with store.read() as session:
        mine = found.skill_group in centre.groups_of(session, instance, actor.user)
    told = {"id": callback_id}
    message = {"op": "callback", "do": "now", "instance": instance, **told, "user": actor.user if mine else ""}
    _check(order(store, actor, "callback.now", found.number, message, instance=instance, before=told))


def _check(answer: Message) -> None:
    failure = answer.get("error")
    if failure is None:
        return
    if failure.get("code") == "calling":
        raise ConflictError(say("The customer is on the line or being called right now."))
    if failure.get("code") == "gone":
        raise ConflictError(say("This callback is closed already."))
    raise ConflictError(str(failure.get("message")))


def _groups(store: Store, actor: Actor, instance: str) -> set[str] | None:
    """The groups whose callbacks the actor may see; None: all."""
    if actor.role(instance) != "agent":
        return None
    with store.read() as session:
        return centre.groups_of(session, instance, actor.user)
