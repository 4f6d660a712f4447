"""Once a night: what is past its retention goes, files nobody needs go, the store is tuned."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.orm import Session

from ccc.home import Home
from ccc.jobs import exporting
from ccc.services import agent_import, password_reset, retention, table_files, where_signed_in
from ccc.services.retention import Kind
from ccc.services.waveform import cache_file
from ccc.store import Store
from ccc.store.repos import audit, calls, jobs, notices, voicemails

log = logging.getLogger(__name__)
TEMPORARY_S = 24 * 3600.0
BATCH = 500
UNDO = timedelta(hours=24)
"""A deleted voicemail can be taken back so long."""
JOBS_LIFE = timedelta(days=30)
Old = tuple[str, str, str]
"""Id, the recording's path below the recordings ('' for none), the cached waveform's key."""


def maintain(home: Home, store: Store, now: datetime) -> dict[str, int]:
    """Do it all; returns counts of what was deleted: ``calls``, ``voicemails``, ``notifications``, ``exports``
    (expired ones), ``files`` (temporary ones, uploads nobody took), ``jobs`` (finished long ago) and ``sessions`` (of
    the pages).
    """
    counts = {
        "calls": _retire(home, store, now, "calls", _old_calls, _forget_calls),
        "voicemails": _retire(home, store, now, "voicemails", _old_voicemails, _forget_voicemails),
        "notifications": _retire(home, store, now, "notifications", _old_notices, _forget_notices),
    }
    counts["voicemails"] += _drop_deleted(home, store, now - UNDO)
    folders = (home.prompts, home.uploads, home.cache, home.cache / "peaks", home.exports)
    counts["files"] = sum(_drop_temporary(folder, now.timestamp()) for folder in folders)
    counts["files"] += agent_import.forget_old(store, now) + table_files.forget_old(store, now)
    counts["exports"] = exporting.expire(store, now)
    with store.write() as session:
        counts["jobs"] = jobs.forget(session, now - JOBS_LIFE)
    counts["sessions"] = where_signed_in.forget_old(store, now)
    password_reset.forget_old(store, now)
    tune(store)
    log.info("clean-up deleted: %s", ", ".join(f"{count} {name}" for name, count in counts.items()))
    return counts


def tune(store: Store) -> None:
    """Let SQLite learn which index finds few calls and which finds many; a fraction of a second, whatever the size.

    Not PRAGMA optimize: it looks only at tables its own connection has asked, and ours are new.
    """
    with store.write() as session:
        if session.get_bind().dialect.name == "sqlite":
            session.execute(text("PRAGMA analysis_limit=1000"))
            session.execute(text("ANALYZE"))


Find = Callable[[Session, datetime, str | None, Sequence[str]], list[Old]]
Forget = Callable[[Session, Sequence[str]], None]


def _retire(home: Home, store: Store, now: datetime, kind: Kind, find: Find, forget: Forget) -> int:
    """Each instance as it says, the others as the installation says."""
    with store.read() as session:
        default, own = retention.in_force(session, kind)
    count = 0
    for instance, days in own.items():
        if days:
            count += _drop(home, store, kind, now - timedelta(days=days), find, forget, instance, ())
    if default:
        count += _drop(home, store, kind, now - timedelta(days=default), find, forget, None, list(own))
    return count


def _drop(
    home: Home,
    store: Store,
    kind: Kind,
    before: datetime,
    find: Find,
    forget: Forget,
    instance: str | None,
    but: Sequence[str],
) -> int:
    """The file goes first: a crash in between leaves a row without one, never a recording without a row."""
    total = 0
    while True:
        with store.read() as session:
            old = find(session, before, instance, but)
        if not old:
            return total
        _drop_files(home, old)
        with store.write() as session:
            forget(session, [key for key, _, _ in old])
            told = {"instance": instance or "", "older_than": before.isoformat()}
            audit.add(session, "system", f"{kind}.retention", str(len(old)), **told)  # type: ignore[arg-type]
        total += len(old)


def _drop_deleted(home: Home, store: Store, before: datetime) -> int:
    """Voicemails somebody deleted, once nobody can take it back."""
    total = 0
    while True:
        with store.read() as session:
            found = voicemails.deleted_before(session, before, BATCH)
        if not found:
            return total
        _drop_files(home, [(str(number), path, f"voicemail {path}") for number, path in found])
        with store.write() as session:
            voicemails.forget(session, [number for number, _ in found])
        total += len(found)


def _drop_files(home: Home, old: Sequence[Old]) -> None:
    recordings = home.recordings.resolve()
    for _key, recording, peaks in old:
        if peaks:
            cache_file(home, peaks).unlink(missing_ok=True)
        path = (recordings / recording).resolve()
        if recording and path.is_relative_to(recordings):
            path.unlink(missing_ok=True)


def _old_calls(session: Session, before: datetime, instance: str | None, but: Sequence[str]) -> list[Old]:
    found = calls.older_than(session, before, BATCH, instance=instance, but=but)
    return [(call_id, recording, call_id) for call_id, recording in found]


def _forget_calls(session: Session, keys: Sequence[str]) -> None:
    calls.delete(session, keys)


def _old_voicemails(session: Session, before: datetime, instance: str | None, but: Sequence[str]) -> list[Old]:
    found = voicemails.older_than(session, before, BATCH, instance=instance, but=but)
    return [(str(number), path, f"voicemail {path}") for number, path in found]


def _forget_voicemails(session: Session, keys: Sequence[str]) -> None:
    voicemails.forget(session, [int(key) for key in keys])


def _old_notices(session: Session, before: datetime, instance: str | None, but: Sequence[str]) -> list[Old]:
    return [(key, "", "") for key in notices.older_than(session, before, BATCH, instance=instance, but=but)]


def _forget_notices(session: Session, keys: Sequence[str]) -> None:
    notices.forget(session, keys)


def _drop_temporary(folder: Path, now: float) -> int:
    count = 0
    for path in folder.glob(".*.tmp"):
        with contextlib.suppress(FileNotFoundError):
            if now - path.stat().st_mtime > TEMPORARY_S:
                path.unlink()
                count += 1
    return count
