"""``ccc ports``: the firewall list of this installation (NET-3), from the settings in force."""

from __future__ import annotations

import ipaddress
import json
from dataclasses import asdict, dataclass
from typing import Any

import click

from ccc.commands.common import home_option
from ccc.commands.serve import setting_options
from ccc.home import Home
from ccc.settings import Settings, load


@dataclass(frozen=True, slots=True)
class Opening:
    """Inbound traffic to let through. ``public``: the address others are told, where it differs from ``address``."""

    what: str
    protocol: str
    address: str
    first: int
    last: int
    sources: str
    public: str = ""

    @property
    def local(self) -> bool:
        """Only this machine can reach it: nothing to open."""
        if self.address == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.address).is_loopback
        except ValueError:
            return False

    @property
    def ports(self) -> str:
        return str(self.first) if self.first == self.last else f"{self.first}-{self.last}"


def openings(settings: Settings) -> list[Opening]:
    """Every port range other machines send to."""
    media = settings.media_bind or "0.0.0.0"  # noqa: S104 - shown, not bound
    public = settings.media_advertise if settings.media_advertise != settings.media_bind else ""
    web = "HTTPS and WebSocket" if settings.https else "HTTP and WebSocket"
    last_worker = settings.webrtc_port + max(1, settings.media_workers) - 1
    host, port = settings.http_host, settings.http_port
    return [
        Opening(web, "tcp", host, port, port, "agents' and administrators' browsers"),
        Opening(
            "SIP", "udp", settings.sip_host, settings.sip_port, settings.sip_port, "carriers", settings.sip_advertise
        ),
        Opening("RTP and RTCP", "udp", media, settings.rtp_first, settings.rtp_last, "carriers", public),
        Opening("browser audio", "udp", media, settings.webrtc_port, last_worker, "agents' browsers", public),
    ]


@click.command()
@home_option
@setting_options
@click.option("--demo", is_flag=True, help="As `ccc serve --demo` would listen.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def ports(home: Home, demo: bool, as_json: bool, **flags: Any) -> None:
    """Print what a firewall in front of this machine must let in (answers go back the same way)."""
    found = openings(load(home, flags, demo=demo))
    if as_json:
        for opening in found:
            click.echo(json.dumps({**asdict(opening), "local_only": opening.local}))
        return
    rows = [("WHAT", "PROTOCOL", "ADDRESS", "PORTS", "FROM")]
    rows += [(o.what, o.protocol, _address(o), o.ports, o.sources) for o in found]
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    for row in rows:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
    if any(opening.local for opening in found):
        click.echo("\nThis machine only: reachable from here alone; bind another address to serve other machines.")


def _address(opening: Opening) -> str:
    if opening.local:
        return f"{opening.address} (this machine only)"
    return f"{opening.address} (public {opening.public})" if opening.public else opening.address
