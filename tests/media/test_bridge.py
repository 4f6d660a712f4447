"""Two legs that hear each other: on one worker, on two, and parted again."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ccc.audio.g711 import ALAW_TO_ULAW
from ccc.errors import InvalidError, NotFoundError
from ccc.media.relay import JOIN, MEDIA, PART, Record, pack, unpack
from tests.media.conftest import Phone, Station

VOICE = bytes(range(96, 256))


def talk(station: Station, one: Phone, count: int = 5) -> None:
    for _ in range(count):
        one.say(VOICE)
        station.serve(0.005)


def test_both_directions_with_translation(station: Station) -> None:
    a, b = station.call("a"), station.call("b", pt=0)
    station.do("bridge", "a", **{"with": "b"})
    talk(station, a)
    for _ in range(5):
        b.say(VOICE.translate(ALAW_TO_ULAW), pt=0)
    station.serve(0.02)
    at_b, at_a = b.heard(), a.heard()
    assert {(p.pt, p.payload) for p in at_b} == {(0, VOICE.translate(ALAW_TO_ULAW))}
    assert {p.pt for p in at_a} == {8}
    assert (len(at_a), len(at_b)) == (5, 5)
    for heard in (at_a, at_b):
        assert [(q.seq - p.seq) & 0xFFFF for p, q in pairwise(heard)] == [1] * 4


def test_prompt_bridge_prompt_is_one_stream_for_the_ear(station: Station) -> None:
    a, b = station.call("a"), station.call("b")
    music = station.file("m.al", VOICE * 500)
    station.do("play", "a", play=1, files=[music], repeat=0)
    talk(station, a, 1)
    station.serve(0.1)
    station.do("bridge", "b", **{"with": "a"})
    assert station.of("played") == [{"ev": "played", "leg": "a", "play": 1, "why": "stopped"}]
    talk(station, b, 10)
    station.do("unbridge", "a")
    talk(station, b, 3)
    station.do("play", "a", play=2, files=[music])
    station.serve(0.1)
    heard = a.heard()
    assert len(heard) > 18
    assert len({p.ssrc for p in heard}) == 1
    assert [(q.seq - p.seq) & 0xFFFF for p, q in pairwise(heard)] == [1] * (len(heard) - 1)
    assert all(0 < (q.ts - p.ts) & 0xFFFFFFFF < 8000 for p, q in pairwise(heard))


def test_losses_of_one_side_are_seen_by_the_other(station: Station) -> None:
    a, b = station.call("a"), station.call("b")
    station.do("bridge", "a", **{"with": "b"})
    talk(station, a, 2)
    a.seq += 3
    a.ts += 480
    talk(station, a, 2)
    assert [((q.seq - p.seq) & 0xFFFF, (q.ts - p.ts) & 0xFFFFFFFF) for p, q in pairwise(b.heard())] == [
        (1, 160),
        (4, 640),
        (1, 160),
    ]


def test_comfort_noise_is_not_passed_on_and_leaves_no_hole(station: Station) -> None:
    a, b = station.call("a"), station.call("b")
    station.do("bridge", "a", **{"with": "b"})
    talk(station, a, 2)
    a.say(b"\x40", pt=13)
    talk(station, a, 2)
    assert [(q.seq - p.seq) & 0xFFFF for p, q in pairwise(b.heard())] == [1, 1, 1]


def test_a_bridged_legs_keys_are_reported_and_passed_on(station: Station) -> None:
    a, b = station.call("a", dtmf_pt=96), station.call("b", dtmf_pt=101)
    station.do("bridge", "a", **{"with": "b"})
    talk(station, a, 1)
    ts = a.ts
    for duration in (160, 320, 480):
        a.say(struct.pack("!BBH", 7, 10, duration), pt=96, ts=ts)
    station.serve(0.02)
    assert [p.pt for p in b.heard()] == [8, 101, 101, 101]
    assert [event["key"] for event in station.of("dtmf")] == ["7"]


def test_a_play_on_a_bridged_leg_is_heard_instead_and_then_the_other_side_again(station: Station) -> None:
    a, b = station.call("a"), station.call("b")
    station.do("bridge", "a", **{"with": "b"})
    station.do("play", "b", play=1, files=[station.file("w.al", b"\x11" * 160 * 3)])
    station.serve(until=lambda: station.engine.legs["b"].out.busy)
    for _ in range(20):
        talk(station, a, 1)
        station.serve(0.005)
    payloads = [p.payload[0] for p in b.heard()]
    assert payloads[:3] == [0x11] * 3
    assert len(payloads) > 6
    assert set(payloads[3:]) == {VOICE[0]}
    assert station.of("played")[0]["why"] == "done"


def test_a_new_bridge_ends_the_old_and_a_close_parts(station: Station) -> None:
    a, b, c = station.call("a"), station.call("b"), station.call("c")
    station.do("bridge", "a", **{"with": "b"})
    station.do("bridge", "a", **{"with": "c"})
    talk(station, a, 2)
    talk(station, b, 2)
    assert (len(b.heard()), len(c.heard()), len(a.heard())) == (0, 2, 0)
    station.do("close", "a")
    talk(station, c, 2)
    leg = station.engine.legs["c"]
    assert leg.peer is None
    assert leg.sink is None


def test_what_cannot_be_bridged(station: Station) -> None:
    station.call("a")
    for other in ("a", "nobody"):
        with pytest.raises(NotFoundError, match="no other leg"):
            station.do("bridge", "a", **{"with": other})
    with pytest.raises(InvalidError, match="peer"):
        station.do("bridge", "a", peer={"worker": 1})


@pytest.fixture
def second(station: Station) -> Iterator[Station]:
    """Another worker on the same loop."""
    folder = station.folder / "two"
    folder.mkdir()
    made = Station(folder, station.poller, rtp_first=42400, rtp_last=42499)
    flush = (station.engine.flush, made.engine.flush)
    station.poller.on_idle = lambda: [call() for call in flush] and None
    yield made
    made.close()


def peer(station: Station, leg: str) -> dict[str, str]:
    return {"worker": str(station.settings.relay), "leg": leg}


@pytest.mark.parametrize("both_ask", [False, True])
def test_two_workers(station: Station, second: Station, both_ask: bool) -> None:
    a, b = station.call("a"), second.call("b", pt=0, dtmf_pt=96)
    station.do("bridge", "a", peer=peer(second, "b"))
    if both_ask:
        second.do("bridge", "b", peer=peer(station, "a"))
    station.serve(0.02)
    for _ in range(30):
        a.say(VOICE)
        b.say(VOICE.translate(ALAW_TO_ULAW), pt=0)
    ts = a.ts
    a.say(struct.pack("!BBH", 4, 10, 160), pt=101, ts=ts)
    station.serve(0.05)
    at_a, at_b = a.heard(), b.heard()
    assert (len(at_a), len(at_b)) == (30, 31)
    assert at_b[0].payload == VOICE.translate(ALAW_TO_ULAW)
    assert at_b[-1].pt == 96
    assert [(q.seq - p.seq) & 0xFFFF for p, q in pairwise(at_b)] == [1] * 30
    assert [event["key"] for event in station.of("dtmf")] == ["4"]
    station.do("unbridge", "a")
    station.serve(0.02)
    b.say(VOICE)
    a.say(VOICE)
    station.serve(0.02)
    assert (a.heard(), b.heard()) == ([], [])


def test_a_burst_larger_than_the_kernels_queue_arrives_whole(station: Station, second: Station) -> None:
    legs = 40
    phones = [(station.call(f"a{i}"), second.call(f"b{i}")) for i in range(legs)]
    for i in range(legs):
        station.do("bridge", f"a{i}", peer=peer(second, f"b{i}"))
    station.serve(0.05)
    for _ in range(5):
        for a, _b in phones:
            a.say(VOICE)
    station.serve(0.2)
    assert [len(b.heard()) for _, b in phones] == [5] * legs
    assert station.engine.bridging.relay.dropped == 0


def test_a_worker_takes_audio_only_from_the_joined_leg(station: Station, second: Station) -> None:
    station.call("a")
    b = second.call("b")
    second.call("other")
    station.do("bridge", "a", peer=peer(second, "other"))
    station.serve(0.02)
    relay = station.engine.bridging.relay
    packet = bytes([0x80, 8, 0, 1]) + bytes(8) + VOICE
    relay.queue(str(second.settings.relay), pack(Record(MEDIA, "b", "a", packet)))
    relay.queue(str(second.settings.relay), pack(Record(PART, "other", "stranger", b"")))
    station.serve(0.02)
    assert b.heard() == []
    assert second.engine.legs["other"].sink is not None


def test_a_worker_that_is_gone_harms_nobody(station: Station) -> None:
    a = station.call("a")
    station.do("bridge", "a", peer={"worker": str(station.folder / "gone"), "leg": "x"})
    talk(station, a, 3)
    assert station.do("stats")["drops"] >= 1
    station.do("close", "a")


@settings(max_examples=500)
@given(st.lists(st.tuples(st.sampled_from([MEDIA, JOIN, PART]), st.text(max_size=20), st.binary(max_size=60))))
def test_relay_records_come_back(records: list[tuple[bytes, str, bytes]]) -> None:
    sent = [Record(kind, leg, leg[::-1], data) for kind, leg, data in records]
    data = b"".join(map(pack, sent))
    assert list(unpack(data)) == sent


@settings(max_examples=500)
@given(st.binary(max_size=200))
def test_the_relay_survives_any_datagram(data: bytes) -> None:
    for record in unpack(data):
        assert record.kind in (MEDIA, JOIN, PART)
