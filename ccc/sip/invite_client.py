"""The INVITE client transaction (RFC 3261 17.1.1 with RFC 6026)."""

from __future__ import annotations

from collections.abc import Callable

from ccc.sip.message import Hop, Response
from ccc.sip.timers import T1_S, TIMEOUT_S, TIMER_D_S, Timer
from ccc.sip.transactions import Wire


class InviteClient:
    """calling -> proceeding -> completed (ACKs failures itself) or accepted (every 2xx goes up: forks, repeats).

    ``on_response(None)``: nothing answered within 64*T1 (timer B), or no final answer within 64*T1 after CANCEL.
    ``make_ack(response)`` builds the ACK to a failure (17.1.1.3).
    """

    __slots__ = (
        "_timer_a",
        "_timer_b",
        "_wait_s",
        "ack",
        "data",
        "hop",
        "key",
        "make_ack",
        "on_response",
        "state",
        "wire",
    )

    def __init__(
        self,
        wire: Wire,
        key: str,
        data: bytes,
        hop: Hop,
        on_response: Callable[[Response | None], None],
        make_ack: Callable[[Response], bytes],
    ) -> None:
        self.wire = wire
        self.key = key
        self.data = data
        self.hop = hop
        self.on_response = on_response
        self.make_ack = make_ack
        self.ack = b""
        self.state = "calling"
        self._wait_s = T1_S
        self._timer_a: Timer | None = None
        wire.clients[key] = self
        wire.send(data, hop)
        self._timer_b = wire.timers.at(wire.now + TIMEOUT_S, self._expired)
        if hop.transport == "UDP":
            self._timer_a = wire.timers.at(wire.now + T1_S, self._repeat)

    def _repeat(self) -> None:
        self.wire.send(self.data, self.hop)
        self._wait_s *= 2
        self._timer_a = self.wire.timers.at(self.wire.now + self._wait_s, self._repeat)

    def _stop(self) -> None:
        if self._timer_a is not None:
            self._timer_a.cancel()
        self._timer_b.cancel()

    def receive(self, response: Response) -> None:
        """A response with our branch came."""
        status = response.status
        if self.state in ("calling", "proceeding"):
            if status < 200:
                if self.state == "calling":
                    self.state = "proceeding"
                    self._stop()
            elif status < 300:
                self._stop()
                self.state = "accepted"
                self.wire.timers.forget_later(self.wire.now, self.wire.clients, self.key, self)  # timer M
            else:
                self._failed(response)
            self.on_response(response)
        elif self.state == "accepted":
            if 200 <= status < 300:
                self.on_response(response)
        elif self.state == "completed" and status >= 300:
            self.wire.send(self.ack, self.hop)

    def _failed(self, response: Response) -> None:
        self._stop()
        self.state = "completed"
        self.ack = self.make_ack(response)
        self.data = b""
        self.wire.send(self.ack, self.hop)
        if self.hop.transport == "UDP":
            self._timer_b = self.wire.timers.at(self.wire.now + TIMER_D_S, self._end)
        else:
            self._end()

    def give_up_later(self) -> None:
        """CANCEL was sent: without a final answer within 64*T1 the transaction ends (9.1)."""
        if self.state in ("calling", "proceeding"):
            self._stop()
            self._timer_b = self.wire.timers.at(self.wire.now + TIMEOUT_S, self._expired)

    def _expired(self) -> None:
        self._end()
        self.on_response(None)

    def _end(self) -> None:
        self._stop()
        self.state = "terminated"
        if self.wire.clients.get(self.key) is self:
            del self.wire.clients[self.key]
