"""A leg whose signalling is a SIP session and whose media is on one of our workers."""

from __future__ import annotations

import secrets
from typing import Any

from ccc.runtime.leg import CallerLeg, MediaLeg
from ccc.runtime.media_pool import MediaPool
from ccc.sip import sdp
from ccc.sip.session import Session
from ccc.sip.uas import ServerSession

DTMF_MEDIA_TYPES = ("application/dtmf-relay", "application/dtmf")
REFUSALS = {
    "flow-error": (500, "Flow error"),
    "full": (503, "No capacity"),
    "media-worker-died": (503, "No media"),
    "max-length": (408, "Request timeout"),
}
"""How a call that was never answered is refused, by cause."""


class SessionLeg(MediaLeg):
    """A leg with a SIP session, whoever called whom: the peer may change its media, and send keys by INFO."""

    def __init__(self, leg_id: str, pool: MediaPool, advertised_ip: str) -> None:
        super().__init__(leg_id)
        self._pool = pool
        self._advertised_ip = advertised_ip
        self._local: sdp.LocalSdp | None = None

    def _watch(self, session: Session) -> None:
        """Follow what the peer does inside the dialog."""
        session.on_reinvite = self._on_reinvite
        session.on_info = self._on_info

    async def _open(self, offer: sdp.Offer | None) -> sdp.LocalSdp:
        """Media on the least loaded worker. UnavailableError (``full``) when none has room."""
        opened = await self.open_on(self._pool.pick(), kind="rtp", **_media_of(offer))
        self._local = sdp.LocalSdp(self._advertised_ip or opened["host"], opened["port"], secrets.randbits(40))
        return self._local

    def _take(self, description: sdp.Offer) -> None:
        """The peer's description of its side is known (better)."""
        self._send("update", **_media_of(description))

    def _on_reinvite(self, offer: sdp.Offer | None) -> bytes | tuple[int, str]:
        if self._local is None or self.link is None:
            return 488, "Not acceptable here"
        if offer is None:
            return self._local.offer()
        self._send("update", **_media_of(offer), hold=offer.hold)
        return self._local.answer(offer)

    def _on_info(self, content_type: str, body: bytes) -> None:
        key = info_key(content_type, body)
        if key:
            self.inject_key(key)


class SipLeg(SessionLeg, CallerLeg):
    """The caller of an inbound call. Answered on demand; re-INVITEs change its media without the flow noticing."""

    def __init__(self, leg_id: str, session: ServerSession, pool: MediaPool, advertised_ip: str) -> None:
        super().__init__(leg_id, pool, advertised_ip)
        self.session = session
        self._watch(session)
        session.on_cancel = lambda: self.on_gone("cancelled")
        session.on_bye = lambda respond: self.on_gone("")
        # Signalling ended by itself: no ACK, a dead peer, a transaction that timed out.
        session.on_end = lambda cause: self.on_down(cause)

    def ring(self) -> None:
        """180."""
        self.session.ring()

    def dialog(self) -> dict[str, Any]:
        """What a BYE inside the dialog needs."""
        return self.session.dialog_state()

    def hang_up(self, cause: str) -> None:
        """BYE, or the refusal that fits the cause."""
        if self.session.state == "confirmed":
            self.session.bye(f'Q.850;cause=16;text="{cause}"')
        elif self.session.state in ("incoming", "ringing"):
            self.session.reject(*REFUSALS.get(cause, (603, "Decline")))

    async def answer(self) -> None:
        """Open the media and send the 200. UnavailableError (``full``) when no worker has room."""
        offer = self.session.offer
        local = await self._open(offer)
        body = local.answer(offer) if offer is not None else local.offer()
        if offer is None:
            self.session.on_ack = self._on_late_answer
        self.session.answer(body)

    def _on_late_answer(self, answer: sdp.Offer | None) -> None:
        """The ACK carried the answer to the offer in our 200 (RFC 3261 13.2.2.4)."""
        if answer is not None:
            self._take(answer)


def _media_of(offer: sdp.Offer | None) -> dict[str, object]:
    if offer is None:
        return {"remote": None, "pt": sdp.PCMA, "dtmf_pt": 101, "inband": False}
    return {
        "remote": [offer.host, offer.port],
        "pt": offer.preferred,
        "dtmf_pt": offer.telephone_event,
        "inband": offer.telephone_event is None,
    }


def info_key(content_type: str, body: bytes) -> str:
    """The key of a SIP INFO: ``Signal=5`` (application/dtmf-relay) or the bare key (application/dtmf); '' if none."""
    kind = content_type.split(";")[0].strip().lower()
    if kind not in DTMF_MEDIA_TYPES:
        return ""
    text = body.decode("ascii", "replace").strip()
    if kind == "application/dtmf-relay":
        lines = dict(line.split("=", 1) for line in text.splitlines() if "=" in line)
        text = {key.strip().lower(): value.strip() for key, value in lines.items()}.get("signal", "")
    text = {"10": "*", "11": "#"}.get(text, text).upper()
    return text if len(text) == 1 and text in "0123456789*#ABCD" else ""
