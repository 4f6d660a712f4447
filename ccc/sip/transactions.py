"""Server transactions (RFC 3261 17.2, RFC 6026) and the table both sides are matched in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ccc.sip.message import Hop, Request, Response
from ccc.sip.timers import T1_S, T2_S, T4_S, TIMEOUT_S, Timer, Timers


class Wire:
    """What transactions share: the time of the current event, outgoing datagrams, timers, the two tables."""

    def __init__(self) -> None:
        self.now = 0.0
        self.out: list[tuple[bytes, Hop]] = []
        self.timers = Timers()
        self.servers: dict[str, Any] = {}
        self.clients: dict[str, Any] = {}

    def send(self, data: bytes, hop: Hop) -> None:
        """Queue one datagram."""
        self.out.append((data, hop))


def server_key(request: Request, method: str) -> str:
    """RFC 3261 17.2.3: branch, sent-by and method; for RFC 2543 peers (no magic cookie) the fields they keep equal."""
    via = request.via
    if via.branch.startswith("z9hG4bK") and len(via.branch) > 7:
        return f"{via.branch}|{via.host}:{via.port}|{method}"
    return f"2543|{request.uri}|{request.from_tag}|{request.call_id}|{request.cseq}|{via.raw}|{method}"


class ServerTransaction:
    """Non-INVITE (17.2.2): trying/proceeding, then completed: the cached answer is repeated until timer J."""

    __slots__ = ("hop", "key", "last", "wire")

    def __init__(self, wire: Wire, key: str, hop: Hop) -> None:
        self.wire = wire
        self.key = key
        self.hop = hop
        self.last = b""
        wire.servers[key] = self

    def retransmitted(self) -> None:
        """The same request came again."""
        if self.last:
            self.wire.send(self.last, self.hop)

    def respond(self, status: int, data: bytes) -> None:
        """Send a response; a final one ends the transaction's work."""
        self.last = data
        self.wire.send(data, self.hop)
        if status >= 200:
            wire = self.wire
            if self.hop.transport != "UDP":
                wire.servers.pop(self.key, None)  # timer J is zero
            else:
                wire.timers.forget_later(wire.now, wire.servers, self.key, self)


class InviteServer:
    """INVITE (17.2.1 with RFC 6026): proceeding -> completed -> confirmed, or accepted (the 200 is the session's)."""

    __slots__ = ("hop", "key", "last", "owner", "state", "timer_g", "timer_h", "wait_s", "wire")

    def __init__(self, wire: Wire, key: str, hop: Hop) -> None:
        self.wire = wire
        self.key = key
        self.hop = hop
        self.last = b""
        self.state = "proceeding"
        self.owner: Any = None
        """The session while it is still unanswered; CANCEL looks here."""
        self.wait_s = T1_S
        self.timer_g: Timer | None = None
        self.timer_h: Timer | None = None
        wire.servers[key] = self

    def retransmitted(self) -> None:
        """The same INVITE came again: repeat the last answer; in accepted and confirmed stay silent."""
        if self.last and self.state in ("proceeding", "completed"):
            self.wire.send(self.last, self.hop)

    def respond(self, status: int, data: bytes) -> None:
        """Send a response. After a final one nothing more may be sent through this transaction."""
        wire = self.wire
        wire.send(data, self.hop)
        self.last = data
        if status < 200:
            return
        self.owner = None
        if status < 300:
            self.state = "accepted"
            self.last = b""
            wire.timers.forget_later(wire.now, wire.servers, self.key, self)
            return
        self.state = "completed"
        self.timer_h = wire.timers.at(wire.now + TIMEOUT_S, self._end)
        if self.hop.transport == "UDP":
            self.timer_g = wire.timers.at(wire.now + self.wait_s, self._repeat)

    def acknowledged(self) -> bool:
        """An ACK with our branch came. False: it belongs to the dialog (a 200's ACK sent in the same branch)."""
        if self.state == "accepted":
            return False
        if self.state == "completed":
            self.state = "confirmed"
            self._stop()
            self.last = b""
            if self.hop.transport == "UDP":
                self.timer_h = self.wire.timers.at(self.wire.now + T4_S, self._end)  # timer I
            else:
                self._end()
        return True

    def _repeat(self) -> None:
        self.wire.send(self.last, self.hop)
        self.wait_s = min(2 * self.wait_s, T2_S)
        self.timer_g = self.wire.timers.at(self.wire.now + self.wait_s, self._repeat)

    def _stop(self) -> None:
        for timer in (self.timer_g, self.timer_h):
            if timer is not None:
                timer.cancel()

    def _end(self) -> None:
        self._stop()
        self.state = "terminated"
        if self.wire.servers.get(self.key) is self:
            del self.wire.servers[self.key]


class ClientTransaction:
    """Non-INVITE (17.1.2). ``on_response`` gets provisional and final answers, None when timer F fires."""

    __slots__ = ("_done", "_timer", "_timer_f", "_wait_s", "data", "hop", "key", "on_response", "wire")

    def __init__(
        self, wire: Wire, key: str, data: bytes, hop: Hop, on_response: Callable[[Response | None], None]
    ) -> None:
        self.wire = wire
        self.key = key
        self.data = data
        self.hop = hop
        self.on_response: Callable[[Response | None], None] | None = on_response
        self._wait_s = T1_S
        self._done = False
        self._timer: Timer | None = None
        wire.clients[key] = self
        wire.send(data, hop)
        self._timer_f = wire.timers.at(wire.now + TIMEOUT_S, self._expired)
        if hop.transport == "UDP":
            self._timer = wire.timers.at(wire.now + T1_S, self._repeat)  # timer E

    def _repeat(self) -> None:
        wire = self.wire
        wire.send(self.data, self.hop)
        self._wait_s = min(2 * self._wait_s, T2_S)
        self._timer = wire.timers.at(wire.now + self._wait_s, self._repeat)

    def receive(self, response: Response) -> None:
        """A response with our branch came."""
        call = self.on_response
        if self._done or call is None:
            return  # timer K runs: repeated finals are absorbed
        if response.status < 200:
            self._wait_s = T2_S  # proceeding: timer E goes on at T2
        else:
            self._finish()
            if self.hop.transport == "UDP":
                self._timer = self.wire.timers.at(self.wire.now + T4_S, self._end)  # timer K
            else:
                self._end()
        call(response)

    def _finish(self) -> None:
        self._done = True
        self.on_response = None
        self._timer_f.cancel()
        if self._timer is not None:
            self._timer.cancel()

    def _expired(self) -> None:
        call = self.on_response
        self._finish()
        self._end()
        if call is not None:
            call(None)

    def _end(self) -> None:
        self.wire.clients.pop(self.key, None)
