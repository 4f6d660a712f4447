"""The whole user agent: each damaged datagram reaches an agent that has a ringing, an answered and an outgoing call."""

from __future__ import annotations

import itertools
import logging

from ccc.sip.message import Hop
from ccc.sip.ua import UserAgent
from ccc.sip.uas import ServerSession
from ccc.snapshot.model import Trunk
from tests.sip.texts import SDP, caller_request, invite_text

SOURCE = Hop("10.0.0.1", 5061)
TO = "To: <sip:4003@127.0.0.1:5060>;tag=t1"
OK = invite_text(1).replace(b"INVITE sip:4003@127.0.0.1:5060 SIP/2.0", b"SIP/2.0 200 OK")
_TYPE = ("Content-Type: application/sdp",)
SEEDS = [
    invite_text(1),
    invite_text(2, extra=("Record-Route: <sip:10.0.0.21;lr>, <sip:edge>", "Require: timer", "Diversion: <tel:95588>")),
    invite_text(3, body=b""),
    caller_request("ACK", 1, 1, TO),
    caller_request("ACK", 1, 1, TO, body=SDP, extra=_TYPE),
    caller_request("BYE", 1, 2, TO),
    caller_request("INVITE", 1, 2, TO, body=SDP.replace(b"sendrecv", b"sendonly"), extra=_TYPE),
    caller_request("UPDATE", 1, 2, TO, body=SDP, extra=_TYPE),
    caller_request("INFO", 1, 2, TO, body=b"Signal=1", extra=("Content-Type: application/dtmf-relay",)),
    caller_request("CANCEL", 2, 1, "To: <sip:4003@127.0.0.1:5060>", branch="z9hG4bK-2-1"),
    caller_request("OPTIONS", 9, 1, "To: <sip:4003@127.0.0.1:5060>"),
    OK.replace(b"z9hG4bK-1-1", b"z9hG4bKt5"),  # the branch of the agent's own INVITE
]
EXPECTED: tuple[type[Exception], ...] = ()
logging.getLogger("ccc.sip").setLevel(logging.CRITICAL)


class _Handler:
    """Answers odd calls, lets even ones ring."""

    calls = 0

    def accepting(self) -> tuple[int, str] | None:
        return None

    def on_invite(self, session: ServerSession, trunk_id: str) -> None:
        self.calls += 1
        session.on_reinvite = lambda offer: SDP
        if self.calls % 2:
            session.answer(SDP)
        else:
            session.ring()


class _Lab:
    """One agent, renewed now and then so that its memory stays what one agent may hold."""

    def __init__(self) -> None:
        self.count = 0
        self.renew()

    def renew(self) -> None:
        tokens = itertools.count(1)
        self.now = 0.0
        self.ua = UserAgent(
            _Handler(), lambda hop, trunk: ("10.0.0.2", 5060), lambda: self.now, token=lambda: f"t{next(tokens)}"
        )
        self.ua.configure([Trunk("t", "t", "address", ("10.0.0.0/8",))])
        for seed in SEEDS[:3]:
            self.ua.receive(seed, SOURCE, self.now)
        self.ua.place(self.ua.invite("sip:1@10.0.0.1", SOURCE, "sip:2@10.0.0.2", "x", SDP))
        self.ua.take_output()

    def feed(self, data: bytes) -> None:
        self.count += 1
        if self.count % 50 == 0:
            self.ua.on_time(self.now + 200)
            self.renew()
        self.now += 0.01
        self.ua.on_time(self.now)
        self.ua.receive(data, SOURCE, self.now)
        for wire, hop in self.ua.take_output():
            assert wire.endswith(b"\r\n\r\n") or b"\r\n\r\nv=0" in wire
            assert 0 < hop.port < 65536


_LAB = _Lab()


def feed(data: bytes) -> None:
    """One datagram for the agent; it must neither raise nor send what is not SIP."""
    _LAB.feed(data)
