"""Journal segments: framing, recovery and the way into the store."""

from __future__ import annotations

import logging
import random
from zlib import crc32

from ccc.jobs.ingest import Rows
from ccc.journal.frames import HEADER, frame, parse
from ccc.journal.recover import Recovery
from tests.fuzz.mutate import mutate

logging.getLogger("ccc.journal.recover").setLevel(logging.CRITICAL)  # it says aloud what it ignores
_STEP = {"k": "step", "id": "c1", "n": 0, "node": "s", "name": "开始", "type": "start", "entered_at": 1.5}
_CDR = {"id": "c1", "instance": "demo", "direction": "inbound", "started_at": 1.5, "ended_at": 2.5, "cause": "normal",
        "steps": [_STEP], "media": {"rx": 1}, "flow_version": 1}  # fmt: skip
_RECORDS = (
    {"k": "open", "id": "c1", "at": 1.5, "instance": "demo", "dialog": {"cseq": 1}},
    _STEP,
    {"k": "answered", "id": "c1", "at": 2.0, "dialog": {"cseq": 2}},
    {"k": "agent", "id": "c1", "agent": "bob", "group": "sales", "at": 2.0},
    {"k": "rec", "id": "c1", "path": "demo/c1.wav"},
    {"k": "wrap-up", "id": "c1", "agent": "bob", "at": 3.0, "note": "x", "disposition": "ok"},
    {"k": "agent-state", "instance": "demo", "agent": "bob", "state": "ready", "reason": "", "at": 1.0},
    {"k": "close", "id": "c1", "cdr": _CDR},
)
SEEDS = [frame(_RECORDS[0]) + frame(record) for record in _RECORDS]
EXPECTED = (ValueError,)
_FIRST = len(frame(_RECORDS[0]))


def MUTATE(data: bytes, other: bytes, rng: random.Random) -> bytes:
    """Half of the time the damage gets a right checksum, so that it comes past the framing."""
    if rng.random() < 0.5:
        return mutate(data, other, rng)
    body = mutate(data[_FIRST + 8 :], other[_FIRST + 8 :], rng)
    return data[:_FIRST] + HEADER.pack(len(body), crc32(body)) + body


def feed(data: bytes) -> None:
    """What is not a whole record ends the reading; a record that is none of ours is refused with ValueError."""
    recovery, rows, at = Recovery(), Rows(), 0
    while True:
        record, at, end = parse(data, at)
        if record is None:
            break
        recovery.apply(record, 1)
        rows.add(record)
    if end == "corrupt":
        raise ValueError("corrupt")
