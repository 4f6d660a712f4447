"""What an instance records and how long it keeps it (录音存储)."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from datetime import datetime

from ccc.errors import InvalidError, NotFoundError, say
from ccc.services.actor import Actor
from ccc.services.log import note
from ccc.services.retention import MAX_DAYS, OF_INSTANCES, Kind, in_force
from ccc.services.revisions import changed_meanwhile
from ccc.services.snapshot import export_snapshot
from ccc.store import Store
from ccc.store.repos import audit, calls, instances

KINDS: tuple[Kind, ...] = ("calls", "voicemails")
LOOK_S = 0.5
LOOK_AT = 500
"""Recordings looked at between two glances at the clock."""


@dataclass(frozen=True, slots=True)
class RecordingSettings:
    """``recording``: calls are recorded unless their flow says otherwise. Days: 0 keeps for ever."""

    instance: str
    recording: bool
    calls_days: int
    voicemails_days: int
    revision: int = 0


@dataclass(frozen=True, slots=True)
class Usage:
    """Recordings on disk; ``complete`` False: there are more than could be counted in half a second."""

    files: int
    size: int
    complete: bool


def get_recording(store: Store, actor: Actor, instance: str) -> RecordingSettings:
    """The settings with the instance's revision."""
    actor.require(instance, "admin", "supervisor")
    with store.read() as session:
        found = instances.get(session, instance)
        if found is None:
            raise NotFoundError(say("There is no instance %(instance)s."), values={"instance": instance})
        days = {}
        for kind in KINDS:
            default, own = in_force(session, kind)
            days[kind] = own.get(instance, default)
    return RecordingSettings(instance, found.recording, days["calls"], days["voicemails"], found.revision)


def change_recording(store: Store, actor: Actor, wanted: RecordingSettings, revision: int) -> RecordingSettings:
    """Save them. StaleError when somebody saved the instance's settings since ``revision``.

    Recording holds for new calls; what is too old is deleted in the following night.
    """
    actor.require(wanted.instance, "admin")
    for field in ("calls_days", "voicemails_days"):
        if not 0 <= getattr(wanted, field) <= MAX_DAYS:
            raise InvalidError(
                say("From 1 to %(most)s days, or 0 to keep everything."), field=field, values={"most": MAX_DAYS}
            )
    old = get_recording(store, actor, wanted.instance)
    with store.write() as session:
        found = instances.get(session, wanted.instance)
        if found is None or found.revision != revision:
            raise changed_meanwhile()
        instances.put(session, replace(found, recording=wanted.recording))
        for kind, days in (("calls", wanted.calls_days), ("voicemails", wanted.voicemails_days)):
            _default, own = in_force(session, kind)  # type: ignore[arg-type]
            audit.set_setting(session, OF_INSTANCES.format(kind), {**own, wanted.instance: days})
        note(session, actor, "instance.change", wanted.instance, instance=wanted.instance,
             before=_told(old), after=_told(wanted))  # fmt: skip
    export_snapshot(store)
    return get_recording(store, actor, wanted.instance)


def usage(store: Store, actor: Actor, instance: str, look_s: float = LOOK_S) -> Usage:
    """How much the recordings of the instance's calls take."""
    actor.require(instance, "admin", "supervisor")
    files = size = 0
    until = time.monotonic() + look_s
    last: tuple[datetime, str] | None = None
    while True:
        with store.read() as session:
            found = calls.recordings(session, instance, LOOK_AT, last)
        for started_at, call_id, path in found:
            last = (started_at, call_id)
            try:
                size += (store.home.recordings / path).stat().st_size
            except FileNotFoundError:
                continue  # deleted meanwhile, or the runtime could not write it
            files += 1
        if len(found) < LOOK_AT:
            return Usage(files, size, True)
        if time.monotonic() > until:
            return Usage(files, size, False)


def _told(item: RecordingSettings) -> dict[str, object]:
    return {"recording": item.recording, "calls_days": item.calls_days, "voicemails_days": item.voicemails_days}
