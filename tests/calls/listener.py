"""One UDP socket that hears many calls at once and tells them apart by the system's own port."""

from __future__ import annotations

import socket
import struct
import threading
import time
from dataclasses import dataclass, field

from ccc.caller.rtp import FRAME, PCMA, Sender

_HEADER = struct.Struct(">BBHII")
SO_RCVBUFFORCE = 33


@dataclass(slots=True)
class Stream:
    """What one leg of the system sent."""

    address: tuple[str, int]
    ssrc: int
    first_s: float
    last_s: float = 0.0
    sequences: list[int] = field(default_factory=list)
    other_sources: int = 0

    @property
    def gaps(self) -> list[tuple[int, int]]:
        """Places where the sequence does not go on by one (mod 2^16)."""
        pairs = zip(self.sequences, self.sequences[1:], strict=False)
        return [(a, b) for a, b in pairs if (a + 1) & 0xFFFF != b]

    @property
    def share(self) -> float:
        """Packets received / packets expected at 50 a second."""
        return len(self.sequences) / ((self.last_s - self.first_s) * 50 + 1)


class Listener:
    """Receives in a thread until closed."""

    def __init__(self) -> None:
        self._sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        try:
            self._sock.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 16 << 20)
        except PermissionError:
            self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        self._sock.bind(("127.0.0.1", 0))
        self._sock.settimeout(0.2)
        self.port: int = self._sock.getsockname()[1]
        self.streams: dict[int, Stream] = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Listener:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
        self._sock.close()

    def press(self, key: str) -> None:
        """Press a key in every call heard so far, 20 ms a packet as a telephone does."""
        senders = [(Sender(b"", loop=False, payload_type=PCMA), stream.address) for stream in self.streams.values()]
        for sender, _ in senders:
            sender.press(key)
        while any(sender.busy for sender, _ in senders):
            began = time.monotonic()
            for sender, address in senders:
                for packet in sender.tick():
                    self._sock.sendto(packet, address)
            time.sleep(max(0.0, 0.02 - (time.monotonic() - began)))

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                data, address = self._sock.recvfrom(2048)
            except TimeoutError:
                continue
            if len(data) != _HEADER.size + FRAME:
                continue
            self._take(data, address, time.monotonic())

    def _take(self, data: bytes, address: tuple[str, int], now_s: float) -> None:
        _, _, sequence, _, ssrc = _HEADER.unpack_from(data)
        stream = self.streams.get(address[1])
        if stream is None:
            stream = self.streams[address[1]] = Stream(address, ssrc, now_s)
        stream.other_sources += ssrc != stream.ssrc
        stream.sequences.append(sequence)
        stream.last_s = now_s
