"""Every instance's tally and the trunks' figures, kept in a small file: a restart of the runtime does not lose the day.

The file is written at most every 10 s, off the event loop. What closed after it was written stands in the journal
(its newest segment is never deleted), so a kill -9 loses no call either; of the trunks' figures it loses those 10 s.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ccc.runtime.config import Index
from ccc.runtime.tally import SAMPLE_S, Tally
from ccc.runtime.trunk_figures import TrunkFigures

log = logging.getLogger(__name__)
DAY_S = 24 * 3600.0
LEVEL_S = 20.0
"""For groups that are gone."""


class Tallies:
    """Counts closed calls per instance, and what trunks do. ``now`` everywhere: UTC epoch seconds."""

    def __init__(self, path: Path, now: float) -> None:
        self._path = path
        self._by_instance: dict[str, Tally] = {}
        self._levels: dict[tuple[str, str], float] = {}
        self._saved: dict[str, Any] = {}
        self._late: dict[str, Mapping[str, Any]] = {}
        self.since = now - DAY_S
        """Calls that ended later are not in the file: :meth:`catch_up` wants them."""
        self.trunks = TrunkFigures(now)
        self._read(now)

    def _read(self, now: float) -> None:
        try:
            saved = json.loads(self._path.read_text("utf-8"))
            self.since, self._saved = float(saved["at"]), dict(saved["instances"])
            if "trunks" in saved:  # not in a file of an older version
                self.trunks.load(saved["trunks"], now)
        except FileNotFoundError:
            return
        except (OSError, ValueError, TypeError, KeyError, AttributeError, OverflowError) as error:
            log.warning("today's figures begin anew: %s is not readable (%s)", self._path, error)

    def catch_up(self, closed: Iterable[Mapping[str, Any]]) -> None:
        """Closing records found in the journal; counted once their instance is configured."""
        self._late.update((str(record["id"]), record) for record in closed)

    def configure(self, index: Index, now: float) -> None:
        """A new snapshot is in force: instances come and go, time zones and thresholds change."""
        self._levels = {key: group.service_level_s for key, group in index.groups.items()}
        for name in set(self._by_instance) - set(index.instances):
            del self._by_instance[name]
        for name, instance in index.instances.items():
            known = self._by_instance.get(name)
            if known is not None and known.zone.key == instance.timezone:
                continue
            self._by_instance[name] = self._begin(name, instance.timezone, known, now)
        if self._late and index.instances:
            for record in self._late.values():
                self.add(record, now)
            self._late = {}

    def _begin(self, name: str, zone: str, known: Tally | None, now: float) -> Tally:
        tally = Tally(zone)
        saved = known.dump() if known is not None else self._saved.pop(name, None)
        if saved is not None:
            try:
                tally.load(saved, now)
            except (ValueError, TypeError, KeyError, AttributeError) as error:
                log.warning("today's figures of %s begin anew: %r", name, error)
                return Tally(zone)
        return tally

    def level_s(self, instance: str, group: str | None) -> float:
        """The group's service level threshold in seconds."""
        return self._levels.get((instance, group or ""), LEVEL_S)

    def add(self, record: Mapping[str, Any], now: float) -> None:
        """A call is over. Only callers count: not who tries a flow out, nor a customer we have called."""
        if record.get("direction") in ("test", "outbound"):
            return
        instance = str(record.get("instance"))
        tally = self._by_instance.get(instance)
        if tally is not None:
            tally.add(record, self.level_s(instance, record.get("skill_group")), now)

    def tally(self, instance: str) -> Tally:
        """KeyError for an instance that is not configured."""
        return self._by_instance[instance]

    # Keeping ---------------------------------------------------------------------------------

    async def keep(self, waiting: Mapping[str, int]) -> None:
        """Sample the queues (callers waiting by instance) and write the file. Call it every SAMPLE_S."""
        now = time.time()
        for name, tally in self._by_instance.items():
            tally.sample(waiting.get(name, 0), now)
        text = self.dump(now)
        try:
            await asyncio.to_thread(_replace, self._path, text)
        except OSError as error:
            log.warning("today's figures are not saved: %s", error)

    def dump(self, now: float) -> str:
        """The file's text."""
        instances = {name: tally.dump() for name, tally in self._by_instance.items()}
        return json.dumps({"at": now, "instances": instances, "trunks": self.trunks.dump()}, ensure_ascii=False)

    def save(self) -> None:
        """Write the file now (at the end)."""
        try:
            _replace(self._path, self.dump(time.time()))
        except OSError as error:
            log.warning("today's figures are not saved: %s", error)


def _replace(path: Path, text: str) -> None:
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    temporary.write_text(text, "utf-8")
    temporary.replace(path)


__all__ = ["SAMPLE_S", "Tallies"]
