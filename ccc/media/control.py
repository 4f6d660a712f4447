"""The worker's control socket: framed messages, one runtime connection at a time (docs/protocols.md)."""

from __future__ import annotations

import logging
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ccc.bus.frames import FrameError, Message, Reader, pack
from ccc.errors import CccError
from ccc.media.poller import Poller

log = logging.getLogger(__name__)

MAX_PENDING = 64 * 1024 * 1024
"""A runtime that reads nothing while so many bytes wait for it is taken for dead."""


class ControlServer:
    """``handle(message)`` answers a request (CccError becomes ``ok: false``); ``on_lost`` when the connection ends."""

    def __init__(
        self,
        poller: Poller,
        path: Path,
        handle: Callable[[Message], dict[str, Any]],
        on_connect: Callable[[], None],
        on_lost: Callable[[], None],
    ) -> None:
        self._poller = poller
        self._path = path
        self._handle = handle
        self._on_connect = on_connect
        self._on_lost = on_lost
        self._connection: socket.socket | None = None
        self._reader = Reader()
        self._pending = bytearray()
        self._blocked = False
        path.unlink(missing_ok=True)
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
        self._listener.bind(str(path))
        path.chmod(0o600)
        self._listener.listen(8)
        poller.add(self._listener.fileno(), self._accept)

    def send(self, message: dict[str, Any]) -> None:
        """Queue an event or an answer for the end of this round; without a connection it is dropped."""
        if self._connection is not None:
            self._pending += pack(message)

    def flush(self) -> None:
        """Write what is queued; what the socket does not take waits."""
        connection = self._connection
        if connection is None or not self._pending or self._blocked:
            return
        try:
            sent = connection.send(self._pending)
        except BlockingIOError:
            sent = 0
        except OSError as error:
            self._lose(f"write: {error}")
            return
        del self._pending[:sent]
        if self._pending:
            self._blocked = True
            self._poller.add_writer(connection.fileno(), self._writable)
            if len(self._pending) > MAX_PENDING:
                self._lose("the runtime does not read")

    def _writable(self) -> None:
        self._blocked = False
        if self._connection is not None:
            self._poller.remove_writer(self._connection.fileno())
        self.flush()

    def _accept(self) -> None:
        try:
            connection, _ = self._listener.accept()
        except OSError:
            return
        if self._connection is not None and self._is_gone(self._connection):
            self._lose("closed")
        if self._connection is not None:
            log.warning("media: a second runtime wants this worker; refused")
            connection.close()
            return
        connection.setblocking(False)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
        self._connection = connection
        self._reader = Reader()
        self._pending.clear()
        self._blocked = False
        self._poller.add(connection.fileno(), self._readable)
        self._on_connect()

    @staticmethod
    def _is_gone(connection: socket.socket) -> bool:
        """The old runtime's end may be noticed after the new one's beginning."""
        try:
            return connection.recv(1, socket.MSG_PEEK) == b""
        except BlockingIOError:
            return False
        except OSError:
            return True

    def _readable(self) -> None:
        connection = self._connection
        if connection is None:
            return
        try:
            data = connection.recv(262144)
            messages = self._reader.feed(data)
        except BlockingIOError:
            return
        except (OSError, FrameError) as error:
            self._lose(str(error))
            return
        if not data:
            self._lose("closed")
            return
        for message in messages:
            self._answer(message)

    def _answer(self, message: Message) -> None:
        number = message.get("re")
        try:
            answer = self._handle(message)
        except CccError as error:
            if number is None:
                log.warning("media: %s on %s: %s", message.get("op"), message.get("leg"), error.message)
                return
            self.send({"re": number, "ok": False, **error.as_dict()})
            return
        except Exception:
            log.exception("media: %r failed", message.get("op"))
            if number is not None:
                text = "internal error in the media worker; its log names it"
                self.send({"re": number, "ok": False, "code": "internal", "message": text})
            return
        if number is not None:
            self.send({"re": number, "ok": True, **answer})

    def _lose(self, why: str) -> None:
        connection = self._connection
        if connection is None:
            return
        log.info("media: the runtime's connection ended (%s)", why)
        self._connection = None
        self._poller.remove(connection.fileno())
        connection.close()
        self._pending.clear()
        self._on_lost()

    def close(self) -> None:
        if self._connection is not None:
            self.flush()
            self._lose("the worker ends")
        self._poller.remove(self._listener.fileno())
        self._listener.close()
        self._path.unlink(missing_ok=True)
