"""Mail through an SMTP server (RFC 5321, submission RFC 6409): settings in the console under Plugins."""

from __future__ import annotations

import contextlib
import smtplib
import ssl
from email.message import EmailMessage
from email.utils import formataddr, formatdate
from typing import Any, Literal

from pydantic import BaseModel

from ccc.api import CONFIG, Channel, Notice, NoticeRefused, hookimpl, setting

TIMEOUT_S = 20.0


class Settings(BaseModel):
    model_config = CONFIG
    host: str = setting(en="Mail server", zh="邮件服务器", min_length=1, max_length=255)
    port: int = setting(465, en="Port", zh="端口", ge=1, le=65535)
    security: Literal["tls", "starttls", "none"] = setting(
        "tls",
        en="Encryption: tls (465), starttls (587) or none",
        zh="加密方式：tls（465）、starttls（587）或 none",
        help_en="none sends passwords and codes in the clear: only to a server on this machine.",
        help_zh="none 会明文传输密码和验证码，只应用于本机上的服务器。",
    )
    username: str = setting("", en="User name", zh="用户名", max_length=255, help_en="Empty: none", help_zh="可以不填")
    password: str = setting("", en="Password", zh="密码", max_length=255, widget="secret")
    sender: str = setting(
        en="Sender's address", zh="发件人地址", min_length=3, max_length=254, pattern=r"^[^\s@<>]+@[^\s@<>]+$"
    )
    sender_name: str = setting("CCC", en="Sender's name", zh="发件人名称", max_length=64, pattern=r"^[^\r\n]*$")


class SmtpNotifier:
    """One connection for each mail: mails are few, and a connection kept is a connection lost."""

    name = "smtp"
    channels: tuple[Channel, ...] = ("mail",)
    Config = Settings
    tls: ssl.SSLContext | None = None
    """Another trust than the system's certificates (tests)."""

    def __init__(self) -> None:
        self._settings: Settings | None = None

    def configure(self, settings: Settings) -> None:
        """The settings to use from now on."""
        self._settings = settings

    def send(self, notice: Notice, notice_id: str) -> None:
        """Hand it to the server. NoticeRefused when the server says that it never takes it (5xx)."""
        settings = self._settings
        if settings is None:
            raise RuntimeError("the mail server is not set up")
        try:
            server = self._connect(settings)
            try:
                if settings.username:
                    server.login(settings.username, settings.password)
                server.send_message(_message(settings, notice, notice_id))
            finally:
                # What becomes of the connection says nothing about the mail: taken is taken.
                with contextlib.suppress(smtplib.SMTPException, OSError):
                    server.quit()
        except smtplib.SMTPRecipientsRefused as refused:
            code, text = next(iter(refused.recipients.values()))
            raise _verdict(code, text) from refused
        except smtplib.SMTPAuthenticationError as refused:  # a wrong password will be mended: try again
            raise OSError(_answer(refused.smtp_code, refused.smtp_error)) from refused
        except smtplib.SMTPResponseException as refused:
            raise _verdict(refused.smtp_code, refused.smtp_error) from refused

    def _connect(self, settings: Settings) -> smtplib.SMTP:
        trust = self.tls or ssl.create_default_context()
        if settings.security == "tls":
            return smtplib.SMTP_SSL(settings.host, settings.port, timeout=TIMEOUT_S, context=trust)
        server = smtplib.SMTP(settings.host, settings.port, timeout=TIMEOUT_S)
        if settings.security == "starttls":
            try:
                server.starttls(context=trust)
            except BaseException:
                server.close()
                raise
        return server


def _message(settings: Settings, notice: Notice, notice_id: str) -> EmailMessage:
    message = EmailMessage()
    message["From"] = formataddr((settings.sender_name, settings.sender))
    message["To"] = notice.to
    message["Subject"] = " ".join(notice.subject.split()) or "CCC"
    message["Date"] = formatdate()
    # The same for every try, so that a mail that arrived twice is seen to be one.
    message["Message-ID"] = f"<{notice_id}@{settings.sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(notice.text)
    return message


def _verdict(code: int, text: bytes | str) -> Exception:
    return (NoticeRefused if 500 <= code < 600 else OSError)(_answer(code, text))


def _answer(code: int, text: bytes | str) -> str:
    return f"{code} {text.decode('utf-8', 'replace') if isinstance(text, bytes) else text}"


@hookimpl
def register_notifiers() -> list[Any]:
    return [SmtpNotifier]
