"""All browser legs of a worker behind one UDP socket: who is a datagram for, and what may it cost (RFC 7983)."""

from __future__ import annotations

import datetime
import logging
import socket

from ccc.errors import ConfigError, ConflictError, NotFoundError, UnavailableError
from ccc.media.address import routable
from ccc.media.poller import Poller
from ccc.media.transport import BrowserAnswer, PacketHandler, StateHandler
from ccc.media.udp import enlarge_buffer, kernel_drops
from ccc.media.webrtc import stunwire
from ccc.media.webrtc.dtls import Identity
from ccc.media.webrtc.leg import MAX_ADDRESSES, BrowserLeg
from ccc.media.webrtc.sdp import parse_offer
from ccc.media.webrtc.stunwire import Address

log = logging.getLogger(__name__)

MAX_DATAGRAM = 2048
READS_PER_WAKE = 64
"""A flood must not keep the worker from its other sockets and timers."""
TICK_S = 0.25


class WebRtcMux:
    """Open, re-offer and close browser legs of one worker."""

    def __init__(
        self, poller: Poller, ip: str, port: int, advertised_ip: str | None = None, *, limit: int = 500
    ) -> None:
        """Bind `ip`:`port` (0: any). `advertised_ip` (default `ip`) stands in answers. ConfigError: port taken."""
        self._poller = poller
        self._socket = _bind(ip, port)
        self.port: int = self._socket.getsockname()[1]
        self._ip = advertised_ip or ip
        self._identity = Identity(datetime.datetime.now(datetime.UTC))
        self._limit = limit
        self._legs: dict[str, BrowserLeg] = {}
        self._by_ufrag: dict[bytes, BrowserLeg] = {}
        self._by_address: dict[Address, BrowserLeg] = {}
        self._ticks = 0
        self.junk = 0
        """Datagrams that belong to nobody."""
        self.tx_drops = 0
        """Datagrams the kernel did not take."""
        poller.add(self._socket.fileno(), self._readable)
        self._next_tick = self._poller.now + TICK_S
        self._timer = poller.call_at(self._next_tick, self._tick)

    def __len__(self) -> int:
        return len(self._legs)

    def open(
        self,
        leg_id: str,
        offer_sdp: str,
        ssrc: int,
        on_packet: PacketHandler,
        on_state: StateHandler,
        on_rtcp: PacketHandler,
    ) -> BrowserAnswer:
        """A leg for a browser's offer.

        Errors: OfferError, ConflictError (id in use), UnavailableError ``full``.
        """
        if leg_id in self._legs:
            raise ConflictError(f"leg {leg_id} is open already: send reoffer")
        if len(self._legs) >= self._limit:
            raise UnavailableError(f"this worker carries its {self._limit} browser legs already", code="full")
        offer, now = parse_offer(offer_sdp), self._poller.now
        leg = BrowserLeg(leg_id, ssrc, offer, self._identity, self.sendto, on_packet, on_state, on_rtcp, now)
        leg.on_close = self._closed
        self._legs[leg_id] = leg
        self._by_ufrag[leg.credentials.ufrag.encode()] = leg
        return BrowserAnswer(leg.answer(routable(self._ip), self.port), leg, leg.offer.codec)

    def reoffer(self, leg_id: str, offer_sdp: str) -> BrowserAnswer:
        """A later offer for the same leg: an ICE restart, or the new RTCPeerConnection of a reloaded page.

        A new connection gets a new DTLS association; the transport and the SSRC stay. OfferError, NotFoundError.
        """
        leg = self._leg(leg_id)
        offer = parse_offer(offer_sdp)
        self._forget(leg, addresses=False)
        known = list(leg.addresses)
        if leg.renew(offer, self._poller.now):
            for address in known:
                self._drop_address(leg, address)
        for credentials in (leg.credentials, leg.previous):
            if credentials is not None:
                self._by_ufrag[credentials.ufrag.encode()] = leg
        return BrowserAnswer(leg.answer(routable(self._ip), self.port), leg, leg.offer.codec)

    def close(self, leg_id: str) -> None:
        """End a leg, as its transport's ``close`` does; harmless when it is unknown."""
        leg = self._legs.get(leg_id)
        if leg is not None:
            leg.close()

    def stats(self, leg_id: str) -> dict[str, int | str]:
        """Counters and quality of a leg. NotFoundError."""
        return self._leg(leg_id).stats()

    def drops(self) -> int:
        """Datagrams the kernel dropped because the receive buffer was full."""
        return kernel_drops(self._socket)

    def shutdown(self) -> None:
        """Close every leg and the socket."""
        for leg in list(self._legs.values()):
            leg.close()
        self._timer.cancel()
        self._poller.remove(self._socket.fileno())
        self._socket.close()

    def datagram(self, data: bytes, address: Address, now: float) -> None:
        """Route one datagram by its first byte (RFC 7983 section 7). From an unproved address only STUN is heard."""
        first = data[0] if len(data) > 1 else 255
        if 128 <= first <= 191:
            leg = self._by_address.get(address)
            if leg is not None and len(data) >= 12:
                leg.srtp(data, now)
                return
        elif first <= 3:
            if self._stun(data, address, now):
                return
        elif 20 <= first <= 63:
            leg = self._by_address.get(address)
            if leg is not None:
                leg.dtls(data, now)
                return
        self.junk += 1

    def sendto(self, data: bytes, address: Address) -> None:
        """Send one datagram; a full buffer or a vanished route loses it, as a network would."""
        try:
            self._socket.sendto(data, address)
        except OSError:
            self.tx_drops += 1

    def _stun(self, data: bytes, address: Address, now: float) -> bool:
        ufrag = stunwire.named_ufrag(data)
        leg = self._by_ufrag.get(ufrag) if ufrag is not None else None
        if leg is None or not leg.stun(data, ufrag.decode(), address, now):  # type: ignore[union-attr]
            return False
        owner = self._by_address.get(address)
        if owner is not leg:
            if owner is not None:
                self._drop_address(owner, address)
            self._by_address[address] = leg
        if len(leg.addresses) > MAX_ADDRESSES:
            oldest = min((a for a in leg.addresses if a != leg.address), key=leg.addresses.__getitem__)
            self._drop_address(leg, oldest)
        if leg.previous is not None and ufrag == leg.credentials.ufrag.encode():
            self._by_ufrag.pop(leg.previous.ufrag.encode(), None)
            leg.previous = None
        return True

    def _drop_address(self, leg: BrowserLeg, address: Address) -> None:
        leg.addresses.pop(address, None)
        if self._by_address.get(address) is leg:
            del self._by_address[address]

    def _forget(self, leg: BrowserLeg, *, addresses: bool = True) -> None:
        for credentials in (leg.credentials, leg.previous):
            if credentials is not None:
                self._by_ufrag.pop(credentials.ufrag.encode(), None)
        for address in list(leg.addresses) if addresses else ():
            self._drop_address(leg, address)

    def _closed(self, leg: BrowserLeg) -> None:
        self._legs.pop(leg.leg_id, None)
        self._forget(leg)

    def _leg(self, leg_id: str) -> BrowserLeg:
        try:
            return self._legs[leg_id]
        except KeyError:
            raise NotFoundError(f"no browser leg {leg_id} on this worker") from None

    def _readable(self) -> None:
        for _ in range(READS_PER_WAKE):
            try:
                data, address = self._socket.recvfrom(MAX_DATAGRAM)
            except BlockingIOError:
                return
            except OSError:
                # An ICMP error of an earlier send (the browser's port is gone): the checks that stop coming decide.
                continue
            self.datagram(data, address, self._poller.now)

    def _tick(self) -> None:
        now = self._poller.now
        self._ticks += 1
        whole_second = self._ticks % int(1 / TICK_S) == 0
        for leg in list(self._legs.values()):
            if leg.handshaking():
                leg.retransmit(now)
            if whole_second:
                leg.second(now)
        self._next_tick = max(self._next_tick + TICK_S, now)
        self._timer = self._poller.call_at(self._next_tick, self._tick)


def _bind(ip: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in ip else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
    try:
        sock.bind((ip, port))
    except OSError as error:
        sock.close()
        raise ConfigError(
            f"cannot use UDP {ip}:{port} for browsers: {error.strerror}; choose another with --webrtc-port, --media-ip"
        ) from error
    enlarge_buffer(sock)
    return sock
