"""The asyncio driver of the user agent: one UDP socket, one timer handle. All decisions are in ``ccc.sip.ua``."""

from __future__ import annotations

import asyncio
import errno
import ipaddress
import logging
import socket
import time
from collections.abc import Callable, Iterable
from typing import Any

from ccc.errors import ConfigError
from ccc.sip import build
from ccc.sip.digest import Credentials
from ccc.sip.message import Hop
from ccc.sip.ua import Handler, UserAgent
from ccc.sip.uac import ClientSession
from ccc.snapshot.model import Trunk

log = logging.getLogger(__name__)
RCVBUF_BYTES = 4 * 1024 * 1024
BATCH = 64
"""Datagrams read before the loop gets its turn."""


class Endpoint:
    """SIP over UDP. Every method belongs to the event loop's thread."""

    def __init__(self, bind: tuple[str, int], handler: Handler, advertise: tuple[str, int] | None = None) -> None:
        """``advertise``: what peers are told; default the bound address, or the one that routes to the peer."""
        self._bind = bind
        self._advertise = advertise
        self._socket: socket.socket | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._handle: asyncio.TimerHandle | None = None
        self._armed = float("inf")
        self._routes: dict[str, str] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self.local: tuple[str, int] = bind
        self.unsent = 0
        """Datagrams the kernel refused; retransmission makes up for them."""
        self.ua = UserAgent(handler, self._contact, time.monotonic)
        self.ua.on_output = self._output

    async def start(self) -> None:
        """Bind and listen. Raises ConfigError when the address cannot be had."""
        family = socket.AF_INET6 if ":" in self._bind[0] else socket.AF_INET
        sock = socket.socket(family, socket.SOCK_DGRAM)
        sock.setblocking(False)
        if family == socket.AF_INET6:  # IPv4 peers must not appear as ::ffff:1.2.3.4, which no trunk is configured with
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        for option in (socket.SO_RCVBUF, socket.SO_SNDBUF):
            sock.setsockopt(socket.SOL_SOCKET, option, RCVBUF_BYTES)
        try:
            sock.bind(self._bind)
        except OSError as error:
            sock.close()
            where = f"{self._bind[0]}:{self._bind[1]}"
            raise ConfigError(
                f"SIP cannot listen on {where} ({error.strerror}); choose another with --sip HOST:PORT", field="sip"
            ) from error
        got = sock.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF) // 2
        if got < RCVBUF_BYTES:
            log.warning("SIP socket buffer is %d bytes, wanted %d: raise net.core.rmem_max", got, RCVBUF_BYTES)
        self.local = sock.getsockname()[:2]
        self._socket = sock
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(sock.fileno(), self._readable)

    def configure(self, trunks: Iterable[Trunk]) -> None:
        """Replace the trunks that may call."""
        self.ua.configure(trunks)

    def invite(
        self, target_uri: str, destination: tuple[str, int], from_uri: str, from_display: str, sdp: bytes,
        headers: build.Headers = (), credentials: Credentials | None = None, trunk: Trunk | None = None,
    ) -> ClientSession:  # fmt: skip
        """Call out. The INVITE is sent in the next turn of the loop, so callbacks can be set on what is returned.

        A ``destination`` by name is resolved first; one that cannot be ends as ``on_reject(503, ...)``.
        """
        assert self._loop is not None
        session = self.ua.invite(
            target_uri, Hop(*destination), from_uri, from_display, sdp, headers, credentials, trunk
        )
        if _is_address(destination[0]):
            self._loop.call_soon(self.ua.place, session)
        else:
            task = self._loop.create_task(self._resolve(session, destination))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return session

    async def _resolve(self, session: ClientSession, destination: tuple[str, int]) -> None:
        assert self._loop is not None
        family = socket.AF_INET6 if ":" in self._bind[0] else socket.AF_INET
        try:
            found = await self._loop.getaddrinfo(*destination, family=family, type=socket.SOCK_DGRAM)
        except OSError as error:
            session.unreachable(f"{destination[0]} cannot be resolved: {error.strerror}")
            return
        session.hop = Hop(str(found[0][4][0]), int(found[0][4][1]))
        self.ua.place(session)

    def resume_bye(
        self, dialog_state: dict[str, Any], reason: str, on_done: Callable[[int | None], None] | None = None
    ) -> None:
        """BYE for a dialog of a dead process, retransmitted; ``on_done`` gets the final status or None."""
        self.ua.resume_bye(dialog_state, reason, on_done)

    def stats(self) -> dict[str, int]:
        """What ``/healthz`` may show: sessions, open transactions, datagrams not understood and not sent."""
        wire = self.ua.wire
        return {
            "sessions": len(self.ua.sessions),
            "transactions": len(wire.servers) + len(wire.clients),
            "malformed": self.ua.malformed,
            "unsent": self.unsent,
        }

    def close(self) -> None:
        """Stop listening; nothing more is sent."""
        for task in self._tasks:
            task.cancel()
        if self._handle is not None:
            self._handle.cancel()
        if self._socket is not None and self._loop is not None:
            self._loop.remove_reader(self._socket.fileno())
            self._socket.close()
            self._socket = None

    def _readable(self) -> None:
        sock, receive = self._socket, self.ua.receive
        for _ in range(BATCH):
            if sock is None or sock.fileno() < 0:
                return
            try:
                data, source = sock.recvfrom(65_535)
            except (BlockingIOError, InterruptedError):
                return
            except OSError as error:
                log.warning("SIP receive: %s", error)
                return
            try:
                receive(data, Hop(source[0], source[1]), time.monotonic())
            except Exception:
                log.exception("SIP datagram of %d bytes from %s:%d was not handled", len(data), *source[:2])

    def _output(self) -> None:
        out = self.ua.wire.out
        if out:
            self.ua.wire.out = []
            sock = self._socket
            for data, hop in out:
                if sock is None:
                    return
                try:
                    sock.sendto(data, (hop.host, hop.port))
                except OSError as error:
                    self.unsent += 1
                    if error.errno not in (errno.EAGAIN, errno.ENOBUFS):
                        log.warning("SIP to %s:%d: %s", hop.host, hop.port, error)
        deadline = self.ua.next_deadline()
        if deadline is not None and deadline < self._armed:
            self._arm(deadline)

    def _arm(self, deadline: float) -> None:
        if self._loop is None:
            return
        if self._handle is not None:
            self._handle.cancel()
        self._armed = deadline
        self._handle = self._loop.call_later(max(0.0, deadline - time.monotonic()), self._timer)

    def _timer(self) -> None:
        self._handle = None
        self._armed = float("inf")
        try:
            self.ua.on_time(time.monotonic())  # flushes, and flushing arms the handle again when something is left
        except Exception:
            log.exception("a SIP timer failed")
            self._output()

    def _contact(self, hop: Hop, trunk: Trunk | None) -> tuple[str, int]:
        """Our address for this peer: the trunk's own, the configured one, the bound one, else the routed one."""
        if trunk is not None and trunk.advertise_sip:
            host, _, port = (
                trunk.advertise_sip.rpartition(":") if ":" in trunk.advertise_sip else (trunk.advertise_sip, "", "")
            )
            return host, int(port) if port else self.local[1]
        if self._advertise is not None:
            return self._advertise
        if self.local[0] not in ("0.0.0.0", "::"):  # noqa: S104  # compared, not bound
            return self.local
        known = self._routes.get(hop.host)
        if known is None:
            if len(self._routes) > 10_000:
                self._routes.clear()
            known = self._routes[hop.host] = _routed(hop, self.local[0])
        return known, self.local[1]


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _routed(hop: Hop, fallback: str) -> str:
    """The local address the kernel would send from (a connected UDP socket sends nothing)."""
    with socket.socket(socket.AF_INET6 if ":" in hop.host else socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((hop.host, hop.port or 9))
            return str(probe.getsockname()[0])
        except OSError:
            return fallback


__all__ = ["Endpoint", "Handler"]
