"""Settings are declared data: name, default, help.

Flags, ``CCC_*`` variables and ``config.toml`` are all read through one table. Precedence: flag, environment
variable, ``instance/config.toml``, default. ``docs/operate.md`` lists them (a test reads it).
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from ccc.errors import ConfigError
from ccc.fetch.guard import parse_allowed
from ccc.home import Home


@dataclass(frozen=True, slots=True)
class Setting:
    """One declared setting. ``kind``: ``text``, ``int``, ``flag``, ``address`` (HOST:PORT) or ``range`` (A-B)."""

    name: str
    kind: str
    default: Any
    help: str

    @property
    def option(self) -> str:
        return "--" + self.name.replace("_", "-")

    @property
    def variable(self) -> str:
        return "CCC_" + self.name.upper()


SETTINGS: tuple[Setting, ...] = (
    Setting("http", "address", "127.0.0.1:8080", "HOST:PORT of the web pages"),
    Setting("tls", "text", "", "'self': make and use a self-signed certificate"),
    Setting("tls_cert", "text", "", "certificate file (PEM) for HTTPS"),
    Setting("tls_key", "text", "", "private key file (PEM) for HTTPS"),
    Setting("trusted_proxy", "text", "", "IP of a reverse proxy whose X-Forwarded-* headers are believed"),
    Setting("sip", "address", "0.0.0.0:5060", "HOST:PORT for SIP over UDP"),
    Setting("sip_advertise", "text", "", "HOST[:PORT] written into Via and Contact when behind NAT"),
    Setting("media_ip", "text", "", "BIND[=ADVERTISED] address of RTP; default: the SIP host, else every address"),
    Setting("rtp_ports", "range", "20000-29999", "UDP ports of RTP (even) and RTCP (odd)"),
    Setting("webrtc_port", "int", 30000, "UDP port of browser audio; worker K uses this plus K"),
    Setting("media_workers", "int", 1, "media worker processes"),
    Setting("media_capacity", "int", 2000, "legs a media worker takes before calls get 503"),
    Setting("media_timeout_s", "int", 60, "hang up after so many seconds without RTP"),
    Setting("http_allow", "text", "", "hosts and networks flows may send requests to although they are not public"),
    Setting("drain_s", "int", 30, "at a stop, wait so long for running calls to end"),
    Setting("log_level", "text", "info", "debug, info, warning or error"),
)
_BY_NAME = {setting.name: setting for setting in SETTINGS}


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings in force, typed."""

    http_host: str
    http_port: int
    tls_self: bool
    tls_cert: str
    tls_key: str
    trusted_proxy: str
    sip_host: str
    sip_port: int
    sip_advertise: str
    media_bind: str
    media_advertise: str
    rtp_first: int
    rtp_last: int
    webrtc_port: int
    media_workers: int
    media_capacity: int
    media_timeout_s: int
    http_allow: str
    drain_s: int
    log_level: str
    demo: bool = False

    @property
    def https(self) -> bool:
        return self.tls_self or bool(self.tls_cert)

    def to_environment(self) -> dict[str, str]:
        """The same settings as ``CCC_*`` variables, for child processes."""
        media = self.media_bind + (f"={self.media_advertise}" if self.media_advertise != self.media_bind else "")
        values = {
            "http": join_address(self.http_host, self.http_port),
            "tls": "self" if self.tls_self else "",
            "sip": join_address(self.sip_host, self.sip_port),
            "media_ip": media,
            "rtp_ports": f"{self.rtp_first}-{self.rtp_last}",
        }
        for item in fields(self):
            if item.name in _BY_NAME and item.name not in values:
                values[item.name] = str(getattr(self, item.name))
        return {_BY_NAME[name].variable: value for name, value in values.items()}


def load(home: Home, flags: Mapping[str, Any], *, demo: bool = False) -> Settings:
    """Merge flags, environment, ``config.toml`` and defaults. ConfigError names the setting and where it was found."""
    from_file = _read_file(home)
    merged: dict[str, Any] = {}
    for setting in SETTINGS:
        if flags.get(setting.name) is not None:
            raw, place = flags[setting.name], setting.option
        elif os.environ.get(setting.variable):
            raw, place = os.environ[setting.variable], setting.variable
        elif setting.name in from_file:
            raw, place = from_file[setting.name], f"{home.config}: {setting.name}"
        else:
            raw, place = setting.default, "default"
            if demo and setting.name == "sip":
                raw = "127.0.0.1:5060"
        merged[setting.name] = _typed(setting, raw, place)
    return _settings(merged, demo)


def _settings(merged: dict[str, Any], demo: bool) -> Settings:
    bind, _, advertised = merged["media_ip"].partition("=")
    bind = bind or merged["sip"][0]
    if bool(merged["tls_cert"]) != bool(merged["tls_key"]):
        raise ConfigError("tls_cert and tls_key belong together: give both, or '--tls self'", field="tls_cert")
    if merged["tls"] not in ("", "self"):
        raise ConfigError(
            "tls: the only value is 'self'; for your own certificate use tls_cert and tls_key", field="tls"
        )
    parse_allowed(merged["http_allow"])  # a mistake is told now, not by the first call
    return Settings(
        http_host=merged["http"][0],
        http_port=merged["http"][1],
        tls_self=merged["tls"] == "self",
        tls_cert=merged["tls_cert"],
        tls_key=merged["tls_key"],
        trusted_proxy=merged["trusted_proxy"],
        sip_host=merged["sip"][0],
        sip_port=merged["sip"][1],
        sip_advertise=merged["sip_advertise"],
        media_bind=bind,
        media_advertise=advertised or bind,
        rtp_first=merged["rtp_ports"][0],
        rtp_last=merged["rtp_ports"][1],
        webrtc_port=merged["webrtc_port"],
        media_workers=merged["media_workers"],
        media_capacity=merged["media_capacity"],
        media_timeout_s=merged["media_timeout_s"],
        http_allow=merged["http_allow"],
        drain_s=merged["drain_s"],
        log_level=merged["log_level"],
        demo=demo,
    )


def _read_file(home: Home) -> dict[str, Any]:
    try:
        data = tomllib.loads(home.config.read_text("utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return {}  # a home that cannot be is Home.create's to refuse, in better words
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{home.config} cannot be read: {error}") from error
    unknown = sorted(set(data) - set(_BY_NAME))
    if unknown:
        known = ", ".join(_BY_NAME)
        raise ConfigError(f"{home.config}: unknown setting {unknown[0]!r}; known are {known}", field=unknown[0])
    return data


def _typed(setting: Setting, raw: Any, place: str) -> Any:
    try:
        if setting.kind == "int":
            value = int(raw)
            if isinstance(raw, bool) or value < 0:
                raise ValueError
            return value
        if setting.kind == "address":
            return split_address(str(raw))
        if setting.kind == "range":
            first, last = (int(part) for part in str(raw).split("-"))
            if not 1024 <= first < last <= 65535:
                raise ValueError
            return first, last
        if not isinstance(raw, str):
            raise ValueError
        return raw
    except ValueError as error:
        wanted = {"int": "a whole number", "address": "HOST:PORT", "range": "FIRST-LAST (1024-65535)", "text": "text"}
        message = f"{place}: {raw!r} is not {wanted[setting.kind]} ({setting.help})"
        raise ConfigError(message, field=setting.name) from error


def split_address(text: str) -> tuple[str, int]:
    """``host:port`` or ``[v6]:port`` -> (host, port). ValueError when malformed."""
    host, separator, port = text.rpartition(":")
    if not separator or not host or not 0 <= int(port) <= 65535:
        raise ValueError(text)
    return host.strip("[]"), int(port)


def join_address(host: str, port: int) -> str:
    """The text form of an address, IPv6 in brackets."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
