"""Which journal segments may go: those stored whole, with every call opened in them (or before) closed."""

from __future__ import annotations

import json
import logging
import os
from pathlib import Path

from ccc.journal import Position, Record, read
from ccc.journal.recover import callback_closed, saved_states
from ccc.journal.segments import AGENTS, numbers, path_of

log = logging.getLogger(__name__)


class Retained:
    """Open calls with the segment they began in, the newest agent states, open callbacks: what a dead runtime needs."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._open: dict[str, int] = {}
        self._agents: dict[tuple[str, str], Record] = {}
        self._callbacks: dict[str, Record] = {}

    def rebuild(self, until: Position) -> None:
        """Learn from what is still on disk before ``until`` (after a start of jobs)."""
        for record in saved_states(self._folder / AGENTS):
            self.note(record, 0)
        for record, position in read(self._folder):
            if position > until:
                break
            self.note(record, position.segment)

    def note(self, record: Record, segment: int) -> None:
        """Take in a record; taking one in again changes nothing."""
        match record.get("k"):
            case "open":
                self._open.setdefault(str(record.get("id")), segment)
            case "close":
                self._open.pop(str(record.get("id")), None)
            case "callback":
                self._callbacks.pop(str(record.get("id")), None)
                if not callback_closed(record):
                    self._callbacks[str(record.get("id"))] = record
            case "agent-state":
                self._agents[(str(record.get("instance")), str(record.get("agent")))] = record

    def prune(self, stored: Position) -> int:
        """Delete what is neither needed by the store nor by a recovery; returns how many segments went.

        The newest segment always stays: numbers must never begin anew.
        """
        keep_from = min([stored.segment, *self._open.values()])
        present = numbers(self._folder)
        old = [number for number in present[:-1] if number < keep_from]
        if not old:
            return 0
        self._save_agents()
        for number in old:
            path_of(self._folder, number).unlink(missing_ok=True)
        log.info("journal segments %d to %d are stored and deleted", old[0], old[-1])
        return len(old)

    def _save_agents(self) -> None:
        """Before their records go: agents' states and open callbacks, for the runtime's next start."""
        path = self._folder / AGENTS
        temporary = path.with_suffix(".tmp")
        with temporary.open("w", encoding="utf-8") as file:
            json.dump([*self._agents.values(), *self._callbacks.values()], file, ensure_ascii=False)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
