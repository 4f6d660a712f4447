"""Carry the journal into the store: exactly once, in batches, with a fixed amount of memory."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ccc.errors import UnavailableError
from ccc.home import Home
from ccc.jobs.ingest import Rows
from ccc.jobs.retained import Retained
from ccc.journal import START, Position, Record, lag_bytes, read
from ccc.store import Store
from ccc.store.repos import callbacks, calls, notices, voicemails

log = logging.getLogger(__name__)
BATCH = 1000
"""Journal records looked at for one transaction (a call has about ten)."""
BATCH_ROWS = 200
"""Rows stored in one transaction; with the above it bounds memory whatever the backlog."""
POLL_S = 0.1
"""How long calls gather for a transaction: each costs 2 ms of its own, whatever it holds."""
RETRY_S = 0.2
SKIP = tuple(b'{"k":"%s",' % kind for kind in (b"step", b"answered", b"dialog", b"agent", b"rec"))
"""What the closing record says again (two thirds of a journal) is not decoded."""
PERSIST_BYTES = 4 * 1024 * 1024
"""Without anything to store, the offset is still written this often."""


@dataclass(slots=True)
class _Stretch:
    """A piece of the journal: what it adds, and the position behind it."""

    rows: Rows = field(default_factory=Rows)
    records: list[Record] = field(default_factory=list)
    """Those behind ``rows``, for storing one by one when the whole is refused."""
    rejected: list[tuple[Record, str]] = field(default_factory=list)
    end: Position = START
    full: bool = False


class Tail:
    """The one consumer of the journal (the jobs process). Not thread-safe but for ``lag`` and ``stored``."""

    def __init__(self, home: Home, store: Store) -> None:
        self._home = home
        self._store = store
        self._ready = False
        self._behind = False
        """The last stretch ended because it was full: the next one is waiting already."""
        self._saved = START
        self._retained = Retained(home.journal)
        self.position = START
        """Everything before is stored."""
        self.healthy = True
        self.on_notices: Callable[[], object] = lambda: None
        """Messages to be sent have been stored."""

    def lag(self) -> int:
        """Bytes of journal not stored yet."""
        return lag_bytes(self._home.journal, self.position)

    def run(self, stop: threading.Event) -> None:
        """Follow the journal until ``stop``; what is there at that moment is still stored when the store allows."""
        while not stop.is_set():
            try:
                self.step()
                self._say(True)
            except UnavailableError as error:
                self._say(False, error.message)
                stop.wait(RETRY_S)
                continue
            except Exception:
                log.exception("the journal could not be carried on; trying again")
                self.healthy = False
                stop.wait(1.0)
                continue
            if not self._behind:
                stop.wait(POLL_S)
        try:
            while self.step():
                continue
            self._persist()
        except UnavailableError as error:
            log.warning("stopped with %d bytes of journal not stored yet: %s", self.lag(), error.message)

    def step(self) -> bool:
        """Store the next stretch; False when there was nothing. UnavailableError: nothing happened, try again."""
        if not self._ready:
            self._begin()
        segment = self._saved.segment
        self._behind = False
        stretch = self._read()
        if stretch.end == self.position and not stretch.rejected:
            return False
        if stretch.rows:
            self._store_all(stretch)
        self._reject(stretch.rejected)
        self.position = stretch.end
        self._behind = stretch.full
        if self.position.segment != segment:
            self._persist()
            self._retained.prune(self._saved)
        elif self.position.offset - self._saved.offset >= PERSIST_BYTES:
            self._persist()
        return True

    def _begin(self) -> None:
        with self._store.read() as session:
            self._saved = self.position = Position(*calls.offset(session))
        self._retained.rebuild(self.position)
        self._ready = True

    def _read(self) -> _Stretch:
        stretch = _Stretch(end=self.position)
        for number, (record, position) in enumerate(read(self._home.journal, self.position, SKIP), 1):
            stretch.end = position
            self._retained.note(record, position.segment)
            try:
                if stretch.rows.add(record):
                    stretch.records.append(record)
            except ValueError as error:
                stretch.rejected.append((record, str(error)))
            if number == BATCH or len(stretch.records) >= BATCH_ROWS:
                stretch.full = True
                break
        return stretch

    def _store_all(self, stretch: _Stretch) -> None:
        try:
            self._write(stretch.rows, stretch.end)
        except UnavailableError:
            raise
        except Exception as error:
            log.error("a stretch of the journal was refused (%s); storing its records one by one", error)
            self._one_by_one(stretch)

    def _one_by_one(self, stretch: _Stretch) -> None:
        """One record the database refuses must not hold up the others. The offset moves with the last of them."""
        for record in stretch.records:
            rows = Rows()
            rows.add(record)
            try:
                self._write(rows, self.position)
            except UnavailableError:
                raise
            except Exception as error:
                stretch.rejected.append((record, str(error)))
        self._write(Rows(), stretch.end)

    def _write(self, rows: Rows, end: Position) -> None:
        """Rows and offset in ONE transaction: exactly once."""
        with self._store.write() as session:
            calls.add_calls(session, rows.calls)
            for note in rows.notes:
                if not calls.set_note(session, note["call_id"], note["note"], note["disposition"]):
                    calls.keep_note(session, note["call_id"], note["note"], note["disposition"])
            calls.add_agent_states(session, rows.agent_states)
            notices.add(session, rows.notices)
            voicemails.add(session, rows.voicemails)
            callbacks.put(session, rows.callbacks)
            calls.set_offset(session, *end)
        self._saved = end
        if rows.notices:
            try:
                self.on_notices()
            except Exception:  # they are stored; the queue looks for them every minute, too
                log.exception("nobody could be told of new messages to send")

    def _persist(self) -> None:
        if self._ready and self._saved != self.position:
            self._write(Rows(), self.position)

    def _reject(self, rejected: list[tuple[Record, str]]) -> None:
        """Keep what cannot be stored where people find it."""
        for record, reason in rejected:
            log.error("a journal record cannot be stored (%s); kept in %s", reason, self._rejects)
            append_line(self._rejects, {"reason": reason, "at": time.time(), "record": record})

    @property
    def _rejects(self) -> Path:
        return self._home.logs / "rejected-records.jsonl"

    def _say(self, healthy: bool, reason: str = "") -> None:
        if healthy is not self.healthy:
            if healthy:
                log.warning("the store is back; %d bytes of journal to catch up", self.lag())
            else:
                log.warning("records wait in the journal: %s", reason)
        self.healthy = healthy


def append_line(path: Path, value: dict[str, Any]) -> None:
    """Add one JSON line to a file."""
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(value, ensure_ascii=False) + "\n")
