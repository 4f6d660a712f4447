"""Bridges between workers: RTP packets over Unix datagram sockets, all packets of one round in one datagram.

Coalescing matters: the kernel queues as few as 10 datagrams on such a socket (net.unix.max_dgram_qlen).
"""

from __future__ import annotations

import logging
import socket
import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from ccc.media.outbound import EVENT, OTHER
from ccc.media.poller import Poller
from ccc.media.rtp import HEADER, HEADER_BYTES, PLAIN

log = logging.getLogger(__name__)

_RECORD = struct.Struct("!cBBH")
MEDIA, JOIN, PART = b"M", b"J", b"P"
MAX_DATAGRAM = 60_000
MAX_WAITING = 200_000
"""Bytes kept for a peer whose queue is full; what comes beyond is dropped."""
RETRY_S = 0.002
EVENT_PT = 127
"""Stands for telephone-event on the relay, whatever the legs call it."""


class Record(NamedTuple):
    """A message between workers: ``kind`` M (an RTP packet), J (join), P (part); each leg by its own worker's id."""

    kind: bytes
    to_leg: str
    from_leg: str
    data: bytes


def pack(record: Record) -> bytes:
    to_leg, from_leg = record.to_leg.encode(), record.from_leg.encode()
    return _RECORD.pack(record.kind, len(to_leg), len(from_leg), len(record.data)) + to_leg + from_leg + record.data


def unpack(datagram: bytes) -> Iterator[Record]:
    """Every whole record; what follows a broken one is ignored."""
    at = 0
    while at + _RECORD.size <= len(datagram):
        kind, to_size, from_size, size = _RECORD.unpack_from(datagram, at)
        at += _RECORD.size
        end = at + to_size + from_size + size
        if end > len(datagram) or kind not in (MEDIA, JOIN, PART):
            return
        try:
            to_leg = datagram[at : at + to_size].decode()
            from_leg = datagram[at + to_size : at + to_size + from_size].decode()
        except UnicodeDecodeError:
            return
        yield Record(kind, to_leg, from_leg, datagram[at + to_size + from_size : end])
        at = end


class RelaySink:
    """Passes one leg's audio on to a leg of another worker."""

    __slots__ = ("_head", "_relay", "from_leg", "to_leg", "worker")

    def __init__(self, relay: Relay, worker: str, to_leg: str, from_leg: str) -> None:
        self._relay = relay
        self.worker = worker
        self.to_leg = to_leg
        self.from_leg = from_leg
        self._head = to_leg.encode() + from_leg.encode()

    def forward(self, pt: int, marker: int, seq: int, ts: int, ssrc: int, payload: bytes, now: float) -> None:
        if pt == OTHER:
            return
        second = (EVENT_PT if pt == EVENT else pt) | marker
        size = HEADER_BYTES + len(payload)
        head = _RECORD.pack(MEDIA, len(self.to_leg.encode()), len(self.from_leg.encode()), size)
        self._relay.queue(self.worker, head + self._head + HEADER.pack(PLAIN, second, seq, ts, ssrc) + payload)

    def is_from(self, worker: str, leg: str) -> bool:
        return worker == self.worker and leg == self.to_leg

    def tell(self, kind: bytes) -> None:
        """Ask the other worker to join its leg with ours, or to let it go."""
        self._relay.queue(self.worker, pack(Record(kind, self.to_leg, self.from_leg, b"")))


class Relay:
    """This worker's socket for other workers. ``on_record(worker, record)`` gets what they send."""

    def __init__(self, poller: Poller, path: Path, on_record: Callable[[str, Record], None]) -> None:
        path.unlink(missing_ok=True)
        self._path = path
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        self._socket.bind(str(path))
        path.chmod(0o600)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
        self._poller = poller
        self._on_record = on_record
        self._waiting: dict[str, bytearray] = {}
        self._retrying = False
        self.dropped = 0
        poller.add(self._socket.fileno(), self._readable)

    def queue(self, worker: str, record: bytes) -> None:
        """Send with the others of this round."""
        waiting = self._waiting.setdefault(worker, bytearray())
        if len(waiting) > MAX_WAITING:
            self.dropped += 1
            return
        waiting += record

    def flush(self) -> None:
        """Send what the round has gathered; call at its end."""
        if not self._waiting or self._retrying:
            return
        for worker in list(self._waiting):
            if self._send(worker, self._waiting[worker]):
                del self._waiting[worker]
        if self._waiting:
            self._retrying = True
            self._poller.call_at(self._poller.now + RETRY_S, self._retry)

    def _retry(self) -> None:
        self._retrying = False
        self.flush()

    def _send(self, worker: str, waiting: bytearray) -> bool:
        """False when the peer's queue is full and something must wait."""
        while waiting:
            end = _whole_records(waiting, MAX_DATAGRAM)
            try:
                self._socket.sendto(bytes(waiting[:end]), worker)
            except BlockingIOError:
                return False
            except OSError as error:
                self.dropped += 1
                log.debug("relay to %s: %s", worker, error)
                return True
            del waiting[:end]
        return True

    def _readable(self) -> None:
        try:
            datagram, sender = self._socket.recvfrom(MAX_DATAGRAM + 4096)
        except OSError:
            return
        if isinstance(sender, str):
            for record in unpack(datagram):
                self._on_record(sender, record)

    def close(self) -> None:
        self._poller.remove(self._socket.fileno())
        self._socket.close()
        self._path.unlink(missing_ok=True)


def _whole_records(waiting: bytearray, limit: int) -> int:
    """Bytes of the leading records that fit into ``limit`` (at least one)."""
    at = 0
    while at < len(waiting):
        _, to_size, from_size, size = _RECORD.unpack_from(waiting, at)
        after = at + _RECORD.size + to_size + from_size + size
        if after > limit and at:
            break
        at = after
    return at
