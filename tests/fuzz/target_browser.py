"""The UDP port of browser legs: damaged checks, handshakes, SRTP and RTCP, from the address of a leg under way."""

import struct

from ccc.media import rtcp
from tests.media.webrtc.peer import SSRC_OUT, Bench, Peer

_bench, _peer = Bench(), Peer()
_bench.open(_peer)
_bench.connect(_peer)
_address = _peer.socket.getsockname()
assert _peer.srtp is not None
_report = struct.pack("!BBHI6I", 0x81, 201, 7, SSRC_OUT, 77, 0, 9, 160, 0, 0) + rtcp.goodbye(SSRC_OUT)
SEEDS = [
    _peer.request(),
    _peer.request(controlled=True, nominate=False),
    _peer.dtls.ssl.get_finished() + bytes(13),
    b"\x16\xfe\xfd\0\0\0\0\0\0\0\x09\0\x0c\x01" + bytes(11),
    _peer.srtp[0].protect(_peer.rtp()),
    _peer.srtp[0].protect_rtcp(_report),
]
EXPECTED = (ValueError,)


def feed(data: bytes) -> None:
    """ValueError when the port takes it for junk; the leg must survive everything."""
    _bench.now += 0.001
    junk = _bench.mux.junk
    _bench.mux.datagram(data, _address, _bench.now)
    _peer.poll()
    if _bench.now % 7 < 0.001:
        _peer.check()
        _bench.pump(_peer)
        _peer.responses.clear()
        assert _bench.states == [("up", "")], _bench.states
    if _bench.mux.junk > junk:
        raise ValueError("junk")
