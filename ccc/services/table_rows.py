"""Rows of a lookup table: looked through, changed one by one, brought back. Every change is a new version.

A file of rows is never changed; a new one is written beside it and takes its name over in one transaction, when
nobody else changed the table meanwhile (else the work is done anew on what is there then).
"""

from __future__ import annotations

import csv
import io
import json
import re
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from ccc.errors import ConflictError, InvalidError, NotFoundError, UnavailableError, say
from ccc.services.actor import Actor
from ccc.services.log import note
from ccc.services.revisions import changed_meanwhile
from ccc.services.snapshot import export_snapshot
from ccc.services.tables import existing, store_rows
from ccc.store import Store
from ccc.store.records import TableRecord
from ccc.store.repos import data
from ccc.store.repos.data import TableVersion
from ccc.tables import TableFile
from ccc.tables.csv import MAX_CELL, MAX_KEY, MAX_ROWS, guarded

TRIES = 5
Rows = dict[str, dict[str, str]]


@dataclass(frozen=True, slots=True)
class Row:
    """A row; ``revision`` changes with its content."""

    key: str
    values: Mapping[str, str]

    @property
    def revision(self) -> int:
        return zlib.crc32(json.dumps([self.key, dict(self.values)], ensure_ascii=False, sort_keys=True).encode())


@dataclass(frozen=True, slots=True)
class RowPage:
    """Rows in the order of their keys; ``total`` fit the search."""

    table: TableRecord
    rows: tuple[Row, ...]
    total: int


def get_table(store: Store, actor: Actor, instance: str, name: str) -> TableRecord:
    """One table. NotFoundError when there is none of this name."""
    actor.require(instance, "admin", "supervisor")
    with store.read() as session:
        return existing(session, instance, name)


def find_rows(
    store: Store, actor: Actor, instance: str, name: str, words: str = "", *, start: int = 0, size: int = 50
) -> RowPage:
    """Rows that have every one of ``words`` somewhere, from the ``start``-th on."""
    table = get_table(store, actor, instance, name)
    wanted = words.casefold().split()
    found: list[Row] = []
    total = 0
    for key, values in TableFile(store.home.tables / table.path).items():
        text = "\n".join([key, *values.values()]).casefold() if wanted else ""
        if all(word in text for word in wanted):
            if start <= total < start + size:
                found.append(Row(key, values))
            total += 1
    return RowPage(table, tuple(found), total)


def get_row(store: Store, actor: Actor, instance: str, name: str, key: str) -> Row:
    """One row by its key."""
    table = get_table(store, actor, instance, name)
    try:
        return Row(key, TableFile(store.home.tables / table.path)[key])
    except KeyError:
        raise NotFoundError(say("There is no row %(key)s."), values={"key": key}) from None


def put_row(
    store: Store, actor: Actor, instance: str, name: str, row: Row, *, old: str | None = None, revision: int = 0
) -> TableVersion:
    """Add the row, or change the one with the key ``old`` that still has ``revision`` (StaleError otherwise).

    Returns the version before: :func:`restore` takes the change back.
    """

    def change(rows: Rows, table: TableRecord) -> None:
        if old is not None:
            if old not in rows or Row(old, rows[old]).revision != revision:
                raise changed_meanwhile()
            del rows[old]
        if row.key in rows:
            raise ConflictError(say("There is a row %(key)s already."), field="key", values={"key": row.key})
        if len(rows) >= MAX_ROWS:
            raise ConflictError(say("A table has at most %(count)s rows."), values={"count": MAX_ROWS})
        rows[row.key] = {column: str(row.values.get(column, "")) for column in table.columns}

    _check(row)
    return _change(store, actor, instance, name, f"row {row.key}", change)


def delete_rows(store: Store, actor: Actor, instance: str, name: str, keys: Sequence[str]) -> TableVersion:
    """Remove rows; one that is gone already is no error. Returns the version before."""

    def change(rows: Rows, _table: TableRecord) -> None:
        if len(set(rows) - set(keys)) == 0:
            raise ConflictError(say("A table keeps at least one row; delete the table instead."))
        for key in keys:
            rows.pop(key, None)

    return _change(store, actor, instance, name, f"rows -{len(keys)}", change)


def versions(store: Store, actor: Actor, instance: str, name: str) -> list[TableVersion]:
    """The newest first; ten are kept."""
    actor.require(instance, "admin", "supervisor")
    with store.read() as session:
        existing(session, instance, name)
        return data.versions(session, instance, name)


def restore(store: Store, actor: Actor, instance: str, name: str, revision: int) -> TableVersion:
    """Let the name stand for an older version again. Returns the version before."""
    actor.require(instance, "admin")
    with store.write() as session:
        old = existing(session, instance, name)
        wanted = next((one for one in data.versions(session, instance, name) if one.revision == revision), None)
        if wanted is None:
            raise NotFoundError(say("This version is not kept any more."))
        before = _now(session, old)
        data.put_table(session, instance, name, path=wanted.path, key=wanted.key, columns=wanted.columns,
                       rows=wanted.rows, user=actor.user, what=f"restore {revision}")  # fmt: skip
        note(session, actor, "table.restore", name, instance=instance, version=revision)
    export_snapshot(store)
    return before


def as_csv(store: Store, actor: Actor, instance: str, name: str) -> bytes:
    """The whole table as UTF-8 CSV with a BOM; no cell is taken for a formula by a spreadsheet."""
    table = get_table(store, actor, instance, name)
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([guarded(cell) for cell in (table.key, *table.columns)])
    for key, values in TableFile(store.home.tables / table.path).items():
        writer.writerow([guarded(cell) for cell in (key, *(values.get(column, "") for column in table.columns))])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _change(
    store: Store, actor: Actor, instance: str, name: str, what: str, change: Callable[[Rows, TableRecord], None]
) -> TableVersion:
    actor.require(instance, "admin")
    for _ in range(TRIES):
        table = get_table(store, actor, instance, name)
        rows = {key: dict(values) for key, values in TableFile(store.home.tables / table.path).items()}
        change(rows, table)
        before = store_rows(store, actor, table, rows, what)
        if before is not None:
            return before
    raise UnavailableError(say("The table is being changed by others; try again."))


def _now(session: Session, table: TableRecord) -> TableVersion:
    return next(one for one in data.versions(session, table.instance, table.name) if one.path == table.path)


def _check(row: Row) -> None:
    if not row.key.strip() or len(row.key) > MAX_KEY or re.search(r"[\x00-\x1f]", row.key):
        raise InvalidError(say("1 to %(most)s characters in one line."), field="key", values={"most": MAX_KEY})
    for number, value in enumerate(row.values.values()):
        if len(value) > MAX_CELL or "\0" in value:
            raise InvalidError(say("At most %(most)s characters."), field=f"c{number}", values={"most": MAX_CELL})
