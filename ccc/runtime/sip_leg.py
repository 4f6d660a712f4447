"""A leg whose signalling is a SIP session and whose media is on one of our workers."""

from __future__ import annotations

import secrets

from ccc.runtime.leg import MediaLeg
from ccc.runtime.media_pool import MediaPool
from ccc.sip import sdp
from ccc.sip.uas import ServerSession

DTMF_MEDIA_TYPES = ("application/dtmf-relay", "application/dtmf")


class SipLeg(MediaLeg):
    """The caller of an inbound call. Answered on demand; re-INVITEs change its media without the flow noticing."""

    def __init__(self, leg_id: str, session: ServerSession, pool: MediaPool, advertised_ip: str) -> None:
        super().__init__(leg_id)
        self.session = session
        self._pool = pool
        self._advertised_ip = advertised_ip
        self._local: sdp.LocalSdp | None = None
        session.on_reinvite = self._on_reinvite
        session.on_info = self._on_info

    async def answer(self) -> None:
        """Open the media and send the 200. UnavailableError (``full``) when no worker has room."""
        link = self._pool.pick()
        offer = self.session.offer
        opened = await self.open_on(link, kind="rtp", **_media_of(offer))
        host = self._advertised_ip or opened["host"]
        self._local = sdp.LocalSdp(host, opened["port"], secrets.randbits(40))
        body = self._local.answer(offer) if offer is not None else self._local.offer()
        if offer is None:
            self.session.on_ack = self._on_late_answer
        self.session.answer(body)

    def _on_late_answer(self, answer: sdp.Offer | None) -> None:
        """The ACK carried the answer to the offer in our 200 (RFC 3261 13.2.2.4)."""
        if answer is not None:
            self._send("update", **_media_of(answer))

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
