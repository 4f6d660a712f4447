"""What carries a leg's packets: the interface between a leg and UDP, or a leg and a browser.

A leg builds plain RTP packets (RFC 3550) with its own SSRC, sequence and clock and gives them to ``Transport.send``.
Packets that arrive come to ``on_packet`` as plain RTP, already authenticated and decrypted.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

PacketHandler: TypeAlias = Callable[[bytes, float], None]
"""``on_packet(packet, now)``: one plain RTP packet (CSRCs, extensions and padding allowed), monotonic seconds."""
StateHandler: TypeAlias = Callable[[Literal["up", "down"], str], None]
"""``on_state(state, why)``: ``up`` once packets flow, ``down`` when the peer is dead; ``why`` is for the log."""


class Transport(Protocol):
    """One leg's way out. Nothing here raises: what cannot be sent now is dropped and counted by the transport."""

    def send(self, packet: bytes) -> None:
        """Send one plain RTP packet (12-byte header, no extension, payload)."""
        ...

    def send_rtcp(self, packet: bytes) -> None:
        """Send one plain compound RTCP packet (SR and SDES; every 5 s)."""
        ...

    def close(self) -> None:
        """Release sockets, timers and handlers; afterwards the transport refers to no leg. Called once."""
        ...


@dataclass(frozen=True, slots=True)
class BrowserCodec:
    """What was negotiated with a browser. Both G.711 laws may come in under their static payload types."""

    pt: Literal[8, 0]
    """8 PCMA (preferred) or 0 PCMU: what we send."""
    dtmf_pt: int | None
    """Payload type of ``telephone-event/8000`` in the offer, if any."""


@dataclass(frozen=True, slots=True)
class BrowserAnswer:
    """Our side of an offer."""

    sdp: str
    transport: Transport
    codec: BrowserCodec


class BrowserMux(Protocol):
    """All browser legs of a worker on one UDP port (``ccc.media.webrtc.WebRtcMux(poller, ip, port, advertised_ip)``).

    The mux registers its socket and timers with the worker's :class:`~ccc.media.poller.Poller`;
    it keeps no reference to a leg after ``close``.
    """

    port: int
    """The bound UDP port (of interest when it was opened with 0)."""

    def open(
        self,
        leg_id: str,
        offer_sdp: str,
        ssrc: int,
        on_packet: PacketHandler,
        on_state: StateHandler,
        on_rtcp: PacketHandler,
    ) -> BrowserAnswer:
        """Answer an offer. ``ssrc`` is the one we shall send with; ``on_rtcp`` gets decrypted compound packets.

        InvalidError when the offer cannot be accepted.
        """
        ...

    def reoffer(self, leg_id: str, offer_sdp: str) -> BrowserAnswer:
        """A new offer for an open leg (ICE restart or a new page): same SSRC and handlers, maybe a new transport."""
        ...

    def close(self, leg_id: str) -> None:
        """Forget the leg (its transport's ``close`` does the same); harmless when it is unknown."""
        ...

    def drops(self) -> int:
        """Datagrams the kernel dropped because the port's receive buffer was full."""
        ...

    def shutdown(self) -> None:
        """Close the port and every leg."""
        ...
