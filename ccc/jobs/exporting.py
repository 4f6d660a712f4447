"""Write an export of call records, tell how far it is, and take it away when it has expired."""

from __future__ import annotations

import logging
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from ccc.errors import CccError
from ccc.jobs import sheet
from ccc.services.exports import file_of, job_of
from ccc.store import Store
from ccc.store.records import ExportRecord
from ccc.store.repos import calls, centre, exports, flows, jobs, tags, users

log = logging.getLogger(__name__)
LIFE = timedelta(hours=24)
FORGET = timedelta(days=30)
PAGE = 500
TELL_S = 0.5


def run(store: Store, export_id: str) -> dict[str, Any]:
    """Write a waiting export; empty when it is not waiting (any more), else ``{"rows": n}`` or ``{"error": why}``.

    What fails is told in the export itself, too.
    """
    with store.write() as session:
        if not exports.change(session, export_id, {"state": "running"}, only=("waiting",)):
            return {}
        record = exports.get(session, export_id)
    assert record is not None
    path = file_of(store, record)
    temporary = path.with_name(f".{path.name}.tmp")
    try:
        rows = _write(store, record, temporary)
        temporary.replace(path)
        done = {"state": "done", "rows": rows, "total": rows, "bytes": path.stat().st_size}
        _change(store, export_id, **done, expires_at=datetime.now(UTC) + LIFE)
        return {"rows": rows}
    except (CccError, OSError) as error:
        log.error("export %s failed: %s", export_id, error)
        _change(store, export_id, state="failed", error=str(error)[:255])
        return {"error": str(error)}
    finally:
        temporary.unlink(missing_ok=True)


def _write(store: Store, record: ExportRecord, path: Path) -> int:
    with store.read() as session:
        total = calls.count(session, record.instance, record.wanted)
        instances = {item.name: item for item in centre.instances(session)}
        names = {user.username: user.name for user in users.find(session, record.instance)}
        words = {tag.id: tag.name for tag in tags.find(session, record.instance)}
        drawn = {flow.name: flow.title or flow.name for flow in flows.find(session, record.instance)}
        groups = {group.name: group.title or group.name for group in centre.skill_groups(session, record.instance)}
    zone = ZoneInfo(instances[record.instance].timezone if record.instance in instances else "Asia/Shanghai")
    _change(store, record.id, total=total)
    out, rows, told, after = sheet.open_sheet(path, record.format, record.language), 0, time.monotonic(), None
    try:
        while True:
            with store.read() as session:
                page = calls.find(session, record.instance, record.wanted, after=after, size=PAGE)
                tagged = tags.of_calls(session, [call.id for call in page.items]) if words else {}
            for call in page.items:
                own = sorted(words[one] for one in tagged.get(call.id, ()) if one in words)
                shown = replace(
                    call,
                    flow=drawn.get(call.flow, call.flow),
                    skill_group=groups.get(call.skill_group, call.skill_group),
                )
                out.add(sheet.cells(shown, zone, names, record.language, own))
            rows, after = rows + len(page.items), page.after
            if after is None:
                return rows
            if time.monotonic() - told > TELL_S:
                told = time.monotonic()
                _change(store, record.id, rows=rows)
    finally:
        out.close()


def _change(store: Store, export_id: str, **values: object) -> None:
    with store.write() as session:
        exports.change(session, export_id, values)
        if "rows" in values or "total" in values:
            now = exports.get(session, export_id)
            assert now is not None
            jobs.progress(session, job_of(export_id), now.rows, now.total)


def unfinished(store: Store) -> list[str]:
    """At the start of jobs: what waits, and what ran when they ended (it waits again)."""
    with store.write() as session:
        found = exports.unfinished(session)
        for export_id in found:
            exports.change(session, export_id, {"state": "waiting", "rows": 0})
            jobs.again(session, job_of(export_id), datetime.now(UTC))
    return found


def expire(store: Store, now: datetime) -> int:
    """Delete the files of expired exports; returns how many."""
    with store.write() as session:
        old = exports.expired(session, now)
        for record in old:
            file_of(store, record).unlink(missing_ok=True)
            exports.change(session, record.id, {"state": "expired"})
        exports.forget(session, now - FORGET)
    return len(old)
