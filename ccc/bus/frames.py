"""Framing: a 4-byte big-endian length, then that many bytes of UTF-8 JSON (one object)."""

from __future__ import annotations

import struct
from typing import Any

from ccc.compact_json import decode, encode

Message = dict[str, Any]
LENGTH = struct.Struct(">I")
MAX_FRAME = 16 * 1024 * 1024


class FrameError(ValueError):
    """The peer sent something that is not a frame of ours; the connection cannot go on."""


def pack(message: Message) -> bytes:
    body = encode(message)
    return LENGTH.pack(len(body)) + body


class Reader:
    """Collects bytes and yields whole messages (sans-IO)."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> list[Message]:
        """Every message completed by ``data``. FrameError on an oversized frame or one that is not a JSON object."""
        buffer = self._buffer
        buffer += data
        messages: list[Message] = []
        at = 0
        while len(buffer) - at >= 4:
            (size,) = LENGTH.unpack_from(buffer, at)
            if size > MAX_FRAME:
                raise FrameError(f"frame of {size} bytes")
            if len(buffer) - at - 4 < size:
                break
            try:
                message = decode(buffer[at + 4 : at + 4 + size])
            except ValueError as error:
                raise FrameError("not JSON") from error
            if not isinstance(message, dict):
                raise FrameError("not a JSON object")
            messages.append(message)
            at += 4 + size
        del buffer[:at]
        return messages
