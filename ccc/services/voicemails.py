"""Messages callers left (语音信箱): list, listen, deal with, delete. Agents have those of their skill groups."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from ccc.errors import InvalidError, NotFoundError, say
from ccc.services import waveform
from ccc.services.actor import Actor
from ccc.services.log import heard_lately
from ccc.services.log import note as note_down
from ccc.services.revisions import changed_meanwhile
from ccc.snapshot.model import SkillGroup
from ccc.store import Store
from ccc.store.records import Page, VoicemailFilter, VoicemailRecord
from ccc.store.repos import centre, voicemails

State = Literal["new", "heard", "done"]
MAX_PAGE = 500
NOTE_LENGTH = 2000
COUNTED = 100
"""More new messages than this less one are not told apart: 99+."""
MAY_DELETE = ("admin", "supervisor")


def list_voicemails(
    store: Store,
    actor: Actor,
    instance: str,
    wanted: VoicemailFilter | None = None,
    *,
    after: str | None = None,
    size: int = 50,
) -> Page[VoicemailRecord]:
    """A page of messages, newest first; an agent gets the own groups'. InvalidError: ``after``, ``size``."""
    if not 1 <= size <= MAX_PAGE:
        raise InvalidError(say("a page has 1 to %(most)s messages"), field="size", values={"most": MAX_PAGE})
    wanted = wanted or VoicemailFilter()
    if wanted.state == "deleted":
        actor.require(instance, *MAY_DELETE)
    groups = _groups(store, actor, instance)
    with store.read() as session:
        return voicemails.find(session, instance, groups, wanted, after=after, size=size)


def skill_groups(store: Store, actor: Actor, instance: str) -> list[SkillGroup]:
    """The groups whose messages the actor may hear."""
    mine = _groups(store, actor, instance)
    with store.read() as session:
        return [group for group in centre.skill_groups(session, instance) if mine is None or group.name in mine]


def count_new(store: Store, actor: Actor, instance: str) -> int:
    """How many messages the actor may hear and nobody has heard; at most COUNTED."""
    groups = _groups(store, actor, instance)
    with store.read() as session:
        return voicemails.count_new(session, instance, groups, COUNTED)


def get_voicemail(store: Store, actor: Actor, instance: str, number: int) -> VoicemailRecord:
    """One message. NotFoundError when there is none, or it is another group's."""
    groups = _groups(store, actor, instance)
    with store.read() as session:
        found = voicemails.get(session, instance, number)
    if found is None or (groups is not None and (found.skill_group not in groups or found.deleted_at is not None)):
        raise NotFoundError(say("There is no message %(number)s."), values={"number": number})
    return found


def mark_voicemail(store: Store, actor: Actor, instance: str, number: int, state: State) -> VoicemailRecord:
    """Say how far a message is: ``new`` (nobody heard it), ``heard``, or ``done`` by the actor."""
    old, now = get_voicemail(store, actor, instance, number), datetime.now(UTC)
    if old.state == state:
        return old
    values: dict[str, Any] = {"done_by": "", "done_at": None}
    if state == "new":
        values |= {"heard_by": "", "heard_at": None}
    elif old.heard_at is None:
        values |= {"heard_by": actor.user, "heard_at": now}
    if state == "done":
        values |= {"done_by": actor.user, "done_at": now}
    return _change(store, actor, old, "voicemail.state", {"state": old.state}, {"state": state}, values)


def set_note(store: Store, actor: Actor, instance: str, number: int, text: str, revision: int) -> VoicemailRecord:
    """Keep a note. StaleError when somebody changed the message since ``revision`` was read."""
    old = get_voicemail(store, actor, instance, number)
    if len(text) > NOTE_LENGTH:
        raise InvalidError(say("At most %(most)s characters."), field="note", values={"most": NOTE_LENGTH})
    if old.note == text:
        return old
    return _change(store, actor, old, "voicemail.note", {"note": old.note}, {"note": text}, {"note": text}, revision)


def delete_voicemail(store: Store, actor: Actor, instance: str, number: int) -> None:
    """Take it off the list. It can be restored until a later night deletes it and its file for good."""
    actor.require(instance, *MAY_DELETE)
    old = get_voicemail(store, actor, instance, number)
    if old.deleted_at is None:
        values = {"deleted_by": actor.user, "deleted_at": datetime.now(UTC)}
        _change(store, actor, old, "voicemail.delete", _told(old), None, values)


def restore_voicemail(store: Store, actor: Actor, instance: str, number: int) -> None:
    """Put a deleted message back."""
    actor.require(instance, *MAY_DELETE)
    old = get_voicemail(store, actor, instance, number)
    if old.deleted_at is not None:
        values = {"deleted_by": "", "deleted_at": None}
        _change(store, actor, old, "voicemail.restore", None, _told(old), values)


def voicemail_file(store: Store, actor: Actor, instance: str, number: int, *, further: bool = False) -> Path:
    """The WAV of a message; the access is noted, and who heard it first. NotFoundError when the file is gone.

    ``further``: a part that does not begin at the beginning, noted when no play of the last hour was.
    """
    message = get_voicemail(store, actor, instance, number)
    path = _path(store, message)
    if not (further and heard_lately(store, actor, "voicemail.play", str(number), instance)):
        with store.write() as session:
            if message.heard_at is None:
                values = {"heard_by": actor.user, "heard_at": datetime.now(UTC)}
                voicemails.change(session, number, **values)
            note_down(session, actor, "voicemail.play", str(number), instance=instance, caller=message.caller)
    return path


def voicemail_peaks(store: Store, actor: Actor, instance: str, number: int) -> dict[str, Any]:
    """The message's waveform as :func:`ccc.services.waveform.recording_peaks` gives a recording's."""
    message = get_voicemail(store, actor, instance, number)
    return waveform.peaks_of(store.home, f"voicemail {message.path}", _path(store, message))


def _change(
    store: Store,
    actor: Actor,
    old: VoicemailRecord,
    action: str,
    before: dict[str, Any] | None,
    after: dict[str, Any] | None,
    values: dict[str, Any],
    revision: int | None = None,
) -> VoicemailRecord:
    with store.write() as session:
        now = voicemails.get(session, old.instance, old.id)
        if now is None or (revision is not None and now.revision != revision):
            raise changed_meanwhile()
        voicemails.change(session, old.id, **values)
        note_down(session, actor, action, str(old.id), instance=old.instance, before=before, after=after)
        saved = voicemails.get(session, old.instance, old.id)
    assert saved is not None
    return saved


def _told(message: VoicemailRecord) -> dict[str, Any]:
    return {
        "caller": message.caller,
        "skill_group": message.skill_group,
        "at": message.at.isoformat(timespec="seconds"),
        "seconds": round(message.seconds, 1),
        "state": message.state if message.deleted_at is None else "",
        "note": message.note,
    }


def _path(store: Store, message: VoicemailRecord) -> Path:
    folder = store.home.recordings.resolve()
    path = (folder / message.path).resolve()
    if not path.is_relative_to(folder) or not path.is_file():
        raise NotFoundError(say("The recording of message %(number)s is gone."), values={"number": message.id})
    return path


def _groups(store: Store, actor: Actor, instance: str) -> set[str] | None:
    """The groups whose messages the actor may hear; None: all."""
    if actor.role(instance) != "agent":
        return None
    with store.read() as session:
        return centre.groups_of(session, instance, actor.user)
