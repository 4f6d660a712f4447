"""Messages callers left: list, listen, mark heard. Agents see those of their skill groups."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from ccc.errors import InvalidError, NotFoundError
from ccc.services.actor import Actor
from ccc.store import Store
from ccc.store.records import Page, VoicemailRecord
from ccc.store.repos import audit, centre, voicemails

MAX_PAGE = 500


def list_voicemails(
    store: Store,
    actor: Actor,
    instance: str,
    skill_group: str | None = None,
    *,
    unheard: bool = False,
    after: str | None = None,
    size: int = 50,
) -> Page[VoicemailRecord]:
    """A page of messages, newest first; an agent gets the own groups'. InvalidError: ``after``, ``size``."""
    if not 1 <= size <= MAX_PAGE:
        raise InvalidError(f"a page has 1 to {MAX_PAGE} messages", field="size")
    if after is not None and not after.isdecimal():
        raise InvalidError("after is not the end of a page; take it from the page before", field="after")
    groups = _groups(store, actor, instance)
    if skill_group is not None:
        groups = {skill_group} if groups is None or skill_group in groups else set()
    with store.read() as session:
        before = int(after) if after else None
        return voicemails.find(session, instance, groups, unheard=unheard, before=before, size=size)


def get_voicemail(store: Store, actor: Actor, instance: str, number: int) -> VoicemailRecord:
    """One message. NotFoundError when there is none, or it is another group's."""
    groups = _groups(store, actor, instance)
    with store.read() as session:
        found = voicemails.get(session, instance, number)
    if found is None or (groups is not None and found.skill_group not in groups):
        raise NotFoundError(f"no message {number}")
    return found


def mark_voicemail(store: Store, actor: Actor, instance: str, number: int, *, heard: bool = True) -> VoicemailRecord:
    """Mark a message heard, or not heard again."""
    get_voicemail(store, actor, instance, number)
    with store.write() as session:
        voicemails.mark(session, number, actor.user, datetime.now(UTC) if heard else None)
        audit.add(session, actor.user, "voicemail.heard", str(number), instance=instance, heard=heard)
    return get_voicemail(store, actor, instance, number)


def voicemail_file(store: Store, actor: Actor, instance: str, number: int, address: str = "") -> Path:
    """The WAV of a message; the access is noted. NotFoundError when the file is gone."""
    message = get_voicemail(store, actor, instance, number)
    folder = store.home.recordings.resolve()
    path = (folder / message.path).resolve()
    if not path.is_relative_to(folder) or not path.is_file():
        raise NotFoundError(f"the recording of message {number} is gone")
    with store.write() as session:
        audit.add(session, actor.user, "voicemail.play", str(number), instance=instance, address=address)
    return path


def _groups(store: Store, actor: Actor, instance: str) -> set[str] | None:
    """The groups whose messages the actor may hear; None: all."""
    if actor.role(instance) != "agent":
        return None
    with store.read() as session:
        return centre.groups_of(session, instance, actor.user)
