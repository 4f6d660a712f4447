"""What the runtime knows: the newest snapshot, indexed, with its flows compiled. Replaced as a whole, never changed."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path
from typing import cast

from ccc.errors import CccError
from ccc.flow.compile import CompiledFlow, compile_in_steps
from ccc.flow.document import parse_document
from ccc.geo.number_list import NumberList
from ccc.loader import Registry
from ccc.snapshot import load
from ccc.snapshot.model import (
    Agent,
    Audio,
    Dedicated,
    FlowVersion,
    Instance,
    Number,
    SkillGroup,
    Snapshot,
    Trunk,
    WorkingHours,
)

log = logging.getLogger(__name__)
POLL_S = 1.0


class Index:
    """A snapshot with its look-ups (names are unique inside an instance)."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self.instances: dict[str, Instance] = {item.name: item for item in snapshot.instances}
        self.trunks: dict[str, Trunk] = {item.id: item for item in snapshot.trunks}
        self.numbers: dict[str, Number] = {item.number: item for item in snapshot.numbers}
        self.flows: dict[tuple[str, str], FlowVersion] = {(f.instance, f.name): f for f in snapshot.flows}
        self.unpublished = frozenset(snapshot.unpublished)
        self.agents: dict[tuple[str, str], Agent] = {(a.instance, a.user): a for a in snapshot.agents}
        self.groups: dict[tuple[str, str], SkillGroup] = {(g.instance, g.name): g for g in snapshot.skill_groups}
        self.audio: dict[tuple[str, str], Audio] = {(a.instance, a.name): a for a in snapshot.audio}
        self.tables: dict[str, dict[str, str]] = {}
        """Instance -> table -> path."""
        for table in snapshot.tables:
            self.tables.setdefault(table.instance, {})[table.name] = table.path
        self.dedicated: dict[tuple[str, str], Dedicated] = {(d.instance, d.number): d for d in snapshot.dedicated}
        self.hours: dict[tuple[str, str], WorkingHours] = {(h.instance, h.name): h for h in snapshot.hours}
        self.blacklists = {
            item.instance: NumberList.of_parsed(item.entries, dict(item.until)) for item in snapshot.blacklists
        }

    def announcements(self) -> list[FlowVersion]:
        """What callers of closed numbers hear, each once."""
        closed = [(item.instance, item.closure) for item in self.snapshot.numbers if item.closure is not None]
        found = {each.hash: FlowVersion("", place, 0, each.hash, each.announcement) for place, each in closed}
        return list(found.values())


class Configuration:
    """Holds the current :class:`Index`, reloads it when told or when the file changed, compiles flows once per hash."""

    def __init__(self, path: Path, registry: Registry) -> None:
        self._path = path
        self._registry = registry
        self._reloading = asyncio.Lock()
        self._stamp: tuple[int, int] | None = None
        self._compiled: dict[str, CompiledFlow] = {}
        self.index = Index(Snapshot(counter=0, made_at=0.0))
        self.on_change: Callable[[Index], None] = lambda index: None

    async def reload(self) -> int:
        """Load the file if it changed; returns the counter in force. A broken file changes nothing, aloud."""
        async with self._reloading:  # a message and the poll may come together; the older file must not win
            try:
                status = self._path.stat()
            except FileNotFoundError:
                return self.index.snapshot.counter
            except OSError as error:
                log.error("the snapshot %s cannot be read: %s", self._path, error.strerror)
                return self.index.snapshot.counter
            stamp = (status.st_mtime_ns, status.st_ino)
            if stamp != self._stamp:
                self._stamp = stamp
                try:
                    index = Index(load(self._path))
                except CccError as error:
                    log.error("snapshot not taken over, the old one stays in force: %s", error.message)
                    return self.index.snapshot.counter
                self._compiled = await self._compile_all(index)
                self.index = index
                try:
                    self.on_change(index)
                except Exception:
                    log.exception("snapshot %d was not taken over by every part", index.snapshot.counter)
                log.info("snapshot %d in force", index.snapshot.counter)
            return self.index.snapshot.counter

    async def poll(self) -> None:
        """Look for a newer file once a second: a lost message must not matter."""
        while True:
            await self.reload()
            await asyncio.sleep(POLL_S)

    async def _compile_all(self, index: Index) -> dict[str, CompiledFlow]:
        """The flows of a snapshot; what is compiled already is kept. Calls go on between the slices."""
        compiled: dict[str, CompiledFlow] = {}
        for version in (*index.snapshot.flows, *index.announcements()):
            try:
                known = self._compiled.get(version.hash)
                compiled[version.hash] = known or await self.compile(version)
            except CccError as error:
                # The other flows go on; a call to this one is refused with the reason.
                log.error("flow %s v%d cannot run: %s", version.name, version.version, error.message)
            except Exception:
                log.exception("flow %s v%d cannot run: a plugin failed", version.name, version.version)
        return compiled

    async def compile(self, version: FlowVersion) -> CompiledFlow:
        """Freeze a version in slices: calls go on in between. FlowInvalid when it cannot run here."""
        steps = compile_in_steps(parse_document(version.document), self._registry, version.hash)
        while True:
            await asyncio.sleep(0)
            try:
                next(steps)
            except StopIteration as done:
                return cast(CompiledFlow, done.value)

    def compiled(self, version: FlowVersion) -> CompiledFlow | None:
        """The flow ready to run; None when it does not compile here (a plugin is missing)."""
        return self._compiled.get(version.hash)
