"""What a leg sends: one SSRC, one continuous sequence and clock for the leg's life (DESIGN "Media worker").

Whoever feeds it (a prompt, another leg, a key) never sees sequence numbers or timestamps of the wire.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Protocol

from ccc.audio.g711 import ALAW_TO_ULAW, ULAW_TO_ALAW
from ccc.media.rtp import CLOCK_HZ, FRAME_S, HEADER, MASK16, MASK32, MAX_DROPOUT, MAX_MISORDER, PCMA, PLAIN

EVENT = -1
"""Stands for telephone-event in :meth:`Outbound.forward`: the two legs may number it differently."""
OTHER = -2
"""Stands for what is not passed on (comfort noise, video)."""
_MARKER = 0x80
_MAX_STEP_UNITS = 2 * CLOCK_HZ
"""A bridged source whose clock is 2 s off the wall is joined anew."""


class Tap(Protocol):
    """Where a copy of the sent audio goes (the recorder's right channel)."""

    def add(self, ts: int, ssrc: int, payload: bytes, pt: int, now: float) -> None: ...


class Outbound:
    """``send`` is the transport's; ``pt`` the codec (8 or 0), ``dtmf_pt`` that of telephone-event."""

    __slots__ = (
        "_base_seq",
        "_dur",
        "_emit",
        "_event_ts",
        "_gap",
        "_nominal",
        "_src_seq",
        "_src_ssrc",
        "_src_ts_offset",
        "_ts",
        "busy",
        "dtmf_pt",
        "muted",
        "octets",
        "packets",
        "pt",
        "seq",
        "ssrc",
        "tap",
    )

    def __init__(self, pt: int, dtmf_pt: int | None) -> None:
        self.pt = pt
        self.dtmf_pt = dtmf_pt
        self.ssrc = secrets.randbits(32)
        self.seq = secrets.randbits(15)
        self.packets = 0
        self.octets = 0
        self.busy = False
        """A prompt or key is being sent: what the other side of a bridge says is not heard meanwhile."""
        self.muted = False
        """The peer holds: nothing is sent, the clock goes on."""
        self.tap: Tap | None = None
        self._emit: Callable[[bytes], None] | None = None
        self._ts = secrets.randbits(32)
        self._dur = 0
        self._nominal: float | None = None
        self._gap = True
        self._event_ts = 0
        self._src_ssrc: int | None = None
        self._src_seq = 0
        self._src_ts_offset = 0
        self._base_seq = 0

    def attach(self, send: Callable[[bytes], None]) -> None:
        """Use this transport's ``send`` from now on; sequence and clock go on."""
        self._emit = send

    def detach(self) -> None:
        """Let go of the transport and the tap (the leg closes)."""
        self._emit = None
        self.tap = None

    def ts_at(self, now: float) -> int:
        """The RTP timestamp that belongs to monotonic ``now``."""
        if self._nominal is None:
            return self._ts
        return (self._ts + round((now - self._nominal) * CLOCK_HZ)) & MASK32

    def ready_at(self, now: float) -> float:
        """When a new prompt may begin: now, unless its first frame would be more than 20 ms early by the clock."""
        if self._nominal is None:
            return now
        return max(now, self._nominal + self._dur / CLOCK_HZ - FRAME_S)

    @property
    def next_at(self) -> float:
        """When the next frame is due by the clock (monotonic seconds)."""
        assert self._nominal is not None
        return self._nominal + self._dur / CLOCK_HZ

    def begin(self, payload: bytes, now: float) -> None:
        """The first frame after silence or of a new prompt: the timestamp advances by wall clock (RFC 3550 5.1).

        Right after another prompt it leaves up to 20 ms before its time; :attr:`next_at` keeps the leg's phase.
        """
        if self._nominal is None:
            self._nominal, self._dur = now, 0
        earliest = self._nominal + self._dur / CLOCK_HZ
        nominal = max(now, earliest)
        if nominal > earliest + 0.001:
            self._gap = True
        self._ts = (self._ts + round((nominal - self._nominal) * CLOCK_HZ)) & MASK32
        self._nominal = nominal
        self._src_ssrc = None
        self._put(payload, now)

    def frame(self, payload: bytes, now: float) -> None:
        """The next 20 ms of what is being played; called at the leg's phase."""
        if self._nominal is None:
            self.begin(payload, now)
            return
        self._ts = (self._ts + self._dur) & MASK32
        self._nominal += self._dur / CLOCK_HZ
        self._put(payload, now)

    def skip_to(self, now: float) -> None:
        """The process stood still: let the clock catch up with the wall instead of sending a burst."""
        if self._nominal is not None and (behind_s := now - FRAME_S - self._nominal) > 0:
            self._ts = (self._ts + round(behind_s * CLOCK_HZ)) & MASK32
            self._nominal += behind_s
            self._gap = True

    def _put(self, payload: bytes, now: float) -> None:
        self._dur = len(payload)
        if self.muted or self._emit is None:
            self._gap = True
            return
        self.seq = seq = (self.seq + 1) & MASK16
        marker = 0
        if self._gap:
            self._gap = False
            marker = _MARKER
        self.packets += 1
        self.octets += len(payload)
        self._emit(HEADER.pack(PLAIN, self.pt | marker, seq, self._ts, self.ssrc) + payload)
        if self.tap is not None:
            self.tap.add(self._ts, self.ssrc, payload, self.pt, now)

    def event(self, marker: bool, payload: bytes, now: float) -> None:
        """One telephone-event packet; ``marker`` begins a key and fixes its timestamp (RFC 4733 section 2.1)."""
        if marker:
            if self._nominal is None:
                self._nominal, self._dur = now, 0
            nominal = max(now, self._nominal + self._dur / CLOCK_HZ)
            self._ts = self._event_ts = (self._ts + round((nominal - self._nominal) * CLOCK_HZ)) & MASK32
            self._nominal, self._dur = nominal, 0
            self._src_ssrc = None
        self._gap = True
        if self.muted or self._emit is None or self.dtmf_pt is None:
            return
        self.seq = (self.seq + 1) & MASK16
        self.packets += 1
        self.octets += len(payload)
        second = self.dtmf_pt | (_MARKER if marker else 0)
        self._emit(HEADER.pack(PLAIN, second, self.seq, self._event_ts, self.ssrc) + payload)

    def forward(self, pt: int, marker: int, seq: int, ts: int, ssrc: int, payload: bytes, now: float) -> None:
        """One packet of the other leg (``pt`` 8, 0, EVENT or OTHER; ``marker`` 0 or 0x80), on arrival.

        Sequence and timestamp are re-based once per source, so that its losses and pauses stay visible.
        """
        if self.busy or self.muted or self._emit is None:
            self._src_ssrc = None
            return
        if pt < 0:
            if pt != EVENT or self.dtmf_pt is None:
                self._swallow(seq, ssrc)
                return
            second = self.dtmf_pt
        else:
            if pt != self.pt:
                payload = payload.translate(ALAW_TO_ULAW if pt == PCMA else ULAW_TO_ALAW)
            second = self.pt
        if ssrc != self._src_ssrc:
            self._join(seq, ts, ssrc, now)
            marker = _MARKER
            step = 1
        else:
            step = (seq - self._src_seq) & MASK16
        if 0 < step < MAX_DROPOUT:
            self._src_seq = seq
            self.seq = out_seq = (self.seq + step) & MASK16
        elif step > 0x10000 - MAX_MISORDER:
            out_seq = self._late(step)
            if out_seq < 0:
                return
        elif step == 0:
            return
        else:
            self._join(seq, ts, ssrc, now)
            marker = _MARKER
            self._src_seq = seq
            self.seq = out_seq = (self.seq + 1) & MASK16
            step = 1
        self._pass_on(second | marker, out_seq, ts, payload, now, pt != EVENT and step < MAX_DROPOUT)

    def _pass_on(self, second: int, out_seq: int, ts: int, payload: bytes, now: float, newest: bool) -> None:
        out_ts = (ts + self._src_ts_offset) & MASK32
        if newest:
            if out_ts != (self._ts + self._dur) & MASK32 and self._off_the_clock(out_ts, now):
                out_ts = self.ts_at(now)
                self._src_ts_offset = (out_ts - ts) & MASK32
                second |= _MARKER
            self._ts, self._dur, self._nominal = out_ts, len(payload), now
        self.packets += 1
        self.octets += len(payload)
        assert self._emit is not None
        self._emit(HEADER.pack(PLAIN, second, out_seq, out_ts, self.ssrc) + payload)
        if self.tap is not None and second & 0x7F == self.pt:
            self.tap.add(out_ts, self.ssrc, payload, self.pt, now)

    def _join(self, seq: int, ts: int, ssrc: int, now: float) -> None:
        """Take up a source: its next packet follows our last one, at the wall clock's timestamp."""
        if self._nominal is None:
            self._nominal = now
        start = max(now, self._nominal + self._dur / CLOCK_HZ)
        out_ts = self.ts_at(start)
        self._src_ts_offset = (out_ts - ts) & MASK32
        self._src_ssrc = ssrc
        self._src_seq = (seq - 1) & MASK16
        self._base_seq = self.seq
        self._gap = False

    def _late(self, step: int) -> int:
        """The sequence number of a packet that was overtaken, or -1 when it is from before the bridge."""
        back = 0x10000 - step
        return (self.seq - back) & MASK16 if (self.seq - self._base_seq) & MASK16 > back else -1

    def _off_the_clock(self, out_ts: int, now: float) -> bool:
        return (out_ts - self.ts_at(now) + _MAX_STEP_UNITS) & MASK32 > 2 * _MAX_STEP_UNITS

    def _swallow(self, seq: int, ssrc: int) -> None:
        """A packet that this leg cannot carry: its number is taken out, so that no loss is seen."""
        if ssrc == self._src_ssrc and 0 < (seq - self._src_seq) & MASK16 < MAX_DROPOUT:
            self._src_seq = seq
