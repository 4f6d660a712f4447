"""A switchboard without a network: sessions and media workers that record what they are told."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from ccc.flow.compile import compile_flow
from ccc.flow.document import parse_document
from ccc.home import Home
from ccc.loader import Registry
from ccc.runtime.board import Switchboard
from ccc.runtime.config import Configuration, Index
from ccc.runtime.media_pool import Link, MediaPool
from ccc.runtime.tallies import Tallies
from ccc.snapshot.model import (
    Agent,
    AgentGroup,
    Audio,
    FlowVersion,
    Instance,
    Number,
    SkillGroup,
    Snapshot,
    Trunk,
)

_ids = itertools.count()


class FakeSession:
    """A SIP session that is never on a wire."""

    def __init__(
        self, number: str = "4000", caller: str = "13800138000", on_event: Callable[[str], None] | None = None
    ):
        self.request_user = number
        self.to_user = number
        self.from_user = caller
        self.pai_user = self.diversion_user = ""
        self.offer = SimpleNamespace(
            host="127.0.0.1", port=6000, preferred=8, pcma=8, pcmu=0, telephone_event=101, hold=False,
            index=0, media=("audio 6000 RTP/AVP 8",), direction="sendrecv",
        )  # fmt: skip
        self.state = "incoming"
        self.log: list[Any] = []
        self.on_ack = self.on_cancel = self.on_bye = self.on_reinvite = self.on_info = self.on_end = None
        self._number = next(_ids)

    def dialog_state(self) -> dict[str, Any]:
        return {"call_id": f"fake-{self._number}"}

    def ring(self, status: int = 180) -> None:
        self.log.append("ring")
        self.state = "ringing"

    def answer(self, sdp: bytes) -> None:
        self.log.append("answer")
        self.state = "confirmed"

    def reject(self, status: int, reason: str = "") -> None:
        self.log.append((status, reason))
        self._end("rejected")

    def bye(self, reason: str = "") -> None:
        self.log.append("bye")
        self._end("local-bye")

    def peer_hangs_up(self) -> None:
        """What the stack does on BYE."""
        self.state = "ending"
        self.on_bye(lambda: None)
        self.log.append("200 to BYE")
        self._end("remote-bye")

    def peer_cancels(self) -> None:
        self.state = "ending"
        self.on_cancel()
        self._end("cancelled")

    def _end(self, cause: str) -> None:
        self.state = "ended"
        if self.on_end is not None:
            self.on_end(cause)


class FakeWorker:
    """Stands behind a Link: every operation is kept, answers come at once."""

    def __init__(self) -> None:
        self.ops: list[tuple[str, dict[str, Any]]] = []

    async def request(self, op: str, **fields: Any) -> dict[str, Any]:
        self.ops.append((op, fields))
        if op == "reoffer" or fields.get("kind") == "webrtc":
            return {"answer": "v=0 answer"}
        return {"host": "127.0.0.1", "port": 20000} if op == "open" else {}

    def send(self, op: str, **fields: Any) -> None:
        self.ops.append((op, fields))

    def named(self, op: str) -> list[dict[str, Any]]:
        return [fields for name, fields in self.ops if name == op]


class FakePage:
    """A page that collects what it is sent."""

    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []
        self.closed: str | None = None

    def send(self, kind: str, **fields: Any) -> None:
        self.messages.append({"t": kind, **fields})

    def close(self, why: str) -> None:
        self.closed = why

    def last(self, kind: str) -> dict[str, Any]:
        return next(message for message in reversed(self.messages) if message["t"] == kind)


class Lines:
    """A journal in memory."""

    healthy = True

    def __init__(self) -> None:
        self.records: list[dict[str, Any]] = []

    def append(self, record: dict[str, Any]) -> None:
        self.records.append(record)

    def closed(self) -> list[dict[str, Any]]:
        return [record["cdr"] for record in self.records if record["k"] == "close"]


class Stage:
    """A switchboard of one instance with one flow, two agents, one worker."""

    def __init__(self, home: Home, registry: Registry, document: dict[str, Any], **group: Any) -> None:
        self.journal = Lines()
        self.worker = FakeWorker()
        self.pool = MediaPool([Path("/nowhere/media-0.sock")], capacity=10)
        self.link: Link = self.pool.links[0]
        self.link.worker = self.worker  # type: ignore[assignment]
        config = Configuration(home.snapshot, registry)
        self.board = Switchboard(home, config, self.journal, self.pool, {}, Tallies(home.tally, 0.0))  # type: ignore[arg-type]
        compiled = compile_flow(parse_document(document), registry)
        version = FlowVersion(document["name"], "demo", 1, compiled.hash, document)
        config._compiled[compiled.hash] = compiled
        members = (AgentGroup("default"),)
        tone = home.prompts / "x.al"
        tone.write_bytes(b"\xd5" * 160)
        config.index = Index(
            Snapshot(
                counter=1,
                made_at=0.0,
                instances=(Instance("demo", "Demo", "acme"),),
                trunks=(Trunk("t1", "carrier", "address"),),
                numbers=(Number("4000", "demo", document["name"]),),
                agents=(Agent("agent1", "demo", "One", groups=members), Agent("agent2", "demo", "Two", groups=members)),
                skill_groups=(SkillGroup("default", "demo", **group),),
                flows=(version,),
                audio=(Audio("x", "demo", str(tone)),),
            )
        )
        self.board.configure(config.index)
        self.desks = self.board.desks("demo")

    def invite(self, number: str = "4000") -> FakeSession:
        session = FakeSession(number)
        self.board.on_invite(session, "t1")  # type: ignore[arg-type]
        return session

    def leg_event(self, **event: Any) -> None:
        """An event of the caller's leg."""
        leg = next(name for name in self.link.legs if not name.startswith("agent-"))
        self.link.legs[leg](event)

    def agent_event(self, user: str, **event: Any) -> None:
        self.link.legs[f"agent-demo-{user}"](event)

    async def sit_down(self, user: str) -> FakePage:
        """The agent logs in, has audio, is ready."""
        page = FakePage()
        desk = self.desks.desk(user)
        assert desk is not None
        desk.connect(page)  # type: ignore[arg-type]
        await desk.offer("v=0 offer")
        self.agent_event(user, ev="up")
        from ccc.acd import events

        self.desks.handle(events.AgentState(user, "ready"))
        return page


async def settle(turns: int = 20) -> None:
    """Let every task that can go on do so."""
    for _ in range(turns):
        await asyncio.sleep(0)
