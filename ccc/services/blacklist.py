"""The blacklist (黑名单) of an instance: numbers and beginnings of numbers whose calls it does not want."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from ccc.errors import CccError, ConflictError, InvalidError, NotFoundError, say
from ccc.geo.number_list import parse_entry
from ccc.services import checks
from ccc.services.actor import Actor
from ccc.services.log import note
from ccc.services.revisions import require_unchanged
from ccc.services.snapshot import export_snapshot
from ccc.store import Store
from ccc.store.records import BlacklistRecord
from ccc.store.repos import data

MAX_ENTRIES = 20_000
MAX_REASON = 255


@dataclass(frozen=True, slots=True)
class Added:
    """What became of many entries: new ones, how many were there already, those that are no numbers."""

    new: tuple[str, ...]
    known: int
    bad: tuple[tuple[int, str], ...]
    """``(line, text)``"""


def add_blacklist(
    store: Store,
    actor: Actor,
    instance: str,
    entries: Sequence[str],
    reason: str = "",
    expires_at: datetime | None = None,
) -> list[str]:
    """Add numbers in any usual form, or beginnings with ``*``; returns those that were not there yet, in one form.

    InvalidError names the first that is neither, and nothing is added; ConflictError above 20,000 entries.
    """
    actor.require(instance, "admin", "supervisor")
    return _add(store, actor, instance, [_parsed(entry) for entry in entries], reason, expires_at)


def add_many(
    store: Store,
    actor: Actor,
    instance: str,
    lines: Sequence[str],
    reason: str = "",
    expires_at: datetime | None = None,
) -> Added:
    """Add what is a number of ``lines`` (from a box or a file), and name what is none."""
    actor.require(instance, "admin", "supervisor")
    good: list[str] = []
    bad: list[tuple[int, str]] = []
    for number, line in enumerate(lines, 1):
        text = line.strip()
        if not text:
            continue
        try:
            good.append(_parsed(text))
        except CccError:
            bad.append((number, text[:60]))
    if not good and bad:
        raise InvalidError(
            say("Line %(line)s: %(text)s is neither a number nor a beginning such as 0755*."),
            field="numbers",
            values={"line": bad[0][0], "text": bad[0][1]},
        )
    if not good:
        raise InvalidError(say("Write at least one number."), field="numbers")
    new = _add(store, actor, instance, good, reason, expires_at)
    return Added(tuple(new), len(set(good)) - len(new), tuple(bad))


def change_entry(
    store: Store, actor: Actor, instance: str, entry: str, reason: str, expires_at: datetime | None, revision: int
) -> None:
    """Another reason or end. StaleError when somebody changed it since ``revision`` (see :func:`revision_of`)."""
    actor.require(instance, "admin", "supervisor")
    _check_reason(reason)
    with store.write() as session:
        old = _existing(session, instance, entry)
        require_unchanged(revision_of(old), revision)
        data.change_blacklist(session, instance, entry, reason, expires_at)
        new = _existing(session, instance, entry)
        note(session, actor, "blacklist.change", entry, instance=instance, before=_told(old), after=_told(new))
    export_snapshot(store)


def remove_blacklist(store: Store, actor: Actor, instance: str, entries: Sequence[str]) -> list[str]:
    """Take entries off; returns them. NotFoundError when one is not on the list, and nothing is removed."""
    actor.require(instance, "admin", "supervisor")
    parsed = [_parsed(entry) for entry in entries]
    with store.write() as session:
        checks.instance(session, instance)
        before = {item.entry: item for item in data.blacklist(session, instance, parsed)}
        for entry in parsed:
            if entry not in before:
                raise NotFoundError(_NONE, field="number", values={"number": entry})
        gone = data.remove_blacklist(session, instance, parsed)
        for entry in gone:
            note(session, actor, "blacklist.remove", entry, instance=instance, before=_told(before[entry]))
    export_snapshot(store)
    return gone


def list_blacklist(store: Store, actor: Actor, instance: str) -> list[BlacklistRecord]:
    """The instance's entries."""
    actor.require(instance, "admin", "supervisor")
    with store.read() as session:
        checks.instance(session, instance)
        return data.blacklist(session, instance)


def get_entry(store: Store, actor: Actor, instance: str, entry: str) -> BlacklistRecord:
    """One entry. NotFoundError when it is not on the list."""
    actor.require(instance, "admin", "supervisor")
    with store.read() as session:
        return _existing(session, instance, entry)


def revision_of(item: BlacklistRecord) -> int:
    """Changes with what can be changed of an entry."""
    return zlib.crc32(f"{item.entry}\n{item.reason}\n{item.expires_at}".encode())


_NONE = say("%(number)s is not on the blacklist.")


def _add(
    store: Store, actor: Actor, instance: str, parsed: Sequence[str], reason: str, expires_at: datetime | None
) -> list[str]:
    reason = reason[:MAX_REASON]
    with store.write() as session:
        checks.instance(session, instance)
        new = data.add_blacklist(session, instance, parsed, reason, actor.user, expires_at)
        if data.blacklist_size(session, instance) > MAX_ENTRIES:
            raise ConflictError(
                say("A blacklist has at most %(count)s entries; use beginnings such as 0755*."),
                values={"count": MAX_ENTRIES},
            )
        end = expires_at.isoformat() if expires_at is not None else None
        for entry in new:
            note(session, actor, "blacklist.add", entry, instance=instance, after={"reason": reason, "until": end})
    export_snapshot(store)
    return new


def _parsed(entry: str) -> str:
    try:
        return parse_entry(entry)
    except InvalidError:
        raise InvalidError(
            say("%(text)s is neither a number nor a beginning such as 0755*."),
            field="number",
            values={"text": entry[:60]},
        ) from None


def _check_reason(reason: str) -> None:
    if len(reason) > MAX_REASON:
        raise InvalidError(say("At most %(most)s characters."), field="reason", values={"most": MAX_REASON})


def _existing(session: Session, instance: str, entry: str) -> BlacklistRecord:
    found = data.blacklist(session, instance, [entry])
    if not found:
        raise NotFoundError(_NONE, field="number", values={"number": entry[:60]})
    return found[0]


def _told(item: BlacklistRecord) -> dict[str, object]:
    return {"reason": item.reason, "until": item.expires_at.isoformat() if item.expires_at else None}
