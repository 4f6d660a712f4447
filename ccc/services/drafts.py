"""A flow's draft in the designer: the edit lock, saves with revision check, publishing what was seen (IVR-1)."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from ccc.api import Problem
from ccc.bus import request
from ccc.errors import ConflictError, InvalidError, NotFoundError, UnavailableError, say
from ccc.flow.check import check_flow
from ccc.flow.document import FlowDocument, parse_document
from ccc.loader import Registry
from ccc.services.actor import Actor
from ccc.services.flow_tests import publish_tested
from ccc.services.flows import Published, draft_of, references, voices
from ccc.services.log import note
from ccc.services.revisions import require_unchanged
from ccc.store import Store
from ccc.store.records import FlowRecord, LockRecord
from ccc.store.repos import centre, data, flow_locks, flows, hours
from ccc.store.repos.flow_changes import Change

EDITORS = ("admin", "supervisor")
"""Who may draw. Only an administrator publishes: nothing a draft says reaches a caller before that."""
LOCK_LASTS = timedelta(seconds=75)
"""A page that was not heard of for so long is gone; pages call every 20 s."""
ASK_S = 1.0


class LockedError(ConflictError):
    """Another page edits the draft; the message names its user."""

    code = "locked"


@dataclass(frozen=True, slots=True)
class Holder:
    """Who edits. ``token`` only for the page that holds the lock."""

    user: str
    shown_name: str
    since: datetime
    token: str = ""


def draft(store: Store, actor: Actor, instance: str, name: str) -> FlowRecord:
    """The flow with its draft as it is stored. NotFoundError when there is none."""
    actor.require(instance, *EDITORS)
    return draft_of(store, instance, name)


def holder(store: Store, actor: Actor, instance: str, name: str, now: datetime) -> Holder | None:
    """Who edits the draft now."""
    actor.require(instance, *EDITORS)
    with store.read() as session:
        return _shown(_holding(session, instance, name, now))


def take_lock(
    store: Store, actor: Actor, instance: str, name: str, *, token: str, shown_name: str, now: datetime,
    from_holder: bool = False,
) -> Holder:  # fmt: skip
    """Take the edit lock, or keep the one ``token`` names. LockedError when another page has it.

    ``from_holder``: take it all the same; that page then sees who did, and keeps what it had not saved.
    """
    actor.require(instance, *EDITORS)
    with store.write() as session:
        if flows.get(session, instance, name) is None:
            raise NotFoundError(say("There is no flow %(name)s."), values={"name": name})
        held = _holding(session, instance, name, now)
        if held is not None and held.token == token:
            flow_locks.touch(session, instance, name, now)
            return _own(held)
        if held is not None and not from_holder:
            raise _locked(held)
        if held is not None:
            note(session, actor, "flow.take_over", name, instance=instance, holder=held.user)
        made = flow_locks.put(
            session, instance, name, token=secrets.token_urlsafe(24), user=actor.user, shown_name=shown_name, at=now
        )
    return _own(made)


def release_lock(store: Store, actor: Actor, instance: str, name: str, token: str) -> None:
    """The page is closed. A lock that is another page's by now stays."""
    actor.require(instance, *EDITORS)
    with store.write() as session:
        held = flow_locks.get(session, instance, name)
        if held is not None and held.token == token:
            flow_locks.remove(session, instance, name)


def save_draft(
    store: Store, actor: Actor, instance: str, name: str, raw: Mapping[str, Any], *,
    revision: int, token: str, shown_name: str, now: datetime, change: Change | None = None,
) -> FlowRecord:  # fmt: skip
    """Replace the draft that was read at ``revision``; returns it with its new revision.

    ``change`` says what is done (None: somebody draws on the page that ``token`` names), so that it can be taken back.

    FlowInvalid (no document), LockedError (another page has taken the lock), StaleError (saved elsewhere meanwhile):
    the stored draft is untouched then. A lock that ran out while nobody took it is taken again.
    """
    actor.require(instance, *EDITORS)
    document = parse_document(raw)
    if document.name != name:
        raise InvalidError(say("The document belongs to another flow."), field="name")
    with store.write() as session:
        held = require_editing(session, instance, name, revision=revision, token=token, now=now)
        if held is None or held.token != token:
            flow_locks.put(
                session, instance, name, token=token, user=actor.user, shown_name=shown_name, at=now
            )  # fmt: skip
        if held is None or held.token != token or held.saves == 0:  # one entry for each time somebody edits
            note(session, actor, "flow.edit", name, instance=instance, revision=revision)
        flow_locks.touch(session, instance, name, now, saved=True)
        done = change or Change("canvas", source=token)
        return flows.save_draft(session, instance, name, document.title, document.as_dict(), actor.user, done)


def require_editing(
    session: Session, instance: str, name: str, *, revision: int, token: str, now: datetime
) -> LockRecord | None:
    """LockedError while another page edits, StaleError when the draft is not that of ``revision``; else the lock.

    Call it inside the writing transaction.
    """
    stored = flows.get(session, instance, name)
    if stored is None:
        raise NotFoundError(say("There is no flow %(name)s."), values={"name": name})
    held = flow_locks.get(session, instance, name)
    if held is not None and held.token != token and now - held.seen_at < LOCK_LASTS:
        raise _locked(held)
    require_unchanged(stored.revision, revision)
    return held


def check_document(
    store: Store, registry: Registry, actor: Actor, instance: str, document: FlowDocument
) -> list[Problem]:
    """Every problem of a document as it would be in this instance: the list of ``ccc flows check``."""
    actor.require(instance, *EDITORS)
    return check_flow(document, registry, references(store, registry, instance, document.name))


def publish_draft(
    store: Store, registry: Registry, actor: Actor, instance: str, name: str, *, revision: int, message: str,
    override: str = "",
) -> Published:  # fmt: skip
    """Publish the draft of that revision. StaleError when another was saved since; else as ``publish_tested``."""
    return publish_tested(
        store, registry, actor, instance, name, message, override=override, revision=revision
    )  # fmt: skip


def _holding(session: Session, instance: str, name: str, now: datetime) -> LockRecord | None:
    held = flow_locks.get(session, instance, name)
    return held if held is not None and now - held.seen_at < LOCK_LASTS else None


def _locked(held: LockRecord) -> LockedError:
    return LockedError(
        say("%(user)s is editing this flow."), field="lock", values={"user": held.shown_name or held.user}
    )


def _own(lock: LockRecord) -> Holder:
    return Holder(lock.user, lock.shown_name, lock.taken_at, lock.token)


def _shown(lock: LockRecord | None) -> Holder | None:
    return None if lock is None else Holder(lock.user, lock.shown_name, lock.taken_at)


def names(store: Store, registry: Registry, actor: Actor, instance: str) -> dict[str, list[tuple[str, str]]]:
    """What settings may refer to: ``{kind: [(name, title), ...]}`` for skill groups, audios, flows, trunks, ..."""
    actor.require(instance, *EDITORS)
    with store.read() as session:
        found = {
            "skill-group": [
                (group.name, group.title or group.name) for group in centre.skill_groups(session, instance)
            ],
            "audio": [(name, name) for name in sorted(centre.audio_names(session, instance))],
            "flow": [(flow.name, flow.title or flow.name) for flow in flows.find(session, instance)],
            "trunk": [(name, name) for name in sorted(centre.trunk_names(session, instance))],
            "table": [(table.name, table.name) for table in data.tables(session, instance)],
            "hours": [(item.name, item.name) for item in hours.find(session, instance)],
        }
    found["voice"] = [(voice.name, voice.label) for voice in voices(registry)]
    return found


def calls_in(store: Store, actor: Actor, instance: str, name: str) -> int | None:
    """How many calls run the flow at this moment; None when the runtime does not answer."""
    actor.require(instance, *EDITORS)
    try:
        answer = request(store.home.socket("runtime"), {"op": "live", "instance": instance}, timeout_s=ASK_S)
    except UnavailableError:
        return None
    calls: list[dict[str, Any]] = answer.get("calls", [])
    return len([call for call in calls if call.get("flow") == name])
