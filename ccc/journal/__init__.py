"""Durable call records on disk: written by the runtime before it answers, read by jobs (docs/protocols.md).

A journal is a folder of segments ``00000001.seg``, ``00000002.seg`` ... Each holds records one after another:
length (u32, big endian), CRC-32 (u32) of the body, body (one JSON object in UTF-8).
"""

from ccc.journal.frames import Record, frame
from ccc.journal.reader import read
from ccc.journal.recover import OpenCall, Recovery, recover, recover_agents, scan
from ccc.journal.segments import START, Position, lag_bytes
from ccc.journal.writer import Batch, Writer

__all__ = [
    "START",
    "Batch",
    "OpenCall",
    "Position",
    "Record",
    "Recovery",
    "Writer",
    "frame",
    "lag_bytes",
    "read",
    "recover",
    "recover_agents",
    "scan",
]
