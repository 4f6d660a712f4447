"""SIP messages: the parser, and the addresses inside them."""

from pathlib import Path

from ccc.sip.address import parse_name_addr, parse_uri
from ccc.sip.errors import MalformedError
from ccc.sip.message import parse

_INVITE = b"""INVITE sip:4000@10.0.0.1:5060;transport=udp SIP/2.0
Via: SIP/2.0/UDP 10.0.0.9:5070;branch=z9hG4bK-1;rport, SIP/2.0/UDP [2001:db8::9]:5060;branch=z9hG4bK-0;received=::1
Record-Route: <sip:edge_1.example.com;lr>, <sip:10.0.0.2;lr=on>
From: "\xc1\xf5\xcf\xc8\xc9\xfa" <sip:13900000000@example.com>;tag=1928301774
To: <tel:4000>
Call-ID: a84b4c76e66710@pc33.example.com
CSeq: 314159 INVITE
Contact: <sip:13900000000@10.0.0.9:5070>
P-Asserted-Identity: "Li" <sip:+8613900000000@example.com;user=phone>, <tel:+8613900000000>
Diversion: <sip:95588@example.com>;reason=unconditional
Subject: folded
 header
Max-Forwards: 70
Supported: 100rel, timer
Authorization: Digest username="a\\"b", realm="ccc", nonce="84f1c1ae", uri="sip:4000@10.0.0.1",
 response="7587245234b3434cc3412213e5f113a5", qop=auth, nc=00000001, cnonce="0a4f113b"
Content-Type: application/sdp
Content-Length: 4

v=0
"""
_OK = b"""SIP/2.0 200 OK
v: SIP/2.0/UDP 10.0.0.9:5070;branch=z9hG4bK-1
f: <sip:a@example.com>;tag=1
t: <sip:b@example.com>;tag=2
i: x
CSeq: 1 BYE
m: <sip:b@10.0.0.1>
l: 0

"""
SEEDS = [text.replace(b"\n", b"\r\n") for text in (_INVITE, _OK)] + [
    path.read_bytes() for path in sorted((Path(__file__).parent.parent / "sip").glob("**/*.sip"))
]
EXPECTED = (MalformedError,)


def feed(data: bytes) -> None:
    """Parse the message, then every address header."""
    message = parse(data)
    for name in ("from", "to", "contact", "p-asserted-identity", "diversion", "route", "record-route"):
        for value in message.headers.get(name, ()):
            parse_uri(parse_name_addr(value).uri)
