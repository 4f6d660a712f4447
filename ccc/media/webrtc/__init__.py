"""Browser legs: ICE-lite, DTLS-SRTP and raw RTP for every leg of a worker on ONE UDP port.

``WebRtcMux`` is the whole interface. The parts below it do no I/O and take the time as an argument:
``sdp`` (offer in, answer out), ``stunwire`` (connectivity checks), ``dtls`` (handshake), ``srtp`` (keys to packets),
``leg`` (the state of one browser).
"""

from ccc.media.webrtc.mux import WebRtcMux
from ccc.media.webrtc.sdp import OfferError, parse_offer

__all__ = ["OfferError", "WebRtcMux", "parse_offer"]
