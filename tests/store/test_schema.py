"""Migrations: from nothing to the models, again for free, and clear errors in between."""

from __future__ import annotations

import sqlite3
import threading

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_mock_engine, text
from sqlalchemy.exc import IntegrityError

from ccc.errors import ConfigError, UnavailableError
from ccc.home import Home
from ccc.store import Store, open_store, schema, upgrade
from ccc.store.base import Base
from ccc.store.repos import audit


def test_migrations_lead_to_the_models(home: Home) -> None:
    assert upgrade(home) == schema.HEAD
    store = open_store(home)
    with store.engine.connect() as connection:
        difference = compare_metadata(MigrationContext.configure(connection), Base.metadata)
        scripts = ScriptDirectory.from_config(schema.config(connection))
        assert scripts.get_current_head() == schema.HEAD
    store.close()
    assert difference == []
    assert home.database.stat().st_mode & 0o077 == 0


def test_upgrade_again_changes_nothing_and_many_at_once_take_turns(home: Home) -> None:
    errors: list[BaseException] = []

    def work() -> None:
        try:
            upgrade(home)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert upgrade(home) == schema.HEAD


def test_no_store_or_another_schema_is_a_config_error(home: Home) -> None:
    with pytest.raises(ConfigError, match="ccc db upgrade"):
        open_store(home)
    upgrade(home)
    connection = sqlite3.connect(home.database)
    connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.commit()
    connection.close()
    with pytest.raises(ConfigError, match="schema 9999"):
        open_store(home)


def test_a_file_that_is_no_database_is_a_clear_error(home: Home) -> None:
    home.database.write_bytes(b"this is not SQLite" * 100)
    with pytest.raises(UnavailableError, match="not a database"):
        upgrade(home)


@pytest.mark.parametrize("change", ["UPDATE audit_log SET \"user\" = 'nobody'", "DELETE FROM audit_log"])
def test_the_database_itself_keeps_the_log(home: Home, change: str) -> None:
    """Who gets at the database by our code, or by a hole in it, adds to the log and changes nothing in it."""
    upgrade(home)
    store = open_store(home)
    with store.write() as session:
        audit.add(session, "zhao", "user.add", "bob")
    with pytest.raises(IntegrityError, match="append-only"), store.write() as session:
        session.execute(text(change))
    with store.read() as session:
        (kept,) = audit.find(session)
    store.close()
    assert (kept.user, kept.object) == ("zhao", "bob")


def test_pragmas(home: Home) -> None:
    upgrade(home)
    store = Store(home)
    with store.read() as session:
        values = {
            name: session.execute(text(f"PRAGMA {name}")).scalar()
            for name in ("journal_mode", "busy_timeout", "foreign_keys", "synchronous")
        }
    store.close()
    assert values == {"journal_mode": "wal", "busy_timeout": 5000, "foreign_keys": 1, "synchronous": 2}


def test_writers_begin_immediate_and_a_held_store_is_unavailable(home: Home) -> None:
    upgrade(home)
    store = Store(home, busy_timeout_s=0.05)
    other = sqlite3.connect(home.database, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    entered = False
    with pytest.raises(UnavailableError, match="locked"), store.write():
        entered = True
    assert not entered, "the lock is taken at the beginning, not at the first change"
    with store.read() as session:
        assert session.execute(text("SELECT count(*) FROM users")).scalar() == 0
    other.execute("ROLLBACK")
    other.close()
    with store.write():
        pass
    store.close()


def test_the_tables_can_be_made_on_postgresql() -> None:
    """The DDL compiles for PostgreSQL (no server needed)."""
    made: list[str] = []
    engine = create_mock_engine(
        "postgresql+psycopg2://", lambda sql, *a, **k: made.append(str(sql.compile(dialect=engine.dialect)))
    )
    Base.metadata.create_all(engine, checkfirst=False)
    assert sum("CREATE TABLE" in statement for statement in made) == len(Base.metadata.tables)
