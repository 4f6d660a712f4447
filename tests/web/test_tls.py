"""The self-signed certificate, and certificates that cannot be used."""

from __future__ import annotations

import datetime
import ipaddress
import ssl
import urllib.request

import pytest
from cryptography import x509

from ccc.errors import ConfigError
from ccc.home import Home
from ccc.settings import load
from ccc.web.main import server_config
from ccc.web.tls import host_names, self_signed
from tests.web.site import Site

NOW = datetime.datetime(2026, 11, 20, tzinfo=datetime.UTC)
NAMES = ("localhost", "127.0.0.1", "::1", "call.example")


def names_in(data: bytes) -> set[str]:
    wanted = x509.load_pem_x509_certificate(data).extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    addresses = {str(ip) for ip in wanted.get_values_for_type(x509.IPAddress)}
    return set(wanted.get_values_for_type(x509.DNSName)) | addresses


def test_made_once_kept_and_private(home: Home) -> None:
    certificate, key = self_signed(home, NOW, NAMES)
    assert names_in(certificate.read_bytes()) == set(NAMES)
    assert key.stat().st_mode & 0o777 == 0o600
    before = certificate.read_bytes()
    self_signed(home, NOW + datetime.timedelta(days=300), NAMES)
    assert certificate.read_bytes() == before


@pytest.mark.parametrize("days", [380, 500])
def test_renewed_before_it_ends(home: Home, days: int) -> None:
    certificate, _ = self_signed(home, NOW, NAMES)
    before = certificate.read_bytes()
    later = NOW + datetime.timedelta(days=days)
    self_signed(home, later, NAMES)
    made = x509.load_pem_x509_certificate(certificate.read_bytes())
    assert certificate.read_bytes() != before
    assert datetime.timedelta(days=390) < made.not_valid_after_utc - later < datetime.timedelta(days=398)


def test_a_new_name_or_a_broken_file_makes_a_new_one(home: Home) -> None:
    certificate, _ = self_signed(home, NOW, NAMES)
    self_signed(home, NOW, (*NAMES, "192.168.7.9"))
    assert "192.168.7.9" in names_in(certificate.read_bytes())
    certificate.write_text("not a certificate")
    self_signed(home, NOW, NAMES)
    assert names_in(certificate.read_bytes()) == set(NAMES)


def test_own_names_hold_the_loopback() -> None:
    names = host_names()
    assert {"localhost", "127.0.0.1", "::1"} <= set(names)
    for name in names:
        if ":" in name:
            ipaddress.ip_address(name)


def test_https_with_the_own_certificate(web_home: Home) -> None:
    site = Site(web_home, runtime=False, tls="self").start()
    try:
        context = ssl.create_default_context(cafile=str(web_home.secrets / "tls-self.crt"))
        with urllib.request.urlopen(f"{site.url}/login", context=context) as answer:
            assert answer.status == 200
            assert answer.headers["Strict-Transport-Security"] is None, "a self-signed page must stay reachable"
    finally:
        site.stop()


@pytest.mark.parametrize("content", [b"", b"no certificate"])
def test_an_unusable_certificate_is_one_clear_line(web_home: Home, content: bytes) -> None:
    file = web_home.root / "x.pem"
    file.write_bytes(content)
    settings = load(web_home, {"tls_cert": str(file), "tls_key": str(file)})
    with pytest.raises(ConfigError, match=r"x\.pem .* cannot be used"):
        server_config(web_home, settings)
    settings = load(web_home, {"tls_cert": "/nowhere.pem", "tls_key": "/nowhere.key"})
    with pytest.raises(ConfigError, match=r"nowhere\.pem"):
        server_config(web_home, settings)
