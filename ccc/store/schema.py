"""Bring the database to the schema of this code (Alembic, run from code; no ini file)."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import OperationalError

from ccc.errors import ConfigError, UnavailableError
from ccc.home import Home
from ccc.store.engine import Store

HEAD = "0020"
"""The newest revision in ``migrations/versions`` (a test compares)."""
MIGRATIONS = Path(__file__).parent / "migrations"


def config(connection: Connection) -> Config:
    """Alembic's configuration bound to ``connection``."""
    made = Config()
    made.set_main_option("script_location", str(MIGRATIONS))
    made.attributes["connection"] = connection
    return made


def revision(store: Store) -> str | None:
    """The schema revision of the database; None when it is empty or missing."""
    with store.read() as session:
        connection = session.connection()
        if not inspect(connection).has_table("alembic_version"):
            return None
        found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        return None if found is None else str(found)


def upgrade(home: Home, url: str | None = None) -> str:
    """Create or upgrade the database, one process at a time; returns the revision. Quick when nothing is to do."""
    home.create()
    lock = os.open(home.run / "upgrade.lock", os.O_RDWR | os.O_CREAT, 0o600)
    store = Store(home, url)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if revision(store) != HEAD:
            with store.engine.connect().execution_options(ccc_write=True) as connection:
                command.upgrade(config(connection), "head")
                connection.commit()
        if not url:
            home.database.chmod(0o600)
    except OperationalError as error:
        raise UnavailableError(f"cannot upgrade the store {home.database}: {error.orig}; stop what uses it") from error
    finally:
        store.close()
        os.close(lock)
    return HEAD


def open_store(home: Home, url: str | None = None) -> Store:
    """The store, ready for use. ConfigError when there is none or it is of another version."""
    if url is None and not home.database.exists():
        raise ConfigError(f"no store at {home.database}; run `ccc db upgrade --home {home.root}` first")
    store = Store(home, url)
    found = revision(store)
    if found != HEAD:
        store.close()
        raise ConfigError(
            f"the store {home.database} has schema {found}, this code needs {HEAD}; run `ccc db upgrade` "
            "(or a newer ccc when the schema is newer)"
        )
    return store
