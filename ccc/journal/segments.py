"""The files of a journal: names, order, and what is still to be read."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

SUFFIX = ".seg"
CORRUPT = ".corrupt"
LOCK = "lock"
AGENTS = "agents.json"
"""Last known agent states and open callbacks of deleted segments (written by jobs before it deletes)."""


class Position(NamedTuple):
    """A place between two records: segment number and byte offset in it."""

    segment: int
    offset: int


START = Position(0, 0)


def path_of(folder: Path, number: int) -> Path:
    return folder / f"{number:08d}{SUFFIX}"


def numbers(folder: Path) -> list[int]:
    """The segments present, oldest first."""
    found = []
    for path in folder.glob(f"*{SUFFIX}"):
        if path.stem.isdigit():
            found.append(int(path.stem))
    return sorted(found)


def lag_bytes(folder: Path, position: Position) -> int:
    """Bytes written after ``position``."""
    total = 0
    for number in numbers(folder):
        if number < position.segment:
            continue
        try:
            size = path_of(folder, number).stat().st_size
        except FileNotFoundError:
            continue
        total += size - position.offset if number == position.segment else size
    return max(0, total)
