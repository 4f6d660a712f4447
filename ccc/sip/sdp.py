"""Session descriptions for G.711 telephony: read an offer, write an offer or an answer (RFC 4566, RFC 3264)."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from dataclasses import dataclass

from ccc.sip.errors import SdpError

MAX_SDP_BYTES = 16_384
MAX_MEDIA = 16
PCMU, PCMA = 0, 8
_DIRECTIONS = ("sendrecv", "sendonly", "recvonly", "inactive")
_MIRROR = {"sendrecv": "sendrecv", "sendonly": "recvonly", "recvonly": "sendonly", "inactive": "inactive"}
_NAMES = {PCMU: "PCMU", PCMA: "PCMA"}


@dataclass(frozen=True, slots=True)
class Offer:
    """The audio stream we can take. ``pcma``/``pcmu``: 8/0 or None; ``preferred``: the first of them as listed."""

    host: str
    port: int
    pcma: int | None
    pcmu: int | None
    preferred: int
    telephone_event: int | None
    direction: str
    """As the peer wrote it, from its point of view; ``c=0.0.0.0`` reads as ``sendonly`` (old-style hold)."""
    ptime: int
    origin: str
    """The whole o= value; equal origin means unchanged session (RFC 3264 8)."""
    version: int
    index: int = 0
    """Which m-line the audio stream is."""
    media: tuple[str, ...] = ()
    """All m= values, in order: an answer repeats the others with port 0."""

    @property
    def hold(self) -> bool:
        """The peer does not want to hear us."""
        return self.direction in ("sendonly", "inactive")


@dataclass(slots=True)
class _Section:
    line: str
    connection: str = ""
    direction: str = ""
    ptime: int = 20
    rtpmap: dict[int, str] | None = None


def parse_offer(body: bytes) -> Offer:
    """Read an offer or an answer. Raises SdpError: 400 for what is no SDP, 488 for SDP without a stream we can take."""
    if len(body) > MAX_SDP_BYTES:
        raise SdpError(f"SDP of {len(body)} bytes", status=400, reason="Bad Request")
    lines = body.decode("utf-8", "replace").replace("\r\n", "\n").split("\n")
    if lines[0].rstrip() != "v=0":
        raise SdpError("SDP does not begin with v=0", status=400, reason="Bad SDP")
    origin, top, sections = _sections(lines[1:])
    if not sections:
        raise SdpError("SDP without m=")
    why = "no audio stream"
    for index, section in enumerate(sections):
        try:
            return _audio(origin, top, sections, index, section)
        except SdpError as error:
            if error.status == 400:
                raise
            why = error.message if section.line.startswith("audio") or len(sections) == 1 else why
    raise SdpError(why)


def _sections(lines: list[str]) -> tuple[str, _Section, list[_Section]]:
    origin = ""
    top = _Section("")
    sections: list[_Section] = []
    current = top
    for line in lines:
        kind, equals, value = line.partition("=")
        if not line.strip():
            continue
        if equals != "=" or len(kind) != 1:
            raise SdpError(f"SDP line {line[:40]!r}", status=400, reason="Bad SDP")
        value = value.strip()
        if kind == "o":
            origin = value
        elif kind == "m":
            if len(sections) == MAX_MEDIA:
                raise SdpError(f"more than {MAX_MEDIA} streams")
            current = _Section(value)
            sections.append(current)
        elif kind == "c" and not current.connection:
            current.connection = value
        elif kind == "a":
            _attribute(current, value)
    return origin, top, sections


def _attribute(section: _Section, value: str) -> None:
    if value in _DIRECTIONS:
        section.direction = value
        return
    name, _, text = value.partition(":")
    if name == "ptime":
        section.ptime = int(text) if text.isascii() and text.isdigit() and 0 < int(text[:4]) <= 200 else 20
    elif name == "rtpmap":
        number, _, codec = text.partition(" ")
        if number.isascii() and number.isdigit() and len(number) <= 3:
            if section.rtpmap is None:
                section.rtpmap = {}
            section.rtpmap[int(number)] = codec.strip().lower()


def _audio(origin: str, top: _Section, sections: list[_Section], index: int, section: _Section) -> Offer:
    fields = section.line.split()
    if len(fields) < 4:
        raise SdpError(f"m={section.line[:40]!r} is short", status=400, reason="Bad SDP")
    kind, port_text, profile, *formats = fields
    if kind != "audio":
        raise SdpError(f"{kind[:20]} streams are not taken, only audio")
    if profile != "RTP/AVP":
        raise SdpError(f"profile {profile[:30]} is not taken, only RTP/AVP")
    port_text = port_text.partition("/")[0]
    if not (port_text.isascii() and port_text.isdigit() and len(port_text) <= 5 and int(port_text) < 65536):
        raise SdpError(f"port {port_text[:10]!r} of the audio stream", status=400, reason="Bad SDP")
    if int(port_text) == 0:
        raise SdpError("the audio stream is off (port 0)")
    host = _host(section.connection or top.connection)
    pcma, pcmu, event, preferred = _codecs(formats, section.rtpmap or {})
    direction = section.direction or top.direction or "sendrecv"
    if host == "0.0.0.0":  # noqa: S104  # a value to compare with, nothing binds to it
        direction = "inactive" if direction in ("recvonly", "inactive") else "sendonly"
    return Offer(
        host=host, port=int(port_text), pcma=pcma, pcmu=pcmu, preferred=preferred, telephone_event=event,
        direction=direction, ptime=section.ptime, origin=origin, version=_version(origin), index=index,
        media=tuple(each.line for each in sections),
    )  # fmt: skip


def _codecs(formats: list[str], rtpmap: dict[int, str]) -> tuple[int | None, int | None, int | None, int]:
    numbers = [int(text) for text in formats if text.isascii() and text.isdigit() and len(text) <= 3]
    usable = [
        number
        for number in numbers
        if number in _NAMES and rtpmap.get(number, "").partition("/")[0] in ("", _NAMES[number].lower())
    ]
    if not usable:
        raise SdpError("neither PCMA nor PCMU is offered")
    event = next((n for n in numbers if rtpmap.get(n, "").startswith("telephone-event/8000")), None)
    return PCMA if PCMA in usable else None, PCMU if PCMU in usable else None, event, usable[0]


def _host(connection: str) -> str:
    fields = connection.split()
    if len(fields) != 3:
        raise SdpError("no c= line for the audio stream", status=400, reason="Bad SDP")
    network, family, host = fields
    host = host.partition("/")[0]
    if (network, family) != ("IN", "IP4"):
        raise SdpError(f"address family {family[:10]} is not taken, only IN IP4")
    try:
        return str(ipaddress.IPv4Address(host))
    except ValueError:
        raise SdpError(f"c= address {host[:40]!r} is no IPv4 address") from None


def _version(origin: str) -> int:
    fields = origin.split()
    text = fields[2] if len(fields) > 2 else ""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 20 else 0


def mirrored(direction: str, want: str = "sendrecv") -> str:
    """The direction of an answer: the offer's seen from our side, narrowed by what we want (RFC 3264 6.1)."""
    seen = _MIRROR[direction]
    send = seen in ("sendrecv", "sendonly") and want in ("sendrecv", "sendonly")
    receive = seen in ("sendrecv", "recvonly") and want in ("sendrecv", "recvonly")
    if send:
        return "sendrecv" if receive else "sendonly"
    return "recvonly" if receive else "inactive"


def make_offer(
    host: str, port: int, session_id: int, version: int, *, direction: str = "sendrecv",
    codecs: tuple[int, ...] = (8, 0), telephone_event: int = 101,
) -> bytes:  # fmt: skip
    """Our offer: one RTP/AVP audio stream with ``codecs`` in order and telephone-event."""
    return _body(host, session_id, version, [_audio_lines(port, codecs, telephone_event, direction)])


def make_answer(
    offer: Offer, host: str, port: int, session_id: int, version: int, *, want: str = "sendrecv",
    codec: int | None = None,
) -> bytes:  # fmt: skip
    """Our answer to ``offer``: one codec (default the offer's first), its telephone-event number, other streams off.

    Raises SdpError when ``codec`` was not offered.
    """
    chosen = offer.preferred if codec is None else codec
    if chosen not in (offer.pcma, offer.pcmu):
        raise SdpError(f"payload type {chosen} was not offered")
    streams = []
    for index, line in enumerate(offer.media):
        if index == offer.index:
            streams.append(_audio_lines(port, (chosen,), offer.telephone_event, mirrored(offer.direction, want)))
        else:
            kind, profile, formats = _refusable(line)
            streams.append(f"m={kind} 0 {profile} {formats}\r\n")
    return _body(host, session_id, version, streams)


def _refusable(line: str) -> tuple[str, str, str]:
    fields = line.split()
    if len(fields) < 4:
        return (fields or ["audio"])[0], "RTP/AVP", "0"
    return fields[0], fields[2], " ".join(fields[3:])


def _audio_lines(port: int, codecs: tuple[int, ...], event: int | None, direction: str) -> str:
    numbers = [str(codec) for codec in codecs]
    maps = "".join([f"a=rtpmap:{codec} {_NAMES[codec]}/8000\r\n" for codec in codecs])
    if event is not None:
        numbers.append(str(event))
        maps += f"a=rtpmap:{event} telephone-event/8000\r\na=fmtp:{event} 0-15\r\n"
    return f"m=audio {port} RTP/AVP {' '.join(numbers)}\r\n{maps}a=ptime:20\r\na={direction}\r\n"


def _body(host: str, session_id: int, version: int, streams: list[str]) -> bytes:
    family = "IP6" if ":" in host else "IP4"
    head = f"v=0\r\no=- {session_id} {version} IN {family} {host}\r\ns=-\r\nc=IN {family} {host}\r\nt=0 0\r\n"
    return (head + "".join(streams)).encode("ascii", "replace")


class LocalSdp:
    """Our side of one session: a stable session id, a version that grows exactly when the description changes."""

    __slots__ = ("body", "host", "port", "session_id", "version")

    def __init__(self, host: str, port: int, session_id: int) -> None:
        self.host = host
        self.port = port
        self.session_id = session_id
        self.version = 1
        self.body = b""

    def offer(self, direction: str = "sendrecv", codecs: tuple[int, ...] = (8, 0), telephone_event: int = 101) -> bytes:
        """An offer of ours; unchanged content repeats the same bytes."""
        return self._versioned(
            lambda version: make_offer(
                self.host,
                self.port,
                self.session_id,
                version,
                direction=direction,
                codecs=codecs,
                telephone_event=telephone_event,
            )
        )

    def answer(self, offer: Offer, want: str = "sendrecv", codec: int | None = None) -> bytes:
        """An answer of ours; unchanged content repeats the same bytes. Raises SdpError like ``make_answer``."""
        return self._versioned(
            lambda version: make_answer(offer, self.host, self.port, self.session_id, version, want=want, codec=codec)
        )

    def _versioned(self, make: Callable[[int], bytes]) -> bytes:
        body = make(self.version)
        if self.body and body != self.body:
            self.version += 1
            body = make(self.version)
        self.body = body
        return body
