"""DTLS records: damaged first flights on a new association, damaged later flights and data on one under way."""

from datetime import UTC, datetime
from zlib import crc32

from ccc.media.webrtc.dtls import DtlsEndpoint, Identity
from tests.media.webrtc.peer import DtlsClient

_identity, _client = Identity(datetime(2026, 11, 1, tzinfo=UTC)), DtlsClient()
_digest = bytes.fromhex(_client.fingerprint().split()[1].replace(":", ""))


def _server() -> DtlsEndpoint:
    return DtlsEndpoint(_identity.context, frozenset({("sha-256", _digest)}))


def _flights() -> list[bytes]:
    server = _server()
    sent = _client.advance()
    unread = list(sent)
    while not (_client.up and server.state == "up"):
        for datagram in unread:
            server.receive(datagram)
        unread = [answer for datagram in server.outgoing() for answer in _client.advance(datagram)]
        sent += unread
    return sent + _client.close()


SEEDS = _flights()
EXPECTED = ()
_halfway: list[DtlsEndpoint] = []


def _fresh(data: bytes) -> DtlsEndpoint:
    """A new association for one message in four, else one that has taken a first flight and is used again and again."""
    if crc32(data) % 4 == 0:
        return _server()
    if not _halfway or _halfway[0].state == "closed":
        _halfway[:] = [_server()]
        _halfway[0].receive(SEEDS[0])
        _halfway[0].outgoing()
    return _halfway[0]


def feed(data: bytes) -> None:
    """One damaged datagram must neither raise nor end an association that is up to something."""
    endpoint = _fresh(data)
    endpoint.receive(data)
    endpoint.outgoing()
