"""Two or more user agents under virtual time, joined by a link that loses, doubles and reorders datagrams."""

from __future__ import annotations

import heapq
import itertools
import random
from collections.abc import Callable

from ccc.sip.message import Hop, parse
from ccc.sip.sdp import LocalSdp, Offer
from ccc.sip.ua import UserAgent
from ccc.sip.uac import ClientSession
from ccc.sip.uas import Asked, ServerSession
from ccc.snapshot.model import Trunk

ANYBODY = Trunk("t1", "test", "address", ("10.0.0.0/8",))
DELAY_S = 0.01


class Recorder:
    """A handler that keeps the sessions it is given and writes down every callback."""

    def __init__(self) -> None:
        self.sessions: list[ServerSession] = []
        self.events: list[tuple[object, ...]] = []
        self.refusal: tuple[int, str] | None = None
        self.on_new: Callable[[ServerSession], None] = lambda session: None

    def accepting(self) -> tuple[int, str] | None:
        return self.refusal

    def turned_away(self, asked: Asked, trunk_id: str, reason: str) -> None:
        self.events.append(("turned away", asked.request_user, asked.from_user, trunk_id, reason))

    def on_invite(self, session: ServerSession, trunk_id: str) -> None:
        self.sessions.append(session)
        self.watch(session)
        self.on_new(session)

    def watch(self, session: ServerSession | ClientSession) -> None:
        """Write down every callback of ``session``."""
        note = self.events.append
        session.on_ack = lambda answer: note(("ack", answer.port if answer else None))
        session.on_cancel = lambda: note(("cancel",))
        session.on_bye = lambda respond: note(("bye",))
        session.on_info = lambda kind, body: note(("info", kind, body))
        session.on_reinvited = lambda status, offer: note(("reinvited", status, offer.direction if offer else None))
        session.on_end = lambda cause: note(("end", cause))
        if isinstance(session, ClientSession):
            session.on_ringing = lambda status, early: note(("ringing", status))
            session.on_answer = lambda offer: note(("answer", offer.port))
            session.on_reject = lambda status, reason: note(("reject", status))

    def ends(self) -> list[object]:
        """Causes of the sessions that ended, in order."""
        return [event[1] for event in self.events if event[0] == "end"]


def answering(session: ServerSession) -> None:
    """Take the call at once; accept every re-INVITE."""
    local = LocalSdp("10.0.0.2", 20000, 7)
    session.on_reinvite = lambda offer: local.offer() if offer is None else local.answer(offer)
    session.answer(local.offer() if session.offer is None else local.answer(session.offer))


class Link:
    """The network and its clock. ``drop(data, source, destination)`` may lose chosen datagrams on top of the chance."""

    def __init__(self, seed: int = 1, loss: float = 0.0, double: float = 0.0, jitter_s: float = 0.0) -> None:
        self.now = 1000.0
        self.rng = random.Random(seed)
        self.loss, self.double, self.jitter_s = loss, double, jitter_s
        self.agents: dict[Hop, UserAgent] = {}
        self.sent: list[tuple[float, str, Hop, Hop]] = []
        """(time, start line, from, to) of everything put on the wire, lost datagrams included."""
        self.wires: list[bytes] = []
        self.drop: Callable[[bytes, Hop, Hop], bool] = lambda data, source, to: False
        self._queue: list[tuple[float, int, bytes, Hop, Hop]] = []
        self._count = itertools.count()

    def agent(self, host: str, handler: Recorder | None = None) -> tuple[UserAgent, Recorder, Hop]:
        """A user agent at ``host``:5060 whose callers are known."""
        handler = handler or Recorder()
        hop = Hop(host, 5060)
        tokens = itertools.count(1)
        ua = UserAgent(
            handler, lambda peer, trunk: (host, 5060), lambda: self.now,
            token=lambda: f"{host.replace('.', '')}x{next(tokens)}", rng=self.rng,
        )  # fmt: skip
        ua.configure([ANYBODY])
        self.agents[hop] = ua
        ua.on_output = lambda: self._collect(hop, ua)
        return ua, handler, hop

    def put(self, data: bytes, source: Hop, to: Hop) -> None:
        """Send one datagram by hand."""
        self._post(data, source, to)

    def _collect(self, source: Hop, ua: UserAgent) -> None:
        for data, to in ua.take_output():
            self._post(data, source, to)

    def _post(self, data: bytes, source: Hop, to: Hop) -> None:
        self.sent.append((self.now, data.split(b"\r\n", 1)[0].decode("latin-1"), source, to))
        self.wires.append(data)
        if not data.startswith((b"SIP/2.0 400", b"SIP/2.0 505")):  # those echo what could not be read
            parse(data)
        if self.drop(data, source, to) or self.rng.random() < self.loss:
            return
        for _ in range(2 if self.rng.random() < self.double else 1):
            at = self.now + DELAY_S + self.rng.random() * self.jitter_s
            heapq.heappush(self._queue, (at, next(self._count), data, source, to))

    def run(self, seconds: float) -> None:
        """Let time pass."""
        end = self.now + seconds
        while True:
            arrival = self._queue[0][0] if self._queue else float("inf")
            timers = [(d, hop) for hop, ua in self.agents.items() if (d := ua.next_deadline()) is not None]
            deadline, hop = min(timers, default=(float("inf"), None))
            when = min(arrival, deadline)
            if when > end:
                break
            self.now = max(self.now, when)
            if arrival <= deadline:
                _, _, data, source, to = heapq.heappop(self._queue)
                if to in self.agents:
                    self.agents[to].receive(data, source, self.now)
            elif hop is not None:
                self.agents[hop].on_time(self.now)
        self.now = end

    def lines(self, start: str) -> list[float]:
        """When datagrams whose start line begins so were sent."""
        return [at for at, line, _, _ in self.sent if line.startswith(start)]


def pair(link: Link) -> tuple[UserAgent, Recorder, UserAgent, Recorder]:
    """(caller agent, its record, called agent, its record); the called side answers at once."""
    caller, calling, _ = link.agent("10.0.0.1")
    called, taken, _ = link.agent("10.0.0.2")
    taken.on_new = answering
    return caller, calling, called, taken


def call(caller: UserAgent, record: Recorder, sdp: bytes | None = None, **more: object) -> ClientSession:
    """Place a call from 10.0.0.1 to 10.0.0.2."""
    local = LocalSdp("10.0.0.1", 30000, 5)
    body = local.offer() if sdp is None else sdp
    session = caller.invite("sip:4000@10.0.0.2:5060", Hop("10.0.0.2", 5060), "sip:555@10.0.0.1", "测试", body, **more)  # type: ignore[arg-type]
    record.watch(session)
    session.on_reinvite = lambda offer: local.offer() if offer is None else local.answer(offer)
    caller.place(session)
    return session


def empty(ua: UserAgent) -> bool:
    """No session, transaction or timer is left."""
    return not (ua.sessions or ua.first or ua.wire.servers or ua.wire.clients or len(ua.wire.timers))


__all__ = ["ANYBODY", "Link", "Offer", "Recorder", "answering", "call", "empty", "pair"]
