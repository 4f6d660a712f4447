"""What each trunk did since midnight (this machine's) or the first start of the day: for the page of trunks (pure)."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

MOST_NUMBERS = 50
"""Different numbers dialled in vain that are kept by name, a trunk; scanners dial thousands."""


@dataclass(slots=True)
class _Trunk:
    last: float | None = None
    refused: int = 0
    vain: dict[tuple[str, str], int] = field(default_factory=dict)


class TrunkFigures:
    """Times are UTC epoch seconds."""

    def __init__(self, now: float) -> None:
        self._since, self._day = now, _day(now)
        self._trunks: dict[str, _Trunk] = {}

    def called(self, trunk: str, now: float) -> None:
        """An INVITE of a known trunk came in."""
        self._of(trunk, now).last = now

    def refused(self, trunk: str, number: str, reason: str, now: float) -> None:
        """It was refused; ``number`` is what was dialled."""
        found = self._of(trunk, now)
        found.refused += 1
        key = (number[:32], reason)
        if key in found.vain or len(found.vain) < MOST_NUMBERS:
            found.vain[key] = found.vain.get(key, 0) + 1

    def shown(self, running: Mapping[str, int], now: float) -> dict[str, Any]:
        """``{since, trunks: {id: {calls, last, refused, vain: [[number, reason, times]]}}}``, most dialled first."""
        self._turn(now)
        return {
            "since": self._since,
            "trunks": {
                trunk: {
                    "calls": running.get(trunk, 0),
                    "last": found.last,
                    "refused": found.refused,
                    "vain": [[*key, times] for key, times in sorted(found.vain.items(), key=lambda item: -item[1])],
                }
                for trunk in {*self._trunks, *running}
                for found in (self._trunks.get(trunk, _Trunk()),)
            },
        }

    def dump(self) -> dict[str, Any]:
        """JSON values for :meth:`load`."""
        return {
            "since": self._since,
            "trunks": {
                trunk: [found.last, found.refused, [[*key, times] for key, times in found.vain.items()]]
                for trunk, found in self._trunks.items()
            },
        }

    def load(self, saved: Mapping[str, Any], now: float) -> None:
        """Go on from what :meth:`dump` gave. TypeError, ValueError or KeyError, and no change, when it is not that."""
        since, trunks = float(saved["since"]), dict[str, _Trunk]()
        for trunk, (last, refused, vain) in saved["trunks"].items():
            times = {(str(number), str(reason)): int(count) for number, reason, count in vain[:MOST_NUMBERS]}
            trunks[str(trunk)] = _Trunk(None if last is None else float(last), int(refused), times)
        self._since, self._day, self._trunks = since, _day(since), trunks
        self._turn(now)

    def _of(self, trunk: str, now: float) -> _Trunk:
        self._turn(now)
        return self._trunks.setdefault(trunk, _Trunk())

    def _turn(self, now: float) -> None:
        """A new day counts from 0; when the last call came in stays."""
        if (day := _day(now)) != self._day:
            self._day, self._since = day, now - _seconds_into(now)
            self._trunks = {trunk: _Trunk(found.last) for trunk, found in self._trunks.items()}


def _day(now: float) -> tuple[int, int]:
    local = time.localtime(now)
    return local.tm_year, local.tm_yday


def _seconds_into(now: float) -> float:
    local = time.localtime(now)
    return local.tm_hour * 3600 + local.tm_min * 60 + local.tm_sec
