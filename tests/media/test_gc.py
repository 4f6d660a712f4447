"""The worker runs without the garbage collector: a closed leg must go by itself (DESIGN "Media worker")."""

from __future__ import annotations

import gc
import struct
import weakref
from collections.abc import Iterator
from pathlib import Path

import pytest

from ccc.media.engine import Engine
from ccc.media.poller import Poller
from ccc.media.settings import WorkerSettings
from ccc.media.webrtc import WebRtcMux
from tests.media.conftest import Phone, Station

VOICE = b"\x2a" * 160


@pytest.fixture(autouse=True)
def _no_collector() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def idle(station: Station, phone: Phone) -> None:
    pass


def talking(station: Station, phone: Phone) -> None:
    for _ in range(3):
        phone.say(VOICE)
    phone.say(struct.pack("!BBH", 5, 10, 160), pt=101)


def playing(station: Station, phone: Phone) -> None:
    station.do("play", "a", play=1, files=[station.file("a.al", VOICE * 100)], repeat=0)


def played_to_the_end(station: Station, phone: Phone) -> None:
    station.do("play", "a", play=1, files=[{"silence_ms": 40}])
    station.serve(until=lambda: station.of("played"))


def loading(station: Station, phone: Phone) -> None:
    station.do("play", "a", play=1, files=["/nowhere/file.al"])


def sending_keys(station: Station, phone: Phone) -> None:
    station.do("dtmf", "a", keys="123")


def recording(station: Station, phone: Phone) -> None:
    station.do("record", "a", path=str(station.folder / "r.wav"))
    talking(station, phone)
    station.serve(1.1)


def bridged(station: Station, phone: Phone) -> None:
    station.call("b")
    station.do("bridge", "a", **{"with": "b"})
    talking(station, phone)


def relayed(station: Station, phone: Phone) -> None:
    station.do("bridge", "a", peer={"worker": str(station.folder / "gone"), "leg": "x"})
    talking(station, phone)


def inband(station: Station, phone: Phone) -> None:
    station.do("update", "a", dtmf_pt=None, inband=True)
    talking(station, phone)


def failing(station: Station, phone: Phone) -> None:
    station.do("play", "a", play=1, files=["/nowhere/file.al"])
    station.serve(until=lambda: station.of("played"))


@pytest.mark.parametrize(
    "use",
    [
        idle,
        talking,
        playing,
        played_to_the_end,
        loading,
        sending_keys,
        recording,
        bridged,
        relayed,
        inband,
        failing,
    ],
)
def test_a_closed_leg_is_freed_at_once(station: Station, use) -> None:
    phone = station.call("a")
    use(station, phone)
    station.serve(0.05)
    leg = weakref.ref(station.engine.legs["a"])
    station.do("close", "a")
    station.serve(0.1)
    assert leg() is None


def test_a_refused_open_leaves_nothing(station: Station) -> None:
    before = len(gc.get_objects())
    for _ in range(50):
        with pytest.raises(Exception, match="remote"):
            station.do("open", "a", kind="rtp", remote=["example.org", 5])
    assert not station.engine.legs
    assert len(gc.get_objects()) - before < 40


def test_many_legs_leave_no_memory_behind(station: Station) -> None:
    def round_of_legs() -> None:
        for number in range(20):
            station.call(f"leg{number}")
        for number in range(20):
            station.do("close", f"leg{number}")
        while station.phones:
            station.phones.pop().sock.close()
        station.serve(0.01)
        station.events.clear()

    for _ in range(3):
        round_of_legs()
    before = len(gc.get_objects())
    for _ in range(5):
        round_of_legs()
    assert len(gc.get_objects()) - before < 40


def test_a_browser_leg_is_freed_too(short_dir: Path) -> None:
    poller = Poller()
    mux = WebRtcMux(poller, "127.0.0.1", 0)
    settings = WorkerSettings(relay=short_dir / "relay", rtp_first=42800, rtp_last=42809)
    engine = Engine(poller, settings, lambda event: None, mux)
    offer = (Path(__file__).parent / "webrtc" / "offer_chromium.sdp").read_text()
    engine.handle({"op": "open", "leg": "web", "kind": "webrtc", "offer": offer})
    engine.handle({"op": "play", "leg": "web", "play": 1, "files": [{"silence_ms": 100}]})
    leg = weakref.ref(engine.legs["web"])
    engine.handle({"op": "close", "leg": "web"})
    for _ in range(20):
        poller.round(0.005)
    assert leg() is None
    engine.shutdown()
    poller.close()
