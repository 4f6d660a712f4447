"""Small pure parts: keys in SIP INFO, queue announcements, origins."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccc.runtime.queueing import announcement
from ccc.runtime.rt_server import same_origin
from ccc.runtime.sip_leg import info_key


@pytest.mark.parametrize(
    ("content_type", "body", "key"),
    [
        ("application/dtmf-relay", b"Signal=5\r\nDuration=160\r\n", "5"),
        ("application/dtmf-relay", b"Signal= *\r\nDuration= 160", "*"),
        ("application/dtmf-relay", b"Signal=11\nDuration=100", "#"),
        ("application/dtmf", b"7", "7"),
        ("Application/DTMF; charset=utf-8", b" # ", "#"),
        ("application/dtmf-relay", b"Duration=160", ""),
        ("application/dtmf", b"55", ""),
        ("text/plain", b"5", ""),
        ("application/dtmf-relay", b"\xff\xfe", ""),
    ],
)
def test_key_of_an_info(content_type: str, body: bytes, key: str) -> None:
    assert info_key(content_type, body) == key


@given(st.text(max_size=30), st.binary(max_size=60))
def test_any_info_is_a_key_or_nothing(content_type: str, body: bytes) -> None:
    assert info_key(content_type, body) in (*"0123456789*#ABCD", "")


@pytest.mark.parametrize(
    ("language", "position", "wait_s", "text"),
    [
        ("zh", 1, None, "您是下一位。"),
        ("zh-CN", 4, 61.0, "您前面还有3位。预计等待2分钟。"),
        ("en", 2, 10.0, "Callers ahead of you: 1. The estimated wait is less than a minute."),
        ("en", None, None, ""),
    ],
)
def test_announcements(language: str, position: int | None, wait_s: float | None, text: str) -> None:
    assert announcement(language, position, wait_s) == text


@pytest.mark.parametrize(
    ("origin", "host", "fine"),
    [
        ("https://cc.example.com", "cc.example.com", True),
        ("http://localhost:8080", "localhost:8080", True),
        ("http://evil.example", "localhost:8080", False),
        ("http://localhost:8080", None, False),
        (None, "localhost:8080", True),
        ("null", "localhost:8080", False),
    ],
)
def test_only_pages_of_our_own_host_may_connect(origin: str | None, host: str | None, fine: bool) -> None:
    assert same_origin(origin, host) is fine
