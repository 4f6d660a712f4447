"""Settings: precedence, typing, errors that name the setting and the place."""

from __future__ import annotations

from pathlib import Path

import pytest

from ccc.errors import ConfigError
from ccc.home import Home
from ccc.settings import SETTINGS, load


@pytest.fixture(autouse=True)
def no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for setting in SETTINGS:
        monkeypatch.delenv(setting.variable, raising=False)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def test_defaults(home: Home) -> None:
    settings = load(home, {})
    assert (settings.http_host, settings.http_port, settings.sip_port) == ("127.0.0.1", 8080, 5060)
    assert (settings.rtp_first, settings.rtp_last, settings.webrtc_port) == (20000, 29999, 30000)


def test_flag_beats_variable_beats_file_beats_default(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    home.config.write_text('http = "127.0.0.1:1111"\nwebrtc_port = 31000\n')
    assert load(home, {}).http_port == 1111
    monkeypatch.setenv("CCC_HTTP", "127.0.0.1:2222")
    assert load(home, {}).http_port == 2222
    settings = load(home, {"http": "127.0.0.1:3333"})
    assert (settings.http_port, settings.webrtc_port) == (3333, 31000)


def test_children_see_the_same_settings(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    flags = {"http": "[::1]:9000", "media_ip": "127.0.0.1=203.0.113.9", "tls": "self", "rtp_ports": "22000-22999"}
    settings = load(home, flags)
    for name, value in settings.to_environment().items():
        monkeypatch.setenv(name, value)
    assert load(home, {}) == settings


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ('htpp = "x"', "htpp"),
        ("http = 8080", "http"),
        ('http = "nonsense"', "HOST:PORT"),
        ('rtp_ports = "20-10"', "rtp_ports"),
        ("webrtc_port = true", "webrtc_port"),
        ("this is not toml", "config.toml"),
        ('tls = "yes"', "tls"),
        ('tls_cert = "a.pem"', "tls_cert"),
    ],
)
def test_a_wrong_file_is_one_clear_line(home: Home, text: str, names: str) -> None:
    home.config.write_text(text)
    with pytest.raises(ConfigError, match=names):
        load(home, {})
