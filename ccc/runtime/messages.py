"""What every page's WebSocket shares: numbered messages outward, JSON objects inward, a pace nobody outruns."""

from __future__ import annotations

import asyncio
import json
import logging
from typing import Any

from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

from ccc.errors import InvalidError

log = logging.getLogger(__name__)

CLOSE_CODES = {"taken-over": 4001, "disabled": 4003, "signed-out": 4003, "shutdown": 1001, "ended": 1000, "idle": 4008}
MAX_BACKLOG = 1000
Message = dict[str, Any]


class Outbox:
    """Messages to one connection, in order, numbered; a page that does not read is cut off, not waited for."""

    def __init__(self, connection: ServerConnection) -> None:
        self._connection = connection
        self._queue: asyncio.Queue[tuple[str, int | None]] = asyncio.Queue(MAX_BACKLOG)
        self._seq = 0

    def send(self, kind: str, **fields: Any) -> None:
        self._seq += 1
        self._put(json.dumps({"seq": self._seq, "t": kind, **fields}, ensure_ascii=False), None)

    def close(self, why: str) -> None:
        self._seq += 1
        self._put(json.dumps({"seq": self._seq, "t": "bye", "why": why}), CLOSE_CODES[why])

    def _put(self, text: str, close_code: int | None) -> None:
        try:
            self._queue.put_nowait((text, close_code))
        except asyncio.QueueFull:
            log.warning("a page does not read its messages; cut off")
            self._connection.transport.abort()

    async def run(self) -> None:
        """Write until closed."""
        try:
            while True:
                text, close_code = await self._queue.get()
                await self._connection.send(text)
                if close_code is not None:
                    await self._connection.close(close_code)
                    return
        except ConnectionClosed:
            return


class Pace:
    """Lets ``burst`` messages through at once and then ``per_s`` a second: nobody presses buttons faster."""

    def __init__(self, per_s: float = 20.0, burst: int = 60) -> None:
        self._gap_s = 1.0 / per_s
        self._burst_s = burst / per_s
        self._booked = 0.0

    def wait_s(self, now: float) -> float:
        """How long the message that has just come must wait."""
        self._booked = max(self._booked, now) + self._gap_s
        return max(0.0, self._booked - now - self._burst_s)


def parse(text: str | bytes) -> Message:
    """The JSON object a page sent. InvalidError when it is none."""
    try:
        message = json.loads(text)
        # Half an emoji (a field cut off in the middle of one) is legal in JavaScript, and nothing UTF-8 can carry.
        message = json.loads(json.dumps(message, ensure_ascii=False).encode("utf-8", "replace"))
    except (ValueError, RecursionError) as error:
        raise InvalidError("not JSON") from error
    if not isinstance(message, dict):
        raise InvalidError("a message is a JSON object")
    return message


def text_field(message: Message, field: str, limit: int, *, required: bool = True) -> str:
    """A text field of a message, at most ``limit`` characters. InvalidError names it."""
    value = message.get(field, "")
    if not isinstance(value, str) or len(value) > limit or (required and not value):
        raise InvalidError(f"{field} must be text of 1 to {limit} characters", field=field)
    return value
