"""Exports of call records: ask for one, watch it, download it before it expires. Jobs write them."""

from __future__ import annotations

import secrets
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from ccc.errors import ConflictError, InvalidError, NotFoundError, say
from ccc.services import log
from ccc.services.actor import Actor
from ccc.services.jobs import announce
from ccc.store import Store
from ccc.store.records import CallFilter, ExportRecord
from ccc.store.repos import exports, jobs

FORMATS = ("csv", "xlsx")
LANGUAGES = ("zh", "en")
MAY = ("admin", "supervisor")
AT_ONCE = 3
"""Unfinished exports a user may have in an instance."""


def request_export(
    store: Store, actor: Actor, instance: str, wanted: CallFilter, *, format: str, language: str = "zh"
) -> ExportRecord:
    """Ask jobs for a file with the calls the filter finds. ``format``: csv or xlsx.

    InvalidError for another format, ConflictError while too many of the user's are unfinished.
    """
    actor.require(instance, *MAY)
    if format not in FORMATS:
        raise InvalidError(say("an export is csv or xlsx"), field="format")
    record = ExportRecord(
        id=secrets.token_hex(12),
        instance=instance,
        user=actor.user,
        format=format,
        language=language if language in LANGUAGES else LANGUAGES[0],
        wanted=wanted,
        state="waiting",
        rows=0,
        total=0,
        bytes=0,
        error="",
        created_at=datetime.now(UTC),
        expires_at=None,
    )
    with store.write() as session:
        if len(exports.unfinished(session, instance, actor.user)) >= AT_ONCE:
            raise ConflictError(
                say("%(count)s of your exports are not finished yet; wait for one of them"),
                values={"count": AT_ONCE},
            )
        exports.add(session, record)
        about, task = format.upper(), ["export", record.id]
        jobs.put(
            session,
            job_of(record.id),
            record.created_at,
            kind="export",
            instance=instance,
            user=actor.user,
            about=about,
            task=task,
        )
        told = {name: str(value) for name, value in asdict(wanted).items() if value}
        log.note(session, actor, "calls.export", record.id, instance=instance, format=format, filter=told)
    announce(store, {"op": "export", "id": record.id})
    return record


def list_exports(store: Store, actor: Actor, instance: str, limit: int = 5) -> list[ExportRecord]:
    """The user's own exports, newest first."""
    actor.require(instance, *MAY)
    with store.read() as session:
        return exports.of_user(session, instance, actor.user, limit)


def get_export(store: Store, actor: Actor, instance: str, export_id: str) -> ExportRecord:
    """One of the user's own exports. NotFoundError for another's."""
    actor.require(instance, *MAY)
    with store.read() as session:
        found = exports.get(session, export_id, instance)
    if found is None or found.user != actor.user:
        raise NotFoundError(say("no export %(export)s"), values={"export": repr(export_id)})
    return found


def export_file(store: Store, actor: Actor, instance: str, export_id: str, now: datetime) -> tuple[Path, ExportRecord]:
    """The file of a finished export of one's own; the download is noted.

    NotFoundError when it is not there (any more).
    """
    record = get_export(store, actor, instance, export_id)
    path = file_of(store, record)
    if record.state != "done" or record.expires_at is None or record.expires_at <= now or not path.is_file():
        raise NotFoundError(say("this export has expired or is not finished; ask for a new one"))
    with store.write() as session:
        log.note(session, actor, "calls.export.download", record.id, instance=instance, rows=record.rows)
    return path, record


def file_of(store: Store, record: ExportRecord) -> Path:
    """Where the file of an export lies."""
    return store.home.exports / f"{record.id}.{record.format}"


def job_of(export_id: str) -> str:
    """The id of an export's job."""
    return f"export:{export_id}"
