"""A worker's engine in the test's own thread: under virtual time, or with real sockets and real time."""

from __future__ import annotations

import dataclasses
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ccc.media import rtp
from ccc.media.engine import Engine
from ccc.media.poller import Poller
from ccc.media.settings import WorkerSettings


class VirtualTime:
    """A poller whose clock moves only when told to."""

    def __init__(self) -> None:
        self.t = 1000.0
        self.poller = Poller(lambda: self.t)

    def run(self, seconds: float, step_s: float = 0.001) -> None:
        """Let time pass in steps; timers and descriptors are served at each."""
        end = self.t + seconds
        while self.t < end - 1e-9:
            self.t = min(end, self.t + step_s)
            self.poller.round(0)

    def wait_for(self, condition: Callable[[], object], timeout_s: float = 5.0) -> None:
        """Wait in real time for the threads; virtual time stands still."""
        deadline = time.monotonic() + timeout_s
        while not condition():
            assert time.monotonic() < deadline, "the thread's result did not come"
            self.poller.round(0)
            time.sleep(0.0005)


@pytest.fixture
def virtual() -> Iterator[VirtualTime]:
    clock = VirtualTime()
    yield clock
    clock.poller.close()


class Phone:
    """The other end of an RTP leg: a plain UDP socket."""

    def __init__(self, ip: str = "127.0.0.1") -> None:
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        self.sock.bind((ip, 0))
        self.leg_at: tuple[str, int] = (ip, 0)
        self.seq, self.ts, self.ssrc = 100, 5000, 0xABC

    @property
    def address(self) -> list[Any]:
        return list(self.sock.getsockname())

    def say(self, payload: bytes = b"\xd5" * 160, pt: int = 8, **override: Any) -> None:
        """Send the next packet."""
        self.seq = (self.seq + 1) & 0xFFFF
        self.ts = (self.ts + len(payload)) & 0xFFFFFFFF
        fields = {"seq": self.seq, "ts": self.ts, "ssrc": self.ssrc, **override}
        self.sock.sendto(rtp.build(pt, fields["seq"], fields["ts"], fields["ssrc"], payload), self.leg_at)

    def heard(self) -> list[rtp.Packet]:
        """Every packet that has arrived."""
        packets = []
        while True:
            try:
                parsed = rtp.parse(self.sock.recv(4096))
            except BlockingIOError:
                return packets
            assert parsed is not None
            packets.append(parsed)


class Station:
    """An engine with real sockets, served by :meth:`serve` in the test's thread."""

    def __init__(self, folder: Path, poller: Poller, **settings: Any) -> None:
        self.events: list[dict[str, Any]] = []
        self.folder = folder
        self.poller = poller
        wanted = WorkerSettings(relay=folder / "relay", rtp_first=42000, rtp_last=42399, webrtc_port=-1)
        self.settings = dataclasses.replace(wanted, **settings)
        self.engine = Engine(poller, self.settings, self.events.append, None)
        self.phones: list[Phone] = []

    def do(self, op: str, leg: str | None = None, **fields: Any) -> dict[str, Any]:
        return self.engine.handle({"op": op, **({"leg": leg} if leg is not None else {}), **fields})

    def call(self, leg: str, **fields: Any) -> Phone:
        """Open an RTP leg for a new phone."""
        phone = Phone()
        self.phones.append(phone)
        answer = self.do("open", leg, kind="rtp", **{"remote": phone.address, "dtmf_pt": 101, **fields})
        phone.leg_at = (answer["host"], answer["port"])
        return phone

    def serve(self, seconds: float = 0.0, until: Callable[[], object] | None = None, timeout_s: float = 5.0) -> None:
        """Serve for ``seconds``, or until a condition holds (an assertion error after ``timeout_s``)."""
        end = time.monotonic() + (timeout_s if until is not None else seconds)
        while True:
            self.engine.flush()
            self.poller.round(0.005)
            if until is not None and until():
                return
            if time.monotonic() >= end:
                assert until is None, "it did not happen in time"
                return

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [event for event in self.events if event["ev"] == kind]

    def file(self, name: str, data: bytes) -> str:
        path = self.folder / name
        path.write_bytes(data)
        return str(path)

    def close(self) -> None:
        self.engine.shutdown()
        for phone in self.phones:
            phone.sock.close()


@pytest.fixture
def station(short_dir: Path) -> Iterator[Station]:
    poller = Poller()
    made = Station(short_dir, poller)
    yield made
    made.close()
    poller.close()
