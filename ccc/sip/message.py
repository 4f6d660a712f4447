"""SIP messages as they come off the wire: a fast, lenient splitter (RFC 3261 7).

The head is decoded as latin-1, so every byte survives and echoed headers are byte-exact; display names are
decoded where they are read (``ccc.sip.address.readable``). Only what transaction matching needs is parsed at once.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from ccc.sip.errors import MalformedError

MAX_HEAD_BYTES = 16_384
MAX_HEADERS = 200

_COMPACT = {
    "a": "accept-contact", "b": "referred-by", "c": "content-type", "d": "request-disposition", "e": "content-encoding",
    "f": "from", "i": "call-id", "j": "reject-contact", "k": "supported", "l": "content-length", "m": "contact",
    "o": "event", "r": "refer-to", "s": "subject", "t": "to", "u": "allow-events", "v": "via", "x": "session-expires",
    "y": "identity",
}  # fmt: skip
_SPELLINGS = (
    "Via", "From", "To", "Call-ID", "CSeq", "Contact", "Max-Forwards", "Allow", "Content-Type", "Content-Length",
    "User-Agent", "Supported", "Record-Route", "Route", "P-Asserted-Identity", "Diversion", "Require", "Accept",
    "Authorization", "Session-Expires", "Min-SE", "Server", "Reason", "Allow-Events",
)  # fmt: skip
_NAMES = {name: name.lower() for name in _SPELLINGS}
_NAMES |= _COMPACT | {short.upper(): long for short, long in _COMPACT.items()}

_FOLD = re.compile(r"\r\n[ \t]++")
_TOKEN = re.compile(r"[A-Za-z0-9\-.!%*_+`'~]++\Z")
_TAG = re.compile(r";\s*+tag\s*+=\s*+([^\s;,>\"]++)", re.IGNORECASE)
_VIA = re.compile(
    r"\s*+SIP\s*+/\s*+2\.0\s*+/\s*+([A-Za-z0-9\-]++)\s++(\[[0-9A-Fa-f:.]++\]|[^\s;:,\[\]]++)\s*+(?::\s*+(\d{1,5}))?+\s*+(;.*+)?+\Z",
    re.DOTALL | re.IGNORECASE,
)


class Hop(NamedTuple):
    """Where a datagram came from or goes to. Anything but UDP is reliable (no retransmissions)."""

    host: str
    port: int
    transport: str = "UDP"


class Via(NamedTuple):
    """The top Via: where the response goes and which transaction it belongs to (RFC 3261 18.2.2, RFC 3581)."""

    transport: str
    host: str
    port: int | None
    branch: str
    rport: bool
    raw: str
    rest: tuple[str, ...]
    """Further Via values that shared the first header line."""


class Message:
    """What requests and responses share. ``headers``: lower-case name -> values in order."""

    __slots__ = ("body", "call_id", "cseq", "cseq_method", "from_tag", "headers", "to_tag", "via")

    def __init__(self, headers: dict[str, list[str]], body: bytes) -> None:
        self.headers = headers
        self.body = body
        self.call_id = self.from_tag = self.to_tag = self.cseq_method = ""
        self.cseq = 0
        self.via = Via("UDP", "", None, "", False, "", ())

    def get(self, name: str, default: str = "") -> str:
        """First value of a header (lower-case name)."""
        values = self.headers.get(name)
        return values[0] if values else default

    def tokens(self, name: str) -> list[str]:
        """A comma separated token list such as Require or Supported, lower-case."""
        return [t for value in self.headers.get(name, ()) for t in (p.strip().lower() for p in value.split(",")) if t]


class Request(Message):
    """A request: ``method`` as sent (methods are case-sensitive), ``uri`` as text."""

    __slots__ = ("method", "uri")

    def __init__(self, method: str, uri: str, headers: dict[str, list[str]], body: bytes) -> None:
        super().__init__(headers, body)
        self.method = method
        self.uri = uri


class Response(Message):
    """A response: ``status`` 100..699."""

    __slots__ = ("reason", "status")

    def __init__(self, status: int, reason: str, headers: dict[str, list[str]], body: bytes) -> None:
        super().__init__(headers, body)
        self.status = status
        self.reason = reason


def parse(data: bytes) -> Request | Response:
    """Read one datagram. Raises MalformedError; its ``request`` is set when a 400 can be sent."""
    head, body = _split(data)
    lines = head.split("\r\n")
    if len(lines) > MAX_HEADERS:
        raise MalformedError(f"more than {MAX_HEADERS} header lines")
    headers: dict[str, list[str]] = {}
    ends = len(lines) - 1
    # A bare CR or LF would end a header line for a lenient peer when we echo it.
    bad = "" if head.count("\n") == ends and head.count("\r") == ends else "bare CR or LF in the head"
    for line in lines[1:]:
        name, colon, value = line.partition(":")
        key = _NAMES.get(name)
        if key is None:
            name = name.strip()
            if not colon or not _TOKEN.match(name):
                bad = bad or f"header line {line[:40]!r} has no name"
                continue
            key = _NAMES.get(name) or name.lower()
        known = headers.get(key)
        if known is None:
            headers[key] = [value.strip()]
        else:
            known.append(value.strip())
    return _finish(lines[0], headers, body, bad)


def _split(data: bytes) -> tuple[str, bytes]:
    head, end, body = data.partition(b"\r\n\r\n")
    if not end and b"\n\n" in data:  # bare LF line ends: seen from small gateways
        head, end, body = data.partition(b"\n\n")
        head = head.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    elif not end:
        head = head.removesuffix(b"\r\n")
    if len(head) > MAX_HEAD_BYTES:
        raise MalformedError(f"head of {len(head)} bytes; at most {MAX_HEAD_BYTES} are read")
    text = head.decode("latin-1")
    if text.startswith("\r\n"):
        text = text.lstrip("\r\n")
    if "\r\n " in text or "\r\n\t" in text:
        text = _FOLD.sub(" ", text)
    return text, body


def _finish(start: str, headers: dict[str, list[str]], body: bytes, bad: str) -> Request | Response:
    first, _, rest = start.partition(" ")
    if first == "SIP/2.0":
        code, _, reason = rest.partition(" ")
        if not (len(code) == 3 and code.isascii() and code.isdigit() and "100" <= code <= "699"):
            raise MalformedError(f"status line {start[:40]!r}")
        response = Response(int(code), reason, headers, body)
        problem, _ = _index(response)
        if problem or bad:
            raise MalformedError(problem or bad)
        response.body = _body(headers, body)
        return response
    uri, _, version = rest.rpartition(" ")
    request = Request(first, uri, headers, body)
    problem, answerable = _index(request)
    if not answerable or not version.startswith("SIP/"):
        raise MalformedError(problem or f"request line {start[:60]!r}")
    bad = problem or bad
    if not _TOKEN.match(first) or not uri or uri[0] == "<" or " " in uri:
        bad = f"request line {start[:60]!r}"
    elif not bad and request.cseq_method != first:
        bad = f"CSeq names {request.cseq_method[:20]!r}, the request is {first[:20]!r}"
    if version != "SIP/2.0":
        raise MalformedError(f"version {version[:20]!r}", request=request, code="sip-version")
    try:
        request.body = _body(headers, body)
    except MalformedError as error:
        bad = bad or error.message
    if bad:
        raise MalformedError(bad, request=request)
    return request


def _index(message: Message) -> tuple[str, bool]:
    """Fill what matching needs. Returns (what is wrong or '', whether a request could be answered all the same)."""
    headers = message.headers
    try:
        message.call_id = headers["call-id"][0]
        from_, to, cseq = headers["from"][0], headers["to"][0], headers["cseq"][0]
        via = parse_via(headers["via"][0])
    except KeyError as missing:
        return f"no {missing.args[0]} header", False
    if via is None:
        return f"Via {headers['via'][0][:60]!r} cannot be read", False
    message.via = via
    message.from_tag = tag_of(from_)
    message.to_tag = tag_of(to)
    number, _, method = cseq.replace("\t", " ").partition(" ")
    if not (number.isascii() and number.isdigit() and len(number) <= 10 and int(number) < 2**32):
        return f"CSeq {cseq[:30]!r} is not a number below 2**32 and a method", True
    message.cseq = int(number)
    message.cseq_method = method.strip()
    for name in ("call-id", "from", "to", "cseq"):
        if len(headers[name]) > 1 or not headers[name][0]:
            return f"{name} must be there once and not be empty", True
    return "", True


def _body(headers: dict[str, list[str]], body: bytes) -> bytes:
    """RFC 3261 18.3: bytes beyond Content-Length are dropped, missing ones make the message malformed."""
    values = headers.get("content-length")
    if values is None:
        return body
    text = values[0]
    if not (text.isascii() and text.isdigit() and len(text) <= 9) or any(v != text for v in values):
        raise MalformedError(f"Content-Length {text[:20]!r} is not a number")
    length = int(text)
    if length > len(body):
        raise MalformedError(f"Content-Length says {length}, {len(body)} bytes came")
    return body[:length] if length < len(body) else body


def tag_of(value: str) -> str:
    """The tag of a From or To value, '' without one (RFC 2543 peers)."""
    end = value.rfind(">")
    found = _TAG.search(value, end + 1 if end >= 0 else 0)
    return found[1] if found else ""


def parse_via(value: str) -> Via | None:
    """Read the first Via of a header line; None when it is not one."""
    rest: tuple[str, ...] = ()
    if "," in value:
        first, *more = value.split(",")
        value, rest = first.rstrip(), tuple(part.strip() for part in more)
    match = _VIA.match(value)
    if match is None:
        return None
    transport, host, port_text, params = match.groups()
    port = int(port_text) if port_text else None
    if port is not None and not 0 < port < 65536:
        return None
    branch, rport = "", False
    if params:
        for part in params.split(";"):
            name, _, text = part.partition("=")
            name = name.strip().lower()
            if name == "branch":
                branch = text.strip()
            elif name == "rport":
                rport = True
    return Via(transport.upper(), host, port, branch, rport, value, rest)
