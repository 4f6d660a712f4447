"""Everything a media leg reads from the network: RTP with telephone-events or tones, RTCP, other workers' datagrams."""

import itertools
from typing import Any

from ccc.audio import tones
from ccc.media import rtcp, rtp
from ccc.media.dtmf import event_payloads
from ccc.media.leg import Leg
from ccc.media.outbound import Outbound
from ccc.media.relay import JOIN, MEDIA, PART, Record, pack, unpack


class _Silent:
    """A playback that plays nothing."""

    def close(self) -> None:
        """Nothing to end."""


def _leg(*, inband: bool) -> tuple[Leg, Leg]:
    """A leg and the one it is bridged to."""
    silent: Any = _Silent()
    legs = [Leg(name, "rtp", Outbound(pt, None), silent, lambda event: None) for name, pt in (("a", 8), ("b", 0))]
    legs[0].configure(pt=8, dtmf_pt=None if inband else 101, inband=inband)
    legs[1].configure(pt=0, dtmf_pt=96, inband=False)
    legs[1].out.attach(lambda packet: None)
    legs[0].sink = legs[1].out
    legs[0].listen()
    return legs[0], legs[1]


_legs = [_leg(inband=inband)[0] for inband in (False, True)]
_now = itertools.count(1)
_key = tones.dual(697, 1209, 0.02)
_audio = [rtp.build(8, number, number * 160, 5, _key) for number in range(20)]
_events = [rtp.build(101, 20 + n, 3200, 5, payload, marker=m) for n, (m, payload) in enumerate(event_payloads("5"))]
_report = rtcp.sender_report(5, 1600, 10, 1600, 1.7e9, rtp.Source(), rtcp.PeerReport(), 5.0)
_relay = b"".join(pack(Record(kind, "leg-a", "leg-b", _audio[0])) for kind in (MEDIA, JOIN, PART))
SEEDS = [*_audio, *_events, _report, _report + _report, _relay]
EXPECTED = (ValueError,)


def feed(data: bytes) -> None:
    """All readers get it; ValueError when none of them could make anything of it."""
    now = next(_now) * 0.02
    before = sum(leg.malformed for leg in _legs)
    for leg in _legs:
        leg.receive(data, now)
    understood = sum(leg.malformed for leg in _legs) == before
    understood |= rtcp.read(data, 5, rtcp.PeerReport(), now) > 0
    for record in unpack(data):
        understood = True
        _legs[0].receive(record.data, now)
    if not understood:
        raise ValueError("refused")
