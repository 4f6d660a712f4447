"""Past calls: list, look at, note."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from ccc.errors import InvalidError, NotFoundError, say
from ccc.services.actor import Actor
from ccc.services.log import heard_lately
from ccc.services.log import note as log_act
from ccc.store import Store
from ccc.store.records import CallbackRecord, CallFilter, CallRecord, CallSummary, Page
from ccc.store.repos import callbacks, calls

MAX_PAGE = 500
NOTE_LENGTH = 4000


@dataclass(frozen=True, slots=True)
class Related:
    """What a call has to do with others. ``may_see``: the ids of those the actor may open."""

    callbacks: tuple[CallbackRecord, ...] = ()
    """Asked for in this call."""
    attempts: tuple[CallSummary, ...] = ()
    """Calls that follow from this one."""
    may_see: frozenset[str] = frozenset()


def list_calls(
    store: Store,
    actor: Actor,
    instance: str,
    wanted: CallFilter | None = None,
    *,
    after: str | None = None,
    before: str | None = None,
    oldest: bool = False,
    size: int = 50,
) -> Page[CallSummary]:
    """A page of the instance's calls, newest first; an agent sees the own ones only.

    ``after`` and ``before`` are those of a neighbouring page; ``oldest`` asks for the end of the list.
    InvalidError when it or ``size`` is not usable.
    """
    role = actor.role(instance)
    if not 1 <= size <= MAX_PAGE:
        raise InvalidError(say("a page has 1 to %(most)s calls"), field="size", values={"most": MAX_PAGE})
    wanted = wanted or CallFilter()
    if role == "agent":
        wanted = replace(wanted, agent=actor.user)
    with store.read() as session:
        return calls.find(session, instance, wanted, after=after, before=before, oldest=oldest, size=size)


def get_call(store: Store, actor: Actor, instance: str, call_id: str) -> CallRecord:
    """A call with its steps. NotFoundError when there is none, or it is another agent's."""
    role = actor.role(instance)
    with store.read() as session:
        found = calls.get(session, call_id, instance)
    if found is None or (role == "agent" and found.agent != actor.user):
        raise NotFoundError(say("no call %(call)s"), values={"call": repr(call_id)})
    return found


def related(store: Store, actor: Actor, call: CallRecord) -> Related:
    """The call a callback (回呼) comes from, and the callbacks that come from a call got by :func:`get_call`."""
    role = actor.role(call.instance)
    with store.read() as session:
        asked = callbacks.asked_in(session, call.instance, call.id)
        attempts = calls.following(session, call.instance, call.id)
        origin = calls.get(session, call.origin, call.instance) if call.origin else None
    found = [*attempts, *([origin] if origin is not None else [])]
    mine = frozenset(item.id for item in found if role != "agent" or item.agent == actor.user)
    return Related(tuple(asked), tuple(attempts), mine)


def set_note(
    store: Store, actor: Actor, instance: str, call_id: str, *, note: str | None = None, disposition: str | None = None
) -> CallRecord:
    """Change a call's note and disposition (None: leave). An agent may change the own calls."""
    get_call(store, actor, instance, call_id)
    if note is not None and len(note) > NOTE_LENGTH:
        raise InvalidError(say("a note has at most %(most)s characters"), field="note", values={"most": NOTE_LENGTH})
    if disposition is not None and len(disposition) > 128:
        raise InvalidError(say("a disposition has at most 128 characters"), field="disposition")
    with store.write() as session:
        calls.set_note(session, call_id, note, disposition)
        log_act(session, actor, "call.note", call_id, instance=instance)
    return get_call(store, actor, instance, call_id)


def recording_file(
    store: Store, actor: Actor, call: CallRecord, address: str = "", *, log: bool = True, further: bool = False
) -> Path:
    """The recording of a call got by :func:`get_call`; ``log``: note the access. NotFoundError when there is none.

    ``further``: a part that does not begin at the beginning, noted when no play of the last hour was.
    """
    folder = store.home.recordings.resolve()
    path = (folder / call.recording).resolve()
    if not call.recording or not path.is_relative_to(folder) or not path.is_file():
        raise NotFoundError(say("there is no recording of call %(call)s"), values={"call": call.id})
    if log and not (further and heard_lately(store, actor, "recording.play", call.id, call.instance)):
        with store.write() as session:
            who = replace(actor, address=address or actor.address)
            log_act(session, who, "recording.play", call.id, instance=call.instance)
    return path


def last_calls(store: Store, actor: Actor, count: int, instance: str | None = None) -> list[CallRecord]:
    """The newest calls with their steps, newest first; without an instance all of them (only the system)."""
    if instance is not None:
        actor.require(instance, "admin", "supervisor")
    elif not actor.system:
        raise NotFoundError(say("name an instance"))
    with store.read() as session:
        return calls.last(session, instance, count)
