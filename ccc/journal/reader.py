"""Read a journal from a position: torn tails are cut, damaged segments are skipped aloud and kept."""

from __future__ import annotations

import contextlib
import logging
import os
from collections.abc import Iterator
from pathlib import Path

from ccc.journal.frames import Record, parse
from ccc.journal.segments import CORRUPT, START, Position, numbers, path_of

log = logging.getLogger(__name__)
CHUNK = 1024 * 1024


def read(folder: Path, position: Position = START, skip: tuple[bytes, ...] = ()) -> Iterator[tuple[Record, Position]]:
    """Each record after ``position`` with the position behind it, up to what is written now. Call again to go on.

    A segment with a younger one behind it is complete, so an unfinished record at its end is a torn tail and is cut.
    At a CRC mismatch the rest of the segment is skipped: logged once, the file stays as ``<segment>.corrupt``.
    Records that begin with one of ``skip`` are checked but not decoded: they come as ``{}``.
    """
    position = _existing(folder, position)
    while True:
        # looked up BEFORE reading to the end: what the writer adds meanwhile and then rotates away is not missed
        later = [number for number in numbers(folder) if number > position.segment]
        for record, offset in _segment(path_of(folder, position.segment), position.offset, skip):
            position = Position(position.segment, offset)
            yield record, position
        if not later:
            return
        position = Position(later[0], 0)


def _existing(folder: Path, position: Position) -> Position:
    """``position``, or the beginning of the next segment that exists (it was deleted; or the journal was replaced)."""
    present = numbers(folder)
    if position.segment in present:
        return position
    later = [number for number in present if number > position.segment]
    if later:
        return Position(later[0], 0)
    if present and position.segment:
        log.warning("journal %s: segment %d is gone, reading from %d", folder, position.segment, present[0])
    return Position(present[0], 0) if present else position


def _segment(path: Path, offset: int, skip: tuple[bytes, ...]) -> Iterator[tuple[Record, int]]:
    """Whole records of one segment from ``offset``, each with the offset behind it."""
    try:
        file = path.open("rb", buffering=0)
    except FileNotFoundError:
        return
    with file:
        buffer = bytearray()
        reread = False
        while True:
            file.seek(offset + len(buffer))
            data = file.read(CHUNK)
            buffer += data
            used = 0
            while True:
                record, used, end = parse(buffer, used, skip)
                if record is None:
                    break
                reread = False
                yield record, offset + used
            del buffer[:used]
            offset += used
            if end == "corrupt":
                # once more from disk: the writer may just have cut off a half-written record and gone on
                if reread:
                    _keep(path, offset)
                    return
                buffer.clear()
                reread = True
            elif not data:
                return


def _keep(path: Path, offset: int) -> None:
    """Keep a damaged segment for people to look at (a hard link: the writer may still use it)."""
    kept = path.with_name(path.name + CORRUPT)
    if kept.exists():
        return
    log.error("journal segment %s is damaged at byte %d; the rest of it is skipped, kept as %s", path, offset, kept)
    with contextlib.suppress(FileExistsError):
        os.link(path, kept)
