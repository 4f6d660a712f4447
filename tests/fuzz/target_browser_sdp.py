"""Offers of browsers."""

from pathlib import Path

from ccc.media.webrtc.sdp import Local, OfferError, parse_offer, write_answer

_FOLDER = Path(__file__).parents[1] / "media" / "webrtc"
_LOCAL = Local("203.0.113.7", 30000, "0a1b2c3d4e5f", "p" * 36, "AB:CD", 77, 5, 1)
SEEDS = [path.read_bytes() for path in sorted(_FOLDER.glob("offer_*.sdp"))]
EXPECTED = (OfferError, UnicodeDecodeError)


def feed(data: bytes) -> None:
    """Parse and, when it can be taken, answer."""
    write_answer(parse_offer(data.decode()), _LOCAL)
