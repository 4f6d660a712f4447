"""Calls of ours against a scripted peer: challenges, forks, redirects, refusals, answers that cannot be used."""

from __future__ import annotations

import pytest

from ccc.sip import digest
from ccc.sip.digest import Credentials
from ccc.sip.errors import MalformedError
from ccc.sip.message import Hop, Request, parse
from ccc.sip.uac import ClientSession
from tests.sip.link import Link, Recorder, call
from tests.sip.texts import SDP

PEER = Hop("10.0.0.2", 5060)
US = Hop("10.0.0.1", 5060)


class Peer:
    """A hand on the far end: sees our requests, sends responses."""

    def __init__(self) -> None:
        self.link = Link()
        self.ua, self.record, _ = self.link.agent("10.0.0.1", Recorder())

    def place(self, **more: object) -> ClientSession:
        return call(self.ua, self.record, **more)  # type: ignore[arg-type]

    def last(self, method: str = "") -> Request:
        """The newest request of ours."""
        for wire in reversed(self.link.wires):
            message = parse(wire)
            if isinstance(message, Request) and method in ("", message.method):
                return message
        raise AssertionError(f"no {method} was sent")

    def count(self, method: str) -> int:
        return len(self.link.lines(method + " "))

    def answer(
        self, status: int, tag: str = "far", body: bytes = b"", extra: tuple[str, ...] = (), to: Request | None = None
    ) -> None:
        """Respond to our newest INVITE (or ``to``)."""
        request = to or self.last("INVITE")
        lines = [
            f"SIP/2.0 {status} Because", "Via: " + request.get("via"), "From: " + request.get("from"),
            "To: " + request.get("to") + ("" if request.to_tag else f";tag={tag}"), "Call-ID: " + request.call_id,
            "CSeq: " + request.get("cseq"), *extra,
        ]  # fmt: skip
        if status < 300:
            lines.append(f"Contact: <sip:{tag}@10.0.0.2:5080>")
        if body:
            lines.append("Content-Type: application/sdp")
        self.ua.receive(("\r\n".join(lines) + "\r\n\r\n").encode() + body, PEER, self.link.now)


@pytest.fixture
def peer() -> Peer:
    return Peer()


CHALLENGE = 'Digest realm="carrier", nonce="n1", algorithm=MD5, qop="auth", opaque="o"'


def test_invite_as_sent(peer: Peer) -> None:
    peer.place(headers=[("P-Asserted-Identity", "<sip:4000@ccc>\r\nEvil: yes")])
    invite = peer.last()
    assert invite.uri == "sip:4000@10.0.0.2:5060"
    assert invite.get("from").encode("latin-1").startswith('"测试" <sip:555@10.0.0.1>;tag='.encode())
    assert "evil" not in invite.headers
    assert invite.get("contact") == "<sip:10.0.0.1:5060>"
    assert invite.body.startswith(b"v=0")


@pytest.mark.parametrize(
    ("status", "ask", "give"),
    [(401, "WWW-Authenticate", "authorization"), (407, "Proxy-Authenticate", "proxy-authorization")],
)
def test_challenge_is_answered(peer: Peer, status: int, ask: str, give: str) -> None:
    peer.place(credentials=Credentials("user", "secret"))
    first = peer.last()
    peer.answer(status, extra=(f"{ask}: {CHALLENGE}",))
    second = peer.last("INVITE")
    assert peer.last("ACK").via.branch == first.via.branch
    assert (second.call_id, second.from_tag, second.to_tag, second.cseq) == (first.call_id, first.from_tag, "", 2)
    params = digest.parse_params(second.get(give))
    assert params is not None
    assert digest.verify(digest.ha1_of("user", "carrier", "secret"), "INVITE", params)
    assert (params["opaque"], params["nc"], params["uri"]) == ("o", "00000001", second.uri)
    peer.answer(200, body=SDP)
    assert peer.record.events == [("answer", 6000)]
    assert give in peer.last("ACK").headers
    peer.ua.sessions[next(iter(peer.ua.sessions))].bye()  # type: ignore[attr-defined]
    again = digest.parse_params(peer.last("BYE").get(give))
    assert again is not None
    assert digest.verify(digest.ha1_of("user", "carrier", "secret"), "BYE", again)


def test_wrong_password_is_tried_once(peer: Peer) -> None:
    peer.place(credentials=Credentials("user", "wrong"))
    peer.answer(401, extra=(f"WWW-Authenticate: {CHALLENGE}",))
    peer.answer(401, extra=(f"WWW-Authenticate: {CHALLENGE.replace('n1', 'n2')}",))
    assert peer.record.events == [("reject", 401), ("end", "rejected")]
    assert peer.count("INVITE") == 2


def test_stale_nonce_is_renewed(peer: Peer) -> None:
    peer.place(credentials=Credentials("user", "secret"))
    peer.answer(401, extra=(f"WWW-Authenticate: {CHALLENGE}",))
    peer.answer(401, extra=(f"WWW-Authenticate: {CHALLENGE.replace('n1', 'n2')}, stale=true",))
    params = digest.parse_params(peer.last("INVITE").get("authorization"))
    assert params is not None
    assert params["nonce"] == "n2"
    peer.answer(200, body=SDP)
    assert peer.record.events == [("answer", 6000)]


def test_challenge_without_credentials_is_a_refusal(peer: Peer) -> None:
    peer.place()
    peer.answer(401, extra=(f"WWW-Authenticate: {CHALLENGE}",))
    assert peer.record.events == [("reject", 401), ("end", "rejected")]


def test_bye_is_challenged(peer: Peer) -> None:
    session = peer.place(credentials=Credentials("user", "secret"))
    peer.answer(200, body=SDP)
    session.bye()
    peer.answer(407, to=peer.last("BYE"), extra=(f"Proxy-Authenticate: {CHALLENGE}",))
    assert peer.count("BYE") == 2
    assert peer.record.ends() == []
    peer.answer(200, to=peer.last("BYE"))
    assert peer.record.ends() == ["local-bye"]


def test_second_fork_gets_ack_and_bye(peer: Peer) -> None:
    peer.place()
    peer.answer(180, tag="one")
    peer.answer(183, tag="two")
    peer.answer(200, tag="one", body=SDP)
    peer.answer(200, tag="two", body=SDP)
    bye = peer.last("BYE")
    assert (bye.to_tag, bye.uri) == ("two", "sip:two@10.0.0.2:5080")
    assert peer.count("ACK") == 2
    assert peer.record.events == [("ringing", 180), ("ringing", 183), ("answer", 6000)]
    peer.answer(200, tag="one", body=SDP)  # its ACK was lost
    assert peer.count("ACK") == 3
    assert peer.last("ACK").to_tag == "one"
    assert peer.count("BYE") == 1


def test_redirect_lists_its_targets(peer: Peer) -> None:
    session = peer.place()
    peer.answer(302, extra=('Contact: "a, b" <sip:1@x>;q=0.5, <sip:2@y>',))
    assert peer.record.events == [("reject", 302), ("end", "rejected")]
    assert session.redirects == ("sip:1@x", "sip:2@y")


@pytest.mark.parametrize("status", [404, 486, 500, 603])
def test_refusals_are_acknowledged_as_often_as_they_come(peer: Peer, status: int) -> None:
    peer.place()
    invite = peer.last()
    peer.answer(status)
    peer.answer(status)
    assert peer.count("ACK") == 2
    ack = peer.last("ACK")
    assert (ack.via.branch, ack.cseq, ack.to_tag, ack.uri) == (invite.via.branch, 1, "far", invite.uri)
    assert peer.record.events == [("reject", status), ("end", "rejected")]


@pytest.mark.parametrize("body", [b"", b"v=0\r\nm=audio 1 RTP/SAVP 8\r\nc=IN IP4 1.1.1.1\r\n"])
def test_answer_that_cannot_be_used(peer: Peer, body: bytes) -> None:
    peer.place()
    peer.answer(200, body=body)
    assert peer.record.events == [("reject", 488)]
    assert peer.count("ACK") == peer.count("BYE") == 1
    peer.answer(200, to=peer.last("BYE"))
    assert peer.record.ends() == ["bad-answer"]


def test_description_in_the_183_only(peer: Peer) -> None:
    peer.place()
    peer.answer(183, body=SDP)
    peer.answer(200)
    assert peer.record.events == [("ringing", 183), ("answer", 6000)]


@pytest.mark.parametrize("uri", ["sip:1@b\r\nEvil: 1", "sip:1@b?x\nEvil: 1", "sip:1 2@b", "<sip:1@b>", "1"])
def test_no_call_to_what_is_no_uri(peer: Peer, uri: str) -> None:
    with pytest.raises(MalformedError):
        peer.ua.invite(uri, PEER, "sip:a@b", "", SDP)
    with pytest.raises(MalformedError):
        peer.ua.invite("sip:a@b", PEER, uri, "", SDP)


def test_200_after_cancel_is_hung_up(peer: Peer) -> None:
    session = peer.place()
    peer.answer(180)
    session.bye()
    cancel = peer.last("CANCEL")
    assert (cancel.via.branch, cancel.cseq, cancel.to_tag) == (peer.last("INVITE").via.branch, 1, "")
    peer.answer(200, body=SDP)
    assert peer.count("ACK") == peer.count("BYE") == 1


def test_cancel_without_a_final_answer_ends(peer: Peer) -> None:
    session = peer.place()
    peer.answer(180)
    session.bye()
    peer.answer(200, to=peer.last("CANCEL"))
    peer.link.run(33)
    assert peer.record.ends() == ["cancelled"]


def test_route_set_is_reversed(peer: Peer) -> None:
    session = peer.place()
    peer.answer(200, body=SDP, extra=("Record-Route: <sip:10.0.0.31;lr>, <sip:10.0.0.32;lr>",))
    assert peer.last("ACK").headers["route"] == ["<sip:10.0.0.32;lr>", "<sip:10.0.0.31;lr>"]
    session.bye()
    assert peer.link.sent[-1][3].host == "10.0.0.32"
    assert peer.last("BYE").uri == "sip:far@10.0.0.2:5080"


def test_silent_peer_after_100_can_be_cancelled(peer: Peer) -> None:
    session = peer.place()
    peer.answer(100)
    peer.link.run(120)  # no timer runs in proceeding
    assert session.state == "calling"
    session.bye()
    assert peer.count("CANCEL") == 1
