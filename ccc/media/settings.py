"""What a worker is told at its start."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ccc.media.address import routable


@dataclass(frozen=True, slots=True)
class WorkerSettings:
    """Plain data, so that the supervisor can pass it to the child as it likes."""

    relay: Path
    """This worker's Unix datagram socket for bridges to other workers."""
    bind_ip: str = "127.0.0.1"
    advertised_ip: str = ""
    """The address put into SDP; empty: ``bind_ip``. A wildcard stands for the address of the default route."""
    rtp_first: int = 20000
    rtp_last: int = 29999
    """RTP on even ports, RTCP on the odd one above."""
    webrtc_ip: str = ""
    """Empty: ``bind_ip``."""
    webrtc_port: int = 30000
    """UDP port of all browser legs; 0 takes a free one, -1 switches browser legs off."""
    capacity: int = 1500
    """Legs at once; beyond that ``open`` answers ``full``."""
    media_timeout_s: float = 60.0
    """No RTP for so long, and not on hold: event ``media-timeout``."""
    prompt_cache_bytes: int = 128 * 1024 * 1024
    record_buffer_bytes: int = 64 * 1024 * 1024
    """Audio waiting for a slow disk, all recordings together; beyond that it is lost (event ``record-error``)."""
    parent_pid: int | None = None
    """The worker ends when this is no longer its parent; None: whoever is the parent when it starts."""

    @property
    def public_ip(self) -> str:
        """What stands in SDP: never a wildcard."""
        return routable(self.advertised_ip or self.bind_ip)
