"""Familiar mode (熟人模式, WKB-7): who talked with a customer last. Bounded; kept in a file beside the journal.

Every conversation adds a line with one write, so a death of the runtime forgets nothing; the file is written anew
when it holds far more lines than are remembered. A file that cannot be read or written costs the memory, aloud,
never a call.
"""

from __future__ import annotations

import json
import logging
import os
from collections import OrderedDict
from pathlib import Path
from typing import TypeAlias

log = logging.getLogger(__name__)
LIMIT = 50_000
"""Customers remembered, all instances together; who has not called for longest is forgotten first."""
Key: TypeAlias = tuple[str, str, str]
"""(instance, skill group, number)"""


class Familiar:
    """The agent who talked with a customer last, by skill group: he may serve in one and not in another."""

    def __init__(self, path: Path, limit: int = LIMIT) -> None:
        self._path = path
        self._limit = limit
        self._agents: OrderedDict[Key, str] = OrderedDict()
        self._lines = 0
        self._broken = False
        self._read()

    def __len__(self) -> int:
        return len(self._agents)

    def agent(self, instance: str, group: str, number: str) -> str | None:
        """Who it was; None for a stranger."""
        return self._agents.get((instance, group, number))

    def learn(self, instance: str, group: str, number: str, agent: str) -> None:
        """They talk. Anonymous callers (number '') are nobody's."""
        if not number:
            return
        key = (instance, group, number)
        self._remember(key, agent)
        try:
            if self._lines >= 4 * self._limit:
                self._rewrite()
            else:
                with self._path.open("a", encoding="utf-8") as file:
                    file.write(_line(key, agent))
                self._lines += 1
            self._broken = False
        except OSError as error:
            if not self._broken:
                log.warning("who talked with whom is not saved: %s", error)
            self._broken = True

    def _remember(self, key: Key, agent: str) -> None:
        self._agents[key] = agent
        self._agents.move_to_end(key)
        while len(self._agents) > self._limit:
            self._agents.popitem(last=False)

    def _read(self) -> None:
        try:
            with self._path.open(encoding="utf-8", errors="replace") as file:
                for text in file:
                    self._lines += 1
                    try:
                        instance, group, number, agent = json.loads(text)
                        self._remember((str(instance), str(group), str(number)), str(agent))
                    except (ValueError, TypeError):  # the end of a line that a power cut tore
                        continue
        except FileNotFoundError:
            return
        except OSError as error:
            log.warning("familiar agents begin anew: %s is not readable (%s)", self._path, error)

    def _rewrite(self) -> None:
        """Only what is remembered; some milliseconds, once in a great many conversations."""
        temporary = self._path.with_name(f".{self._path.name}.{os.getpid()}.tmp")
        temporary.write_text("".join(_line(key, agent) for key, agent in self._agents.items()), "utf-8")
        temporary.replace(self._path)
        self._lines = len(self._agents)


def _line(key: Key, agent: str) -> str:
    return json.dumps([*key, agent], ensure_ascii=False) + "\n"
