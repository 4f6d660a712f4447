"""A caller in a browser tab: audio by WebRTC, signalling by the page's WebSocket."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from ccc.errors import UnavailableError
from ccc.runtime.leg import CallerLeg
from ccc.runtime.media_pool import MediaEvent, MediaPool

UP_S = 10.0
"""What ICE and DTLS may take; a browser on the same network needs a tenth of a second."""


class BrowserLeg(CallerLeg):
    """Its own media leg, named by the call: the user's leg as an agent is another one and is never touched."""

    def __init__(self, leg_id: str, pool: MediaPool, ringback: str, changed: Callable[[], None]) -> None:
        super().__init__(leg_id)
        self._changed = changed
        self._pool = pool
        self._ringback = ringback
        self._up = asyncio.Event()
        self.on_up = self._up.set
        self.ringing = False

    async def offer(self, sdp: str) -> str:
        """The page's RTCPeerConnection (a later offer mends it); our SDP answer. UnavailableError: no capacity."""
        if self.link is not None:
            return str((await self.link.request("reoffer", leg=self.id, offer=sdp))["answer"])
        return str((await self.open_on(self._pool.pick(), kind="webrtc", offer=sdp))["answer"])

    def ring(self) -> None:
        """Ring-back, as a carrier would play it."""
        self.ringing = True
        self.play([self._ringback], 0)
        self._changed()

    async def answer(self) -> None:
        """Wait for the audio path, so that nothing of the first prompt is lost."""
        if self.ringing:
            self.ringing = False
            self.stop()
            self._changed()
        try:
            async with asyncio.timeout(UP_S):
                await self._up.wait()
        except TimeoutError as error:
            text = f"the browser's audio did not come up within {UP_S:.0f} s"
            raise UnavailableError(text, code="media-timeout") from error

    def hang_up(self, cause: str) -> None:
        """The closing record has told the page; the media ends with :meth:`release`."""

    def dialog(self) -> dict[str, Any]:
        """None: after a death of ours the page sees its socket close."""
        return {}

    def _on_event(self, event: MediaEvent) -> None:
        if event["ev"] != "down":
            super()._on_event(event)
        elif event.get("why") == "close-notify":
            self.on_gone("")
        else:
            self.on_down("media-timeout")
