"""A browser's SDP offer in, our ICE-lite answer out (RFC 8866, 8829, 8839, 8842). Pure.

Only what a telephone leg needs is accepted: one audio section with G.711, rtcp-mux, DTLS-SRTP with the browser as the
active side. Further sections are answered with port 0. Remote candidates, ``.local`` names included, are ignored:
an ICE-lite agent learns the browser's address from its connectivity checks.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, field

from ccc.errors import InvalidError
from ccc.media.transport import BrowserCodec

MAX_OFFER_CHARS = 65_536
MAX_SECTIONS = 16
HASH_BYTES = {"sha-256": 32, "sha-384": 48, "sha-512": 64}
NAMES: dict[int, str] = {8: "PCMA", 0: "PCMU"}
"""G.711 under its static payload types (RFC 3551 section 6), best first; every browser offers it so."""
PROTOCOLS = ("UDP/TLS/RTP/SAVPF", "UDP/TLS/RTP/SAVP", "RTP/SAVPF")
ANSWER_DIRECTION = {"sendrecv": "sendrecv", "sendonly": "recvonly", "recvonly": "sendonly", "inactive": "inactive"}

_TOKEN = re.compile(r"[!-~]{1,64}")
_UFRAG = re.compile(r"[A-Za-z0-9+/]{4,256}")
_PWD = re.compile(r"[A-Za-z0-9+/]{22,256}")
_RTPMAP = re.compile(r"(\d{1,3}) ([A-Za-z0-9.-]{1,32})/(\d{1,6})(?:/1)?")
_FINGERPRINT = re.compile(r"([a-z0-9-]{4,10}) ([0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2})*)", re.IGNORECASE)


class OfferError(InvalidError):
    """The offer of a browser cannot be answered; the message says which line and what the page must do."""

    code = "bad-offer"


@dataclass(frozen=True, slots=True)
class Offer:
    """The parts of an offer that an answer and a transport need."""

    session: str
    """Origin of the session: it differs between two RTCPeerConnections, also of the same page."""
    ufrag: str
    pwd: str
    fingerprints: frozenset[tuple[str, bytes]]
    """(hash name, digest) of the strongest offered hash; the certificate must match one (RFC 8122 section 5)."""
    codec: BrowserCodec
    direction: str
    """Our direction in the answer."""
    bundle: bool
    sections: tuple[tuple[str, str, str | None], ...]
    """(media, protocol, mid) of every section, in order."""
    audio: int
    """Index of the accepted section."""


@dataclass(frozen=True, slots=True)
class Local:
    """Our side of an answer: ``ip`` is the advertised address, ``fingerprint`` is ``AB:CD:...`` of a SHA-256."""

    ip: str
    port: int
    ufrag: str
    pwd: str
    fingerprint: str
    ssrc: int
    session_id: int
    version: int


@dataclass(slots=True)
class _Section:
    media: str
    protocol: str
    formats: list[str]
    port: int
    attributes: list[tuple[str, str]] = field(default_factory=list)

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.attributes if key == name]

    def one(self, name: str) -> str | None:
        return next((value for key, value in self.attributes if key == name), None)


def parse_offer(text: str) -> Offer:
    """Read a browser's offer. OfferError names the line that is missing or wrong."""
    session, origin, sections = _split(text)
    usable = [i for i, section in enumerate(sections) if section.media == "audio" and section.port != 0]
    if not usable:
        raise OfferError("the offer has no audio section: the page must add an audio transceiver", field="m=audio")
    section = sections[usable[0]]
    _check_section(session, section)
    setup = section.one("setup") or session.one("setup") or "actpass"
    if setup not in ("actpass", "active"):
        raise OfferError(f"a=setup:{setup} is not possible: the browser must offer actpass or active", field="setup")
    ufrag = _matching(session, section, "ice-ufrag", _UFRAG)
    pwd = _matching(session, section, "ice-pwd", _PWD)
    mid = _mid(section)
    return Offer(
        session=origin,
        ufrag=ufrag,
        pwd=pwd,
        fingerprints=_fingerprints(section.all("fingerprint") or session.all("fingerprint")),
        codec=_choose_codec(section),
        direction=_direction(session, section),
        bundle=mid is not None and any(mid in group.split()[1:] for group in _bundles(session)),
        sections=tuple((each.media, each.protocol, _mid(each)) for each in sections),
        audio=usable[0],
    )


def write_answer(offer: Offer, local: Local) -> str:
    """The SDP answer to `offer`: one G.711 stream, rtcp-mux, one host candidate, no header extensions."""
    family = "IP6" if ipaddress.ip_address(local.ip).version == 6 else "IP4"
    mid = offer.sections[offer.audio][2]
    lines = [
        "v=0",
        f"o=- {local.session_id} {local.version} IN {family} {local.ip}",
        "s=-",
        "t=0 0",
        "a=ice-lite",
    ]
    if offer.bundle:
        lines.append(f"a=group:BUNDLE {mid}")
    lines.append("a=msid-semantic: WMS *")
    for index, (media, protocol, section_mid) in enumerate(offer.sections):
        if index == offer.audio:
            lines += _audio_lines(offer, local, family)
            continue
        lines += [f"m={media} 0 {protocol} 0", f"c=IN {family} {local.ip}"]
        if section_mid is not None:
            lines.append(f"a=mid:{section_mid}")
    return "\r\n".join(lines) + "\r\n"


def _audio_lines(offer: Offer, local: Local, family: str) -> list[str]:
    _, protocol, mid = offer.sections[offer.audio]
    codec = offer.codec
    formats = f"{codec.pt}" if codec.dtmf_pt is None else f"{codec.pt} {codec.dtmf_pt}"
    lines = [f"m=audio {local.port} {protocol} {formats}", f"c=IN {family} {local.ip}"]
    if mid is not None:
        lines.append(f"a=mid:{mid}")
    lines += [
        f"a={offer.direction}",
        "a=rtcp-mux",
        f"a=ice-ufrag:{local.ufrag}",
        f"a=ice-pwd:{local.pwd}",
        f"a=fingerprint:sha-256 {local.fingerprint}",
        "a=setup:passive",
        f"a=rtpmap:{codec.pt} {NAMES[codec.pt]}/8000",
    ]
    if codec.dtmf_pt is not None:
        lines += [f"a=rtpmap:{codec.dtmf_pt} telephone-event/8000", f"a=fmtp:{codec.dtmf_pt} 0-15"]
    lines += [
        "a=ptime:20",
        f"a=ssrc:{local.ssrc} cname:ccc",
        "a=msid:ccc audio",
        f"a=candidate:1 1 udp 2130706431 {local.ip} {local.port} typ host",
        "a=end-of-candidates",
    ]
    return lines


def _split(text: str) -> tuple[_Section, str, list[_Section]]:
    """Session part (as a section without media), origin, media sections."""
    if not isinstance(text, str) or len(text) > MAX_OFFER_CHARS:
        raise OfferError(f"the offer must be SDP text of at most {MAX_OFFER_CHARS} characters", field="sdp")
    lines = [line.rstrip("\r") for line in text.split("\n")]
    if lines[0] != "v=0":
        raise OfferError("the offer must be SDP and begin with v=0", field="v=")
    session = _Section("session", "", [], 0)
    origin, sections = "", [session]
    for line in lines[1:]:
        kind, separator, value = line.partition("=")
        if not separator:
            if line:
                raise OfferError(f"not an SDP line: {line[:40]!r}", field="sdp")
        elif kind == "o":
            origin = " ".join(value.split()[:2])
        elif kind == "m":
            sections.append(_media(value))
        elif kind == "a":
            name, _, argument = value.partition(":")
            sections[-1].attributes.append((name, argument))
    if len(sections) > MAX_SECTIONS + 1:
        raise OfferError(f"the offer has more than {MAX_SECTIONS} media sections", field="m=")
    return session, origin, sections[1:]


def _media(value: str) -> _Section:
    parts = value.split(" ")
    port = parts[1].partition("/")[0] if len(parts) > 3 else ""
    if not (port.isascii() and port.isdigit() and int(port) <= 65535 and all(_TOKEN.fullmatch(part) for part in parts)):
        raise OfferError(f"not a media line: m={value[:60]!r}", field="m=")
    return _Section(parts[0], parts[2], parts[3:], int(port))


def _check_section(session: _Section, section: _Section) -> None:
    if section.protocol not in PROTOCOLS:
        raise OfferError(f"{section.protocol} is not DTLS-SRTP; a browser offers UDP/TLS/RTP/SAVPF", field="m=audio")
    if section.one("rtcp-mux") is None:
        raise OfferError("the offer lacks a=rtcp-mux: set rtcpMuxPolicy to 'require'", field="rtcp-mux")
    if session.one("ice-lite") is not None or section.one("ice-lite") is not None:
        raise OfferError("both sides are ICE-lite: nobody would check the path", field="ice-lite")


def _matching(session: _Section, section: _Section, name: str, pattern: re.Pattern[str]) -> str:
    value = section.one(name) or session.one(name)
    if value is None or not pattern.fullmatch(value):
        raise OfferError(f"a={name} is missing or malformed", field=name)
    return value


def _mid(section: _Section) -> str | None:
    mid = section.one("mid")
    if mid is not None and not _TOKEN.fullmatch(mid):
        raise OfferError(f"a=mid is malformed: {mid[:40]!r}", field="mid")
    return mid


def _bundles(session: _Section) -> list[str]:
    return [group for group in session.all("group") if group.startswith("BUNDLE ")]


def _direction(session: _Section, section: _Section) -> str:
    for part in (section, session):
        for name, _ in part.attributes:
            if name in ANSWER_DIRECTION:
                return ANSWER_DIRECTION[name]
    return "sendrecv"


def _fingerprints(lines: list[str]) -> frozenset[tuple[str, bytes]]:
    """Digests of the strongest hash we know among `lines`."""
    found: set[tuple[str, bytes]] = set()
    for line in lines:
        match = _FINGERPRINT.fullmatch(line.strip())
        if match is None:
            raise OfferError(f"a=fingerprint is malformed: {line[:40]!r}", field="fingerprint")
        name, digest = match[1].lower(), bytes.fromhex(match[2].replace(":", ""))
        if name not in HASH_BYTES:
            continue
        if len(digest) != HASH_BYTES[name]:
            raise OfferError(f"a=fingerprint:{name} must have {HASH_BYTES[name]} bytes", field="fingerprint")
        found.add((name, digest))
    if not found:
        known = ", ".join(HASH_BYTES)
        raise OfferError(f"the offer has no a=fingerprint with one of {known}", field="fingerprint")
    strongest = max(found, key=lambda item: HASH_BYTES[item[0]])[0]
    return frozenset(item for item in found if item[0] == strongest)


def _choose_codec(section: _Section) -> BrowserCodec:
    offered = {int(text): "" for text in section.formats if text.isascii() and text.isdigit() and int(text) <= 127}
    for pt in NAMES.keys() & offered.keys():
        offered[pt] = f"{NAMES[pt]}/8000"
    for line in section.all("rtpmap"):
        match = _RTPMAP.fullmatch(line.strip())
        if match is not None and int(match[1]) in offered:
            offered[int(match[1])] = f"{match[2].upper()}/{match[3]}"
    dtmf_pt = next((pt for pt, form in offered.items() if form == "TELEPHONE-EVENT/8000"), None)
    if offered.get(8) == "PCMA/8000":
        return BrowserCodec(8, dtmf_pt)
    if offered.get(0) == "PCMU/8000":
        return BrowserCodec(0, dtmf_pt)
    raise OfferError("the offer has no G.711: PCMA (8) or PCMU (0) must stay enabled", field="rtpmap")
