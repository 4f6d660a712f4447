"""The DTLS side of a leg: certificate, handshake as server, SRTP keys (RFC 6347, 5764, 8122). Datagrams in and out.

The peer's certificate is self-signed; what counts is its fingerprint, which came over the signed-in WebSocket.
"""

from __future__ import annotations

import datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from OpenSSL import SSL

from ccc.media.webrtc.srtp import PROFILES, Keys, material_bytes, split_keys

MAX_DATAGRAM_BYTES = 1200
RECORD_HEADER_BYTES = 13
ALERT = 21
EPOCH_0 = b"\0\0"
EXPORTER = b"EXTRACTOR-dtls_srtp"
CIPHERS = (
    b"ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305"
    b":ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES128-SHA"
)
HASHES: dict[str, hashes.HashAlgorithm] = {
    "sha-256": hashes.SHA256(),
    "sha-384": hashes.SHA384(),
    "sha-512": hashes.SHA512(),
}


class Identity:
    """A self-signed P-256 certificate and the DTLS context made with it: one per start of a worker."""

    def __init__(self, now: datetime.datetime) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "ccc")])
        certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + datetime.timedelta(days=365))
            .sign(key, hashes.SHA256())
        )
        self.fingerprint = certificate.fingerprint(hashes.SHA256()).hex(":").upper()
        """As it stands in ``a=fingerprint:sha-256``."""
        self.context = make_context(certificate, key)


def make_context(certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> SSL.Context:
    """A DTLS 1.2 context that asks for the peer's certificate and offers our SRTP profiles."""
    context = SSL.Context(SSL.DTLS_METHOD)
    context.set_options(SSL.OP_NO_TICKET | SSL.OP_NO_QUERY_MTU | SSL.OP_NO_RENEGOTIATION)
    context.set_session_cache_mode(SSL.SESS_CACHE_OFF)
    context.set_cipher_list(CIPHERS)
    # The chain proves nothing (RFC 8827 section 6.5): the digest is compared when the handshake is through.
    context.set_verify(SSL.VERIFY_PEER | SSL.VERIFY_FAIL_IF_NO_PEER_CERT, _accept_any)
    context.use_certificate(certificate)
    context.use_privatekey(key)
    context.set_tlsext_use_srtp(b":".join(PROFILES))
    return context


def _accept_any(*_: object) -> bool:
    return True


class DtlsEndpoint:
    """One association, we the passive side. Feed `receive` and `timeout`, send `outgoing`, read `state` and `keys`."""

    __slots__ = ("_connection", "_expected", "failure", "keys", "state")

    def __init__(self, context: SSL.Context, expected: frozenset[tuple[str, bytes]]) -> None:
        self._connection = SSL.Connection(context)
        self._connection.set_ciphertext_mtu(MAX_DATAGRAM_BYTES)
        self._connection.set_accept_state()
        self._expected = expected
        self.state = "handshake"
        """``handshake``, ``up`` or ``closed``."""
        self.keys: Keys | None = None
        self.failure: str | None = None
        """Why it is closed: ``fingerprint``, ``no-srtp``, ``handshake``, ``alert``, ``close-notify`` or ``local``."""

    def receive(self, datagram: bytes) -> None:
        """Take one datagram of the peer. Junk is ignored, as RFC 6347 section 4.1.2.7 wants."""
        if self.state == "closed" or not datagram:
            return
        if datagram[0] == ALERT and datagram[3:5] == EPOCH_0:
            # Anybody can forge an alert that is not protected; a true one ends the handshake by its time limit.
            return
        self._connection.bio_write(datagram)
        if self.state == "handshake":
            self._advance()
        else:
            self._drain()

    def timeout(self) -> None:
        """Send the last flight again when OpenSSL's timer has run out; call it from time to time in a handshake."""
        if self.state != "handshake":
            return
        try:
            self._connection.DTLSv1_handle_timeout()
        except SSL.Error:
            self._fail("handshake")

    def close(self) -> None:
        """Say close_notify when the association is up."""
        if self.state == "up":
            try:
                self._connection.shutdown()
            except SSL.Error:
                self.failure = "local"
        if self.state != "closed":
            self._fail("local")

    def outgoing(self) -> list[bytes]:
        """Datagrams to send, cut at record boundaries so that none is longer than `MAX_DATAGRAM_BYTES`."""
        chunks: list[bytes] = []
        while True:
            try:
                chunks.append(self._connection.bio_read(65_536))
            except SSL.Error:
                break
        return pack_records(b"".join(chunks))

    def _advance(self) -> None:
        try:
            self._connection.do_handshake()
        except SSL.WantReadError:
            return
        except SSL.Error:
            self._fail("handshake")
            return
        self._complete()

    def _complete(self) -> None:
        certificate = self._connection.get_peer_certificate(as_cryptography=True)
        if certificate is None or not any(
            certificate.fingerprint(HASHES[name]) == digest for name, digest in self._expected
        ):
            self._refuse("fingerprint")
            return
        profile = self._connection.get_selected_srtp_profile()
        if profile not in PROFILES:
            self._refuse("no-srtp")
            return
        material = self._connection.export_keying_material(EXPORTER, material_bytes(profile))
        self.keys = split_keys(profile, material)
        self.state = "up"
        self._drain()

    def _drain(self) -> None:
        """Read after the handshake: only alerts and retransmissions matter, application data is thrown away."""
        try:
            while self._connection.recv(2048):
                continue
        except SSL.WantReadError:
            return
        except SSL.ZeroReturnError:
            self._fail("close-notify")
        except SSL.Error:
            self._fail("alert")

    def _refuse(self, why: str) -> None:
        """Close a finished handshake that must not be used, and tell the peer."""
        self.state = "up"
        self.close()
        self.failure = why

    def _fail(self, why: str) -> None:
        self.state = "closed"
        self.failure = why
        self.keys = None


def pack_records(stream: bytes) -> list[bytes]:
    """Join whole DTLS records to datagrams of at most `MAX_DATAGRAM_BYTES` (a longer single record stays alone)."""
    datagrams: list[bytes] = []
    start = at = 0
    while at + RECORD_HEADER_BYTES <= len(stream):
        end = at + RECORD_HEADER_BYTES + int.from_bytes(stream[at + 11 : at + 13], "big")
        if end - start > MAX_DATAGRAM_BYTES and at > start:
            datagrams.append(stream[start:at])
            start = at
        at = end
    if start < len(stream):
        datagrams.append(stream[start:])
    return datagrams
