"""Mail by SMTP against a server of the standard library's sockets: TLS, STARTTLS, log-in, refusals."""

from __future__ import annotations

import datetime
import ssl
from collections.abc import Iterator
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from ccc.api import Notice, NoticeRefused
from ccc.home import Home
from ccc.loader import load
from ccc.web.tls import self_signed
from tests.plugins.mail_sink import Sink

NOTICE = Notice("mail", "wang@example.com", "验证码 abcd\n", "重设\r\nBcc: x@example.com")


@pytest.fixture
def certificate(home: Home) -> tuple[Path, Path]:
    home.create()
    return self_signed(home, datetime.datetime.now(datetime.UTC))


@pytest.fixture
def made(certificate: tuple[Path, Path]) -> Iterator[object]:
    sinks: list[Sink] = []

    def make(*, tls: bool = False, **refuse: str) -> Sink:
        sinks.append(Sink(certificate, tls=tls, refuse=refuse))
        return sinks[-1]

    yield make
    for sink in sinks:
        sink.close()


def notifier(sink: Sink, certificate: tuple[Path, Path], security: str, **more: str):  # type: ignore[no-untyped-def]
    one = type(load().notifiers["smtp"])()
    one.tls = ssl.create_default_context(cafile=str(certificate[0]))
    values = {"host": "localhost", "port": sink.port, "security": security, "sender": "ccc@example.com", **more}
    one.configure(one.Config.model_validate(values))
    return one


@pytest.mark.parametrize("security", ["tls", "starttls", "none"])
def test_a_mail_arrives(made, certificate, security: str) -> None:  # type: ignore[no-untyped-def]
    sink = made(tls=security == "tls")
    notifier(sink, certificate, security, username="u", password="p w", sender_name="云呼").send(NOTICE, "n-1")
    (raw,) = sink.mails
    mail = message_from_bytes(raw.encode(), policy=policy.default)
    assert mail["To"] == "wang@example.com" and mail["Bcc"] is None
    assert mail["Subject"] == "重设 Bcc: x@example.com" and mail["Message-ID"] == "<n-1@example.com>"
    assert mail.get_content().strip() == "验证码 abcd"  # type: ignore[attr-defined]
    assert mail["From"].addresses[0].display_name == "云呼"
    assert sink.secure == (security != "none") and sink.logins == ["\0u\0p w"]


def test_a_server_nobody_vouches_for_gets_nothing(made, certificate) -> None:  # type: ignore[no-untyped-def]
    for security in ("tls", "starttls"):
        sink = made(tls=security == "tls")
        one = notifier(sink, certificate, security, username="u", password="p")
        one.tls = None  # the system's certificates
        with pytest.raises(ssl.SSLError):
            one.send(NOTICE, "n-1")
        assert sink.mails == [] and sink.logins == []


def test_refused_for_good_or_for_now(made, certificate) -> None:  # type: ignore[no-untyped-def]
    cases = (
        ("RCPT", "550 no such user", NoticeRefused),
        ("RCPT", "451 later", OSError),
        ("DATA", "554 spam", NoticeRefused),
    )
    for verb, answer, error in cases:
        sink = made(**{verb: answer})
        with pytest.raises(error) as caught:
            notifier(sink, certificate, "none").send(NOTICE, "n-1")
        assert answer.partition(" ")[2] in str(caught.value)
    sink = made(AUTH="535 wrong password")
    with pytest.raises(Exception, match="wrong password") as caught:
        notifier(sink, certificate, "none", username="u", password="x").send(NOTICE, "n-1")
    assert not isinstance(caught.value, NoticeRefused), "somebody will mend the password"


def test_taken_is_taken_whatever_comes_after(made, certificate) -> None:  # type: ignore[no-untyped-def]
    sink = made(QUIT="500 what?")
    notifier(sink, certificate, "none").send(NOTICE, "n-1")
    assert len(sink.mails) == 1


def test_no_server_is_an_error_to_try_again(made, certificate) -> None:  # type: ignore[no-untyped-def]
    sink = made()
    sink.close()
    with pytest.raises(OSError):
        notifier(sink, certificate, "none").send(NOTICE, "n-1")
