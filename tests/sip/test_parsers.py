"""Properties of the parsers: no other exception than the named one, whatever comes; what we write, we read."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ccc.sip import build, digest
from ccc.sip.address import on_wire, parse_name_addr, parse_uri, quoted, readable, split_list
from ccc.sip.errors import MalformedError, SdpError
from ccc.sip.message import Hop, Request, parse, parse_via, tag_of
from ccc.sip.sdp import LocalSdp, make_answer, make_offer, mirrored, parse_offer
from ccc.sip.uas import party
from tests.sip.link import Link
from tests.sip.texts import SDP, invite_text

many = settings(max_examples=500)
TORTURE = [p.read_bytes() for p in sorted((Path(__file__).parent / "torture").glob("*.sip"))]
latin = st.text(st.characters(max_codepoint=255), max_size=200)
names = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=40)
DIRECTIONS = ("sendrecv", "sendonly", "recvonly", "inactive")


@st.composite
def damaged(draw: st.DrawFn, seeds: list[bytes]) -> bytes:
    """A valid message with pieces replaced, removed or doubled."""
    data = bytearray(draw(st.sampled_from(seeds)))
    for _ in range(draw(st.integers(1, 6))):
        start = draw(st.integers(0, len(data)))
        end = draw(st.integers(start, min(len(data), start + 30)))
        data[start:end] = draw(st.one_of(st.binary(max_size=8), st.just(bytes(data[start:end] * 2)), st.just(b"\r\n")))
    return bytes(data)


@many
@given(st.one_of(st.binary(max_size=400), damaged([invite_text(1), *TORTURE])))
def test_messages(data: bytes) -> None:
    try:
        message = parse(data)
    except MalformedError as error:
        assert error.request is None or error.request.via.branch is not None
        return
    assert message.call_id
    assert message.via.host
    assert 0 <= message.cseq < 2**32


@many
@given(damaged([invite_text(1), *TORTURE]), st.integers(0, 3))
def test_the_agent_survives_anything(data: bytes, prior: int) -> None:
    link = Link()
    ua, record, _ = link.agent("10.0.0.2")
    record.on_new = [lambda s: None, lambda s: s.ring(), lambda s: s.reject(486), lambda s: s.answer(SDP)][prior]
    ua.receive(invite_text(1), Hop("10.0.0.1", 5061), link.now)
    ua.receive(data, Hop("10.0.0.1", 5061), link.now)
    link.run(100)
    assert len(ua.wire.timers) <= len(record.sessions)  # the 60 s repeat of ringing calls is all that may be left


@many
@given(st.one_of(latin, st.from_regex(r"(sips?|tel):[^\r\n]{0,60}", fullmatch=True)))
def test_uris(text: str) -> None:
    with contextlib.suppress(MalformedError):
        uri = parse_uri(text)
        assert uri.scheme in ("sip", "sips", "tel")


@many
@given(latin)
def test_addresses(text: str) -> None:
    with contextlib.suppress(MalformedError):
        parse_name_addr(text)
    split_list([text])
    tag_of(text)
    parse_via(text)
    digest.parse_params("Digest " + text)


@many
@given(names)
def test_display_names_survive_the_wire(name: str) -> None:
    assert parse_name_addr(f"{quoted(name)}<sip:a@b>;tag=1") == (name, "sip:a@b", ";tag=1")
    assert readable(on_wire(name)) == name


@given(st.lists(names, min_size=1, max_size=4))
def test_lists_are_split_between_addresses_only(display: list[str]) -> None:
    values = [f"{quoted(name + ', ')}<sip:{i},x@b>;p={i}" for i, name in enumerate(display)]
    assert split_list([",".join(values)]) == values


@given(latin, latin)
def test_no_header_is_injected(value: str, reason: str) -> None:
    request = parse(invite_text(1))
    assert isinstance(request, Request)
    head = build.echo_head(request, Hop("10.0.0.1", 5061), "t")
    wire = build.response(486, build.one_line(reason), head, build.lines([("X", value)]))
    assert len(parse(wire).headers) == 7


@many
@given(st.one_of(st.binary(max_size=300), damaged([SDP])))
def test_sdp(data: bytes) -> None:
    try:
        offer = parse_offer(data)
    except SdpError as error:
        assert error.status in (400, 488)
        return
    assert 0 < offer.port < 65536
    answer = parse_offer(make_answer(offer, "10.0.0.2", 20000, 7, 1))
    assert answer.preferred in (offer.pcma, offer.pcmu)
    assert len(answer.media) == len(offer.media)
    assert answer.telephone_event == offer.telephone_event


@given(st.sampled_from(DIRECTIONS), st.sampled_from(DIRECTIONS))
def test_directions_never_promise_what_the_peer_refused(direction: str, want: str) -> None:
    answer = mirrored(direction, want)
    if answer in ("sendrecv", "sendonly"):
        assert direction in ("sendrecv", "recvonly")
        assert want in ("sendrecv", "sendonly")
    if answer in ("sendrecv", "recvonly"):
        assert direction in ("sendrecv", "sendonly")


@given(st.lists(st.tuples(st.sampled_from(DIRECTIONS), st.sampled_from([(8, 0), (0, 8), (8,)])), min_size=1))
def test_version_grows_exactly_with_the_content(steps: list[tuple[str, tuple[int, ...]]]) -> None:
    local = LocalSdp("10.0.0.1", 30000, 99)
    before: tuple[object, bytes, int] | None = None
    for step in steps:
        body = local.offer(direction=step[0], codecs=step[1])
        offer = parse_offer(body)
        assert offer.origin.split()[1] == "99"
        if before is not None:
            same = before[0] == step
            assert (body == before[1]) is same
            assert offer.version == before[2] + (0 if same else 1)
        before = (step, body, offer.version)


def test_offer_round_trip() -> None:
    offer = parse_offer(make_offer("10.0.0.1", 30000, 5, 3, codecs=(0, 8), telephone_event=96))
    assert (offer.host, offer.port, offer.preferred, offer.telephone_event) == ("10.0.0.1", 30000, 0, 96)
    assert (offer.version, offer.ptime, offer.direction) == (3, 20, "sendrecv")


@pytest.mark.parametrize(
    ("value", "user"),
    [
        ("<sip:40%0D%0A2026%20ERROR%20forged@h>", "40??2026 ERROR forged"),
        ("<sip:%1b[31m@h>", "?[31m"),
        ("<sip:%00@h>", "?"),
        ("<sip:+8613800138000@h>", "+8613800138000"),
    ],
)
def test_control_characters_of_a_number_do_not_reach_logs_and_headers(value: str, user: str) -> None:
    assert party(value).user == user
    assert party(f'"a\\\r\\\nb" {value}').display.isprintable()
