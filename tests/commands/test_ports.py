"""The firewall list says what the settings open, no more and no less."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from ccc.commands.ports import ports


@pytest.fixture(autouse=True)
def no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CCC_HTTP", "CCC_SIP", "CCC_MEDIA_IP", "CCC_RTP_PORTS", "CCC_WEBRTC_PORT", "CCC_MEDIA_WORKERS"):
        monkeypatch.delenv(name, raising=False)


def listed(home: Path, *flags: str) -> dict[str, dict[str, object]]:
    result = CliRunner().invoke(ports, ["--home", str(home), "--json", *flags], catch_exceptions=False)
    assert result.exit_code == 0
    return {row["what"]: row for row in map(json.loads, result.output.splitlines())}


def test_defaults(tmp_path: Path) -> None:
    rows = listed(tmp_path)
    assert [(row["protocol"], row["first"], row["last"]) for row in rows.values()] == [
        ("tcp", 8080, 8080),
        ("udp", 5060, 5060),
        ("udp", 20000, 29999),
        ("udp", 30000, 30000),
    ]
    assert rows["HTTP and WebSocket"]["local_only"] and not rows["SIP"]["local_only"]
    assert listed(tmp_path, "--demo")["SIP"]["local_only"]


def test_follows_config_file_and_flags(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text('media_workers = 3\nrtp_ports = "40000-40099"\n')
    rows = listed(
        tmp_path, "--http", "0.0.0.0:443", "--tls", "self", "--media-ip", "10.0.0.5=203.0.113.9", "--sip", "[::]:5080"
    )
    assert rows["HTTPS and WebSocket"]["first"] == 443
    assert rows["SIP"]["address"] == "::" and rows["SIP"]["first"] == 5080
    assert (rows["RTP and RTCP"]["first"], rows["RTP and RTCP"]["last"]) == (40000, 40099)
    assert (rows["browser audio"]["first"], rows["browser audio"]["last"]) == (30000, 30002), "one port a worker"
    assert rows["browser audio"]["public"] == "203.0.113.9"


def test_table_for_people(tmp_path: Path) -> None:
    result = CliRunner().invoke(ports, ["--home", str(tmp_path), "--media-ip", "10.0.0.5=203.0.113.9"])
    lines = result.output.splitlines()
    assert lines[0].split() == ["WHAT", "PROTOCOL", "ADDRESS", "PORTS", "FROM"]
    assert "127.0.0.1 (this machine only)" in lines[1]
    assert "20000-29999" in lines[3] and "10.0.0.5 (public 203.0.113.9)" in lines[3]
    assert lines[-1].startswith("This machine only")
