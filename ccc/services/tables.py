"""Lookup tables of an instance: imported from CSV, used by flows by name."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import time
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.orm import Session

from ccc.api.expr import WORDS
from ccc.errors import ConflictError, InvalidError, NotFoundError, say
from ccc.loader import Registry
from ccc.prompts.files import write_atomic
from ccc.services import checks
from ccc.services.actor import Actor
from ccc.services.flow_uses import uses
from ccc.services.log import note
from ccc.services.snapshot import export_snapshot
from ccc.store import Store
from ccc.store.records import TableRecord
from ccc.store.repos import data
from ccc.store.repos.data import TableVersion
from ccc.tables import BadRow, pack, read_csv
from ccc.tables.csv import MAX_BYTES

KEEP_S = 24 * 3600.0
"""A file no name stands for any more stays this long: a call may be about to look into it."""
MAX_TABLES = 100


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of a file: the table, the encoding it was read in, the rows that were left out."""

    table: TableRecord
    encoding: str
    bad: tuple[BadRow, ...]


def import_table(
    store: Store, actor: Actor, instance: str, name: str, source: Path | bytes, *, key: str | None = None
) -> Imported:
    """Let ``name`` stand for the rows of a CSV file from now on; good rows are taken, bad ones named.

    InvalidError when the file is of no use or the name none; what the name stood for stays in force then.
    """
    actor.require(instance, "admin")
    check_name(name)
    found = read_csv(_bytes(source) if isinstance(source, Path) else source, key)
    path = _write(store, found.rows)
    try:
        with store.write() as session:
            checks.instance(session, instance)
            old = data.table(session, instance, name)
            if old is None and len(data.tables(session, instance)) >= MAX_TABLES:
                raise ConflictError(
                    say("There are %(count)s tables already; remove one first."), values={"count": MAX_TABLES}
                )
            saved = data.put_table(
                session, instance, name,
                path=path.name, key=found.key, columns=found.columns, rows=len(found.rows), user=actor.user,
                what="import",
            )  # fmt: skip
            note(session, actor, "table.import", name, instance=instance, rows=saved.rows, bad=len(found.bad))
    except BaseException:
        path.unlink()
        raise
    export_snapshot(store)
    _sweep(store, old)
    return Imported(saved, found.encoding, found.bad)


def check_name(name: str) -> None:
    """InvalidError when formulas could not call a table so."""
    if not re.fullmatch(r"[^\W\d]\w{0,63}", name) or name in WORDS:
        raise InvalidError(
            say("%(name)s is not a name for a table: letters, digits and _, no digit first."),
            field="name",
            values={"name": name or "''"},
        )


def store_rows(
    store: Store, actor: Actor, table: TableRecord, rows: dict[str, dict[str, str]], what: str
) -> TableVersion | None:
    """Let the table stand for ``rows``. Returns the version before; None when the table changed since ``table``."""
    path = _write(store, rows)
    try:
        with store.write() as session:
            now = data.table(session, table.instance, table.name)
            if now is None or now.revision != table.revision:
                path.unlink()
                return None
            before = next((one for one in data.versions(session, table.instance, table.name)), None)
            if before is None or before.path != now.path:  # imported before versions were kept
                before = TableVersion(now.revision, now.path, now.key, now.columns, now.rows, "", "", now.uploaded_at)
            data.put_table(
                session, table.instance, table.name,
                path=path.name, key=table.key, columns=table.columns, rows=len(rows), user=actor.user, what=what,
            )  # fmt: skip
            note(session, actor, "table.change", table.name, instance=table.instance, what=what)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    export_snapshot(store)
    _sweep(store, now)
    return before


def table_uses(store: Store, registry: Registry, actor: Actor, instance: str, name: str) -> list[str]:
    """Nodes of drafts and live versions that look into it, in words."""
    actor.require(instance, "admin", "supervisor")
    with store.read() as session:
        existing(session, instance, name)
        return [str(use) for use in uses(session, registry, instance, "table", name)]


def existing(session: Session, instance: str, name: str) -> TableRecord:
    """The table. NotFoundError when there is none of this name."""
    found = data.table(session, instance, name)
    if found is None:
        raise NotFoundError(say("There is no table %(name)s."), field="name", values={"name": name})
    return found


def _write(store: Store, rows: dict[str, dict[str, str]]) -> Path:
    """A new file of rows, on disk before the store names it."""
    path = store.home.tables / f"{secrets.token_hex(12)}.tab"
    path.parent.mkdir(mode=0o700, exist_ok=True)
    write_atomic(path, pack(rows))
    with path.open("rb") as file:
        os.fsync(file.fileno())
    return path


def list_tables(store: Store, actor: Actor, instance: str) -> list[TableRecord]:
    """The instance's tables by name."""
    actor.require(instance, "admin", "supervisor")
    with store.read() as session:
        checks.instance(session, instance)
        return data.tables(session, instance)


def remove_table(store: Store, registry: Registry, actor: Actor, instance: str, name: str) -> None:
    """Forget the table. ConflictError with the list of nodes while a draft or a live version uses it."""
    actor.require(instance, "admin")
    with store.write() as session:
        checks.instance(session, instance)
        old = data.table(session, instance, name)
        if old is None:
            known = ", ".join(item.name for item in data.tables(session, instance)) or "—"
            raise NotFoundError(
                say("There is no table %(name)s; there are: %(known)s."),
                field="name",
                values={"name": name, "known": known},
            )
        if found := uses(session, registry, instance, "table", name):
            raise ConflictError(
                say("The table %(name)s is used by %(places)s; change these flows first."),
                field="name",
                values={"name": name, "places": "; ".join(map(str, found))},
            )
        data.remove_table(session, instance, name)
        note(session, actor, "table.remove", name, instance=instance)
    export_snapshot(store)
    _sweep(store, old)


def _bytes(path: Path) -> bytes:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise InvalidError(
                say("The file is larger than %(most)s MB."), field="file", values={"most": MAX_BYTES // 1024 // 1024}
            )
        return path.read_bytes()
    except OSError as error:
        raise InvalidError(
            say("cannot read %(path)s: %(strerror)s"), field="file", values={"path": path, "strerror": error.strerror}
        ) from error


def _sweep(store: Store, retired: TableRecord | None) -> None:
    """Delete files that no name has stood for since yesterday; ``retired`` lost its name now."""
    if retired is not None:
        with contextlib.suppress(FileNotFoundError):  # deleted by hand: it is gone already
            os.utime(store.home.tables / retired.path)
    with store.read() as session:
        named = data.table_paths(session)
    limit = time.time() - KEEP_S
    for path in store.home.tables.glob("*.tab"):
        if path.name not in named and path.stat().st_mtime < limit:
            path.unlink(missing_ok=True)
