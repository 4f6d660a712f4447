"""Lookup tables and blacklists of instances."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from ccc.snapshot import model as snap
from ccc.store.base import utc_now
from ccc.store.models import BlacklistEntry, Instance, LookupTable, LookupTableVersion
from ccc.store.records import BlacklistRecord, TableRecord

KEPT_VERSIONS = 10


@dataclass(frozen=True, slots=True)
class TableVersion:
    """What a table's name stood for from ``at`` on; ``what`` was done by ``user``."""

    revision: int
    path: str
    key: str
    columns: tuple[str, ...]
    rows: int
    what: str
    user: str
    at: datetime


def tables(session: Session, instance: str) -> list[TableRecord]:
    """The instance's lookup tables by name."""
    query = select(LookupTable).join(Instance).where(Instance.name == instance).order_by(LookupTable.name)
    return [_table_record(instance, row) for row in session.scalars(query)]


def table(session: Session, instance: str, name: str) -> TableRecord | None:
    """One lookup table."""
    row = _table(session, instance, name)
    return None if row is None else _table_record(instance, row)


def put_table(
    session: Session,
    instance: str,
    name: str,
    *,
    path: str,
    key: str,
    columns: Iterable[str],
    rows: int,
    user: str,
    what: str,
) -> TableRecord:
    """Add the table, or let the name stand for other rows; ``what`` says why. The newest ten versions are kept."""
    row = _table(session, instance, name)
    if row is None:
        row = LookupTable(instance_id=_instance_id(session, instance), name=name, revision=0)
        session.add(row)
    row.path, row.key, row.columns, row.rows = path, key, list(columns), rows
    row.uploaded_by, row.uploaded_at, row.revision = user, utc_now(), row.revision + 1
    version = LookupTableVersion(
        instance_id=row.instance_id, name=name, revision=row.revision, path=path, key=key, columns=row.columns,
        rows=rows, what=what[:255], user=user,
    )  # fmt: skip
    session.add(version)
    old = select(LookupTableVersion.id).where(
        LookupTableVersion.instance_id == row.instance_id, LookupTableVersion.name == name
    )
    kept = old.order_by(LookupTableVersion.revision.desc()).limit(KEPT_VERSIONS)
    session.flush()
    session.execute(delete(LookupTableVersion).where(
        LookupTableVersion.id.in_(old), LookupTableVersion.id.not_in(list(session.scalars(kept)))
    ))  # fmt: skip
    return _table_record(instance, row)


def versions(session: Session, instance: str, name: str) -> list[TableVersion]:
    """What the name stood for, the newest first."""
    query = select(LookupTableVersion).join(Instance).where(Instance.name == instance, LookupTableVersion.name == name)
    return [
        TableVersion(row.revision, row.path, row.key, tuple(row.columns), row.rows, row.what, row.user, row.at)
        for row in session.scalars(query.order_by(LookupTableVersion.revision.desc()))
    ]


def remove_table(session: Session, instance: str, name: str) -> bool:
    """Forget the name; False when there is none. The file stays."""
    row = _table(session, instance, name)
    if row is None:
        return False
    mine = (LookupTableVersion.instance_id == row.instance_id, LookupTableVersion.name == name)
    session.execute(delete(LookupTableVersion).where(*mine))
    session.delete(row)
    return True


def table_paths(session: Session) -> set[str]:
    """Every file some name stands for, or stood for lately, relative to the tables folder."""
    return set(session.scalars(select(LookupTable.path))) | set(session.scalars(select(LookupTableVersion.path)))


def blacklist(session: Session, instance: str, only: Collection[str] | None = None) -> list[BlacklistRecord]:
    """The instance's entries, or those of ``only`` that are there, in their own order."""
    query = select(BlacklistEntry).join(Instance).where(Instance.name == instance).order_by(BlacklistEntry.entry)
    if only is not None:
        query = query.where(BlacklistEntry.entry.in_(only))
    return [
        BlacklistRecord(instance, row.entry, row.reason, row.added_by, row.added_at, row.expires_at)
        for row in session.scalars(query)
    ]


def blacklist_size(session: Session, instance: str) -> int:
    """How many entries the instance has."""
    query = select(func.count()).select_from(BlacklistEntry).join(Instance).where(Instance.name == instance)
    return session.scalars(query).one()


def add_blacklist(
    session: Session, instance: str, entries: Iterable[str], reason: str, user: str, expires_at: datetime | None = None
) -> list[str]:
    """Add what is not there yet; returns what was added."""
    there = {item.entry for item in blacklist(session, instance)}
    new = [entry for entry in dict.fromkeys(entries) if entry not in there]
    instance_id = _instance_id(session, instance)
    session.add_all(
        BlacklistEntry(instance_id=instance_id, entry=entry, reason=reason, added_by=user, expires_at=expires_at)
        for entry in new
    )
    session.flush()
    return new


def change_blacklist(session: Session, instance: str, entry: str, reason: str, expires_at: datetime | None) -> None:
    """Another reason or end of an entry that is there."""
    query = select(BlacklistEntry).join(Instance).where(Instance.name == instance, BlacklistEntry.entry == entry)
    row = session.scalars(query).one()
    row.reason, row.expires_at = reason, expires_at
    session.flush()


def remove_blacklist(session: Session, instance: str, entries: Iterable[str]) -> list[str]:
    """Remove entries; returns those that were there."""
    gone = [item.entry for item in blacklist(session, instance, set(entries))]
    mine = BlacklistEntry.instance_id == _instance_id(session, instance)
    session.execute(delete(BlacklistEntry).where(mine, BlacklistEntry.entry.in_(gone)))
    return gone


def snapshot_tables(session: Session, names: Mapping[int, str], folder: Path) -> tuple[snap.Table, ...]:
    """All tables of all instances."""
    return tuple(
        snap.Table(row.name, names[row.instance_id], str(folder / row.path))
        for row in session.scalars(select(LookupTable).order_by(LookupTable.id))
    )


def snapshot_blacklists(session: Session, names: Mapping[int, str]) -> tuple[snap.Blacklist, ...]:
    """One blacklist for each instance that has entries."""
    found: dict[str, dict[str, float | None]] = {}
    query = select(BlacklistEntry.instance_id, BlacklistEntry.entry, BlacklistEntry.expires_at)
    for instance_id, entry, end in session.execute(query.order_by(BlacklistEntry.entry)):
        found.setdefault(names[instance_id], {})[entry] = end.timestamp() if end is not None else None
    return tuple(
        snap.Blacklist(name, tuple(ends), tuple((entry, end) for entry, end in ends.items() if end is not None))
        for name, ends in sorted(found.items())
    )


def _table(session: Session, instance: str, name: str) -> LookupTable | None:
    query = select(LookupTable).join(Instance).where(Instance.name == instance, LookupTable.name == name)
    return session.scalar(query)


def _instance_id(session: Session, name: str) -> int:
    return session.scalars(select(Instance.id).where(Instance.name == name)).one()


def _table_record(instance: str, row: LookupTable) -> TableRecord:
    return TableRecord(
        instance, row.name, row.path, row.key, tuple(row.columns), row.rows, row.uploaded_by, row.uploaded_at,
        row.revision,
    )  # fmt: skip
