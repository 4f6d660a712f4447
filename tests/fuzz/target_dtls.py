"""DTLS records: damaged first flights on a new association, damaged later flights and data on one under way."""

from datetime import UTC, datetime
from zlib import crc32

from ccc.media.webrtc.dtls import DtlsEndpoint, Identity

_server, _client = Identity(datetime(2026, 11, 1, tzinfo=UTC)), Identity(datetime(2026, 11, 1, tzinfo=UTC))


def _expected(identity: Identity) -> frozenset[tuple[str, bytes]]:
    return frozenset({("sha-256", bytes.fromhex(identity.fingerprint.replace(":", "")))})


def _pair() -> tuple[DtlsEndpoint, DtlsEndpoint]:
    server = DtlsEndpoint(_server.context, _expected(_client))
    client = DtlsEndpoint(_client.context, _expected(_server), server=False)
    return server, client


def _flights() -> list[bytes]:
    server, client = _pair()
    client.start()
    sent: list[bytes] = []
    for _ in range(10):
        for datagram in client.outgoing():
            sent.append(datagram)
            server.receive(datagram)
        for datagram in server.outgoing():
            client.receive(datagram)
    assert (server.state, client.state) == ("up", "up")
    client.close()
    return sent + client.outgoing()


SEEDS = _flights()
EXPECTED = ()
_halfway: list[DtlsEndpoint] = []


def _fresh(data: bytes) -> DtlsEndpoint:
    """A new association for one message in four, else one that has taken a first flight and is used again and again."""
    if crc32(data) % 4 == 0:
        return _pair()[0]
    if not _halfway or _halfway[0].state == "closed":
        _halfway[:] = [_pair()[0]]
        _halfway[0].receive(SEEDS[0])
        _halfway[0].outgoing()
    return _halfway[0]


def feed(data: bytes) -> None:
    """One damaged datagram must neither raise nor end an association that is up to something."""
    endpoint = _fresh(data)
    endpoint.receive(data)
    endpoint.outgoing()
