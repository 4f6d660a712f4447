"""``/rt/*`` WebSockets go through the web process as they are: the runtime behind its Unix socket owns them.

The web process only keeps what a reverse proxy keeps: Origin, Host, the client's address, and close codes both ways.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from websockets.asyncio.client import ClientConnection, unix_connect
from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException

log = logging.getLogger(__name__)

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

TRY_AGAIN_LATER = 1013
GOING_AWAY = 1001
REFUSED_BASE = 4000
"""A handshake the runtime refuses with HTTP status S is told to the page as close code 4000 + S (4403: forbidden)."""
_HOST = re.compile(r"[A-Za-z0-9.\-]+(:\d{1,5})?|\[[0-9A-Fa-f:.]+\](:\d{1,5})?")
_NOT_SENDABLE = (1005, 1006, 1015)
"""Codes that only describe a missing close frame and must not be sent (RFC 6455 7.4.1)."""
MAX_MESSAGE = 1024 * 1024


class Passthrough:
    """An ASGI application for WebSocket scopes."""

    def __init__(self, socket: Path, *, open_timeout_s: float = 3.0) -> None:
        self._socket = socket
        self._open_timeout_s = open_timeout_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Join the browser's WebSocket with one to the runtime until either side closes."""
        await receive()  # websocket.connect
        try:
            upstream = await self._connect(scope)
        except InvalidStatus as refused:
            await _accept_and_close(send, REFUSED_BASE + refused.response.status_code, "refused")
            return
        except (OSError, TimeoutError, WebSocketException, ValueError) as error:
            log.warning("the runtime's WebSocket does not answer: %s", error)
            await _accept_and_close(send, TRY_AGAIN_LATER, "the telephone side is starting")
            return
        try:
            await send({"type": "websocket.accept"})
            await _join(upstream, receive, send)
        finally:
            await upstream.close()

    async def _connect(self, scope: Scope) -> ClientConnection:
        headers = {name.decode("latin1").lower(): value.decode("latin1") for name, value in scope["headers"]}
        host = headers.get("host", "localhost")
        if not _HOST.fullmatch(host):
            raise ValueError(f"Host header {host!r}")
        query = scope["query_string"].decode("latin1")
        client = scope.get("client") or ("", 0)
        extra = {
            "X-Forwarded-For": client[0],
            "X-Forwarded-Proto": "https" if scope.get("scheme") == "wss" else "http",
        }
        if "origin" in headers:
            extra["Origin"] = headers["origin"]
        if "user-agent" in headers:
            extra["User-Agent"] = headers["user-agent"]
        return await unix_connect(
            str(self._socket),
            f"ws://{host}{scope['path']}" + (f"?{query}" if query else ""),
            additional_headers=extra,
            user_agent_header=None,
            compression=None,
            proxy=None,
            open_timeout=self._open_timeout_s,
            ping_interval=None,  # a local socket: its end is seen at once
            close_timeout=2,
            max_size=MAX_MESSAGE,
        )


async def _join(upstream: ClientConnection, receive: Receive, send: Send) -> None:
    """Copy both directions until one ends; the end is told to the other side."""
    down = asyncio.create_task(_to_page(upstream, send))
    up = asyncio.create_task(_to_runtime(receive, upstream))
    try:
        await asyncio.wait((down, up), return_when=asyncio.FIRST_COMPLETED)
        if up.done():
            await upstream.close(*up.result())
        elif down.done():
            code, reason = down.result()
            await send({"type": "websocket.close", "code": code, "reason": reason})
    finally:
        for task in (down, up):
            task.cancel()
        await asyncio.gather(down, up, return_exceptions=True)


async def _to_page(upstream: ClientConnection, send: Send) -> tuple[int, str]:
    try:
        async for message in upstream:
            key = "text" if isinstance(message, str) else "bytes"
            await send({"type": "websocket.send", key: message})
        code, reason = upstream.close_code or 1000, upstream.close_reason or ""
    except ConnectionClosed as closed:
        code = closed.rcvd.code if closed.rcvd else TRY_AGAIN_LATER
        reason = closed.rcvd.reason if closed.rcvd else "the telephone side went away"
    return (TRY_AGAIN_LATER if code in _NOT_SENDABLE else code), reason


async def _to_runtime(receive: Receive, upstream: ClientConnection) -> tuple[int, str]:
    while True:
        event = await receive()
        if event["type"] == "websocket.disconnect":
            code = event.get("code", GOING_AWAY)
            return (GOING_AWAY if code in _NOT_SENDABLE else code), event.get("reason") or ""
        text = event.get("text")
        try:
            await upstream.send(event["bytes"] if text is None else text)
        except ConnectionClosed:
            return GOING_AWAY, ""  # the other direction reports why


async def _accept_and_close(send: Send, code: int, reason: str) -> None:
    """A browser sees a close code only after an accepted handshake."""
    await send({"type": "websocket.accept"})
    await send({"type": "websocket.close", "code": code, "reason": reason})
