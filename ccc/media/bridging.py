"""Joining two legs, of one worker or of two, and parting them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ccc.errors import InvalidError
from ccc.media.leg import Leg
from ccc.media.outbound import EVENT
from ccc.media.poller import Poller
from ccc.media.relay import EVENT_PT, JOIN, MEDIA, PART, Record, Relay, RelaySink
from ccc.media.rtp import AUDIO, parse


class Bridging:
    """A bridge stops what plays on both legs; a later ``play`` is heard instead of the other side until it ends."""

    def __init__(self, poller: Poller, relay_path: Path, legs: dict[str, Leg]) -> None:
        self._poller = poller
        self._legs = legs
        self.relay = Relay(poller, relay_path, self._record)

    def join(self, one: Leg, other: Leg) -> None:
        """Both hear each other; earlier bridges of either end."""
        self.part(one)
        self.part(other)
        for leg, peer in ((one, other), (other, one)):
            leg.playback.stop()
            leg.active(self._poller.now)
            leg.peer, leg.sink = peer, peer.out
            leg.listen()

    def join_remote(self, leg: Leg, peer: Any) -> None:
        """Join with ``{"worker": relay path, "leg": id}`` of another worker, which is told to do the same."""
        worker, to_leg = (peer.get("worker"), peer.get("leg")) if isinstance(peer, dict) else (None, None)
        if not isinstance(worker, str) or not isinstance(to_leg, str) or not to_leg:
            raise InvalidError('peer must be {"worker": relay socket, "leg": id}', field="peer")
        self._attach(leg, worker, to_leg).tell(JOIN)

    def _attach(self, leg: Leg, worker: str, to_leg: str) -> RelaySink:
        sink = leg.sink
        if isinstance(sink, RelaySink) and sink.is_from(worker, to_leg):
            return sink
        self.part(leg)
        leg.playback.stop()
        leg.active(self._poller.now)
        leg.sink = sink = RelaySink(self.relay, worker, to_leg, leg.id)
        leg.listen()
        return sink

    def part(self, leg: Leg) -> None:
        """Neither side hears the other any more; harmless when the leg is not bridged."""
        peer, sink = leg.peer, leg.sink
        leg.peer = leg.sink = None
        leg.listen()
        if isinstance(sink, RelaySink):
            sink.tell(PART)
        if peer is not None:
            peer.peer = peer.sink = None
            peer.listen()

    def _record(self, worker: str, record: Record) -> None:
        """A message of another worker. Audio is taken only from the leg ours is joined with."""
        leg = self._legs.get(record.to_leg)
        if leg is None:
            return
        sink = leg.sink
        joined = isinstance(sink, RelaySink) and sink.is_from(worker, record.from_leg)
        if record.kind == MEDIA and joined:
            self._media(leg, record.data)
        elif record.kind == JOIN:
            self._attach(leg, worker, record.from_leg)
        elif record.kind == PART and joined:
            leg.sink = None
            leg.listen()

    def _media(self, leg: Leg, packet: bytes) -> None:
        parsed = parse(packet)
        if parsed is None or (parsed.pt not in AUDIO and parsed.pt != EVENT_PT):
            return
        pt = EVENT if parsed.pt == EVENT_PT else parsed.pt
        marker = 0x80 if parsed.marker else 0
        leg.out.forward(pt, marker, parsed.seq, parsed.ts, parsed.ssrc, parsed.payload, self._poller.now)
