"""Somebody follows one call live: each record of it, what the caller hears and presses."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from ccc.api.prompt import Prompt
from ccc.runtime.record import Journal


class Watcher(Protocol):
    """Told in the order of events; must neither wait nor raise."""

    def recorded(self, record: Mapping[str, Any]) -> None:
        """A journal record of the call was written (docs/protocols.md "Journal records")."""

    def heard(self, prompts: Sequence[Prompt], expand: Callable[[str], str]) -> None:
        """These begin to play to the caller; ``expand`` replaces ``${...}`` in texts."""

    def pressed(self, key: str) -> None:
        """The caller pressed a key."""


class Watched:
    """A journal that shows each record to a watcher once it is written."""

    def __init__(self, journal: Journal, watcher: Watcher) -> None:
        self._journal = journal
        self._watcher = watcher

    def append(self, record: dict[str, Any]) -> None:
        """Write it, then show it."""
        self._journal.append(record)
        self._watcher.recorded(record)
