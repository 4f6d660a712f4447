"""Single requests by hand against the user agent: what is answered, with which status and headers."""

from __future__ import annotations

import pytest

from ccc.sip.message import Hop, Response, parse
from tests.sip.link import Link, Recorder, answering
from tests.sip.texts import SDP, caller_request, invite_text, message

CALLER, CALLED = Hop("10.0.0.1", 5061), Hop("10.0.0.2", 5060)


class Bench:
    """One agent and a hand that sends to it."""

    def __init__(self) -> None:
        self.link = Link()
        self.ua, self.record, _ = self.link.agent("10.0.0.2", Recorder())

    def send(self, data: bytes, source: Hop = CALLER) -> list[Response]:
        """Responses to one datagram."""
        before = len(self.link.wires)
        self.ua.receive(data, source, self.link.now)
        return [m for wire in self.link.wires[before:] if isinstance(m := parse(wire), Response)]

    def one(self, data: bytes, source: Hop = CALLER) -> Response:
        """The single response."""
        (response,) = self.send(data, source)
        return response

    def last_hop(self) -> Hop:
        return self.link.sent[-1][3]

    def established(self, number: int = 1, **more: object) -> str:
        """A confirmed call; returns its To line."""
        self.record.on_new = answering
        to = "To: " + self.send(invite_text(number, **more))[-1].get("to")  # type: ignore[arg-type]
        self.send(caller_request("ACK", number, 1, to))
        return to


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_invite_gets_100_at_once_then_the_owner_decides(bench: Bench) -> None:
    assert [r.status for r in bench.send(invite_text(1))] == [100]
    session = bench.record.sessions[0]
    session.ring()
    assert b"SIP/2.0 180" in bench.link.wires[-1]
    assert [r.status for r in bench.send(invite_text(1))] == [180]  # a retransmission gets the last answer
    assert len(bench.record.sessions) == 1
    answering(session)
    assert bench.send(invite_text(1)) == []  # RFC 6026: the 200 is repeated by the session alone


def test_what_the_owner_sees(bench: Bench) -> None:
    extra = (
        'P-Asserted-Identity: "张 \\"三\\"" <sip:+8613800000000@c.example;user=phone>, <tel:+8613800000001>',
        "Diversion: <sip:95588;cpc=ordinary@c.example>;reason=unconditional;counter=1",
    )
    bench.send(invite_text(3, extra=extra))
    session = bench.record.sessions[0]
    assert (session.call_id, session.request_uri, session.request_user) == (
        "3-77@127.0.0.1", "sip:4003@127.0.0.1:5060", "4003",
    )  # fmt: skip
    assert (session.from_user, session.from_display, session.to_user) == ("caller3", "", "4003")
    assert (session.pai_user, session.pai_display) == ("+8613800000000", '张 "三"')
    assert (session.diversion_user, session.diversion_display) == ("95588", "")
    assert (session.source, session.trunk_id) == (("10.0.0.1", 5061), "t1")
    assert session.offer is not None
    assert (session.offer.host, session.offer.port, session.offer.preferred) == ("127.0.0.2", 6000, 8)
    state = session.dialog_state()
    assert (state["remote_tag"], state["remote_seq"], state["target"]) == (
        "77SIPpTag003",
        1,
        "sip:caller@127.0.0.1:5061",
    )


@pytest.mark.parametrize(
    ("via", "source", "goes_to", "stamp"),
    [
        ("10.0.0.1:5061;branch=z9hG4bKa", Hop("10.0.0.1", 5061), ("10.0.0.1", 5061), ""),
        ("10.0.0.1;branch=z9hG4bKa", Hop("10.0.0.1", 9999), ("10.0.0.1", 5060), ""),
        ("192.168.1.9:5070;branch=z9hG4bKa", Hop("10.0.0.7", 9999), ("10.0.0.7", 5070), ";received=10.0.0.7"),
        (
            "192.168.1.9;branch=z9hG4bKa;rport", Hop("10.0.0.7", 9999), ("10.0.0.7", 9999),
            ";branch=z9hG4bKa;received=10.0.0.7;rport=9999",
        ),
        (
            "10.0.0.1;received=6.6.6.6;rport;branch=z9hG4bKa", Hop("10.0.0.7", 1), ("10.0.0.7", 1),
            ";received=10.0.0.7;rport=1",
        ),
    ],
)  # fmt: skip
def test_responses_go_back_the_way_they_came(
    bench: Bench, via: str, source: Hop, goes_to: tuple[str, int], stamp: str
) -> None:
    text = caller_request("OPTIONS", 1, 1, "To: <sip:a@b.c>").replace(
        b"127.0.0.1:5061;branch=z9hG4bK-1-OPTIONS-1", via.encode()
    )
    response = bench.one(text, source)
    assert bench.last_hop()[:2] == goes_to
    assert response.get("via").endswith(stamp)
    assert "6.6.6.6" not in response.get("via")


def test_all_vias_and_unknown_tags_come_back_as_sent(bench: Bench) -> None:
    text = caller_request("OPTIONS", 1, 1, "To: <sip:a@b.c>", extra=("Via: SIP/2.0/TCP p1, SIP/2.0/UDP p2;x=y",))
    response = bench.one(text)
    assert response.headers["via"][1] == "SIP/2.0/TCP p1, SIP/2.0/UDP p2;x=y"
    assert response.get("from") == "<sip:caller1@127.0.0.1:5061>;tag=77SIPpTag001"


def test_options(bench: Bench) -> None:
    response = bench.one(caller_request("OPTIONS", 1, 1, "To: <sip:a@b.c>"))
    assert response.status == 200
    assert set(response.tokens("allow")) >= {"invite", "ack", "bye", "cancel", "options"}
    assert response.to_tag
    bench.record.refusal = (503, "Full")
    assert bench.one(caller_request("OPTIONS", 2, 1, "To: <sip:a@b.c>")).status == 503


@pytest.mark.parametrize(
    ("method", "status"),
    [
        ("REGISTER", 405),
        ("SUBSCRIBE", 405),
        ("REFER", 405),
        ("PRACK", 405),
        ("NEWMETHOD", 501),
        ("BYE", 481),
        ("INFO", 481),
    ],
)
def test_requests_outside_a_dialog(bench: Bench, method: str, status: int) -> None:
    response = bench.one(caller_request(method, 1, 1, "To: <sip:a@b.c>"))
    assert response.status == status
    if status in (405, 501):
        assert "INVITE" in response.get("allow")


def test_methods_are_case_sensitive(bench: Bench) -> None:
    assert bench.one(caller_request("invite", 1, 1, "To: <sip:a@b.c>")).status == 501


@pytest.mark.parametrize("method", ["BYE", "INFO", "UPDATE", "OPTIONS", "INVITE"])
def test_unknown_dialog_is_481(bench: Bench, method: str) -> None:
    assert bench.one(caller_request(method, 1, 1, "To: <sip:a@b.c>;tag=gone")).status == 481


def test_stray_ack_and_cancel(bench: Bench) -> None:
    assert bench.send(caller_request("ACK", 1, 1, "To: <sip:a@b.c>;tag=gone")) == []
    assert bench.one(caller_request("CANCEL", 1, 1, "To: <sip:a@b.c>")).status == 481


def test_required_extension_is_420(bench: Bench) -> None:
    (response,) = bench.send(invite_text(1, extra=("Require: 100rel, Timer",)))
    assert (response.status, response.get("unsupported")) == (420, "100rel, timer")


def test_scheme_is_416_and_body_type_415(bench: Bench) -> None:
    assert bench.one(invite_text(1, uri="http:4003@x")).status == 416
    response = bench.one(invite_text(2).replace(b"application/sdp", b"text/plain"))
    assert (response.status, response.get("accept")) == (415, "application/sdp")
    assert bench.one(invite_text(3, extra=("Content-Encoding: gzip",))).status == 415


@pytest.mark.parametrize(
    "media",
    [
        "m=audio 6000 RTP/AVP 18\r\na=rtpmap:18 G729/8000",
        "m=audio 6000 RTP/SAVP 8 0",
        "m=video 6000 RTP/AVP 96\r\na=rtpmap:96 H264/90000",
        "m=audio 0 RTP/AVP 8",
        "m=audio 6000 UDP/TLS/RTP/SAVPF 8",
    ],
)
def test_offers_we_cannot_take_are_488(bench: Bench, media: str) -> None:
    body = f"v=0\r\no=- 1 1 IN IP4 10.0.0.1\r\ns=-\r\nc=IN IP4 10.0.0.1\r\nt=0 0\r\n{media}\r\n".encode()
    responses = bench.send(invite_text(1, body=body))
    assert [r.status for r in responses] == [100, 488]
    assert responses[1].get("warning").startswith("305 ")
    assert bench.record.sessions == []


def test_broken_sdp_is_400(bench: Bench) -> None:
    assert bench.send(invite_text(1, body=b"hello"))[-1].status == 400


def test_merged_request_is_482(bench: Bench) -> None:
    bench.send(invite_text(1))
    assert bench.one(invite_text(1).replace(b"z9hG4bK-1-1", b"z9hG4bK-other")).status == 482


def test_bye_again_is_answered_from_the_cache(bench: Bench) -> None:
    to = bench.established()
    first = bench.one(caller_request("BYE", 1, 2, to))
    again = bench.one(caller_request("BYE", 1, 2, to))
    assert (first.status, again.status) == (200, 200)
    assert bench.record.ends() == ["remote-bye"]
    assert bench.one(caller_request("BYE", 1, 3, to)).status == 481


def test_old_cseq_is_500(bench: Bench) -> None:
    to = bench.established()
    assert bench.one(caller_request("INFO", 1, 5, to)).status == 200
    assert bench.one(caller_request("INFO", 1, 4, to)).status == 500
    assert bench.one(caller_request("INFO", 1, 5, to, branch="z9hG4bKother")).status == 500


def test_info_is_delivered(bench: Bench) -> None:
    to = bench.established()
    extra = ("Content-Type: application/dtmf-relay; charset=x",)
    assert bench.one(caller_request("INFO", 1, 2, to, body=b"Signal=5\r\nDuration=160\r\n", extra=extra)).status == 200
    assert ("info", "application/dtmf-relay", b"Signal=5\r\nDuration=160\r\n") in bench.record.events


def test_update(bench: Bench) -> None:
    to = bench.established()
    assert bench.one(caller_request("UPDATE", 1, 2, to)).body == b""
    extra = ("Content-Type: application/sdp",)
    held = SDP.replace(b"sendrecv", b"sendonly").replace(b"2353687637", b"2353687638")
    response = bench.one(caller_request("UPDATE", 1, 3, to, body=held, extra=extra))
    assert b"a=recvonly" in response.body
    offer = bench.record.sessions[0].offer
    assert offer is not None
    assert offer.hold


def test_prack_and_options_inside_a_dialog(bench: Bench) -> None:
    to = bench.established()
    assert bench.one(caller_request("PRACK", 1, 2, to)).status == 405
    assert bench.one(caller_request("OPTIONS", 1, 3, to)).status == 200


def test_reinvite_while_the_invite_is_open_is_500(bench: Bench) -> None:
    bench.record.on_new = lambda session: session.ring()
    to = "To: " + bench.send(invite_text(1))[-1].get("to")
    response = bench.one(caller_request("INVITE", 1, 2, to))
    assert response.status == 500
    assert 0 <= int(response.get("retry-after")) <= 10


def test_bye_in_an_early_dialog_ends_the_invite(bench: Bench) -> None:
    bench.record.on_new = lambda session: session.ring()
    to = "To: " + bench.send(invite_text(1))[-1].get("to")
    assert [r.status for r in bench.send(caller_request("BYE", 1, 2, to))] == [200, 487]
    assert bench.record.ends() == ["cancelled"]


def test_cancel_shares_the_tag_of_the_487(bench: Bench) -> None:
    bench.send(invite_text(1))
    ok, gone = bench.send(caller_request("CANCEL", 1, 1, "To: <sip:4003@127.0.0.1:5060>", branch="z9hG4bK-1-1"))
    assert (ok.status, ok.cseq_method, gone.status, gone.cseq_method) == (200, "CANCEL", 487, "INVITE")
    assert ok.to_tag == gone.to_tag != ""


def test_requests_follow_record_route_loosely(bench: Bench) -> None:
    routes = ("Record-Route: <sip:10.0.0.21;lr>, <sip:10.0.0.22:5070;lr=on>",)
    bench.established(1, extra=routes)
    assert b"Record-Route: <sip:10.0.0.21;lr>\r\nRecord-Route: <sip:10.0.0.22:5070;lr=on>" in bench.link.wires[1]
    bench.record.sessions[0].bye()
    bye = parse(bench.link.wires[-1])
    assert bye.headers["route"] == ["<sip:10.0.0.21;lr>", "<sip:10.0.0.22:5070;lr=on>"]
    assert bench.link.sent[-1][1] == "BYE sip:caller@127.0.0.1:5061 SIP/2.0"
    assert bench.last_hop() == Hop("10.0.0.21", 5060)


def test_strict_routers_get_what_they_expect(bench: Bench) -> None:
    bench.established(1, extra=("Record-Route: <sip:10.0.0.21>, <sip:10.0.0.22;lr>",))
    bench.record.sessions[0].bye()
    assert bench.link.sent[-1][1] == "BYE sip:10.0.0.21 SIP/2.0"
    assert parse(bench.link.wires[-1]).headers["route"] == ["<sip:10.0.0.22;lr>", "<sip:caller@127.0.0.1:5061>"]


@pytest.mark.parametrize(
    ("contact", "source", "goes_to"),
    [
        ("<sip:c@203.0.114.9:5090>", "10.0.0.1", ("203.0.114.9", 5090)),
        ("<sip:c@gw_1.example.com>", "10.0.0.1", ("10.0.0.1", 5061)),
        ("<sip:c@192.168.1.4:5090>", "8.8.8.8", ("8.8.8.8", 5061)),
        ("<sip:c@10.0.0.77:5090>", "10.0.0.1", ("10.0.0.77", 5090)),
        ("<sip:c@127.0.0.1:5090>", "10.0.0.1", ("10.0.0.1", 5061)),
    ],
)
def test_where_our_requests_go(bench: Bench, contact: str, source: str, goes_to: tuple[str, int]) -> None:
    bench.ua.admission.source(source)
    bench.ua.admission._known[source] = (bench.ua.admission.source("10.0.0.1")[0], True)
    bench.record.on_new = answering
    invite = invite_text(1).replace(b"<sip:caller@127.0.0.1:5061>", contact.encode())
    to = "To: " + bench.send(invite, Hop(source, 5061))[-1].get("to")
    bench.send(caller_request("ACK", 1, 1, to), Hop(source, 5061))
    bench.record.sessions[0].bye()
    assert bench.last_hop()[:2] == goes_to


def test_rfc2543_peer_without_tags_and_cookie(bench: Bench) -> None:
    old = (b"branch=z9hG4bK-1-1", b"branch=1"), (b";tag=77SIPpTag001", b"")
    invite = invite_text(1)
    for new, was in old:
        invite = invite.replace(new, was)
    bench.record.on_new = answering
    to = "To: " + bench.send(invite)[-1].get("to")
    assert bench.send(invite) == []  # recognised as a repeat
    ack = caller_request("ACK", 1, 1, to).replace(b";tag=77SIPpTag001", b"")
    bench.send(ack)
    assert bench.record.events == [("ack", None)]


def test_keepalives_and_rubbish_are_ignored(bench: Bench) -> None:
    for data in (
        b"",
        b"\0",
        b"\r\n\r\n",
        b"x" * 70_000,
        b"\0\1\0\0\x21\x12\xa4\x42" + b"0" * 12,
        b"GET / HTTP/1.1\r\n\r\n",
    ):
        assert bench.send(data) == []


def test_strangers_get_403_then_nothing(bench: Bench) -> None:
    stranger = Hop("198.51.100.7", 5060)
    answers = [bench.send(invite_text(n), stranger) for n in range(12)]
    assert [r[0].status for r in answers[:10]] == [403] * 10
    assert answers[10:] == [[], []]
    assert bench.send(caller_request("OPTIONS", 1, 1, "To: <sip:a@b.c>"), stranger) == []
    assert bench.record.sessions == []
    assert bench.send(invite_text(99))[0].status == 100


def test_response_for_somebody_else_is_dropped(bench: Bench) -> None:
    ok = message(
        "SIP/2.0 200 OK",
        [
            "Via: SIP/2.0/UDP 10.0.0.2:5060;branch=z9hG4bKno",
            "From: <sip:a@b>;tag=1",
            "To: <sip:b@c>;tag=2",
            "Call-ID: x",
            "CSeq: 1 BYE",
        ],
    )
    assert bench.send(ok) == []


def test_sdp_inside_multipart_is_found(bench: Bench) -> None:
    body = (
        b"--b1\r\nContent-Type: application/isup;version=itu-t92+\r\nContent-Disposition: signal\r\n\r\n\x01\x10\r\n"
        b"--b1\r\nContent-Type: application/sdp\r\n\r\n" + SDP + b"\r\n--b1--\r\n"
    )
    mixed = b'multipart/mixed;boundary="b1"'
    bench.send(invite_text(1, body=body).replace(b"application/sdp\r\nContent-Length", mixed + b"\r\nContent-Length"))
    offer = bench.record.sessions[0].offer
    assert offer is not None
    assert offer.port == 6000
    nothing = invite_text(2, body=b"--b1\r\n\r\nx\r\n--b1--").replace(
        b"application/sdp\r\nContent-L", mixed + b"\r\nContent-L"
    )
    assert bench.one(nothing).status == 415
