"""RTP over real sockets: ports, locking, what the peer may do to us."""

from __future__ import annotations

import socket
import struct
import time
from itertools import pairwise

import pytest

from ccc.errors import InvalidError, UnavailableError
from ccc.media import rtp
from ccc.media.dtmf import KEYS
from ccc.media.udp import PortPool, kernel_drops, remote_address, udp_socket
from tests.media.conftest import Phone, Station

TONE = bytes([0x2A]) * 160


def test_nothing_is_sent_before_the_leg_is_told_to(station: Station) -> None:
    phone = station.call("a")
    for _ in range(5):
        phone.say()
    station.serve(0.1)
    assert phone.heard() == []
    assert station.do("close", "a")["stats"]["rx"] == 5


def test_audio_goes_to_the_sdp_address_until_another_source_speaks(station: Station) -> None:
    phone, behind_nat = station.call("a"), Phone()
    station.phones.append(behind_nat)
    behind_nat.leg_at = phone.leg_at
    station.do("play", "a", play=1, files=[station.file("t.al", TONE * 500)], repeat=0)
    station.serve(until=lambda: phone.heard())
    behind_nat.say()
    station.serve(0.1)
    phone.heard()
    station.serve(0.1)
    assert not phone.heard()
    assert len(behind_nat.heard()) > 5


def test_once_locked_a_stranger_is_neither_heard_nor_sent_to(station: Station) -> None:
    phone, stranger = station.call("a"), Phone()
    station.phones.append(stranger)
    stranger.leg_at = phone.leg_at
    station.do("play", "a", play=1, files=[station.file("t.al", TONE * 500)], repeat=0)
    phone.say()
    station.serve(0.05)
    for _ in range(5):
        stranger.say(struct.pack("!BBH", 1, 10, 160), pt=101)
        station.serve(0.02)
    assert not station.of("dtmf")
    assert not stranger.heard()
    assert station.do("close", "a")["stats"]["rx"] == 1


def test_a_strangers_packets_queued_before_the_lock_are_dropped(station: Station) -> None:
    phone, stranger = station.call("a"), Phone()
    station.phones.append(stranger)
    stranger.leg_at = phone.leg_at
    phone.say()
    for _ in range(3):
        stranger.say()
    phone.say()
    station.serve(0.05)
    assert station.do("close", "a")["stats"]["rx"] == 2


def test_garbage_locks_nothing(station: Station) -> None:
    phone, stranger = station.call("a"), Phone()
    station.phones.append(stranger)
    for data in (b"", b"x", b"\x80\x08" + bytes(9), b"\x40\x08" + bytes(170), rtp.build(34, 1, 1, 1, b"video")):
        stranger.sock.sendto(data, phone.leg_at)
    station.serve(0.05)
    phone.say()
    station.serve(0.05)
    assert station.do("close", "a")["stats"]["rx"] == 1


def test_after_an_update_a_new_source_is_taken_at_once(station: Station) -> None:
    phone, moved = station.call("a"), Phone()
    station.phones.append(moved)
    moved.leg_at = phone.leg_at
    station.do("play", "a", play=1, files=[station.file("t.al", TONE * 500)], repeat=0)
    phone.say()
    station.serve(0.1)
    before = phone.heard()
    station.do("update", "a", remote=moved.address)
    station.serve(0.1)
    after = moved.heard()
    assert after
    assert not phone.heard()
    assert (after[0].seq - before[-1].seq) & 0xFFFF <= 2, "one sequence over the re-INVITE"
    assert after[0].ssrc == before[0].ssrc
    moved.say()
    station.serve(0.05)
    assert station.do("close", "a")["stats"]["rx"] == 2


def test_the_former_source_does_not_win_the_lock_back(station: Station) -> None:
    phone, moved = station.call("a"), Phone()
    station.phones.append(moved)
    moved.leg_at = phone.leg_at
    phone.say()
    station.serve(0.05)
    station.do("update", "a", remote=moved.address)
    phone.say()
    station.serve(0.05)
    moved.say()
    station.serve(0.05)
    transport = station.engine.legs["a"].transport
    assert (transport.locked, transport.remote) == (True, moved.sock.getsockname())  # type: ignore[union-attr]
    assert station.engine.legs["a"].source.received == 2


def test_a_session_refresh_behind_nat_keeps_the_learnt_address(station: Station) -> None:
    private, public = Phone(), Phone()
    station.phones += [private, public]
    public.leg_at = station.call("a", remote=private.address).leg_at
    public.say()
    station.serve(0.05)
    station.do("update", "a", remote=private.address, pt=8, dtmf_pt=101, hold=False)
    station.do("play", "a", play=1, files=[{"silence_ms": 60}])
    station.serve(until=lambda: station.of("played"))
    assert (len(private.heard()), len(public.heard())) == (0, 3)


def test_after_a_second_of_silence_a_new_source_is_taken(station: Station) -> None:
    phone, moved = station.call("a"), Phone()
    station.phones.append(moved)
    moved.leg_at = phone.leg_at
    phone.say()
    station.serve(0.05)
    moved.say()
    station.serve(0.3)
    assert station.engine.legs["a"].source.received == 1
    station.serve(1.1)
    moved.say()
    station.serve(0.05)
    assert station.engine.legs["a"].source.received == 2
    transport = station.engine.legs["a"].transport
    assert transport.remote == moved.sock.getsockname()  # type: ignore[union-attr]


def test_a_busy_port_is_skipped_and_a_used_one_comes_last() -> None:
    taken = udp_socket("127.0.0.1", 42511)  # the RTCP port of the first pair
    pool = PortPool("127.0.0.1", 42510, 42515)
    rtp_sock, rtcp_sock, port = pool.open()
    assert port == 42512
    rtp_sock.close()
    rtcp_sock.close()
    pool.give_back(port)
    first = pool.open()
    assert first[2] == 42514
    second = pool.open()
    assert second[2] == 42512
    with pytest.raises(UnavailableError, match="rtp-ports") as error:
        pool.open()
    assert error.value.code == "full"
    for sock in (taken, *first[:2], *second[:2]):
        sock.close()


def test_an_address_that_is_not_ours_is_no_busy_port() -> None:
    pool = PortPool("192.0.2.1", 42510, 42515)
    with pytest.raises(UnavailableError, match="Cannot assign"):
        pool.open()


@pytest.mark.parametrize("value", [None, ["127.0.0.1", 0], ["0.0.0.0", 4000]])
def test_nowhere(value: object) -> None:
    assert remote_address(value) is None


@pytest.mark.parametrize(
    "value", ["x", ["example.org", 5], ["1.2.3.4", 70000], ["1.2.3.4"], ["1.2.3.4", "5"], [1, 2, 3]]
)
def test_what_is_no_address_is_refused(value: object) -> None:
    with pytest.raises(InvalidError, match="remote"):
        remote_address(value)


def test_without_an_address_the_first_source_gets_the_audio(station: Station) -> None:
    phone = station.call("a", remote=None)
    station.do("play", "a", play=1, files=[station.file("t.al", TONE * 500)], repeat=0)
    station.serve(0.1)
    phone.say()
    station.serve(until=lambda: phone.heard())


def test_a_peer_that_refuses_packets_costs_us_none(station: Station) -> None:
    phone = station.call("a")
    station.do("play", "a", play=1, files=[station.file("t.al", TONE * 500)], repeat=0)
    phone.say()
    station.serve(0.1)
    heard = phone.heard()
    port = phone.sock.getsockname()[1]
    phone.sock.close()
    station.serve(0.1)
    again = udp_socket("127.0.0.1", port)
    phone.sock = again
    station.serve(0.2)
    later = phone.heard()
    assert len(later) >= 8
    assert [(b.seq - a.seq) & 0xFFFF for a, b in pairwise(later)] == [1] * (len(later) - 1)
    assert (later[0].seq - heard[-1].seq) & 0xFFFF < 12


def test_drops_of_the_kernel_are_counted(station: Station) -> None:
    phone = station.call("a")
    transport = station.engine.legs["a"].transport
    sock = transport._rtp  # type: ignore[union-attr]
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    for _ in range(100):
        phone.say()
    dropped = kernel_drops(sock)
    assert dropped > 50
    station.serve(until=lambda: station.do("stats")["drops"] == dropped)
    closed = station.do("close", "a")["stats"]
    assert (closed["rx"], closed["drops"]) == (100 - dropped, dropped)
    assert station.do("stats")["drops"] == dropped


def test_sender_reports_go_to_the_odd_port_and_only_after_audio(station: Station) -> None:
    rtp_sock, rtcp_sock = udp_socket("127.0.0.1", 42600), udp_socket("127.0.0.1", 42601)
    phone = station.call("a", remote=["127.0.0.1", 42600])
    leg = station.engine.legs["a"]
    leg.report(time.monotonic())
    with pytest.raises(BlockingIOError):
        rtcp_sock.recv(2000)
    station.do("play", "a", play=1, files=[{"silence_ms": 100}])
    station.serve(0.3)
    report = rtcp_sock.recv(2000)
    assert report[1] == 200
    assert int.from_bytes(report[4:8], "big") == leg.out.ssrc
    rtcp_sock.sendto(b"\x81\xc9\x00\x07" + b"\xff" * 28, (phone.leg_at[0], phone.leg_at[1] + 1))
    rtcp_sock.sendto(b"garbage", (phone.leg_at[0], phone.leg_at[1] + 1))
    station.serve(0.05)
    for sock in (rtp_sock, rtcp_sock):
        sock.close()


def test_keys_by_rtp_info_and_tones_reach_the_runtime_once(station: Station) -> None:
    phone = station.call("a")
    for key in "15":
        ts = phone.ts
        for duration in (160, 320, 480):
            phone.say(struct.pack("!BBH", KEYS.index(key), 10, duration), pt=101, ts=ts)
        phone.ts = ts + 2000
    station.serve(0.05)
    station.do("inject-key", "a", key="1", via="info")
    station.do("inject-key", "a", key="9", via="info")
    assert [(event["key"], event["via"]) for event in station.of("dtmf")] == [
        ("1", "rfc4733"),
        ("5", "rfc4733"),
        ("9", "info"),
    ]


def test_media_timeout_once_and_not_on_hold(station: Station) -> None:
    phone = station.call("a")
    leg = station.engine.legs["a"]
    now = time.monotonic()
    leg.check_timeout(now + 100, 60)
    assert not station.of("media-timeout"), "nobody has spoken or been spoken to yet"
    phone.say()
    station.serve(0.05)
    leg.check_timeout(now + 59, 60)
    assert not station.of("media-timeout")
    station.do("update", "a", hold=True)
    leg.check_timeout(now + 100, 60)
    assert not station.of("media-timeout")
    station.do("update", "a", hold=False)
    leg.check_timeout(now + 59, 60)
    for _ in range(3):
        leg.check_timeout(now + 100, 60)
    assert station.of("media-timeout") == [{"ev": "media-timeout", "leg": "a"}]
