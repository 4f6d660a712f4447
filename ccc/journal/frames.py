"""How one record lies on disk, and how records are taken out of a piece of a segment (sans-IO)."""

from __future__ import annotations

import json
import struct
from typing import Any, Literal
from zlib import crc32

from ccc.compact_json import encode

Record = dict[str, Any]
HEADER = struct.Struct(">II")
MAX_RECORD = 16 * 1024 * 1024
_decode = json.JSONDecoder().decode
_pack = HEADER.pack
_unpack = HEADER.unpack_from

End = Literal["more", "corrupt"]


def frame(record: Record) -> bytes:
    """The bytes of one record. TypeError for what JSON cannot hold; a lone surrogate (broken name) becomes ``?``."""
    body = encode(record, errors="replace")
    return _pack(len(body), crc32(body)) + body


def parse(data: bytes | bytearray, at: int = 0, skip: tuple[bytes, ...] = ()) -> tuple[Record | None, int, End]:
    """The record at ``at`` and where the next one begins. A body that begins with one of ``skip`` comes back as ``{}``.

    Without a whole record: ``(None, at, "more")`` when bytes are missing (a torn tail, or not yet written) and
    ``(None, at, "corrupt")`` when what is there is not a record of ours.
    """
    available = len(data) - at
    if available < 8:
        return None, at, "more"
    size, checksum = _unpack(data, at)
    if size == 0 and not any(data[at:]):
        return None, at, "more"  # a power cut leaves zeros where the file grew but its data did not arrive
    if size == 0 or size > MAX_RECORD:
        return None, at, "corrupt"
    if available - 8 < size:
        return None, at, "more"
    body = data[at + 8 : at + 8 + size]
    if crc32(body) != checksum:
        return None, at, "corrupt"
    if skip and body.startswith(skip):
        return {}, at + 8 + size, "more"
    try:
        record = _decode(body.decode("utf-8", "surrogatepass"))
    except ValueError:
        return None, at, "corrupt"
    if not isinstance(record, dict):
        return None, at, "corrupt"
    return record, at + 8 + size, "more"
