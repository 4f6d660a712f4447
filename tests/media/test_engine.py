"""Operations on legs: browser legs by a stand-in for the mux, bad requests, reports in time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ccc.errors import CccError, InvalidError, UnavailableError
from ccc.media import rtp
from ccc.media.engine import Engine
from ccc.media.transport import BrowserAnswer, BrowserCodec, PacketHandler, StateHandler
from tests.media.conftest import Station


class Browser:
    """A transport that keeps what is sent."""

    def __init__(self) -> None:
        self.sent: list[rtp.Packet] = []
        self.reports: list[bytes] = []
        self.closed = 0

    def send(self, packet: bytes) -> None:
        parsed = rtp.parse(packet)
        assert parsed is not None
        self.sent.append(parsed)

    def send_rtcp(self, packet: bytes) -> None:
        self.reports.append(packet)

    def close(self) -> None:
        self.closed += 1


class Mux:
    """Answers every offer; a re-offer brings a new transport, as a reloaded page may."""

    port = 1

    def __init__(self) -> None:
        self.browsers: list[Browser] = []
        self.ssrcs: list[int] = []
        self.packet: PacketHandler
        self.state: StateHandler

    def open(
        self,
        leg_id: str,
        offer_sdp: str,
        ssrc: int,
        on_packet: PacketHandler,
        on_state: StateHandler,
        on_rtcp: PacketHandler | None = None,
    ) -> BrowserAnswer:
        if "audio" not in offer_sdp:
            raise InvalidError("the offer has no audio")
        self.ssrcs.append(ssrc)
        self.packet, self.state = on_packet, on_state
        return self.reoffer(leg_id, offer_sdp)

    def reoffer(self, leg_id: str, offer_sdp: str) -> BrowserAnswer:
        self.browsers.append(Browser())
        return BrowserAnswer(f"answer {len(self.browsers)}", self.browsers[-1], BrowserCodec(0, 126))

    def close(self, leg_id: str) -> None:
        raise AssertionError("the transport's close does it")

    def drops(self) -> int:
        return 7

    def shutdown(self) -> None:
        pass


@pytest.fixture
def mux(station: Station) -> Iterator[Mux]:
    """The station's engine with browsers."""
    station.engine.shutdown()
    made = Mux()
    station.engine = Engine(station.poller, station.settings, station.events.append, made)
    yield made
    del made.packet, made.state


def test_a_browser_leg_hears_a_caller_and_survives_a_reload(station: Station, mux: Mux) -> None:
    assert station.do("open", "web", kind="webrtc", offer="m=audio") == {"answer": "answer 1"}
    mux.state("up", "dtls")
    caller = station.call("call")
    station.do("bridge", "call", **{"with": "web"})
    for _ in range(3):
        caller.say()
    station.serve(0.05)
    assert station.do("reoffer", "web", offer="m=audio") == {"answer": "answer 2"}
    for _ in range(3):
        caller.say()
    station.serve(0.05)
    first, second = mux.browsers
    sent = first.sent + second.sent
    assert (len(first.sent), len(second.sent)) == (3, 3)
    assert {packet.ssrc for packet in sent} == set(mux.ssrcs)
    assert [(packet.seq - sent[0].seq) & 0xFFFF for packet in sent] == list(range(6))
    assert {packet.pt for packet in sent} == {0}
    mux.packet(rtp.build(8, 5, 100, 77, b"\x11" * 160), station.poller.now)
    mux.packet(b"\x90\x08" + rtp.build(8, 6, 260, 77, b"")[2:] + b"\xbe\xde\0\x01abcd" + b"\x22" * 160, 1.0)
    station.serve(0.02)
    assert [packet.payload[0] for packet in caller.heard()] == [0x11, 0x22]
    mux.state("down", "no STUN")
    assert [(event["ev"], event["leg"]) for event in station.events] == [("up", "web"), ("down", "web")]
    station.do("close", "web")
    assert second.closed == 1
    mux.state("down", "closed")
    assert len(station.events) == 2


def test_a_browser_leg_may_be_silent_for_long(station: Station, mux: Mux) -> None:
    station.do("open", "web", kind="webrtc", offer="m=audio")
    mux.packet(rtp.build(8, 5, 100, 77, b"\x11" * 160), 1.0)
    station.engine.legs["web"].check_timeout(1000.0, 60)
    assert not station.events
    assert station.do("stats")["drops"] == 7


def test_a_refused_offer_leaves_no_leg(station: Station, mux: Mux) -> None:
    with pytest.raises(InvalidError, match="no audio"):
        station.do("open", "web", kind="webrtc", offer="m=video")
    with pytest.raises(InvalidError, match="SDP text"):
        station.do("open", "web", kind="webrtc", offer=7)
    assert not station.engine.legs
    mux.packet = mux.state = lambda *_: None


@pytest.mark.parametrize(
    ("op", "fields", "text"),
    [
        ("open", {"leg": "", "kind": "rtp"}, "leg must be"),
        ("open", {"leg": 5, "kind": "rtp"}, "leg must be"),
        ("open", {"leg": "x" * 256, "kind": "rtp"}, "leg must be"),
        ("open", {"leg": "b", "kind": "fax"}, "kind must be"),
        ("open", {"leg": "b", "kind": "rtp", "pt": 18}, "pt must be"),
        ("open", {"leg": "b", "kind": "rtp", "dtmf_pt": 8}, "dtmf_pt must be"),
        ("open", {"leg": "b", "kind": "webrtc", "offer": "x"}, "switched off"),
        ("update", {"leg": "a", "remote": ["::1"]}, "remote"),
        ("play", {"leg": "a", "files": []}, "play must be"),
        ("play", {"leg": "none", "play": 1, "files": []}, "no leg"),
        ("dtmf", {"leg": "a", "keys": "12x"}, "keys must be"),
        ("dtmf", {"leg": "a", "keys": ""}, "keys must be"),
        ("inject-key", {"leg": "a", "key": "12"}, "key must be"),
        ("record", {"leg": "a", "path": "r.wav"}, "absolute"),
        ("nothing", {}, "knows no"),
        (None, {}, "knows no"),
    ],
)
def test_bad_requests_name_what_is_wrong(station: Station, op: Any, fields: dict[str, Any], text: str) -> None:
    station.call("a")
    with pytest.raises(CccError, match=text):
        station.engine.handle({"op": op, **fields})
    assert list(station.engine.legs) == ["a"]


def test_full(short_dir: Path, station: Station) -> None:
    (short_dir / "small").mkdir()
    small = Station(short_dir / "small", station.poller, capacity=1, rtp_first=42700, rtp_last=42709)
    small.call("a")
    with pytest.raises(UnavailableError) as error:
        small.call("b")
    assert error.value.code == "full"
    small.do("close", "a")
    small.call("b")
    small.close()


def test_keys_sent_to_a_leg(station: Station) -> None:
    phone = station.call("a", dtmf_pt=97)
    station.do("dtmf", "a", keys="3#")
    station.serve(0.6)
    assert [packet.payload[0] for packet in phone.heard() if packet.pt == 97] == [3] * 7 + [11] * 7


def test_keys_as_tones_are_reported(station: Station) -> None:
    sender, receiver = station.call("a", dtmf_pt=None), station.call("b", dtmf_pt=None, inband=True)
    station.do("dtmf", "a", keys="159")
    for _ in range(40):
        station.serve(0.02)
        for packet in sender.heard():
            receiver.say(packet.payload)
    assert [(event["leg"], event["key"], event["via"]) for event in station.of("dtmf")] == [
        ("b", key, "inband") for key in "159"
    ]


def test_reports_every_five_seconds(station: Station, mux: Mux) -> None:
    station.do("open", "web", kind="webrtc", offer="m=audio")
    leg = station.engine.legs["web"]
    leg.report(10.0)
    station.do("play", "web", play=1, files=[{"silence_ms": 20}])
    for now in (10.0, 12.0, 15.1, 16.0):
        leg.report(now)
    assert len(mux.browsers[0].reports) == 2
