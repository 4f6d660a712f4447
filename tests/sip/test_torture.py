"""Odd and broken messages, one file each in ``torture/`` (in the spirit of RFC 4475); the name tells the answer."""

from __future__ import annotations

from pathlib import Path

import pytest

from ccc.sip.address import parse_name_addr, parse_uri, user_of
from ccc.sip.message import Hop, Request, Response, parse
from tests.sip.link import Link

FILES = sorted((Path(__file__).parent / "torture").glob("*.sip"))


@pytest.mark.parametrize("path", [p for p in FILES if not p.name.startswith("ok-")], ids=lambda p: p.stem)
def test_answer(path: Path) -> None:
    link = Link()
    ua, record, _ = link.agent("10.0.0.2")
    ua.receive(path.read_bytes(), Hop("10.0.0.1", 5061), link.now)
    answers = [line.split(" ")[1] for _, line, _, _ in link.sent if line != "SIP/2.0 100 Trying"]
    expected = path.name.partition("-")[0]
    assert answers == ([] if expected == "drop" else [expected])
    assert record.sessions == []


@pytest.mark.parametrize("path", [p for p in FILES if p.name.startswith("ok-")], ids=lambda p: p.stem)
def test_readable(path: Path) -> None:
    message = parse(path.read_bytes())
    for name in ("from", "to", "contact"):
        for value in message.headers.get(name, ()):
            parse_uri(parse_name_addr(value).uri)


def read(name: str) -> Request | Response:
    return parse((Path(__file__).parent / "torture" / f"{name}.sip").read_bytes())


def test_folding_and_compact_forms() -> None:
    message = read("ok-folded-compact")
    assert (message.from_tag, message.to_tag, message.cseq, message.cseq_method) == (
        "98asjd8", "1918181833n", 9, "INVITE",
    )  # fmt: skip
    assert (message.via.transport, message.via.host, message.via.branch) == ("UDP", "192.0.2.2", "390skdjuw")
    assert len(message.headers["via"]) == 2
    assert parse_name_addr(message.get("from")).display == 'J Rosenberg \\"'
    assert parse_name_addr(message.get("contact")).display == 'Quoted string ""'


def test_odd_users_and_hosts() -> None:
    message = read("ok-escaped-and-odd")
    assert isinstance(message, Request)
    assert user_of(message.uri) == "user"
    assert message.via.host == "host_1.example.com"
    assert user_of(parse_name_addr(message.get("to")).uri) == "*72#"
    assert user_of(parse_name_addr(message.get("from")).uri) == "j user"


def test_names_in_gbk_and_utf8() -> None:
    message = read("ok-gbk-name")
    assert parse_name_addr(message.get("from")).display == "刘先生"
    assert parse_name_addr(message.get("to")).display == "呼叫中心"
    assert parse_uri("sip:13900000000@gw_1").host == "gw_1"


def test_the_echo_is_byte_exact() -> None:
    link = Link()
    ua, record, _ = link.agent("10.0.0.2")
    ua.receive((Path(__file__).parent / "torture" / "ok-gbk-name.sip").read_bytes(), Hop("10.0.0.1", 5061), link.now)
    assert record.sessions[0].from_display == "刘先生"
    assert '"刘先生" <sip:13900000000@gw_1>;tag=g'.encode("gb18030") in link.wires[-1]


def test_bytes_beyond_content_length_are_dropped() -> None:
    assert read("ok-extra-bytes").body == b"hello"
