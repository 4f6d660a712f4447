"""The caller's RTP socket: sends 20 ms frames on a clock, listens, records."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Callable, Iterator

from ccc.audio.g711 import ALAW_TO_ULAW, decode_alaw, decode_ulaw
from ccc.caller.audio import Recording
from ccc.caller.hear import Ear, Stretch
from ccc.caller.rtp import PCMA, PCMU, TICK_S, Packet, Receiver, Sender, parse
from ccc.errors import ConfigError

_DECODERS = {PCMA: decode_alaw, PCMU: decode_ulaw}


class Media(asyncio.DatagramProtocol):
    """One call's sound. ``on_sound`` is called when what is heard changes."""

    def __init__(self, audio: bytes, *, loop: bool, on_sound: Callable[[Stretch], None]) -> None:
        """``audio``: A-law at 8 kHz."""
        self._audio, self._loop, self._on_sound = audio, loop, on_sound
        self._remote: tuple[str, int] | None = None
        self._transport: asyncio.DatagramTransport | None = None
        self._began_s = 0.0
        self.ear = Ear()
        self.receiver = Receiver()
        self.recording = Recording()
        self.sender = Sender(b"", loop=False)

    async def open(self, host: str) -> int:
        """Bind an even port on ``host`` and return it."""
        loop = asyncio.get_running_loop()
        sock = _even_socket(host)
        self._transport, _ = await loop.create_datagram_endpoint(lambda: self, sock=sock)
        self._began_s = loop.time()
        port: int = sock.getsockname()[1]
        return port

    def datagram_received(self, data: bytes, addr: object) -> None:
        """asyncio: a datagram came. Whatever is no RTP in G.711 is left out."""
        packet = parse(data)
        if packet is not None:
            self._take(packet, asyncio.get_running_loop().time())

    def _take(self, packet: Packet, now_s: float) -> None:
        if not self.receiver.feed(packet, now_s):
            return
        decode = _DECODERS.get(packet.payload_type)
        if decode is None:
            self.receiver.events += 1
            return
        samples = decode(packet.payload)
        self.recording.put(packet.ssrc, packet.timestamp, samples, now_s - self._began_s)
        for stretch in self.ear.feed(samples):
            self._on_sound(stretch)

    def connect(self, remote: tuple[str, int], payload_type: int, dtmf_type: int | None) -> None:
        """Where and in which codec to send from now on (from the SDP answer)."""
        self._remote = remote
        if self.sender.sent == 0:
            audio = self._audio if payload_type == PCMA else self._audio.translate(ALAW_TO_ULAW)
            self.sender = Sender(audio, loop=self._loop, payload_type=payload_type, dtmf_type=dtmf_type)

    async def run(self) -> None:
        """Send a frame each 20 ms until cancelled; a late clock catches up."""
        loop = asyncio.get_running_loop()
        due_s = loop.time()
        while True:
            for packet in self.sender.tick():
                if self._transport is not None and self._remote is not None:
                    self._transport.sendto(packet, self._remote)
            due_s += TICK_S
            await asyncio.sleep(max(0.0, due_s - loop.time()))

    def close(self) -> None:
        """Give the port back."""
        if self._transport is not None:
            self._transport.close()

    @contextlib.contextmanager
    def closing(self) -> Iterator[Media]:
        """Close at the end, whatever happens."""
        try:
            yield self
        finally:
            self.close()


def _even_socket(host: str) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for _ in range(50):
        sock = socket.socket(family, socket.SOCK_DGRAM)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        sock.bind((host, 0))
        if sock.getsockname()[1] % 2 == 0:
            sock.setblocking(False)
            return sock
        sock.close()
    raise ConfigError(f"no even UDP port is free on {host}")
