"""Session descriptions."""

from ccc.sip.errors import SdpError
from ccc.sip.sdp import make_answer, parse_offer

SEEDS = [
    text.replace(b"\n", b"\r\n")
    for text in (
        b"v=0\no=- 5 2 IN IP4 10.0.0.9\ns=-\nc=IN IP4 10.0.0.9\nt=0 0\nm=audio 6000 RTP/AVP 8 0 18 101\n"
        b"a=rtpmap:8 PCMA/8000\na=rtpmap:101 telephone-event/8000\na=fmtp:101 0-15\na=ptime:20\na=sendrecv\n",
        b"v=0\no=root 1 1 IN IP4 h\ns=x\nt=0 0\nm=video 0 RTP/AVP 96\nc=IN IP4 10.0.0.8\nm=audio 7000/2 RTP/AVP 0\n"
        b"c=IN IP4 0.0.0.0\na=inactive\n",
        b"v=0\no=- 1 1 IN IP6 ::1\ns=-\nc=IN IP6 ::1\nt=0 0\nm=audio 7000 RTP/SAVP 0 8\na=crypto:1 x inline:y\n",
    )
]
EXPECTED = (SdpError,)


def feed(data: bytes) -> None:
    """Parse and, when it can be taken, answer."""
    offer = parse_offer(data)
    make_answer(offer, "127.0.0.1", 20000, 1, 1)
