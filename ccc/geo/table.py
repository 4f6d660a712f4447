"""Province and city of a Chinese number: sorted number ranges in a compact file (about half a megabyte in memory)."""

from __future__ import annotations

import json
import logging
import struct
import sys
from array import array
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ccc.geo.numbers import normalise
from ccc.home import Home

log = logging.getLogger(__name__)
MAGIC = b"CCCGEO1\n"
HEADER = struct.Struct("<II")
DIGITS = 7
"""A range is over the first seven digits of the national number; that is where China assigns places."""


@dataclass(frozen=True, slots=True)
class Place:
    """``province`` and ``city`` in Chinese without 省, 市 (广东, 深圳); ``city`` '' when unknown."""

    province: str
    city: str


def geo_path(home: Home) -> Path:
    """Where this installation keeps its table."""
    return home.cache / "geo_zh.bin"


class GeoTable:
    """Looks places up; an empty table knows none."""

    def __init__(self, starts: array[int], ids: array[int], places: Sequence[Place]) -> None:
        """Range i begins at ``starts[i]`` and lies in ``places[ids[i] - 1]``; id 0 is nowhere."""
        self._starts = starts
        self._ids = ids
        self._places = places

    def __len__(self) -> int:
        return len(self._starts)

    @classmethod
    def load(cls, path: Path) -> GeoTable:
        """Read the file :mod:`ccc.geo.build` wrote. Missing: an empty table. Damaged: the same, with a warning."""
        try:
            return unpack(path.read_bytes())
        except FileNotFoundError:
            return cls(array("I"), array("H"), ())
        except (OSError, ValueError) as error:
            log.warning("%s cannot be used (%s); delete it, it is made again at the next start", path, error)
            return cls(array("I"), array("H"), ())

    def lookup(self, number: str) -> Place | None:
        """The place of a number in any form :func:`ccc.geo.normalise` reads; None when it has none in China."""
        e164 = number if number.startswith("+") else normalise(number).e164
        if e164 is None or not e164.startswith("+86"):
            return None
        digits = e164[3 : 3 + DIGITS]
        if len(digits) < DIGITS or not (digits.isascii() and digits.isdigit()):
            return None
        at = bisect_right(self._starts, int(digits)) - 1
        if at < 0 or self._ids[at] == 0:
            return None
        return self._places[self._ids[at] - 1]


def pack(starts: array[int], ids: array[int], places: Sequence[Place]) -> bytes:
    """The file's bytes: magic, counts, places as JSON, then little-endian starts (u32) and ids (u16)."""
    names = json.dumps([[place.province, place.city] for place in places], ensure_ascii=False).encode()
    starts, ids = array("I", starts), array("H", ids)
    if sys.byteorder == "big":
        starts.byteswap()
        ids.byteswap()
    return MAGIC + HEADER.pack(len(names), len(starts)) + names + starts.tobytes() + ids.tobytes()


def unpack(data: bytes) -> GeoTable:
    """ValueError when ``data`` is not such a file."""
    try:
        length, count = HEADER.unpack_from(data, len(MAGIC))
        at = len(MAGIC) + HEADER.size
        if data[: len(MAGIC)] != MAGIC or len(data) != at + length + count * 6:
            raise ValueError("wrong length or not a table of places")
        places = tuple(Place(str(province), str(city)) for province, city in json.loads(data[at : at + length]))
    except (struct.error, TypeError) as error:
        raise ValueError(str(error)) from error
    starts, ids = array("I"), array("H")
    starts.frombytes(data[at + length : at + length + count * 4])
    ids.frombytes(data[at + length + count * 4 :])
    if sys.byteorder == "big":
        starts.byteswap()
        ids.byteswap()
    if max(ids, default=0) > len(places):
        raise ValueError("a range points to no place")
    return GeoTable(starts, ids, places)
