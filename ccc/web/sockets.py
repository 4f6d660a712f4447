"""uvicorn's WebSocket, but for one fault: a page that closes while the server shuts down took the whole shutdown along.

uvicorn 0.54 sends a close frame on each connection when it stops, also on those that are closing already (over TLS that
takes a moment); ``websockets`` then raises InvalidState, and no other connection hears of the end.
"""

from __future__ import annotations

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.protocol import State


class WebSocketProtocol(WebSocketsSansIOProtocol):
    """One connection."""

    def shutdown(self) -> None:
        """The server stops: say so, unless the goodbyes have been said."""
        if self.handshake_complete and self.conn.state is not State.OPEN:
            self.stop_keepalive()
            self.transport.close()
        else:
            super().shutdown()
