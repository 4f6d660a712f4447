"""Starts media worker K of an installation with the installation's settings."""

from __future__ import annotations

import os

from ccc.home import Home
from ccc.media.settings import WorkerSettings
from ccc.media.worker import run as run_worker
from ccc.settings import Settings


def run(home: Home, settings: Settings, number: int) -> None:
    """Run until SIGTERM. Worker K has its own browser port; the RTP range is shared, busy ports are skipped."""
    socket = home.socket(f"media-{number}")
    run_worker(
        socket,
        WorkerSettings(
            relay=socket.with_suffix(".relay"),
            bind_ip=settings.media_bind,
            advertised_ip=settings.media_advertise,
            rtp_first=settings.rtp_first,
            rtp_last=settings.rtp_last,
            webrtc_ip=settings.media_bind,
            webrtc_port=settings.webrtc_port + number,
            capacity=settings.media_capacity,
            media_timeout_s=settings.media_timeout_s,
            parent_pid=os.getppid(),
        ),
    )
