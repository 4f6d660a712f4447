"""Every migration takes a store that is in use: rows in every table, at every step."""

from __future__ import annotations

import datetime
from typing import Any

from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import Column, Connection, MetaData, Table, insert, inspect, text

from ccc.home import Home
from ccc.store import Store, schema, upgrade

STAMP = "alembic_version"
ROWS = 2


def value(column: Column[Any], table: Table, number: int) -> Any:
    """Something of the column's type that no other row has."""
    for key in column.foreign_keys:
        return value(key.column, key.column.table, number)
    text_ = f"{table.name[:8]}-{number}"
    moment = datetime.datetime(2026, 1, number)
    values = {bool: number % 2 == 0, dict: {"n": number}, datetime.datetime: moment, bytes: b"%d" % number, str: text_}
    return values.get(column.type.python_type, number)


def fill(connection: Connection) -> dict[str, int]:
    """Rows for tables that have none yet; returns how many each has."""
    counts = {name: count(connection, name) for name in inspect(connection).get_table_names() if name != STAMP}
    found = MetaData()
    found.reflect(connection, only=[name for name, rows in counts.items() if not rows])
    for table in found.sorted_tables:
        if not counts[table.name]:
            for number in range(1, ROWS + 1):
                row = {column.name: value(column, table, number) for column in table.columns}
                connection.execute(insert(table).values(row))
            counts[table.name] = ROWS
    return counts


def count(connection: Connection, table: str) -> int:
    return connection.scalar(text(f'SELECT count(*) FROM "{table}"')) or 0


def test_no_migration_loses_rows_or_fails_on_them(home: Home) -> None:
    home.create()
    store = Store(home)
    with store.engine.connect().execution_options(ccc_write=True) as connection:
        alembic = schema.config(connection)
        steps = [script.revision for script in ScriptDirectory.from_config(alembic).walk_revisions()][::-1]
        before: dict[str, int] = {}
        for step in steps:
            command.upgrade(alembic, step)
            after = fill(connection)
            assert {name: after.get(name, 0) for name in before} == before, f"{step} has lost rows"
            before = after
        assert connection.execute(text("PRAGMA foreign_key_check")).all() == []
        assert connection.scalar(text("PRAGMA integrity_check")) == "ok"
        connection.commit()
    store.close()
    assert len(before) > 30 and min(before.values()) > 0
    assert upgrade(home) == schema.HEAD
