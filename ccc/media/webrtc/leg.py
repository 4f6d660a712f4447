"""The media transport of one browser: paths proved by ICE, one DTLS association at a time, SRTP both ways.

No socket and no clock in here: datagrams come with their time, what must go out is handed to `sendto`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from ccc.media import rtcp
from ccc.media.transport import PacketHandler, StateHandler
from ccc.media.webrtc import stunwire
from ccc.media.webrtc.dtls import DtlsEndpoint, Identity
from ccc.media.webrtc.sdp import Local, Offer, write_answer
from ccc.media.webrtc.srtp import SrtpPair
from ccc.media.webrtc.stunwire import Address, Credentials

SILENT_S = 8.0
"""Without an authentic connectivity check for so long the browser is gone (it sends one every 2.5 s or faster)."""
CLOSED_S = 6.0
"""A closed association is reported after so long without a new offer: reloading a page closes it, too."""
HANDSHAKE_S = 15.0
STALE_S = 3.0
"""A selected path without checks for so long yields to any other valid one."""
MAX_ADDRESSES = 8
MAX_HANDSHAKES = 3
MAX_FAILURES_PER_S = 50

SendTo = Callable[[bytes, Address], None]


class BrowserLeg:
    """State of one browser leg, and its ``Transport``."""

    def __init__(
        self,
        leg_id: str,
        ssrc: int,
        offer: Offer,
        identity: Identity,
        sendto: SendTo,
        on_packet: PacketHandler,
        on_state: StateHandler,
        on_rtcp: PacketHandler,
        now: float,
    ) -> None:
        self.leg_id, self.ssrc = leg_id, ssrc
        self._identity, self._sendto = identity, sendto
        self._on_packet: PacketHandler | None = on_packet
        self._on_state: StateHandler | None = on_state
        self._on_rtcp: PacketHandler | None = on_rtcp
        self.on_close: Callable[[BrowserLeg], None] | None = None
        """Set by the mux: forget me."""
        self._session_id, self._version = ssrc << 16 | int(now) & 0xFFFF, 0
        self.addresses: dict[Address, float] = {}
        """Paths proved by a check, with the time of the last one."""
        self.address: Address | None = None
        """Where we send."""
        self.previous: Credentials | None = None
        """Credentials of the ICE generation before, valid until the new one has a path."""
        self.state = "new"
        """``new``, ``up`` or ``down``."""
        self.counts = dict.fromkeys(("rx", "tx", "unsent", "bad_stun", "moves", "handshakes"), 0)
        self._seq_shift: int | None = None
        self._failures = 0
        self._failures_since = 0.0
        self._begin(offer, now)

    # -- signalling -----------------------------------------------------------------------------------------------

    def _begin(self, offer: Offer, now: float) -> None:
        """A new association: nothing of an earlier one, keys and paths least of all, is used again."""
        self.offer = offer
        self.credentials = stunwire.new_credentials(offer.ufrag)
        self.previous = None
        self.addresses.clear()
        self.address = None
        self._srtp: SrtpPair | None = None
        self._dtls = DtlsEndpoint(self._identity.context, offer.fingerprints)
        self._began = self._last_check = self._closed_at = now
        self.counts["handshakes"] = 1
        self.state, self._proved = "new", False

    def renew(self, offer: Offer, now: float) -> bool:
        """Take a later offer. True: a wholly new RTCPeerConnection, so a new association; False: an ICE restart."""
        same = offer.session == self.offer.session and offer.fingerprints == self.offer.fingerprints
        if not same or self._dtls.state == "closed":
            self._dtls.close()
            self._flush()
            self._begin(offer, now)
            return True
        if offer.ufrag != self.offer.ufrag:
            self.previous, self.credentials = self.credentials, stunwire.new_credentials(offer.ufrag)
            self._last_check = now
        # Whoever sent the offer waits for news of it: the first check from now on says "up" again.
        self.state, self._proved = "new", False
        self.offer = offer
        return False

    def answer(self, ip: str, port: int) -> str:
        """The SDP answer to the newest offer."""
        self._version += 1
        ours = self.credentials
        fingerprint = self._identity.fingerprint
        local = Local(ip, port, ours.ufrag, ours.pwd, fingerprint, self.ssrc, self._session_id, self._version)
        return write_answer(self.offer, local)

    def close(self) -> None:
        """Say goodbye if anybody is there; drop keys and handlers (they would tie a cycle with their owner)."""
        forget, self.on_close = self.on_close, None
        if forget is not None:
            forget(self)
        self.send_rtcp(rtcp.goodbye(self.ssrc))
        self._dtls.close()
        self._flush()
        self._srtp = self._on_packet = self._on_state = self._on_rtcp = None
        self.address = None

    # -- packets in -----------------------------------------------------------------------------------------------

    def stun(self, data: bytes, ufrag: str, address: Address, now: float) -> bool:
        """Handle a connectivity check for one of our user fragments. True: authentic, `address` is proved."""
        known = address in self.addresses
        if not known and self._guessed_too_often(now):
            return False
        old = self.previous
        ours = old if old is not None and ufrag == old.ufrag else self.credentials
        check = stunwire.read_check(data, ours)
        if check is None:
            self.counts["bad_stun"] += 1
            self._failures += 1
            return False
        if check.role_conflict:
            self._sendto(stunwire.write_role_conflict(check, ours), address)
            return False
        self._sendto(stunwire.write_success(check, address, ours), address)
        self._last_check, self._proved = now, True
        self.addresses[address] = now
        selected_seen = self.addresses.get(self.address, 0.0) if self.address is not None else 0.0
        if check.nominated or self.address is None or now - selected_seen > STALE_S:
            self.counts["moves"] += self.address is not None and self.address != address
            self.address = address
        if self.state != "up":
            self._judge(now)
        return True

    def dtls(self, data: bytes, now: float) -> None:
        """Handle a DTLS datagram; the caller has made sure that it comes from a proved address."""
        before = self._dtls.state
        self._dtls.receive(data)
        self._flush()
        if self._dtls.state != before:
            self._association_changed(now)

    def srtp(self, data: bytes, now: float) -> None:
        """Handle an SRTP or SRTCP packet from a proved address (they share the port: RFC 5761 section 4)."""
        if self._srtp is None:
            return
        if 192 <= data[1] <= 223:
            plain = self._srtp.unprotect_rtcp(data)
            if plain is not None and self._on_rtcp is not None:
                self._on_rtcp(plain, now)
            return
        plain = self._srtp.unprotect(data)
        if plain is None:
            return
        self.counts["rx"] += 1
        if self._on_packet is not None:
            self._on_packet(plain, now)

    # -- packets out ----------------------------------------------------------------------------------------------

    def send(self, packet: bytes) -> None:
        """Encrypt and send one RTP packet. While there is no path or no key it is counted as unsent and dropped."""
        srtp, address = self._srtp, self.address
        if srtp is None or address is None:
            self.counts["unsent"] += 1
            return
        if self._seq_shift is None:
            # A session that starts just below 65536 may lose its first packets; the browser, which has then seen none
            # before the wrap, would guess the roll-over counter wrong for ever. So each starts in the lower half.
            self._seq_shift = packet[2] & 0x80
        if self._seq_shift:
            packet = packet[:2] + bytes((packet[2] ^ 0x80,)) + packet[3:]
        sealed = srtp.protect(packet)
        if sealed is None:
            self.counts["unsent"] += 1
            return
        self.counts["tx"] += 1
        self._sendto(sealed, address)

    def send_rtcp(self, packet: bytes) -> None:
        """Encrypt and send one compound RTCP packet; dropped like RTP while there is no path or no key."""
        sealed = self._srtp.protect_rtcp(packet) if self._srtp is not None else None
        if sealed is not None and self.address is not None:
            self._sendto(sealed, self.address)

    # -- time -----------------------------------------------------------------------------------------------------

    def handshaking(self) -> bool:
        """True while `retransmit` must be called a few times a second."""
        return self._dtls.state == "handshake" and self.address is not None

    def retransmit(self, now: float) -> None:
        """Repeat a lost flight when it is due."""
        before = self._dtls.state
        self._dtls.timeout()
        self._flush()
        if self._dtls.state != before:
            self._association_changed(now)

    def second(self, now: float) -> None:
        """Once a second: is the browser still there?"""
        self._judge(now)

    def stats(self) -> dict[str, int | str]:
        """Counters of the transport; loss and jitter are the RTP owner's."""
        rejected = self._srtp.rejected if self._srtp is not None else 0
        return {**self.counts, "state": self.state, "rejected": rejected}

    # -- inside ---------------------------------------------------------------------------------------------------

    def _guessed_too_often(self, now: float) -> bool:
        """Bounds the HMAC work that a sender without the password can cause on this leg."""
        if now - self._failures_since >= 1.0:
            self._failures_since, self._failures = now, 0
        return self._failures >= MAX_FAILURES_PER_S

    def _flush(self) -> None:
        datagrams = self._dtls.outgoing()
        if self.address is not None:
            for datagram in datagrams:
                self._sendto(datagram, self.address)

    def _association_changed(self, now: float) -> None:
        keys = self._dtls.keys
        if keys is not None:
            self._srtp = SrtpPair(keys)
            self._seq_shift = None
        elif self._dtls.failure == "handshake" and self.counts["handshakes"] < MAX_HANDSHAKES:
            # A forged record can spoil a handshake (it is not protected yet): the true browser gets another try.
            self.counts["handshakes"] += 1
            self._dtls = DtlsEndpoint(self._identity.context, self.offer.fingerprints)
            return
        else:
            self._srtp = None
            self._closed_at = now
        self._judge(now)

    def _judge(self, now: float) -> None:
        if self._dtls.state == "closed":
            if self._dtls.failure != "close-notify" or now - self._closed_at >= CLOSED_S:
                self._announce("down", self._dtls.failure or "closed")
        elif now - self._last_check > SILENT_S:
            self._announce("down", "no-stun")
        elif self._dtls.state == "up" and self._proved:
            self._announce("up", "")
        elif now - self._began > HANDSHAKE_S:
            self._announce("down", "dtls-timeout")

    def _announce(self, state: Literal["up", "down"], why: str) -> None:
        if state == self.state:
            return
        self.state = state
        if self._on_state is not None:
            self._on_state(state, why)
