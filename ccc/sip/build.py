"""Serialise messages. Values are latin-1 text that came off the wire or passed ``address.on_wire``."""

from __future__ import annotations

from collections.abc import Iterable

from ccc.sip.message import Hop, Request

ALLOW = "INVITE, ACK, BYE, CANCEL, OPTIONS, INFO, UPDATE"
METHODS = frozenset(ALLOW.split(", "))
KNOWN_METHODS = METHODS | {"PRACK", "REGISTER", "SUBSCRIBE", "NOTIFY", "PUBLISH", "MESSAGE", "REFER"}
SERVER = "CCC"

REASONS = {
    100: "Trying", 180: "Ringing", 181: "Call Is Being Forwarded", 182: "Queued", 183: "Session Progress", 200: "OK",
    202: "Accepted", 302: "Moved Temporarily", 400: "Bad Request", 401: "Unauthorized", 403: "Forbidden",
    404: "Not Found", 405: "Method Not Allowed", 408: "Request Timeout", 415: "Unsupported Media Type",
    416: "Unsupported URI Scheme", 420: "Bad Extension", 480: "Temporarily Unavailable",
    481: "Call/Transaction Does Not Exist", 482: "Loop Detected", 483: "Too Many Hops", 484: "Address Incomplete",
    486: "Busy Here", 487: "Request Terminated", 488: "Not Acceptable Here", 491: "Request Pending",
    500: "Server Internal Error", 501: "Not Implemented", 503: "Service Unavailable", 504: "Server Time-out",
    505: "Version Not Supported", 513: "Message Too Large", 600: "Busy Everywhere", 603: "Decline",
}  # fmt: skip

Headers = Iterable[tuple[str, str]]


def response_hop(request: Request, source: Hop) -> Hop:
    """Where responses go (RFC 3261 18.2.2, RFC 3581): always to the address it came from; maddr is not honoured."""
    via = request.via
    if via.rport or source.transport != "UDP":
        return source
    return Hop(source.host, via.port or 5060, source.transport)


def echo_head(request: Request, source: Hop, local_tag: str) -> str:
    """Via (with received and rport), From, To, Call-ID, CSeq of every response to ``request`` (RFC 3261 8.2.6.2)."""
    headers = request.headers
    via, vias = request.via, headers["via"]
    top = via.raw
    if via.rport or via.host != source.host:
        top = _stamped(top, source, via.rport)
    lines = "Via: " + ", ".join((top, *via.rest)) if via.rest else "Via: " + top
    if len(vias) > 1:
        lines += "".join(["\r\nVia: " + value for value in vias[1:]])
    to = headers["to"][0]
    if local_tag and not request.to_tag:
        to = f"{to};tag={local_tag}"
    return (
        f"{lines}\r\nFrom: {headers['from'][0]}\r\nTo: {to}\r\n"
        f"Call-ID: {request.call_id}\r\nCSeq: {headers['cseq'][0]}\r\n"
    )


def _stamped(via: str, source: Hop, rport: bool) -> str:
    """The top Via with the true source written in; what the sender wrote there himself is removed."""
    first, *params = via.split(";")
    kept = [p for p in params if p.partition("=")[0].strip().lower() not in ("received", "rport")]
    stamped = ";".join([first, *kept]) + f";received={source.host}"
    return stamped + f";rport={source.port}" if rport else stamped


def response(status: int, reason: str, head: str, extra: str = "", body: bytes = b"", content_type: str = "") -> bytes:
    """A whole response; ``head`` from ``echo_head``, ``extra`` further header lines each ended by CRLF."""
    if not body:
        return f"SIP/2.0 {status} {reason}\r\n{head}{extra}Content-Length: 0\r\n\r\n".encode("latin-1", "replace")
    text = (
        f"SIP/2.0 {status} {reason}\r\n{head}{extra}"
        f"Content-Type: {content_type or 'application/sdp'}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return text.encode("latin-1", "replace") + body


def request(method: str, uri: str, head: str, body: bytes = b"", content_type: str = "") -> bytes:
    """A whole request; ``head`` holds all header lines but the body's, each ended by CRLF."""
    type_line = f"Content-Type: {content_type or 'application/sdp'}\r\n" if body else ""
    text = f"{method} {uri} SIP/2.0\r\n{head}{type_line}Content-Length: {len(body)}\r\n\r\n"
    return text.encode("latin-1", "replace") + body


def lines(headers: Headers) -> str:
    """Header lines from (name, value) pairs; line ends inside values become spaces so that nothing is injected."""
    return "".join([f"{name}: {one_line(value)}\r\n" for name, value in headers])


def one_line(value: str) -> str:
    """A value without line ends, as latin-1 carrying UTF-8."""
    if "\r" in value or "\n" in value:
        value = value.replace("\r", " ").replace("\n", " ")
    try:
        value.encode("latin-1")
    except UnicodeEncodeError:
        return value.encode("utf-8", "replace").decode("latin-1")
    return value


def bracketed(host: str) -> str:
    """An IPv6 literal in brackets, anything else as it is."""
    return f"[{host}]" if ":" in host else host
