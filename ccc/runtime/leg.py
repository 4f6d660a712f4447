"""A leg: one party of a call. The interface every backend offers, and the part all media-worker legs share.

The backend owns its media, so that another stack can be brought in by an optional plugin (DESIGN "Choices made").
"""

from __future__ import annotations

import asyncio
import logging
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from ccc.errors import CccError, UnavailableError
from ccc.runtime.media_pool import Link, MediaEvent

log = logging.getLogger(__name__)
PlayItem = str | dict[str, int]
"""A file of raw A-law, or ``{"silence_ms": n}``."""


class Leg(Protocol):
    """What the call engine needs of a party. ``play`` items are prepared files; a new ``play`` replaces the old one."""

    id: str
    capabilities: frozenset[str]
    on_key: Callable[[str], None]
    on_down: Callable[[str], None]

    def play(self, items: Sequence[PlayItem], repeat: int = 1) -> asyncio.Future[str]: ...
    def stop(self) -> None: ...
    def record(self, path: str) -> None: ...
    def record_control(self, action: str) -> None: ...
    async def bridge(self, other: Leg) -> None: ...
    def unbridge(self) -> None: ...
    def send_dtmf(self, keys: str) -> None: ...
    def release(self) -> None: ...


def ignore(_: str) -> None:
    """Nobody listens yet."""


class MediaLeg:
    """The media side of a leg on one of our workers; subclasses add SIP or the browser."""

    capabilities = frozenset({"play", "record", "bridge", "dtmf"})

    def __init__(self, leg_id: str) -> None:
        self.id = leg_id
        self.link: Link | None = None
        self.on_key: Callable[[str], None] = ignore
        self.on_down: Callable[[str], None] = ignore
        self.on_up: Callable[[], None] = lambda: None
        self.on_unrecorded: Callable[[], None] = lambda: None
        """Nothing of the recording that was asked for is on disk."""
        self._play_number = 0
        self._playing: asyncio.Future[str] | None = None
        self._message: asyncio.Future[MediaEvent] | None = None
        self.voiced = False
        """The message being left has enough voice in it to be kept."""

        self._released = False

    @property
    def open(self) -> bool:
        return self.link is not None

    async def open_on(self, link: Link, **fields: Any) -> dict[str, Any]:
        """Open the leg on a worker; returns its answer (address or SDP). UnavailableError when released meanwhile."""
        link.attach(self.id, self._on_event)
        try:
            answer = await link.request("open", leg=self.id, **fields)
            if self._released:
                raise UnavailableError(f"leg {self.id} was given up while it opened", code="leg-gone")
        except BaseException:
            link.detach(self.id)
            link.send("close", leg=self.id)
            raise
        self.link = link
        return answer

    def play(self, items: Sequence[PlayItem], repeat: int = 1) -> asyncio.Future[str]:
        """Start playing; the future ends with ``done``, ``stopped``, ``error`` or ``gone``."""
        future: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._finish("stopped")
        self._playing = future
        if self.link is None:
            self._finish("gone")
            return future
        self._play_number += 1
        self.link.send("play", leg=self.id, play=self._play_number, files=list(items), repeat=repeat)
        return future

    def stop(self) -> None:
        if self._playing is not None:
            self._send("stop")
            self._finish("stopped")

    def record(self, path: str) -> None:
        self._send("record", path=path)

    def record_control(self, action: str) -> None:
        """``pause``, ``resume`` or ``stop``."""
        self._send(f"record-{action}")

    def take_message(self, path: str, **limits: float) -> asyncio.Future[MediaEvent]:
        """Record what the leg says into ``path``; the future is the event ``message`` (docs/protocols.md)."""
        self.voiced = False
        self._message = asyncio.get_running_loop().create_future()
        self._send("message", path=path, **limits)
        return self._message

    def end_message(self) -> None:
        self._send("message-stop")

    async def bridge(self, other: MediaLeg) -> None:
        """Join both directions with ``other``, wherever it lives. UnavailableError when one of them is gone."""
        if self.link is None or other.link is None:
            raise CccError("a leg to be joined is gone", code="leg-gone")
        self._finish("stopped")
        other._finish("stopped")
        if self.link is other.link:
            await self.link.request("bridge", leg=self.id, **{"with": other.id})
            return
        await asyncio.gather(
            self.link.request("bridge", leg=self.id, peer=_peer(other)),
            other.link.request("bridge", leg=other.id, peer=_peer(self)),
        )

    def unbridge(self) -> None:
        self._send("unbridge")

    def send_dtmf(self, keys: str) -> None:
        self._send("dtmf", keys=keys)

    def inject_key(self, key: str) -> None:
        """A key that arrived in signalling (SIP INFO); the worker drops it when it also came as audio."""
        self._send("inject-key", key=key, via="info")

    def release(self) -> None:
        """End the media side, also one that is still opening; safe to call twice."""
        self._released = True
        if self.link is not None:
            self.link.detach(self.id)
            self.link.send("close", leg=self.id)
            self.link = None
        self._finish("gone")
        self.on_key, self.on_down = ignore, ignore
        self.on_up = self.on_unrecorded = lambda: None

    def _send(self, op: str, **fields: Any) -> None:
        if self.link is not None:
            self.link.send(op, leg=self.id, **fields)

    def _finish(self, why: str) -> None:
        future, self._playing = self._playing, None
        if future is not None and not future.done():
            future.set_result(why)

    def _on_event(self, event: MediaEvent) -> None:
        kind = event["ev"]
        if kind == "dtmf":
            self.on_key(event["key"])
        elif kind == "played":
            if event["play"] == self._play_number:
                if event["why"] == "error":
                    log.error("leg %s: prompt not played: %s", self.id, event.get("message"))
                self._finish(event["why"])
        elif kind == "voiced":
            self.voiced = True
        elif kind == "message":
            if self._message is not None and not self._message.done():
                self._message.set_result(event)
        elif kind == "media-timeout":
            self.on_down("media-timeout")
        elif kind == "up":
            self.on_up()
        elif kind == "down":
            self.on_down("down")
        elif kind == "record-error":
            log.error("leg %s: recording failed: %s", self.id, event.get("message"))
            if not event["kept"]:
                self.on_unrecorded()
        elif kind == "worker-lost":
            self.link = None
            self._finish("gone")
            self.on_down("media-worker-died")


class CallerLeg(MediaLeg, ABC):
    """The party a call comes from: rung and answered on demand, gone whenever it likes."""

    def __init__(self, leg_id: str) -> None:
        super().__init__(leg_id)
        self.on_gone: Callable[[str], None] = ignore
        """The party hung up; the cause, '' when it follows from where the call stands."""

    @abstractmethod
    def ring(self) -> None:
        """Let the party hear that somebody is called."""

    @abstractmethod
    async def answer(self) -> None:
        """Open the way for audio. UnavailableError, its code a call's cause, when that cannot be."""

    @abstractmethod
    def hang_up(self, cause: str) -> None:
        """End it from our side, whatever its state: refused when it was never answered."""

    @abstractmethod
    def dialog(self) -> dict[str, Any]:
        """What an in-dialog BYE needs after a death of ours; {} when the party needs none."""

    def release(self) -> None:
        super().release()
        self.on_gone = ignore


def _peer(leg: MediaLeg) -> dict[str, str]:
    assert leg.link is not None
    return {"worker": str(leg.link.socket_path.with_suffix(".relay")), "leg": leg.id}
