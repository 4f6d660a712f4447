"""The server stops while pages are in every state of their WebSocket's life."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from uvicorn import Config
from uvicorn.server import ServerState
from websockets.client import ClientProtocol
from websockets.protocol import State
from websockets.server import ServerProtocol
from websockets.uri import parse_uri

from ccc.web.sockets import WebSocketProtocol


class Wire(asyncio.Transport):
    """A transport that keeps what it is given and whose end takes its time, as TLS's does."""

    def __init__(self) -> None:
        super().__init__()
        self.data, self.closed = b"", False

    def write(self, data: Any) -> None:
        self.data += bytes(data)

    def close(self) -> None:
        self.closed = True

    def is_closing(self) -> bool:
        return self.closed


async def nothing(scope: Any, receive: Any, send: Any) -> None:
    """The application behind."""


@pytest.mark.parametrize("page_closes", [True, False])
def test_a_page_that_says_goodbye_as_the_server_stops(page_closes: bool) -> None:
    async def main() -> None:
        config = Config(nothing, ws=WebSocketProtocol, log_config=None)
        config.load()
        connection = WebSocketProtocol(config, ServerState(), {})
        wire = Wire()
        connection.connection_made(wire)
        connection.conn = ServerProtocol(state=State.OPEN)
        connection.handshake_complete = True
        if page_closes:
            page = ClientProtocol(parse_uri("ws://localhost/"), state=State.OPEN)
            page.send_close(1001)
            connection.data_received(b"".join(page.data_to_send()))
            assert connection.conn.state is not State.OPEN
        connection.shutdown()
        assert wire.closed and wire.data.count(b"\x88") == 1, "one goodbye"

    asyncio.run(main())
