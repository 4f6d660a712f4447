"""The database: SQLite by default, PostgreSQL by URL. Reading and writing transactions."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import Session

from ccc.errors import UnavailableError
from ccc.home import Home

BUSY_TIMEOUT_S = 5.0
PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA foreign_keys=ON",
    # FULL: journal segments are deleted after the commit, so the commit must survive a power cut
    "PRAGMA synchronous=FULL",
)
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class Store:
    """One per process. Every transaction is short; none spans TTS, password hashing or network."""

    def __init__(self, home: Home, url: str | None = None, *, busy_timeout_s: float = BUSY_TIMEOUT_S) -> None:
        self.home = home
        self.engine = _engine(url or f"sqlite:///{home.database}", busy_timeout_s)

    @contextlib.contextmanager
    def read(self) -> Iterator[Session]:
        """A reading transaction (one consistent view). UnavailableError when the database cannot be used."""
        with self._session(write=False) as session:
            yield session

    @contextlib.contextmanager
    def write(self) -> Iterator[Session]:
        """A writing transaction: BEGIN IMMEDIATE, commit at the end, rollback when the block raises.

        UnavailableError when another process holds the database for longer than 5 s or it is down.
        """
        with self._session(write=True) as session:
            session.connection()  # takes the lock now: what is read below is what will be changed
            yield session
            session.commit()

    @contextlib.contextmanager
    def _session(self, *, write: bool) -> Iterator[Session]:
        try:
            with (
                self.engine.connect().execution_options(ccc_write=write) as connection,
                Session(connection, expire_on_commit=False) as session,
            ):
                yield session
        except OperationalError as error:
            raise UnavailableError(f"the store cannot be used now ({error.orig}); try again") from error
        except DBAPIError as error:
            if error.connection_invalidated:
                raise UnavailableError("the connection to the store was lost; try again") from error
            if type(error.orig) is sqlite3.DatabaseError:  # not one of its subclasses: the file itself is wrong
                raise UnavailableError(f"the store is damaged ({error.orig}); restore a back-up") from error
            raise

    def close(self) -> None:
        self.engine.dispose()


def _engine(url: str, busy_timeout_s: float) -> Engine:
    if not url.startswith("sqlite"):
        return create_engine(url, json_serializer=_encode, pool_pre_ping=True)
    engine = create_engine(url, json_serializer=_encode, connect_args={"timeout": busy_timeout_s})

    @event.listens_for(engine, "connect")
    def _connect(connection: sqlite3.Connection, record: Any) -> None:
        connection.isolation_level = None  # the driver would begin transactions by its own rules
        connection.execute(f"PRAGMA busy_timeout={int(busy_timeout_s * 1000)}")
        for pragma in PRAGMAS:
            connection.execute(pragma)

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        write = connection.get_execution_options().get("ccc_write", True)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")

    return engine
