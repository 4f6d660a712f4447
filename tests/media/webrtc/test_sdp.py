"""Offers of Chromium (recorded) and in Firefox's form, offers to be refused by name, and what Hypothesis thinks of."""

from __future__ import annotations

import ipaddress
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ccc.media.transport import BrowserCodec
from ccc.media.webrtc.sdp import Local, OfferError, parse_offer, write_answer

HERE = Path(__file__).parent
CHROMIUM = (HERE / "offer_chromium.sdp").read_text()
FIREFOX = (HERE / "offer_firefox.sdp").read_text()
LOCAL = Local("203.0.113.7", 30000, "0a1b2c3d4e5f", "p" * 36, "AB:" * 31 + "CD", 77, 5, 1)


def without(text: str, pattern: str) -> str:
    changed = re.sub(rf"^{pattern}.*\n", "", text, flags=re.M)
    assert changed != text
    return changed


@pytest.mark.parametrize("text", [CHROMIUM, FIREFOX, CHROMIUM.replace("\n", "\r\n")])
def test_offers_of_browsers_are_answered(text: str) -> None:
    offer = parse_offer(text)
    assert offer.codec.pt == 8
    assert offer.codec.dtmf_pt is not None
    answer = write_answer(offer, LOCAL)
    assert "a=ice-lite\r\n" in answer
    assert f"m=audio 30000 UDP/TLS/RTP/SAVPF 8 {offer.codec.dtmf_pt}\r\n" in answer
    assert "a=setup:passive\r\n" in answer
    assert "a=rtcp-mux\r\n" in answer
    assert f"a=group:BUNDLE {offer.sections[0][2]}\r\n" in answer
    assert "a=candidate:1 1 udp 2130706431 203.0.113.7 30000 typ host\r\n" in answer
    assert "extmap" not in answer
    assert answer.endswith("\r\n")
    assert "\n" not in answer.replace("\r\n", "")


def test_pcmu_is_the_fallback_and_keys_are_optional() -> None:
    text = re.sub(r"^m=audio.*", "m=audio 9 UDP/TLS/RTP/SAVPF 0", CHROMIUM, flags=re.M)
    offer = parse_offer(text)
    assert offer.codec == BrowserCodec(0, None)
    assert "m=audio 30000 UDP/TLS/RTP/SAVPF 0\r\n" in write_answer(offer, LOCAL)


def test_only_eight_kilohertz_events_count() -> None:
    text = CHROMIUM.replace("a=rtpmap:126 telephone-event/8000", "a=rtpmap:126 telephone-event/48000")
    assert parse_offer(text).codec.dtmf_pt is None


def test_other_sections_are_refused_in_place_and_directions_mirrored() -> None:
    video = "m=video 9 UDP/TLS/RTP/SAVPF 96\na=mid:v\na=rtpmap:96 VP8/90000\n"
    text = CHROMIUM.replace("m=audio", video + "m=audio").replace("a=sendrecv", "a=sendonly")
    offer = parse_offer(text.replace("BUNDLE 0", "BUNDLE v 0"))
    answer = write_answer(offer, LOCAL)
    assert re.findall(r"^m=\S+ \d+", answer, re.M) == ["m=video 0", "m=audio 30000"]
    assert "a=mid:v\r\n" in answer
    assert "a=group:BUNDLE 0\r\n" in answer
    assert "a=recvonly\r\n" in answer


def test_the_strongest_fingerprint_counts() -> None:
    strong = "sha-512 " + ":".join(["0A"] * 64)
    offer = parse_offer(CHROMIUM.replace("a=setup", f"a=fingerprint:{strong}\na=setup"))
    assert offer.fingerprints == {("sha-512", b"\x0a" * 64)}
    lower = re.sub(r"^a=fingerprint:\S+ (.*)$", lambda m: "a=fingerprint:SHA-256 " + m[1].lower(), CHROMIUM, flags=re.M)
    assert parse_offer(lower).fingerprints == parse_offer(CHROMIUM).fingerprints


def test_an_ipv6_address_is_written_as_such() -> None:
    answer = write_answer(parse_offer(CHROMIUM), Local("2001:db8::7", 30000, "u" * 8, "p" * 24, "AB", 1, 2, 3))
    assert "c=IN IP6 2001:db8::7\r\n" in answer


@pytest.mark.parametrize(
    ("text", "field", "message"),
    [
        ("", "v=", "begin with v=0"),
        ("v=0\n", "m=audio", "audio transceiver"),
        ("v=0\n" + "a=x\n" * 20_000, "sdp", "at most"),
        ("v=0\nm=audio nine UDP/TLS/RTP/SAVPF 8\n", "m=", "not a media line"),
        ("v=0\n" + "m=audio 9 UDP/TLS/RTP/SAVPF 8\n" * 17, "m=", "more than 16"),
        (CHROMIUM + "junk\n", "sdp", "not an SDP line"),
        (CHROMIUM.replace("m=audio 9", "m=audio 0"), "m=audio", "no audio section"),
        (CHROMIUM.replace("UDP/TLS/RTP/SAVPF", "RTP/AVP"), "m=audio", "RTP/AVP is not DTLS-SRTP"),
        (without(CHROMIUM, "a=rtcp-mux"), "rtcp-mux", "rtcpMuxPolicy"),
        (without(CHROMIUM, "a=ice-ufrag"), "ice-ufrag", "missing"),
        (CHROMIUM.replace("a=ice-ufrag:", "a=ice-ufrag:%"), "ice-ufrag", "malformed"),
        (re.sub(r"a=ice-pwd:\S+", "a=ice-pwd:short", CHROMIUM), "ice-pwd", "malformed"),
        (without(CHROMIUM, "a=fingerprint"), "fingerprint", "sha-256"),
        (CHROMIUM.replace("fingerprint:sha-256 ", "fingerprint:sha-1 "), "fingerprint", "sha-256"),
        (CHROMIUM.replace("fingerprint:sha-256 ", "fingerprint:sha-384 "), "fingerprint", "48 bytes"),
        (CHROMIUM.replace("fingerprint:sha-256 ", "fingerprint:sha-256 zz:"), "fingerprint", "malformed"),
        (CHROMIUM.replace("setup:actpass", "setup:passive"), "setup", "actpass"),
        (CHROMIUM.replace("a=mid:0", "a=mid:a b"), "mid", "malformed"),
        (CHROMIUM.replace("a=ice-options", "a=ice-lite\na=ice-options"), "ice-lite", "nobody"),
        (re.sub(r"^m=audio.*", "m=audio 9 UDP/TLS/RTP/SAVPF 111", CHROMIUM, flags=re.M), "rtpmap", "no G.711"),
        (CHROMIUM.replace("PCMA/8000", "PCMA/16000").replace("PCMU/8000", "X/8000"), "rtpmap", "no G.711"),
    ],
)
def test_refusals_name_the_line(text: str, field: str, message: str) -> None:
    with pytest.raises(OfferError, match=re.escape(message)) as caught:
        parse_offer(text)
    assert caught.value.field == field
    assert caught.value.status == 422


LINES = st.sampled_from(CHROMIUM.splitlines() + FIREFOX.splitlines())
ANY_LINE = LINES | st.text(max_size=40) | st.builds(lambda line, cut: line[:cut], LINES, st.integers(0, 60))


@settings(max_examples=500)
@given(st.lists(ANY_LINE, max_size=60), st.sampled_from(["\n", "\r\n", "\r", "\x0b"]))
def test_any_lines_are_answered_or_refused(lines: list[str], separator: str) -> None:
    check_answer_or_refusal("v=0\n" + separator.join(lines))


@settings(max_examples=500)
@given(st.lists(st.tuples(st.integers(0, len(CHROMIUM)), st.integers(0, 9), st.text(max_size=6)), max_size=4))
def test_a_damaged_offer_is_answered_or_refused(damages: list[tuple[int, int, str]]) -> None:
    text = CHROMIUM
    for at, cut, insert in damages:
        text = text[:at] + insert + text[at + cut :]
    check_answer_or_refusal(text)


def check_answer_or_refusal(text: str) -> None:
    try:
        offer = parse_offer(text)
    except OfferError as error:
        assert error.message
        return
    answer = write_answer(offer, LOCAL)
    lines = answer.split("\r\n")
    assert not re.search(r"[\r\n]", "".join(lines)), "nothing of the offer can add a line"
    assert sum(line.startswith("m=") for line in lines) == len(offer.sections)
    assert answer.count("a=ice-ufrag:") == 1
    assert ipaddress.ip_address(LOCAL.ip)
