"""``--tls self``: our own certificate, so that browsers on other machines may use the microphone (it needs HTTPS)."""

from __future__ import annotations

import contextlib
import datetime
import ipaddress
import os
import socket
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from ccc.home import Home

LIFETIME = datetime.timedelta(days=397)
"""Browsers refuse server certificates that live longer than 398 days."""
RENEW_BEFORE = datetime.timedelta(days=30)


def self_signed(home: Home, now: datetime.datetime, names: tuple[str, ...] | None = None) -> tuple[Path, Path]:
    """(certificate, key) PEM files in ``instance/secrets``: made on first use, renewed in time or for new names."""
    certificate, key = home.secrets / "tls-self.crt", home.secrets / "tls-self.key"
    wanted = names if names is not None else host_names()
    if not (certificate.exists() and key.exists() and _still_good(certificate, now, wanted)):
        private = ec.generate_private_key(ec.SECP256R1())
        _write(
            key,
            private.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            ),
        )
        _write(certificate, _certificate(private, now, wanted).public_bytes(serialization.Encoding.PEM))
    return certificate, key


def host_names() -> tuple[str, ...]:
    """``localhost``, this host's names and its addresses."""
    names = {"localhost", "127.0.0.1", "::1", socket.gethostname(), socket.getfqdn()}
    with contextlib.suppress(OSError):  # a host that cannot resolve its own name still has localhost
        names |= {str(info[4][0]).partition("%")[0] for info in socket.getaddrinfo(socket.gethostname(), None)}
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("192.0.2.1", 9))  # no packet is sent: the kernel only picks the outgoing address
        names.add(probe.getsockname()[0])
    return tuple(sorted(names))


def _certificate(
    private: ec.EllipticCurvePrivateKey, now: datetime.datetime, names: tuple[str, ...]
) -> x509.Certificate:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "CCC self-signed")])
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + LIFETIME)
        .add_extension(x509.SubjectAlternativeName([_general_name(name) for name in names]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(private, hashes.SHA256())
    )


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name.encode("idna").decode())


def _still_good(path: Path, now: datetime.datetime, wanted: tuple[str, ...]) -> bool:
    try:
        certificate = x509.load_pem_x509_certificate(path.read_bytes())
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (ValueError, x509.ExtensionNotFound):
        return False
    covered = all(_general_name(name) in names for name in wanted)
    return covered and certificate.not_valid_after_utc - RENEW_BEFORE > now


def _write(path: Path, data: bytes) -> None:
    temporary = path.with_suffix(f".{os.getpid()}.tmp")
    temporary.touch(mode=0o600)
    temporary.write_bytes(data)
    temporary.replace(path)
