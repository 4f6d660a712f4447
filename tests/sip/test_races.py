"""Races and rules of a call, each by name, between two of our own agents under virtual time."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable

import pytest

from ccc.sip.errors import SipStateError
from ccc.sip.message import Hop, parse
from ccc.sip.sdp import LocalSdp, parse_offer
from ccc.sip.session import DEFERRED
from tests.sip.link import Link, answering, call, empty, pair
from tests.sip.texts import SDP

CALLER, CALLED = Hop("10.0.0.1", 5060), Hop("10.0.0.2", 5060)


def losing(*starts: str, times: int = 10**6) -> Callable[[bytes, Hop, Hop], bool]:
    """A drop rule: the first ``times`` datagrams that begin so are lost."""
    left = [times]

    def drop(data: bytes, source: Hop, to: Hop) -> bool:
        if left[0] and data.decode("latin-1").startswith(starts):
            left[0] -= 1
            return True
        return False

    return drop


def test_cancel_before_the_answer() -> None:
    link = Link()
    caller, calling, called, taken = pair(link)
    taken.on_new = lambda session: session.ring()
    session = call(caller, calling)
    link.run(1)
    session.bye()
    link.run(1)
    assert calling.events == [("ringing", 180), ("end", "cancelled")]
    assert taken.events == [("cancel",), ("end", "cancelled")]
    assert link.lines("SIP/2.0 487")
    link.run(70)
    assert empty(caller)
    assert empty(called)


def test_cancel_waits_for_a_provisional_answer() -> None:
    link = Link()
    caller, calling, _, taken = pair(link)
    taken.on_new = lambda session: session.ring()
    link.drop = losing("SIP/2.0 1", times=2)
    session = call(caller, calling)
    session.bye()
    link.run(0.4)
    assert not link.lines("CANCEL")
    link.run(5)
    assert link.lines("CANCEL")
    assert calling.ends() == taken.ends() == ["cancelled"]


def test_cancel_crosses_the_200() -> None:
    link = Link()
    caller, calling, _, taken = pair(link)
    taken.on_new = lambda session: session.ring()
    session = call(caller, calling)
    link.run(1)
    answering(taken.sessions[0])
    session.bye()  # the 200 is on its way
    link.run(5)
    assert calling.ends() == ["cancelled"]
    assert taken.events == [("ack", None), ("bye",), ("end", "remote-bye")]
    assert link.lines("BYE")


def test_cancel_lost_and_repeated() -> None:
    link = Link()
    caller, calling, _, taken = pair(link)
    taken.on_new = lambda session: session.ring()
    session = call(caller, calling)
    link.run(1)
    link.drop = losing("CANCEL", "SIP/2.0 200", "SIP/2.0 487", times=4)
    session.bye()
    link.run(20)
    assert calling.ends() == taken.ends() == ["cancelled"]


def test_200_is_repeated_until_the_ack() -> None:
    link = Link()
    caller, calling, _, taken = pair(link)
    link.drop = losing("ACK", times=3)
    session = call(caller, calling)
    link.run(20)
    assert [round(at - link.lines("SIP/2.0 200")[0], 2) for at in link.lines("SIP/2.0 200")] == [0, 0.5, 1.5, 3.5]
    assert taken.events == [("ack", None)]
    assert session.state == taken.sessions[0].state == "confirmed"


def test_no_ack_ends_with_bye() -> None:
    link = Link()
    caller, calling, _, taken = pair(link)
    link.drop = losing("ACK")
    call(caller, calling)
    link.run(31)
    assert taken.events == []
    link.run(3)
    assert taken.events == [("end", "no-ack")]
    assert calling.ends() == ["remote-bye"]
    repeats = link.lines("SIP/2.0 200 OK")
    assert repeats[9] - repeats[0] < 32


def test_bye_before_ack() -> None:
    """The caller's BYE overtakes a lost ACK: the call ends, the 200 to INVITE is repeated no longer."""
    link = Link()
    caller, calling, _, taken = pair(link)
    link.drop = losing("ACK")
    session = call(caller, calling)
    link.run(0.1)
    session.bye()
    link.run(0.1)
    assert taken.events == [("bye",), ("end", "remote-bye")]
    sent = len(link.lines("SIP/2.0 200"))
    link.run(30)
    assert len(link.lines("SIP/2.0 200")) == sent


def test_our_bye_waits_for_the_ack() -> None:
    """RFC 3261 15: the called side sends no BYE before the ACK or 64*T1."""
    link = Link()
    caller, calling, _, taken = pair(link)
    link.drop = losing("ACK", times=2)

    def answer_and_hang_up(session):  # type: ignore[no-untyped-def]
        answering(session)
        session.bye()

    taken.on_new = answer_and_hang_up
    call(caller, calling)
    link.run(5)
    assert link.lines("BYE")[0] > link.lines("ACK")[2]
    assert taken.ends() == ["local-bye"]
    assert calling.ends() == ["remote-bye"]


def test_our_bye_goes_out_when_the_ack_never_comes() -> None:
    link = Link()
    caller, calling, _, taken = pair(link)
    link.drop = losing("ACK")

    def answer_and_hang_up(session):  # type: ignore[no-untyped-def]
        answering(session)
        session.bye()

    taken.on_new = answer_and_hang_up
    call(caller, calling)
    link.run(34)
    assert link.lines("BYE")[0] - link.lines("SIP/2.0 200")[0] == pytest.approx(32)
    assert taken.ends() == ["local-bye"]


def test_both_hang_up_at_once() -> None:
    link = Link()
    caller, calling, _, taken = pair(link)
    session = call(caller, calling)
    link.run(1)
    session.bye()
    taken.sessions[0].bye()
    link.run(5)
    assert calling.ends() == taken.ends() == ["local-bye"]
    assert ("bye",) not in calling.events + taken.events


def test_200_to_bye_goes_out_after_the_callback() -> None:
    link = Link()
    caller, calling, _, taken = pair(link)
    session = call(caller, calling)
    link.run(1)
    sent: list[int] = []
    responds: list[Callable[[], None]] = []
    taken.sessions[0].on_bye = lambda respond: sent.append(len(link.lines("SIP/2.0 200")))
    session.bye()
    link.run(1)
    assert sent == [1]  # only the INVITE's
    assert len(link.lines("SIP/2.0 200")) == 2
    second = call(caller, calling)
    link.run(1)
    taken.sessions[1].on_bye = lambda respond: (responds.append(respond), DEFERRED)[1]
    second.bye()
    link.run(0.2)
    assert calling.ends() == ["local-bye"]
    responds[0]()
    responds[0]()
    link.run(1)
    assert calling.ends() == ["local-bye", "local-bye"]
    assert len(link.lines("SIP/2.0 200")) == 4


def test_a_failing_callback_does_not_keep_the_bye_unanswered(caplog: pytest.LogCaptureFixture) -> None:
    link = Link()
    caller, calling, _, taken = pair(link)
    session = call(caller, calling)
    link.run(1)

    def broken(respond: object) -> None:
        raise RuntimeError("disk full")

    taken.sessions[0].on_bye = broken
    session.bye()
    link.run(1)
    assert calling.ends() == ["local-bye"]
    assert "disk full" in caplog.text


def test_on_invite_that_fails_is_500(caplog: pytest.LogCaptureFixture) -> None:
    link = Link()
    caller, calling, _, taken = pair(link)

    def broken(session: object) -> None:
        raise RuntimeError("no flow")

    taken.on_new = broken
    call(caller, calling)
    link.run(1)
    assert calling.events == [("reject", 500), ("end", "rejected")]


def test_reject_is_repeated_until_the_ack() -> None:
    link = Link()
    caller, calling, called, taken = pair(link)
    taken.on_new = lambda session: session.reject(486, "Busy Here", [("Retry-After", "10")])
    link.drop = losing("ACK", times=2)
    call(caller, calling)
    link.run(10)
    assert [round(at - link.lines("SIP/2.0 486")[0], 2) for at in link.lines("SIP/2.0 486")] == [0, 0.5, 1.5]
    assert calling.events == [("reject", 486), ("end", "rejected")]
    assert taken.events == [("end", "rejected")]
    link.run(70)
    assert empty(caller)
    assert empty(called)


def test_offer_in_the_200_answer_in_the_ack() -> None:
    link = Link()
    _, _, _, taken = pair(link)
    invite_lines = [
        "INVITE sip:4000@10.0.0.2 SIP/2.0", "Via: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bKoff",
        "From: <sip:a@10.0.0.1>;tag=a", "To: <sip:4000@10.0.0.2>", "Call-ID: offerless", "CSeq: 1 INVITE",
        "Contact: <sip:a@10.0.0.1>", "", "",
    ]  # fmt: skip
    link.put("\r\n".join(invite_lines).encode(), CALLER, CALLED)
    link.run(0.1)
    ok = parse(link.wires[-1])
    assert taken.sessions[0].offer is None
    assert parse_offer(ok.body).pcma == 8
    ack_lines = [
        "ACK sip:10.0.0.2 SIP/2.0", "Via: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bKack", "From: <sip:a@10.0.0.1>;tag=a",
        "To: " + ok.get("to"), "Call-ID: offerless", "CSeq: 1 ACK", "Content-Type: application/sdp", "", "",
    ]  # fmt: skip
    link.put("\r\n".join(ack_lines).encode() + SDP, CALLER, CALLED)
    link.run(0.1)
    assert taken.events == [("ack", 6000)]
    offer = taken.sessions[0].offer
    assert offer is not None
    assert offer.port == 6000


def test_no_answer_in_the_ack_ends_the_call() -> None:
    link = Link()
    caller, calling, _, taken = pair(link)
    call(caller, calling, sdp=b"")
    link.run(40)
    assert taken.ends() == ["bad-answer"]
    assert "Reason: SIP;cause=488" in next(d for d in link.wires if d.startswith(b"BYE")).decode()


def test_reinvite_glare() -> None:
    """Both re-INVITE at once: 491 both ways, the Call-ID's owner waits 2.1-4 s, the other 0-2 s (14.1)."""
    link = Link()
    caller, calling, _, taken = pair(link)
    session = call(caller, calling)
    link.run(1)
    begun = link.now
    session.reinvite(LocalSdp("10.0.0.1", 31000, 5).offer("sendonly"))
    taken.sessions[0].reinvite(LocalSdp("10.0.0.2", 21000, 7).offer("sendonly"))
    link.run(10)
    assert len(link.lines("SIP/2.0 491")) == 2
    retries = [
        (at - begun, source) for at, line, source, _ in link.sent if line.startswith("INVITE") and at > begun + 0.05
    ]
    assert len(retries) == 2
    for wait_s, source in retries:
        low, high = (2.1, 4.1) if source == CALLER else (0, 2.1)
        assert low <= wait_s <= high
    assert [e for e in calling.events if e[0] == "reinvited"] == [("reinvited", 200, "recvonly")]
    assert [e for e in taken.events if e[0] == "reinvited"] == [("reinvited", 200, "recvonly")]
    assert session.state == taken.sessions[0].state == "confirmed"


def test_hold_and_new_address() -> None:
    link = Link()
    caller, calling, _, taken = pair(link)
    session = call(caller, calling)
    link.run(1)
    held = LocalSdp("10.0.0.9", 32000, 5)
    session.reinvite(held.offer("sendonly"))
    link.run(1)
    offer = taken.sessions[0].offer
    assert offer is not None
    assert (offer.host, offer.port, offer.hold) == ("10.0.0.9", 32000, True)
    assert calling.events[-1] == ("reinvited", 200, "recvonly")
    session.reinvite(held.offer())
    link.run(1)
    assert calling.events[-1] == ("reinvited", 200, "sendrecv")


def test_unchanged_description_is_answered_unchanged() -> None:
    link = Link()
    caller, calling, _, taken = pair(link)
    session = call(caller, calling)
    link.run(1)
    first = next(d for d in link.wires if d.startswith(b"SIP/2.0 200")).partition(b"\r\n\r\n")[2]
    taken.sessions[0].on_reinvite = lambda offer: pytest.fail("the owner must not be asked")
    session.reinvite(session.local_sdp)
    link.run(1)
    assert [d.partition(b"\r\n\r\n")[2] for d in link.wires if d.startswith(b"SIP/2.0 200")] == [first, first]


def test_refused_reinvite_leaves_the_call() -> None:
    link = Link()
    caller, calling, _, taken = pair(link)
    session = call(caller, calling)
    link.run(1)
    taken.sessions[0].on_reinvite = lambda offer: (488, "Not now")
    session.reinvite(LocalSdp("10.0.0.1", 31000, 6).offer())
    link.run(1)
    assert calling.events[-1] == ("reinvited", 488, None)
    session.bye()
    link.run(1)
    assert taken.ends() == ["remote-bye"]


def test_reinvite_into_a_lost_dialog_ends_it() -> None:
    link = Link()
    caller, calling, called, _ = pair(link)
    session = call(caller, calling)
    link.run(1)
    called.sessions.clear()  # the peer forgot
    session.reinvite(LocalSdp("10.0.0.1", 31000, 6).offer())
    link.run(2)
    assert calling.ends() == ["dialog-gone"]


def test_nobody_answers() -> None:
    link = Link()
    caller, calling, _, _ = pair(link)
    link.drop = lambda data, source, to: True
    call(caller, calling)
    link.run(33)
    assert [round(at - 1000, 1) for at in link.lines("INVITE")] == [0, 0.5, 1.5, 3.5, 7.5, 15.5, 31.5]
    assert calling.events == [("reject", 408), ("end", "timeout")]
    assert empty(caller)


def test_bye_into_silence_ends_after_64_t1() -> None:
    link = Link()
    caller, calling, _, _ = pair(link)
    session = call(caller, calling)
    link.run(1)
    link.drop = lambda data, source, to: True
    session.bye()
    link.run(33)
    waits = [round(at - link.lines("BYE")[0], 1) for at in link.lines("BYE")]
    assert waits == [0, 0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5]
    assert calling.ends() == ["local-bye"]


def test_bye_of_a_dead_process() -> None:
    link = Link()
    caller, calling, _, taken = pair(link)
    call(caller, calling)
    link.run(1)
    state = taken.sessions[0].dialog_state()
    reborn, _, _ = link.agent("10.0.0.2")  # takes the address over; knows nothing
    done: list[int | None] = []
    link.drop = losing("BYE", times=3)
    reborn.resume_bye(state, 'Q.850;cause=41;text="lost"', done.append)
    link.run(10)
    assert calling.ends() == ["remote-bye"]
    assert done == [200]
    assert b"Reason: Q.850;cause=41" in next(d for d in link.wires if d.startswith(b"BYE"))


def test_state_guards_name_the_state() -> None:
    link = Link()
    caller, calling, _, taken = pair(link)
    session = call(caller, calling)
    link.run(1)
    with pytest.raises(SipStateError, match=r"confirmed; answer\(\) is legal in: incoming, ringing"):
        taken.sessions[0].answer(b"")
    session.bye()
    with pytest.raises(SipStateError, match="is ending"):
        session.bye()
    link.run(1)
    with pytest.raises(SipStateError, match="is ended"):
        session.reinvite(b"")


def test_ringing_is_repeated_each_minute() -> None:
    link = Link()
    caller, calling, _, taken = pair(link)
    taken.on_new = lambda session: session.ring()
    call(caller, calling)
    link.run(130)
    assert len(link.lines("SIP/2.0 180")) == 3


def test_not_accepting_is_503_with_retry_after() -> None:
    link = Link()
    caller, calling, _, taken = pair(link)
    taken.refusal = (503, "Journal unwritable")
    call(caller, calling)
    link.run(1)
    assert calling.events == [("reject", 503), ("end", "rejected")]
    assert taken.events == [("turned away", "4000", "555", "t1", "Journal unwritable")]
    assert b"Retry-After: 5" in next(d for d in link.wires if d.startswith(b"SIP/2.0 503"))
    assert not link.lines("SIP/2.0 100")


def test_an_invite_turned_away_counts_once_however_often_it_comes() -> None:
    link = Link()
    caller, calling, _, taken = pair(link)
    taken.refusal = (503, "No media capacity")
    link.drop = losing("SIP/2.0 503", times=2)
    call(caller, calling)
    link.run(5)
    assert len(link.lines("INVITE")) == 3
    call(caller, calling)
    link.run(1)
    assert taken.events == [("turned away", "4000", "555", "t1", "No media capacity")] * 2


def test_finished_calls_leave_no_reference_cycle() -> None:
    """The runtime may run with the garbage collector off: a call's memory goes with its last reference."""
    link = Link()
    caller, calling, called, taken = pair(link)
    session = call(caller, calling)
    link.run(1)
    session.reinvite(LocalSdp("10.0.0.1", 31000, 6).offer())
    link.run(1)
    session.bye()
    link.run(1)
    ringing = call(caller, calling)
    taken.on_new = lambda session: session.ring()
    link.run(1)
    taken.sessions[-1].bye() if taken.sessions[-1].state == "confirmed" else ringing.bye()
    link.run(80)
    assert empty(caller)
    assert empty(called)
    gone = [weakref.ref(session), weakref.ref(ringing), *map(weakref.ref, taken.sessions)]
    gc.disable()
    try:
        taken.sessions.clear()
        del session, ringing
        assert [ref() for ref in gone] == [None] * len(gone)
    finally:
        gc.enable()


def test_hung_up_before_it_was_sent() -> None:
    link = Link()
    caller, calling, _, _ = pair(link)
    session = caller.invite("sip:1@10.0.0.2", CALLED, "sip:2@10.0.0.1", "", b"v=0")
    calling.watch(session)
    session.bye()
    caller.place(session)
    assert calling.events == [("end", "cancelled")]
    assert not link.sent
