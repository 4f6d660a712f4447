"""RTP over UDP: the port pool, symmetric sending with locking, and the kernel's drop counter."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import ipaddress
import logging
import os
import socket
import struct
from collections import deque

from ccc.errors import InvalidError, UnavailableError
from ccc.media.poller import Poller
from ccc.media.rtp import HEADER_BYTES
from ccc.media.transport import PacketHandler

log = logging.getLogger(__name__)

Address = tuple[str, int]
RECEIVE_BUFFER = 4 * 1024 * 1024
MAX_PACKET = 2048
FORMER_S = 1.0
_SO_MEMINFO = 55
_MEMINFO = struct.Struct("=9I")
_DROPS = 8  # SK_MEMINFO_DROPS in linux/sock_diag.h
_UNSPEC = ctypes.create_string_buffer(16)  # a sockaddr of family AF_UNSPEC: dissolves a connect()
_libc = ctypes.CDLL(None, use_errno=True)
_warned = False


def remote_address(value: object) -> Address | None:
    """``[host, port]`` of an SDP as an address to send to; None for null, port 0 and 0.0.0.0 (all mean: nowhere).

    InvalidError for anything but an IP literal: a name would need DNS, which would hold up every leg.
    """
    if value is None:
        return None
    if not isinstance(value, list | tuple) or len(value) != 2:
        raise InvalidError(f"remote must be [host, port] or null, not {value!r}", field="remote")
    host, port = value
    try:
        address = ipaddress.ip_address(host)
        if not isinstance(port, int) or not 0 <= port <= 65535:
            raise ValueError("port")
    except ValueError as error:
        raise InvalidError(f"remote {value!r} is not an IP address and a port", field="remote") from error
    return None if port == 0 or address.is_unspecified else (str(address), port)


def udp_socket(ip: str, port: int) -> socket.socket:
    """A bound, non-blocking UDP socket. OSError when the port is taken."""
    sock = socket.socket(socket.AF_INET6 if ":" in ip else socket.AF_INET, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
    try:
        sock.bind((ip, port))
    except OSError:
        sock.close()
        raise
    return sock


def enlarge_buffer(sock: socket.socket) -> int:
    """Ask for 4 MB of receive buffer; returns what the kernel gives (bytes) and warns once when it is less."""
    global _warned
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
    given = sock.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF) // 2  # the kernel reports twice what it was asked for
    if given < RECEIVE_BUFFER and not _warned:
        _warned = True
        log.warning(
            "media: the kernel gives %d kB of receive buffer instead of %d; sysctl -w net.core.rmem_max=%d",
            given // 1024,
            RECEIVE_BUFFER // 1024,
            RECEIVE_BUFFER,
        )
    return given


def kernel_drops(sock: socket.socket) -> int:
    """Packets the kernel dropped on this socket because its buffer was full (SO_MEMINFO)."""
    with contextlib.suppress(OSError, struct.error):
        return int(_MEMINFO.unpack(sock.getsockopt(socket.SOL_SOCKET, _SO_MEMINFO, _MEMINFO.size))[_DROPS])
    return 0


class PortPool:
    """Pairs of even RTP and odd RTCP ports. A port given back is used again last, so that late packets find nobody."""

    def __init__(self, ip: str, first: int, last: int) -> None:
        self._ip = ip
        self._free = deque(range(first + first % 2, last, 2))
        self.rcvbuf = 0

    def open(self) -> tuple[socket.socket, socket.socket, int]:
        """RTP socket, RTCP socket, RTP port. A port in use is skipped. UnavailableError ``full`` when none is left."""
        for _ in range(len(self._free)):
            port = self._free.popleft()
            try:
                pair = self._pair(port)
            except OSError as error:
                self._free.append(port)
                if error.errno == errno.EADDRINUSE:
                    continue
                raise UnavailableError(f"cannot open an RTP port: {error.strerror}", code="full") from error
            self.rcvbuf = enlarge_buffer(pair[0])
            return *pair, port
        raise UnavailableError("no RTP port is free; widen --rtp-ports", code="full")

    def _pair(self, port: int) -> tuple[socket.socket, socket.socket]:
        rtp = udp_socket(self._ip, port)
        try:
            return rtp, udp_socket(self._ip, port + 1)
        except OSError:
            rtp.close()
            raise

    def give_back(self, port: int) -> None:
        self._free.append(port)


class UdpTransport:
    """One leg's RTP and RTCP sockets (symmetric RTP, RFC 4961).

    Sends to the address of the SDP; locks to the first source of valid RTP (the kernel then drops others: the socket
    is connected); :meth:`unlock` after a re-INVITE or silence lets a new source in, while the old keeps being sent to.
    """

    __slots__ = (
        "_former",
        "_former_until",
        "_on_packet",
        "_on_rtcp",
        "_poller",
        "_pool",
        "_recv",
        "_rtcp",
        "_rtcp_remote",
        "_rtp",
        "_send",
        "_signalled",
        "accepted",
        "dropped",
        "errors",
        "locked",
        "port",
        "remote",
        "unsent",
    )

    def __init__(
        self,
        poller: Poller,
        pool: PortPool,
        remote: Address | None,
        on_packet: PacketHandler,
        on_rtcp: PacketHandler,
    ) -> None:
        self._rtp, self._rtcp, self.port = pool.open()
        self._poller, self._pool = poller, pool
        self._on_packet, self._on_rtcp = on_packet, on_rtcp
        self._send, self._recv = self._rtp.send, self._rtp.recv
        self.accepted: frozenset[int] = frozenset()
        """Payload types that prove a source to be the peer's."""
        self.locked = False
        self.dropped = 0
        self.errors = 0
        self.unsent = 0
        self.remote: Address | None = None
        self._signalled: Address | None = None
        self._rtcp_remote: Address | None = None
        self._former: Address | None = None
        self._former_until = 0.0
        self.aim(remote)
        poller.add(self._rtp.fileno(), self._readable)
        poller.add(self._rtcp.fileno(), self._rtcp_readable)

    def aim(self, remote: Address | None) -> None:
        """The address of a new SDP: send there, and lock anew. An unchanged address keeps what was learnt.

        What the former source still has under way must not win the lock back, so it is ignored for a moment.
        """
        former = self.remote if self.locked else None
        self.unlock()
        if remote == self._signalled and self.remote is not None:
            return
        self._signalled = self.remote = remote
        self._rtcp_remote = None if remote is None else (remote[0], min(remote[1] + 1, 65535))
        if former != remote:
            self._former, self._former_until = former, self._poller.now + FORMER_S

    def unlock(self) -> None:
        """Accept any source again."""
        if self.locked:
            self.locked = False
            if _libc.connect(self._rtp.fileno(), _UNSPEC, len(_UNSPEC)) != 0:
                raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))

    def send(self, packet: bytes) -> None:
        try:
            if self.locked:
                self._send(packet)
            elif self.remote is not None:
                self._rtp.sendto(packet, self.remote)
        except ConnectionRefusedError:
            self._send_again(packet)
        except OSError:
            self.unsent += 1

    def _send_again(self, packet: bytes) -> None:
        """The error told of an earlier packet (ICMP); this one has not been sent yet."""
        self.errors += 1
        try:
            self._send(packet)
        except OSError:
            self.unsent += 1

    def send_rtcp(self, packet: bytes) -> None:
        if self._rtcp_remote is not None:
            try:
                self._rtcp.sendto(packet, self._rtcp_remote)
            except OSError:
                self.errors += 1

    def _readable(self) -> None:
        if not self.locked:
            self._readable_unlocked()
            return
        try:
            packet = self._recv(MAX_PACKET)
        except OSError:  # nothing there, or an ICMP error of a packet sent earlier
            self.errors += 1
            return
        self._on_packet(packet, self._poller.now)

    def _readable_unlocked(self) -> None:
        """Empty the queue, since after locking the kernel still delivers what other sources sent before."""
        source: Address | None = None
        while True:
            try:
                packet, address = self._rtp.recvfrom(MAX_PACKET)
            except OSError:
                return
            if source is None and self._is_valid(packet) and not self._is_former(address[:2]):
                source = address[:2]
                self._lock(address)
            if address[:2] == source:
                self._on_packet(packet, self._poller.now)
            else:
                self.errors += 1
            if self._rtp.fileno() < 0:  # the packet closed the leg
                return

    def _is_valid(self, packet: bytes) -> bool:
        return len(packet) >= HEADER_BYTES and packet[0] >> 6 == 2 and packet[1] & 0x7F in self.accepted

    def _is_former(self, address: Address) -> bool:
        if self._former is not None and self._poller.now > self._former_until:
            self._former = None
        return address == self._former

    def _lock(self, address: Address) -> None:
        try:
            self._rtp.connect(address)
        except OSError:
            self.errors += 1
            return
        if self.remote is None or self.remote[0] != address[0]:
            self._rtcp_remote = (address[0], min(address[1] + 1, 65535))
        self.remote = (address[0], address[1])
        self.locked = True

    def _rtcp_readable(self) -> None:
        try:
            packet, address = self._rtcp.recvfrom(MAX_PACKET)
        except OSError:
            self.errors += 1
            return
        if self.remote is not None and address[0] == self.remote[0]:
            self._rtcp_remote = (address[0], address[1])
            self._on_rtcp(packet, self._poller.now)

    def drops(self) -> int:
        """Packets the kernel dropped on the RTP socket; asks the kernel (3 us), :attr:`dropped` is the last answer."""
        self.dropped = kernel_drops(self._rtp)
        return self.dropped

    def close(self) -> None:
        self._poller.remove(self._rtp.fileno())
        self._poller.remove(self._rtcp.fileno())
        self._rtp.close()
        self._rtcp.close()
        self._pool.give_back(self.port)
        del self._on_packet, self._on_rtcp
