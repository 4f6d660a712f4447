"""One leg: what comes in is counted, watched for keys, recorded and passed on; what goes out has one clock.

A leg knows no socket: packets arrive by :meth:`Leg.receive` and leave by its transport.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Protocol

from ccc.media import rtcp
from ccc.media.dtmf import EventReceiver, KeyFilter
from ccc.media.inband import InbandDetector
from ccc.media.message import Message
from ccc.media.outbound import EVENT, OTHER, Outbound
from ccc.media.playback import Playback
from ccc.media.recording import Recorder
from ccc.media.rtp import AUDIO, HEADER, HEADER_BYTES, PLAIN, Source, payload_bounds
from ccc.media.transport import Transport

Emit = Callable[[dict[str, Any]], None]
COMFORT_NOISE = 13
SILENCE_S = 1.0


class Sink(Protocol):
    """Where a leg's audio is passed on: another leg's :class:`Outbound`, or the relay to another worker."""

    def forward(self, pt: int, marker: int, seq: int, ts: int, ssrc: int, payload: bytes, now: float) -> None: ...


class Leg:
    """``emit`` takes the leg's events; ``playback`` owns what the leg is made to hear by the clock."""

    __slots__ = (
        "__weakref__",
        "_closed",
        "_detector",
        "_emit",
        "_events",
        "_heard",
        "_keys",
        "_report_at",
        "_timed_out",
        "_waiting_since",
        "dtmf_pt",
        "hold",
        "id",
        "inband",
        "kind",
        "last_rx",
        "malformed",
        "message",
        "out",
        "peer",
        "peer_report",
        "playback",
        "recorder",
        "recording_paused",
        "sink",
        "source",
        "transport",
    )

    def __init__(self, leg_id: str, kind: str, out: Outbound, playback: Playback, emit: Emit) -> None:
        self.id = leg_id
        self.kind = kind
        self.out = out
        self.playback = playback
        self.transport: Transport | None = None
        self.source = Source()
        self.peer_report = rtcp.PeerReport()
        self.peer: Leg | None = None
        """The leg of this worker it is bridged to."""
        self.sink: Sink | None = None
        self.recorder: Recorder | None = None
        self.recording_paused = False
        self.message: Message | None = None
        self.hold = False
        self.last_rx = 0.0
        self.malformed = 0
        self.dtmf_pt: int | None = None
        self.inband = False
        self._emit = emit
        self._events = EventReceiver()
        self._keys = KeyFilter()
        self._detector: InbandDetector | None = None
        self._heard = False
        """Does anybody want the audio that comes in?"""
        self._waiting_since: float | None = None
        """The media timeout runs from here; None while nothing has been sent or received."""
        self._timed_out = False
        self._report_at = 0.0
        self._closed = False

    def receive(self, packet: bytes, now: float) -> None:
        """One RTP packet from the leg's transport."""
        if len(packet) < HEADER_BYTES:
            self.malformed += 1
            return
        first, second, seq, ts, ssrc = HEADER.unpack_from(packet)
        pt = second & 0x7F
        self.last_rx = now
        if first == PLAIN and not self._heard and pt in AUDIO:
            self.source.update(seq, ts, ssrc, now)
            return
        bounds = payload_bounds(packet)
        if bounds is None:
            self.malformed += 1
            return
        payload = packet[bounds[0] : bounds[1]]
        if pt in AUDIO:
            self.source.update(seq, ts, ssrc, now)
            if payload:
                self._audio(pt, second & 0x80, seq, ts, ssrc, payload, now)
            return
        self.source.count(seq, ssrc)
        if pt == self.dtmf_pt:
            self._event(second & 0x80, seq, ts, ssrc, payload, now)
        elif self.sink is not None:
            self.sink.forward(OTHER, 0, seq, ts, ssrc, payload, now)

    def _audio(self, pt: int, marker: int, seq: int, ts: int, ssrc: int, payload: bytes, now: float) -> None:
        if self.sink is not None:
            self.sink.forward(pt, marker, seq, ts, ssrc, payload, now)
        if self.recorder is not None and not self.recording_paused:
            self.recorder.left.add(ts, ssrc, payload, pt, now)
        if self.message is not None:
            self.message.add(ts, ssrc, payload, pt, now)
        if self._detector is not None:
            for key in self._detector.feed(payload, pt):
                self.key(key, "inband", now)

    def _event(self, marker: int, seq: int, ts: int, ssrc: int, payload: bytes, now: float) -> None:
        """telephone-event: reported, and passed on to the other side of a bridge."""
        if self.sink is not None and len(payload) >= 4:
            self.sink.forward(EVENT, marker, seq, ts, ssrc, payload, now)
        key = self._events.feed(ssrc, ts, bool(marker), payload, now)
        if key is not None:
            self.key(key, "rfc4733", now)
        elif (held := self._events.held(now)) is not None:
            self._keys.held(held, now)

    def key(self, key: str, via: str, now: float) -> None:
        """A key arrived by one of its ways; the event leaves unless another way brought it before."""
        if self._keys.admit(key, via, now):
            self._emit({"ev": "dtmf", "leg": self.id, "key": key, "via": via})

    def receive_rtcp(self, packet: bytes, now: float) -> None:
        """One compound RTCP packet; whatever it holds, nothing breaks."""
        rtcp.read(packet, self.out.ssrc, self.peer_report, now)

    def configure(self, *, pt: int, dtmf_pt: int | None, inband: bool) -> None:
        """Codec to send, payload type of telephone-event both ways, tone detection when there is none."""
        self.out.pt = pt
        self.out.dtmf_pt = self.dtmf_pt = dtmf_pt
        self.inband = inband
        wanted = inband and dtmf_pt is None
        if not wanted:
            self._detector = None
        elif self._detector is None:
            self._detector = InbandDetector()
        self.listen()

    def accepted(self) -> frozenset[int]:
        """Payload types that may come in."""
        return frozenset({*AUDIO, COMFORT_NOISE} | ({self.dtmf_pt} if self.dtmf_pt is not None else set()))

    def listen(self) -> None:
        """Work out anew whether the incoming audio is wanted; call after changing one of these."""
        wanted = (self.sink, self.recorder, self._detector, self.message)
        self._heard = any(part is not None for part in wanted)

    def set_hold(self, hold: bool, now: float) -> None:
        """The peer holds (or no longer): send nothing, and no media timeout."""
        self.hold = self.out.muted = hold
        self._waiting_since = now

    def active(self, now: float) -> None:
        """The leg is told to send: from now on silence of the peer counts."""
        if self._waiting_since is None:
            self._waiting_since = now

    def record(self, recorder: Recorder | None) -> None:
        """Attach a recorder, or detach it (None); stopping it is the caller's."""
        self.recorder = recorder
        self.recording_paused = False
        self.out.tap = recorder.right if recorder is not None else None
        self.listen()

    def pause_recording(self, paused: bool) -> None:
        """While paused the recording gets silence."""
        if self.recorder is not None and paused != self.recording_paused:
            self.recording_paused = paused
            self.recorder.reset()
            self.out.tap = None if paused else self.recorder.right

    def is_silent(self, now: float) -> bool:
        """No packet for a second: a new source may take over (symmetric RTP)."""
        return now - self.last_rx > SILENCE_S

    def check_timeout(self, now: float, limit_s: float) -> None:
        """Report once when no RTP came for ``limit_s``. Browser legs are watched by STUN instead."""
        if self.kind != "rtp" or self.hold or (self._waiting_since is None and not self.last_rx):
            return
        if now - max(self.last_rx, self._waiting_since or 0.0) <= limit_s:
            self._timed_out = False
        elif not self._timed_out:
            self._timed_out = True
            self._emit({"ev": "media-timeout", "leg": self.id})

    def report(self, now: float) -> None:
        """Send a sender report each 5 s, once anything has been sent."""
        if now < self._report_at or not self.out.packets or self.transport is None or self.hold:
            return
        self._report_at = now + rtcp.INTERVAL_S
        out = self.out
        self.transport.send_rtcp(
            rtcp.sender_report(
                out.ssrc, out.ts_at(now), out.packets, out.octets, time.time(), self.source, self.peer_report, now
            )
        )

    def emit_state(self, state: str, why: str) -> None:
        """A browser leg came up or died."""
        if not self._closed:
            self._emit({"ev": state, "leg": self.id, "why": why})

    def stats(self) -> dict[str, Any]:
        """Counters of the leg's life; also what ``close`` answers."""
        return {
            "rx": self.source.received,
            "lost": self.source.lost,
            "jitter_ms": round(self.source.jitter_ms, 2),
            "malformed": self.malformed,
            "tx": self.out.packets,
            "peer_lost": self.peer_report.lost,
        }

    def close(self) -> None:
        """Let go of everything that refers back to the leg, so that it is freed without the garbage collector."""
        self._closed = True
        self.playback.close()
        if self.recorder is not None:
            self.recorder.stop()
        self.record(None)
        if self.message is not None:
            self.message.end("closed")
        self.sink = self.peer = None
        if self.transport is not None:
            self.transport.close()
            self.transport = None
        self.out.detach()
