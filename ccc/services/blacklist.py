"""The blacklist (黑名单) of an instance: numbers and beginnings of numbers whose calls it does not want."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from ccc.errors import ConflictError, NotFoundError
from ccc.geo.number_list import parse_entry
from ccc.services.actor import Actor
from ccc.services.snapshot import export_snapshot
from ccc.store import Store
from ccc.store.records import BlacklistRecord
from ccc.store.repos import audit, centre, data

MAX_ENTRIES = 20_000


def add_blacklist(store: Store, actor: Actor, instance: str, entries: Sequence[str], reason: str = "") -> list[str]:
    """Add numbers in any usual form, or beginnings with ``*``; returns those that were not there yet, in one form.

    InvalidError names the first that is neither, and nothing is added; ConflictError above 20,000 entries.
    """
    actor.require(instance, "admin", "supervisor")
    parsed = [parse_entry(entry) for entry in entries]
    with store.write() as session:
        _require_instance(session, instance)
        new = data.add_blacklist(session, instance, parsed, reason[:255], actor.user)
        if data.blacklist_size(session, instance) > MAX_ENTRIES:
            raise ConflictError(f"a blacklist has at most {MAX_ENTRIES} entries; use beginnings such as 0755*")
        for entry in new:
            audit.add(session, actor.user, "blacklist.add", entry, instance=instance, reason=reason[:255])
    export_snapshot(store)
    return new


def remove_blacklist(store: Store, actor: Actor, instance: str, entries: Sequence[str]) -> list[str]:
    """Take entries off; returns them. NotFoundError when one is not on the list, and nothing is removed."""
    actor.require(instance, "admin", "supervisor")
    parsed = [parse_entry(entry) for entry in entries]
    with store.write() as session:
        _require_instance(session, instance)
        gone = data.remove_blacklist(session, instance, parsed)
        missing = [entry for entry in parsed if entry not in gone]
        if missing:
            raise NotFoundError(f"{missing[0]} is not on the blacklist of {instance!r}", field="number")
        for entry in gone:
            audit.add(session, actor.user, "blacklist.remove", entry, instance=instance)
    export_snapshot(store)
    return gone


def list_blacklist(store: Store, actor: Actor, instance: str) -> list[BlacklistRecord]:
    """The instance's entries."""
    actor.require(instance, "admin", "supervisor")
    with store.read() as session:
        _require_instance(session, instance)
        return data.blacklist(session, instance)


def _require_instance(session: Session, instance: str) -> None:
    if not any(item.name == instance for item in centre.instances(session)):
        raise NotFoundError(f"no instance {instance!r}", field="instance")
