"""Deleting an instance: what is lost is told before, never while calls are in progress, records stay."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from ccc.bus import request
from ccc.errors import ConflictError, InvalidError, NotFoundError, UnavailableError, say
from ccc.services.actor import Actor
from ccc.services.log import note
from ccc.services.snapshot import export_snapshot
from ccc.store import Store
from ccc.store.repos import audio, data, flows, groups, hours, instances, numbers
from ccc.store.repos.instances import InstanceRecord

ASK_S = 1.0


@dataclass(frozen=True, slots=True)
class Loss:
    """What goes with the instance, and what stays. ``numbers`` go back to the account."""

    instance: InstanceRecord
    numbers: tuple[str, ...]
    flows: int
    groups: int
    audio: int
    tables: int
    hours: int
    blacklist: int
    people: int
    calls_now: int
    """Calls in progress: above 0 it cannot be deleted."""


def what_is_lost(store: Store, actor: Actor, account: str, name: str) -> Loss:
    """For the question before."""
    actor.require_account(account, "owner", "manager")
    with store.read() as session:
        place = _existing(session, account, name)
        return Loss(
            instance=place,
            numbers=place.numbers,
            flows=len(flows.find(session, name)),
            groups=len(groups.find(session, name)),
            audio=len(audio.find(session, name)),
            tables=len(data.tables(session, name)),
            hours=len(hours.find(session, name)),
            blacklist=data.blacklist_size(session, name),
            people=place.users,
            calls_now=calls_now(store, name),
        )


def delete_instance(store: Store, actor: Actor, account: str, name: str, typed: str) -> None:
    """Delete it for good. ``typed`` is its access address, as a confirmation.

    InvalidError when ``typed`` differs; ConflictError while calls are in progress. Numbers go back to the account.
    Call records, recordings and voicemails stay for their retention time under the address, which is never used again.
    """
    actor.require_account(account, "owner", "manager")
    if typed.strip() != name:
        raise InvalidError(say("Type %(name)s to confirm."), field="typed", values={"name": name})
    if running := calls_now(store, name):
        raise ConflictError(
            say("%(count)s calls are in progress in it; unbind its numbers and wait until they have ended."),
            values={"count": running},
        )
    with store.write() as session:
        place = _existing(session, account, name)
        files = [item.path for item in audio.find(session, name)]
        for number in place.numbers:
            numbers.put(session, number, instance="", flow="", groups=())
            note(
                session,
                actor,
                "number.release",
                number,
                instance=name,
                before={"instance": name},
                after={"instance": ""},
            )
        instances.delete(session, place, actor.user)
        note(session, actor, "instance.delete", name, before={"title": place.title, "numbers": list(place.numbers)})
        note(session, actor, "instance.delete", name, instance=name, before={"title": place.title})
    export_snapshot(store)
    _remove_files(store, files)


def calls_now(store: Store, name: str) -> int:
    """Calls in progress in the instance; 0 as well when the telephone side is down: then there are none."""
    try:
        answer = request(store.home.socket("runtime"), {"op": "live", "instance": name}, timeout_s=ASK_S)
    except UnavailableError:
        return 0
    return len(answer.get("calls", []))


def _remove_files(store: Store, paths: Sequence[str]) -> None:
    for path in paths:
        (store.home.uploads / path).unlink(missing_ok=True)


def _existing(session: Session, account: str, name: str) -> InstanceRecord:
    found = instances.get(session, name)
    if found is None or found.account != account:
        raise NotFoundError(say("There is no instance %(instance)s."), values={"instance": name})
    return found
