"""The runtime's side of a media worker: an asyncio client of its control socket."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, cast

from ccc.bus.frames import FrameError, Message, Reader, pack
from ccc.errors import CccError, ConflictError, InvalidError, NotFoundError, UnavailableError

log = logging.getLogger(__name__)

REQUEST_TIMEOUT_S = 5.0
RETRY_S = 0.02
_ERRORS: dict[str, type[CccError]] = {
    "full": UnavailableError,
    "no-webrtc": UnavailableError,
    "no-leg": NotFoundError,
    "leg-exists": ConflictError,
    "invalid": InvalidError,
    "unknown-op": InvalidError,
}
PlayItem = str | dict[str, int]


class MediaError(CccError):
    """The worker refused a request; ``code`` is the worker's."""

    code = "media"


class MediaWorker(asyncio.Protocol):
    """One worker. ``on_event`` gets each event message; ``on_lost(why)`` is called once when the connection ends."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.on_event: Callable[[Message], None] = lambda event: None
        self.on_lost: Callable[[str], None] = lambda why: None
        self.load: Message = {}
        """The newest ``load`` event (legs, cpu, drops, late_ms)."""
        self._transport: asyncio.Transport | None = None
        self._greeting: asyncio.Future[None] | None = None
        """Done with the worker's first message: it has taken us."""
        self._accepted = False
        self._reader = Reader()
        self._waiting: dict[int, asyncio.Future[Message]] = {}
        self._number = 0
        self._batch: list[bytes] = []

    @property
    def connected(self) -> bool:
        return self._accepted

    async def connect(self, timeout_s: float = 5.0) -> None:
        """Connect; tries until the worker takes us (it serves one runtime). UnavailableError after ``timeout_s``."""
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(timeout_s):
                while not self._accepted:
                    self._greeting = loop.create_future()
                    try:
                        await loop.create_unix_connection(lambda: self, str(self.path))
                        await self._greeting
                    except (ConnectionRefusedError, FileNotFoundError):
                        await asyncio.sleep(RETRY_S)
        except TimeoutError as error:
            raise UnavailableError(f"the media worker at {self.path.name} does not answer") from error
        except OSError as error:
            raise UnavailableError(f"the media worker at {self.path.name} cannot be reached: {error}") from error
        finally:
            if not self._accepted and self._transport is not None:
                transport, self._transport = self._transport, None
                transport.abort()

    async def close(self) -> None:
        """End the connection; the worker ends every leg. ``on_lost`` is not called."""
        transport, self._transport, self._accepted = self._transport, None, False
        if transport is not None:
            self._drain(transport)
            transport.close()
        self._fail("the connection was closed")

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's does not inherit from asyncio's
        self._reader = Reader()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._greeting is not None and not self._greeting.done():
            self._transport = None
            self._greeting.set_exception(ConnectionRefusedError("the worker serves another runtime"))
        elif self._transport is not None:
            self._transport, self._accepted = None, False
            why = str(exc) if exc else "the worker closed the connection"
            self._fail(why)
            self.on_lost(why)

    def data_received(self, data: bytes) -> None:
        try:
            messages = self._reader.feed(data)
        except FrameError as error:
            log.error("media worker %s: %s", self.path.name, error)
            if self._transport is not None:
                self._transport.abort()
            return
        if messages and not self._accepted:
            self._accepted = True
            if self._greeting is not None and not self._greeting.done():
                self._greeting.set_result(None)
        for message in messages:
            self._take(message)

    def _take(self, message: Message) -> None:
        if "re" in message:
            future = self._waiting.pop(message["re"], None)
            if future is not None and not future.done():
                future.set_result(message)
            return
        if message.get("ev") == "load":
            self.load = message
        try:
            self.on_event(message)
        except Exception:
            log.exception("media event %r failed", message.get("ev"))

    def _fail(self, why: str) -> None:
        self._batch.clear()
        waiting, self._waiting = self._waiting, {}
        for future in waiting.values():
            if not future.done():
                future.set_exception(UnavailableError(f"the media worker is gone: {why}", code="media-worker-died"))

    def send(self, op: str, **fields: Any) -> None:
        """A message without an answer. All messages of one turn of the loop leave in one write.

        Without a connection it goes nowhere: ``on_lost`` has told, and the worker has ended the leg.
        """
        self._queue({"op": op, **fields})

    def _queue(self, message: Message) -> None:
        if self._transport is None:
            return
        if not self._batch:
            asyncio.get_running_loop().call_soon(self._flush)
        self._batch.append(pack(message))

    def _flush(self) -> None:
        if self._transport is not None:
            self._drain(self._transport)

    def _drain(self, transport: asyncio.Transport) -> None:
        if self._batch:
            transport.write(b"".join(self._batch))
            self._batch.clear()

    async def request(self, op: str, **fields: Any) -> Message:
        """Ask and wait for the answer. CccError by the worker's code (UnavailableError ``full`` ...)."""
        if self._transport is None:
            raise UnavailableError("the media worker is not connected", code="media-worker-died")
        self._number += 1
        number = self._number
        future: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        self._waiting[number] = future
        self._queue({"op": op, "re": number, **fields})
        try:
            async with asyncio.timeout(REQUEST_TIMEOUT_S):
                answer = await future
        except TimeoutError as error:
            raise UnavailableError(f"the media worker did not answer {op!r} in time", code="media-timeout") from error
        finally:
            self._waiting.pop(number, None)
        if answer.get("ok"):
            return answer
        code, text = str(answer.get("code", "media")), str(answer.get("message", "the media worker refused"))
        raise _ERRORS.get(code, MediaError)(text, code=code, field=answer.get("field"))

    async def open_rtp(
        self,
        leg: str,
        remote: tuple[str, int] | None,
        *,
        pt: int = 8,
        dtmf_pt: int | None = None,
        inband: bool = False,
    ) -> tuple[str, int]:
        """Open an RTP leg; the address and port for our SDP. UnavailableError code ``full``."""
        target = list(remote) if remote is not None else None
        answer = await self.request("open", leg=leg, kind="rtp", remote=target, pt=pt, dtmf_pt=dtmf_pt, inband=inband)
        return answer["host"], answer["port"]

    async def open_webrtc(self, leg: str, offer: str) -> str:
        """Open a browser leg; our SDP answer."""
        return str((await self.request("open", leg=leg, kind="webrtc", offer=offer))["answer"])

    async def reoffer(self, leg: str, offer: str) -> str:
        """A new offer of the same browser leg; our SDP answer."""
        return str((await self.request("reoffer", leg=leg, offer=offer))["answer"])

    async def update(self, leg: str, **fields: Any) -> None:
        """Any of ``remote`` ([host, port] or None), ``pt``, ``dtmf_pt``, ``inband``, ``hold``."""
        await self.request("update", leg=leg, **fields)

    def play(self, leg: str, play: str, files: Sequence[PlayItem], repeat: int = 1) -> None:
        """Play files and silences instead of what plays; event ``played`` with the id ``play`` follows always."""
        self.send("play", leg=leg, play=play, files=list(files), repeat=repeat)

    def stop(self, leg: str) -> None:
        """Stop what plays."""
        self.send("stop", leg=leg)

    async def bridge(self, leg: str, other: str) -> None:
        """Join two legs of this worker."""
        await self.request("bridge", **{"leg": leg, "with": other})

    async def bridge_remote(self, leg: str, relay: str, other: str) -> None:
        """Join with the leg ``other`` of the worker whose relay socket is ``relay`` (its ``stats`` answer tells it)."""
        await self.request("bridge", leg=leg, peer={"worker": relay, "leg": other})

    def unbridge(self, leg: str) -> None:
        """Part the leg from whatever it is joined with."""
        self.send("unbridge", leg=leg)

    async def record(self, leg: str, path: Path) -> None:
        """Start recording into ``path`` (absolute; continued when it exists)."""
        await self.request("record", leg=leg, path=str(path))

    def record_pause(self, leg: str) -> None:
        """Write silence until :meth:`record_resume`."""
        self.send("record-pause", leg=leg)

    def record_resume(self, leg: str) -> None:
        self.send("record-resume", leg=leg)

    def record_stop(self, leg: str) -> None:
        """Finish the file."""
        self.send("record-stop", leg=leg)

    def dtmf(self, leg: str, keys: str) -> None:
        """Send keys to the leg."""
        self.send("dtmf", leg=leg, keys=keys)

    def inject_key(self, leg: str, key: str, via: str = "info") -> None:
        """A key came by signalling; it comes back as a ``dtmf`` event unless RTP brought it too."""
        self.send("inject-key", leg=leg, key=key, via=via)

    async def close_leg(self, leg: str) -> Message:
        """End the leg; its counters."""
        return dict((await self.request("close", leg=leg))["stats"])

    async def stats(self) -> Message:
        """The worker's counters, capacity and relay path."""
        return await self.request("stats")
