"""Whole legs over loopback with a browser made of Python: handshake, paths, restarts, silence, limits."""

from __future__ import annotations

import gc
import struct
import time
import weakref
from collections.abc import Iterator

import pytest

from ccc.errors import ConfigError, ConflictError, NotFoundError, UnavailableError
from ccc.media import rtcp
from ccc.media.poller import Poller
from ccc.media.webrtc import WebRtcMux
from ccc.media.webrtc.leg import MAX_ADDRESSES, MAX_FAILURES_PER_S

from .peer import SSRC_OUT, Bench, Peer


@pytest.fixture
def bench() -> Iterator[Bench]:
    bench = Bench()
    yield bench
    bench.close()


def packet(seq: int, ssrc: int = 77) -> bytes:
    return struct.pack("!BBHII", 0x80, 8, seq, seq * 160, ssrc) + bytes(160)


def send(bench: Bench, seq: int) -> None:
    assert bench.opened is not None
    bench.opened.transport.send(packet(seq))


@pytest.mark.parametrize("digest", ["sha-256", "sha-384", "sha-512"])
@pytest.mark.parametrize("profile", [b"SRTP_AEAD_AES_128_GCM", b"SRTP_AES128_CM_SHA1_80"])
def test_a_leg_comes_up_and_carries_audio_both_ways(bench: Bench, digest: str, profile: bytes) -> None:
    peer = Peer(digest=digest, profiles=profile)
    bench.open(peer)
    bench.connect(peer)
    assert bench.states == [("up", "")]
    assert peer.responses[0].attributes["XOR-MAPPED-ADDRESS"] == peer.socket.getsockname()
    assert peer.responses[0].check_message_integrity(peer.their_pwd.encode())
    assert peer.dtls.ssl.get_selected_srtp_profile() == profile
    assert peer.their_fingerprint.split()[1] == peer.dtls.ssl.get_peer_certificate(
        as_cryptography=True
    ).fingerprint(peer.dtls.certificate.signature_hash_algorithm).hex(":").upper()  # fmt: skip
    peer.speak(b"\x2a" * 160)
    send(bench, 5)
    bench.pump(peer)
    assert bench.packets[0][12:] == b"\x2a" * 160
    assert peer.audio == [packet(5)]
    assert peer.longest <= 1200


def test_a_certificate_with_another_fingerprint_gets_no_keys(bench: Bench) -> None:
    peer = Peer()
    bench.open(peer, fingerprint=Peer().dtls.fingerprint())
    peer.check()
    bench.pump(peer)
    peer.start_dtls()
    bench.until(lambda: bool(bench.states), peer)
    assert bench.states == [("down", "fingerprint")]
    if peer.srtp is not None:
        peer.speak()
    send(bench, 1)
    bench.pump(peer)
    assert bench.packets == []
    assert peer.audio == []
    assert bench.mux.stats("a")["unsent"] == 1


def test_a_peer_without_srtp_is_refused(bench: Bench) -> None:
    peer = Peer(profiles=b"")
    bench.open(peer)
    peer.check()
    bench.pump(peer)
    peer.start_dtls()
    bench.until(lambda: bool(bench.states), peer)
    assert bench.states == [("down", "no-srtp")]


def test_a_wrong_password_proves_nothing(bench: Bench) -> None:
    peer = Peer()
    bench.open(peer)
    peer.check(pwd="x" * 24)
    bench.pump(peer)
    peer.start_dtls()
    bench.pump(peer)
    assert peer.responses == []
    assert bench.states == []
    assert bench.mux.stats("a")["bad_stun"] == 1
    assert bench.mux.junk >= 2


def test_a_stranger_that_guesses_is_bounded_and_the_browser_still_gets_through(bench: Bench) -> None:
    peer, stranger = Peer(), Peer()
    bench.open(peer)
    stranger.take(bench.opened.sdp)  # type: ignore[union-attr]
    stranger.ufrag = peer.ufrag
    bench.connect(peer)
    for _ in range(3 * MAX_FAILURES_PER_S):
        stranger.check(pwd="y" * 24)
        bench.poller.round(0)
    bench.pump(stranger)
    assert bench.mux.stats("a")["bad_stun"] == MAX_FAILURES_PER_S
    assert stranger.responses == []
    answered = len(peer.responses)
    peer.check()
    bench.pump(peer)
    assert len(peer.responses) == answered + 1


def test_a_controlled_peer_is_told_to_control(bench: Bench) -> None:
    peer = Peer()
    bench.open(peer)
    peer.check(controlled=True)
    bench.pump(peer)
    assert peer.responses[0].error_code == 487


def test_audio_follows_a_new_address_only_after_a_valid_check(bench: Bench) -> None:
    peer = Peer()
    bench.open(peer)
    bench.connect(peer)
    peer.move()
    peer.speak()
    send(bench, 1)
    bench.pump(peer)
    assert bench.packets == []
    assert peer.audio == []
    peer.check(pwd="z" * 24)
    send(bench, 2)
    bench.pump(peer)
    assert peer.audio == []
    peer.check()
    bench.pump(peer)
    peer.speak()
    send(bench, 3)
    bench.pump(peer)
    assert len(bench.packets) == 1
    assert peer.audio == [packet(3)]
    assert bench.mux.stats("a")["moves"] == 1


def test_without_nomination_a_path_is_kept_while_it_lives(bench: Bench) -> None:
    peer = Peer()
    bench.open(peer)
    bench.connect(peer)
    old = peer.socket
    peer.socket = peer._new_socket()
    peer.check(nominate=False)
    bench.pump(peer)
    send(bench, 1)
    bench.pump(peer)
    assert peer.audio == []
    bench.pass_time(3.5, peer)
    peer.check(nominate=False)
    bench.pump(peer)
    send(bench, 2)
    bench.pump(peer)
    assert peer.audio == [packet(2)]
    old.close()


def test_a_replayed_or_forged_packet_is_dropped(bench: Bench) -> None:
    peer = Peer()
    bench.open(peer)
    bench.connect(peer)
    wire = peer.speak()
    peer.send(wire)
    peer.send(wire[:-1] + bytes((wire[-1] ^ 1,)))
    bench.pump(peer)
    assert len(bench.packets) == 1
    assert bench.mux.stats("a")["rejected"] == 2


def test_ice_restart_keeps_association_and_old_path_until_the_new_one(bench: Bench) -> None:
    peer = Peer()
    first = bench.open(peer)
    bench.connect(peer)
    old = (peer.their_ufrag, peer.their_pwd, peer.ufrag)
    peer.restart_ice()
    second = bench.reoffer(peer)
    assert second.transport is first.transport
    assert peer.their_ufrag != old[0]
    new = (peer.their_ufrag, peer.their_pwd, peer.ufrag)
    peer.their_ufrag, peer.their_pwd, peer.ufrag = old
    peer.check()
    send(bench, 1)
    bench.pump(peer)
    assert len(peer.responses) == 2, "the old generation is answered until the new one has a path"
    assert peer.audio == [packet(1)]
    peer.their_ufrag, peer.their_pwd, peer.ufrag = new
    peer.move()
    peer.check()
    bench.pump(peer)
    send(bench, 2)
    peer.speak()
    bench.pump(peer)
    assert peer.audio == [packet(1), packet(2)]
    assert len(bench.packets) == 1
    peer.their_ufrag, peer.their_pwd, peer.ufrag = old
    answered = len(peer.responses)
    peer.check()
    bench.pump(peer)
    assert len(peer.responses) == answered, "the old generation is over"
    assert bench.states == [("up", ""), ("up", "")], "every offer is followed by its own up"


def test_a_reloaded_page_gets_a_new_association_and_the_same_ssrc(bench: Bench) -> None:
    old, new = Peer(), Peer()
    bench.open(old)
    bench.connect(old)
    bench.reoffer(new)
    assert "a=ssrc:77 " in bench.opened.sdp  # type: ignore[union-attr]
    bench.pump(old)
    assert old.dtls.closed, "the old tab is told"
    send(bench, 1)
    bench.pump(old, new)
    assert (old.audio, new.audio) == ([], [])
    bench.connect(new)
    old.speak()
    new.speak()
    send(bench, 2)
    bench.pump(old, new)
    assert new.audio == [packet(2)]
    assert len(bench.packets) == 1
    assert bench.states == [("up", ""), ("up", "")]


def test_a_session_that_starts_before_the_wrap_survives_the_loss_of_its_first_packets(bench: Bench) -> None:
    peer = Peer()
    bench.open(peer)
    bench.connect(peer)
    for seq in range(65_530, 65_536):
        send(bench, seq)
    lost = 0
    while lost < 6:
        bench.poller.round(0.01)
        try:
            lost += peer.socket.recv(2048)[0] >> 6 == 2
        except BlockingIOError:
            continue
    for seq in range(4):
        send(bench, seq)
    bench.pump(peer)
    numbers = [struct.unpack_from("!H", each, 2)[0] for each in peer.audio]
    assert [number ^ 0x8000 for number in numbers] == [0, 1, 2, 3]


def test_eight_seconds_without_checks_is_down_and_checks_bring_it_back(bench: Bench) -> None:
    peer = Peer()
    bench.open(peer)
    bench.connect(peer)
    for _ in range(5):
        bench.pass_time(2.5, peer)
        peer.check()
        bench.pump(peer)
    assert bench.states == [("up", "")]
    bench.pass_time(7.0, peer)
    assert bench.states == [("up", "")]
    bench.pass_time(2.25, peer)
    assert bench.states == [("up", ""), ("down", "no-stun")]
    peer.check()
    bench.pump(peer)
    assert bench.states[2:] == [("up", "")]


def test_a_browser_that_never_checks_or_never_shakes_hands_is_down(bench: Bench) -> None:
    silent, mute = Peer(), Peer()
    bench.open(silent, "silent")
    bench.pass_time(9.25)
    assert bench.states == [("down", "no-stun")]
    bench.states.clear()
    bench.open(mute, "mute")
    for _ in range(8):
        mute.check()
        bench.pass_time(2.0, mute)
    assert bench.states == [("down", "dtls-timeout")]


def close_notify(bench: Bench, peer: Peer) -> None:
    for datagram in peer.dtls.close():
        peer.send(datagram)
    bench.pump(peer)
    send(bench, 1)
    bench.pump(peer)
    assert peer.audio == []


def test_a_closed_browser_is_down_after_six_seconds(bench: Bench) -> None:
    peer = Peer()
    bench.open(peer)
    bench.connect(peer)
    close_notify(bench, peer)
    bench.pass_time(5.0)
    assert bench.states == [("up", "")]
    bench.pass_time(2.0)
    assert bench.states == [("up", ""), ("down", "close-notify")]


def test_a_reload_that_closes_first_is_never_down(bench: Bench) -> None:
    old, new = Peer(), Peer()
    bench.open(old)
    bench.connect(old)
    close_notify(bench, old)
    bench.pass_time(4.0)
    bench.reoffer(new)
    bench.connect(new)
    bench.pass_time(4.0)
    assert bench.states == [("up", ""), ("up", "")]


def test_a_lost_flight_is_sent_again(bench: Bench) -> None:
    peer = Peer()
    bench.open(peer)
    peer.check()
    bench.pump(peer)
    peer.start_dtls()
    received = 0
    while not received:
        bench.poller.round(0.01)
        try:
            received = peer.socket.recv(2048)[0]  # the server's first flight is lost
        except BlockingIOError:
            continue
    peer.poll()

    began, at = time.monotonic(), bench.now

    def up() -> bool:
        bench.now = at + time.monotonic() - began  # OpenSSL's timer knows only real time
        return peer.srtp is not None

    bench.until(up, peer, timeout_s=8)
    assert bench.states == [("up", "")]


def test_a_lost_last_flight_is_sent_again(bench: Bench) -> None:
    peer = Peer()
    bench.open(peer)
    peer.check()
    bench.pump(peer)
    peer.start_dtls()
    bench.poller.round(0.05)
    while peer.srtp is None and not bench.states:
        peer.poll()
        bench.poller.round(0.05)
    while peer.socket.recv(2048)[0] < 4:  # the server is up, its last flight is lost
        continue
    send(bench, 1)
    bench.pump(peer)
    assert not peer.dtls.up
    began = time.monotonic()
    while not peer.dtls.up:
        assert time.monotonic() < began + 5
        peer.dtls.ssl.DTLSv1_handle_timeout()
        for datagram in peer.dtls.flush():
            peer.send(datagram)
        bench.pump(peer)
    send(bench, 2)
    bench.pump(peer)
    assert peer.audio == [packet(2)]
    assert bench.states == [("up", "")]


def test_an_ice_restart_is_up_only_when_a_path_is_proved(bench: Bench) -> None:
    peer = Peer()
    bench.open(peer)
    bench.connect(peer)
    peer.restart_ice()
    bench.reoffer(peer)
    bench.pass_time(7.5, peer)
    assert bench.states == [("up", "")]
    bench.pass_time(2.0, peer)
    assert bench.states == [("up", ""), ("down", "no-stun")]


def test_forged_records_do_not_spoil_a_handshake(bench: Bench) -> None:
    peer = Peer()
    bench.open(peer)
    peer.check()
    bench.pump(peer)
    flight = peer.dtls.advance()
    for datagram in flight:
        peer.send(datagram)
    peer.send(bytes.fromhex("15fefd 0000 000000000099 0002 0228"))  # fatal alert, handshake_failure
    bench.until(lambda: peer.srtp is not None, peer)
    assert bench.mux.stats("a")["handshakes"] == 1
    assert bench.states == [("up", "")]


def test_a_spoilt_handshake_can_be_begun_again_twice(bench: Bench) -> None:
    peer = Peer()
    bench.open(peer)
    peer.check()
    bench.pump(peer)
    forged = bytes.fromhex("16fefd 0000 000000000099 000e 10000002 0001 000000 000002 aaaa")  # ClientKeyExchange
    for spoilt in (1, 2):
        peer.start_dtls()
        bench.poller.round(0.05)
        peer.send(forged)
        bench.poller.round(0.05)
        assert bench.mux.stats("a")["handshakes"] == 1 + spoilt
        while peer.socket.recv(2048)[0] != 21:
            continue
        peer.dtls.begin()
    peer.start_dtls()
    bench.until(lambda: peer.srtp is not None, peer)
    assert bench.states == [("up", "")]


def test_rtcp_goes_both_ways_and_bye_ends_no_leg(bench: Bench) -> None:
    peer = Peer()
    opened = bench.open(peer)
    bench.connect(peer)
    report = struct.pack("!BBHIQIII", 0x80, 200, 6, 77, 1, 2, 3, 4)
    opened.transport.send_rtcp(report)
    theirs = rtcp.goodbye(SSRC_OUT)
    peer.send_rtcp(theirs)
    bench.pump(peer)
    assert peer.rtcp == [report]
    assert bench.reports == [theirs]
    bench.pass_time(1.0, peer)
    assert bench.states == [("up", "")], "BYE ends a source: Chromium sends it when its track becomes null"
    bench.mux.close("a")
    peer.poll()
    assert peer.rtcp[-1] == rtcp.goodbye(77)
    assert peer.dtls.closed


def test_limits_and_wrong_ids(bench: Bench) -> None:
    bench.open(Peer(), "a")
    with pytest.raises(ConflictError):
        bench.open(Peer(), "a")
    with pytest.raises(NotFoundError):
        bench.mux.reoffer("b", Peer().offer())
    bench.mux.close("b")
    small = Bench(limit=1)
    small.open(Peer())
    with pytest.raises(UnavailableError) as caught:
        small.open(Peer(), "b")
    assert caught.value.code == "full"
    small.close()


def test_a_port_in_use_is_a_clear_error(bench: Bench) -> None:
    poller = Poller()
    with pytest.raises(ConfigError, match=f"127.0.0.1:{bench.mux.port}"):
        WebRtcMux(poller, "127.0.0.1", bench.mux.port)
    poller.close()


def test_addresses_per_leg_are_bounded(bench: Bench) -> None:
    peer = Peer()
    bench.open(peer)
    for _ in range(3 * MAX_ADDRESSES):
        bench.now += 0.01
        peer.check(nominate=False)
        bench.pump(peer)
        peer.move()
    assert len(bench.mux._by_address) == MAX_ADDRESSES


def test_a_closed_leg_leaves_nothing_behind_without_the_collector() -> None:
    bench = Bench()
    gc.collect()
    gc.disable()
    try:
        peer = Peer()
        transport = bench.open(peer).transport
        bench.connect(peer)
        peer.restart_ice()
        bench.reoffer(peer)
        bench.reoffer(Peer())
        bench.mux.close("a")
        bench.opened = None
        gone = weakref.ref(transport)
        del transport
        assert gone() is None
        assert (bench.mux._legs, bench.mux._by_ufrag, bench.mux._by_address) == ({}, {}, {})
    finally:
        gc.enable()
        bench.close()
