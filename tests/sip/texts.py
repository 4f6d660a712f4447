"""SIP messages as SIPp's cps.xml sends them, for tests and measurements."""

from __future__ import annotations

SDP = (
    b"v=0\r\no=- 53655765 2353687637 IN IP4 127.0.0.2\r\ns=-\r\nc=IN IP4 127.0.0.2\r\nt=0 0\r\n"
    b"m=audio 6000 RTP/AVP 8 0 101\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:0 PCMU/8000\r\n"
    b"a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\na=ptime:20\r\na=sendrecv\r\n"
)


def message(start: str, headers: list[str], body: bytes = b"") -> bytes:
    """A message from its lines; Content-Length is added."""
    lines = [start, *headers, f"Content-Length: {len(body)}", "", ""]
    return "\r\n".join(lines).encode() + body


def invite_text(
    number: int, body: bytes = SDP, extra: tuple[str, ...] = (), uri: str = "sip:4003@127.0.0.1:5060"
) -> bytes:
    """An initial INVITE of call ``number``."""
    headers = [
        f"Via: SIP/2.0/UDP 127.0.0.1:5061;branch=z9hG4bK-{number}-1",
        f"From: <sip:caller{number}@127.0.0.1:5061>;tag=77SIPpTag00{number}",
        "To: <sip:4003@127.0.0.1:5060>",
        f"Call-ID: {number}-77@127.0.0.1",
        "CSeq: 1 INVITE",
        "Contact: <sip:caller@127.0.0.1:5061>",
        "Max-Forwards: 70",
        "Allow: INVITE, ACK, BYE, CANCEL, OPTIONS",
        *extra,
    ]
    if body:
        headers.append("Content-Type: application/sdp")
    return message(f"INVITE {uri} SIP/2.0", headers, body)


def caller_request(
    method: str, number: int, cseq: int, to: str, branch: str = "", body: bytes = b"", extra: tuple[str, ...] = ()
) -> bytes:
    """A request of the caller; ``to`` is the whole To line."""
    headers = [
        f"Via: SIP/2.0/UDP 127.0.0.1:5061;branch={branch or f'z9hG4bK-{number}-{method}-{cseq}'}",
        f"From: <sip:caller{number}@127.0.0.1:5061>;tag=77SIPpTag00{number}",
        to,
        f"Call-ID: {number}-77@127.0.0.1",
        f"CSeq: {cseq} {method}",
        "Contact: <sip:caller@127.0.0.1:5061>",
        "Max-Forwards: 70",
        *extra,
    ]
    return message(f"{method} sip:127.0.0.1:5060 SIP/2.0", headers, body)
