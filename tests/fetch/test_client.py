"""The client against real servers on loopback: the guard at every hop, bounds, secrets, certificates."""

from __future__ import annotations

import asyncio
import datetime
import gzip
import ssl
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from ccc.api.http import HttpAnswer, HttpFailed, HttpRequest
from ccc.fetch.client import MAX_BYTES, FetchClient
from ccc.fetch.guard import parse_allowed
from tests.fetch.server import Asked, answer, in_loop, serving

LOCAL = parse_allowed("api.test,other.test")


async def to_loopback(host: str, port: int) -> Sequence[str]:
    return [host] if host[0].isdigit() else ["127.0.0.1"]


async def ask(
    url: str, allow: Any = LOCAL, method: str = "GET", tls: ssl.SSLContext | None = None, **more: Any
) -> HttpAnswer:
    client = FetchClient(allow, resolve=to_loopback, tls=tls)
    try:
        return await client.fetch(HttpRequest(method, url, **more))
    finally:
        await client.close()


async def fails(url: str, **more: Any) -> HttpFailed:
    with pytest.raises(HttpFailed) as caught:
        await ask(url, **more)
    return caught.value


@in_loop
async def test_a_request_goes_out_as_said_and_the_answer_comes_back() -> None:
    async with serving() as server:
        server.replies["/crm"] = answer(201, "您好".encode("gbk"), content_type="text/plain; charset=gbk")
        found = await ask(
            f"http://api.test:{server.port}/crm?q=1",
            method="POST",
            headers={"X-Key": "值", "Host": "evil", "Content-Length": "9"},
            body='{"a":"值"}',
        )
        assert (found.status, found.text) == (201, "您好")
        asked = server.asked[0]
        assert (asked.method, asked.target, asked.body.decode()) == ("POST", "/crm?q=1", '{"a":"值"}')
        assert asked.headers["host"] == f"api.test:{server.port}"
        assert asked.headers["content-type"] == "application/json"
        assert asked.headers["accept-encoding"] == "identity"


@in_loop
async def test_an_address_that_is_not_allowed_is_never_connected_to() -> None:
    async with serving() as server:
        for url in ("http://inner.test:{}/", "http://10.0.0.1/", "http://169.254.169.254/latest/meta-data"):
            error = await fails(url.format(server.port))
            assert "not a public address" in error.message
            assert error.retry is False
        assert server.asked == []


@in_loop
async def test_a_redirect_is_checked_too() -> None:
    async with serving() as server:
        for target in (
            "http://169.254.169.254/",
            f"http://inner.test:{server.port}/",
            "ftp://api.test/",
            "file:///etc/x",
        ):
            server.replies["/go"] = answer(302, location=target)
            error = await fails(f"http://api.test:{server.port}/go")
            assert error.retry is False, target
        assert [asked.target for asked in server.asked] == ["/go"] * 4


@in_loop
async def test_a_name_that_changes_its_address_gains_nothing() -> None:
    """DNS rebinding: public while it is checked, loopback when it is asked again. It is asked only once."""
    asked = []

    async def rebinding(host: str, port: int) -> Sequence[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["10.0.0.1"]

    async with serving() as server:
        server.replies["/"] = answer(200, b"ok")
        client = FetchClient(parse_allowed("127.0.0.1"), resolve=rebinding)
        assert (await client.fetch(HttpRequest("GET", f"http://evil.test:{server.port}/"))).text == "ok"
        assert asked == ["evil.test"]
        with pytest.raises(HttpFailed, match=r"10\.0\.0\.1 is not a public address"):
            await client.fetch(HttpRequest("GET", f"http://evil.test:{server.port}/"))
        await client.close()


@in_loop
async def test_redirects_are_followed_without_secrets_for_strangers() -> None:
    async with serving() as first, serving() as second:
        first.replies["/go"] = answer(307, location="/there")
        first.replies["/there"] = answer(302, location=f"http://other.test:{second.port}/end", set_cookie="s=1")
        second.replies["/end"] = answer(200, b"end")
        headers = {"X-Key": "secret", "Authorization": "Bearer x", "Accept": "text/plain"}
        found = await ask(f"http://api.test:{first.port}/go", headers=headers)
        assert found.text == "end"
        assert first.asked[1].headers["x-key"] == "secret"
        assert not {"x-key", "authorization", "cookie"} & set(second.asked[0].headers)
        assert second.asked[0].headers["accept"] == "text/plain"


@in_loop
async def test_it_does_not_run_in_circles() -> None:
    async with serving() as server:
        server.replies["/"] = answer(302, location="/")
        assert "redirected more than 3 times" in (await fails(f"http://api.test:{server.port}/")).message
        assert len(server.asked) == 4


@in_loop
async def test_cookies_of_one_call_are_not_sent_by_the_next() -> None:
    async with serving() as server:
        server.replies["/"] = answer(200, b"", set_cookie="session=1; Path=/")
        client = FetchClient(LOCAL, resolve=to_loopback)
        for _ in range(2):
            await client.fetch(HttpRequest("GET", f"http://api.test:{server.port}/"))
        await client.close()
        assert "cookie" not in server.asked[1].headers


@pytest.mark.parametrize(
    ("body", "headers", "words"),
    [
        (b"x" * (MAX_BYTES + 1), {}, "longer than 256 KiB"),
        (gzip.compress(b"0" * 50_000_000), {"content_encoding": "gzip"}, "compressed"),
    ],
)
@in_loop
async def test_answers_are_bounded(body: bytes, headers: dict[str, str], words: str) -> None:
    async with serving() as server:
        server.replies["/"] = answer(200, body, **headers)
        assert words in (await fails(f"http://api.test:{server.port}/")).message
        server.replies["/"] = answer(200, b"x" * MAX_BYTES)
        assert len((await ask(f"http://api.test:{server.port}/")).text) == MAX_BYTES


@in_loop
async def test_the_time_covers_everything_and_the_query_stays_secret() -> None:
    async def slowly(asked: Asked) -> bytes:
        await asyncio.sleep(30)
        return b""

    async with serving() as server:
        server.replies["/slow"] = slowly
        error = await fails(f"http://u:p@api.test:{server.port}/slow?token=hush", timeout_s=0.2)
        assert error.retry is True
        assert error.message == f"GET http://api.test:{server.port}/slow: no answer within 0.2 s"


@pytest.mark.parametrize(
    "url", ["http:///x", "gopher://api.test/", "http://api.test:99999/", "http://[::1/", "nonsense"]
)
@in_loop
async def test_what_is_no_url_is_refused(url: str) -> None:
    assert (await fails(url)).retry is False


@in_loop
async def test_nobody_there_may_be_tried_again() -> None:
    async with serving() as server:
        port = server.port
    assert (await fails(f"http://api.test:{port}/")).retry is True
    assert (await fails("http://api.test:1/x")).retry is True


@in_loop
async def test_the_next_address_is_tried_when_one_is_dead() -> None:
    async def two(host: str, port: int) -> Sequence[str]:
        return ["127.0.0.2", "127.0.0.1"]

    async with serving() as server:
        server.replies["/"] = answer(200, b"second", **{})
        client = FetchClient(parse_allowed("127.0.0.0/8"), resolve=two)
        found = await client.fetch(HttpRequest("POST", f"http://api.test:{server.port}/", body="{}"))
        assert (found.text, server.asked[0].body) == ("second", b"{}")
        await client.close()


def certificate(folder: Path, name: str) -> tuple[Path, Path]:
    """A self-signed certificate for ``name``: (certificate, key)."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "c.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    pkcs8, plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    (folder / "k.pem").write_bytes(key.private_bytes(serialization.Encoding.PEM, pkcs8, plain))
    return folder / "c.pem", folder / "k.pem"


@in_loop
async def test_the_certificate_is_the_name_s_not_the_address_s(tmp_path: Path) -> None:
    cert, key = certificate(tmp_path, "api.test")
    theirs = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    theirs.load_cert_chain(cert, key)
    ours = ssl.create_default_context(cafile=str(cert))
    async with serving(theirs) as server:
        server.replies["/"] = answer(200, b"safe")
        assert (await ask(f"https://api.test:{server.port}/", tls=ours)).text == "safe"
        assert "certificate" in (await fails(f"https://other.test:{server.port}/", tls=ours)).message.lower()
        assert "certificate" in (await fails(f"https://api.test:{server.port}/")).message.lower()
        server.replies["/"] = answer(302, location=f"http://api.test:{server.port}/")
        assert "https to http" in (await fails(f"https://api.test:{server.port}/", tls=ours)).message
