"""A table on disk: sorted keys, looked up by bisection in a mapped file.

The runtime opens 50,000 rows in the time of one and keeps none of them. A file is never changed: a new version of a
table is a new file.
"""

from __future__ import annotations

import json
import mmap
import struct
from array import array
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from ccc.errors import UnavailableError

MAGIC = b"CCCTAB1\n"
HEADER = struct.Struct("<8sI")
OFFSET = struct.Struct("<I")
END = b"\0"
"""Ends a key; behind it is the row as JSON."""


def pack(rows: Mapping[str, Mapping[str, Any]]) -> bytes:
    """The file's bytes: magic, count, count + 1 offsets (u32), then ``key NUL json`` in the order of the keys' bytes.

    ValueError for a key with a NUL and for more than 4 GiB.
    """
    records = sorted((key.encode(), json.dumps(row, ensure_ascii=False).encode()) for key, row in rows.items())
    at = HEADER.size + OFFSET.size * (len(records) + 1)
    offsets = array("I")
    body = bytearray()
    for key, row in records:
        if END in key:
            raise ValueError("a key with a NUL character")
        offsets.append(at + len(body))
        body += key + END + row
    if at + len(body) >= 1 << 32:
        raise ValueError("the table is larger than 4 GiB")
    offsets.append(at + len(body))
    return HEADER.pack(MAGIC, len(records)) + struct.pack(f"<{len(offsets)}I", *offsets) + bytes(body)


class TableFile(Mapping[str, dict[str, Any]]):
    """The rows by key."""

    def __init__(self, path: Path) -> None:
        """UnavailableError when the file is missing or damaged."""
        try:
            with path.open("rb") as file:
                self._data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
            magic, count = HEADER.unpack_from(self._data)
            self._count: int = count
            if magic != MAGIC or self._offset(self._count) != len(self._data):
                raise ValueError("not a table, or cut off")
        except (OSError, ValueError, struct.error) as error:
            raise UnavailableError(f"the table file {path.name} cannot be used ({error}); import it again") from error

    def _offset(self, index: int) -> int:
        found: int = OFFSET.unpack_from(self._data, HEADER.size + OFFSET.size * index)[0]
        return found

    def _key(self, index: int) -> bytes:
        start = self._offset(index)
        return self._data[start : self._data.find(END, start)]

    def _find(self, key: bytes) -> int | None:
        low, high = 0, self._count
        while low < high:
            middle = (low + high) // 2
            if self._key(middle) < key:
                low = middle + 1
            else:
                high = middle
        return low if low < self._count and self._key(low) == key else None

    def __getitem__(self, key: str) -> dict[str, Any]:
        index = self._find(key.encode(errors="replace")) if isinstance(key, str) else None
        if index is None:
            raise KeyError(key)
        start = self._data.find(END, self._offset(index)) + 1
        row: dict[str, Any] = json.loads(self._data[start : self._offset(index + 1)])
        return row

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[str]:
        return (self._key(index).decode() for index in range(self._count))


@lru_cache(maxsize=512)
def open_table(path: Path) -> TableFile:
    """The table in ``path``, opened once. UnavailableError as :class:`TableFile`."""
    return TableFile(path)
