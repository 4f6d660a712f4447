"""WebSocket messages of an agent's page, against the real desk with a call; every answer must be UTF-8."""

from __future__ import annotations

import asyncio
import atexit
import json
import logging
import shutil
import tempfile
from pathlib import Path
from typing import Any

from ccc.acd import events
from ccc.home import Home
from ccc.loader import load
from ccc.runtime.page import Page
from tests.fuzz.mutate import mutate_json
from tests.runtime.fakes import FakeSession, Stage, settle

_CALL = "THE-CALL"
SEEDS = [
    json.dumps({"id": number, **message}).encode()
    for number, message in enumerate(
        (
            {"op": "state", "state": "break", "reason": "用餐"},
            {"op": "accept", "call": _CALL},
            {"op": "reject", "call": _CALL},
            {"op": "hold", "call": _CALL},
            {"op": "unhold", "call": _CALL},
            {"op": "hangup", "call": _CALL},
            {"op": "mute", "call": _CALL, "on": True},
            {"op": "dtmf", "call": _CALL, "keys": "12#"},
            {"op": "note", "call": _CALL, "note": "客户😀", "disposition": "x"},
            {"op": "wrap-up-done", "call": _CALL, "note": "n", "disposition": ""},
            {"op": "rtc-offer", "sdp": "v=0\r\n"},
            {"op": "ping"},
        )
    )
]
EXPECTED = (ValueError,)
MUTATE = mutate_json
_FLOW: dict[str, Any] = {
    "format": 1,
    "name": "f",
    "nodes": [{"id": "s", "type": "start"}, {"id": "q", "type": "queue", "config": {"skill_group": "default"}},
              {"id": "e", "type": "hangup"}],
    "edges": [{"from": "s", "exit": "next", "to": "q"}, {"from": "q", "exit": "answered", "to": "e"},
              {"from": "q", "exit": "timeout", "to": "e"}],
}  # fmt: skip


class _Desk:
    """A page, its desk and everything behind it."""

    def __init__(self) -> None:
        folder = Path(tempfile.mkdtemp(prefix="ccc-fuzz-"))
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        home = Home(folder)
        home.create()
        self.loop = asyncio.new_event_loop()
        atexit.register(self._finish)
        self.answers: list[dict[str, Any]] = []
        self._registry, self._home = load(), home
        self._session: FakeSession | None = None
        self.loop.run_until_complete(self._begin())

    def _finish(self) -> None:
        self.loop.run_until_complete(self._end())
        self.loop.close()

    async def _end(self) -> None:
        if self._session is not None and self._session.state == "confirmed":
            self._session.peer_hangs_up()
            await settle()

    async def _begin(self) -> None:
        self._stage = Stage(self._home, self._registry, _FLOW, ring_timeout_s=600.0, wrap_up_s=600.0)
        desk = self._stage.desks.desk("agent1")
        assert desk is not None
        self._desk = desk
        self.page = Page(None, desk)  # type: ignore[arg-type]
        self.page.send = self._sent
        desk.connect(self.page)
        await desk.offer("v=0 offer")
        self._stage.agent_event("agent1", ev="up")

    def _sent(self, kind: str, **fields: Any) -> None:
        json.dumps({"t": kind, **fields}, ensure_ascii=False).encode()
        if kind == "reply":
            self.answers.append(fields)

    async def call(self) -> str:
        """The id of a call in front of the agent; a new one rings when the last is over."""
        if self._desk.card is None or self._desk.state.state == "wrap-up":
            if self._session is not None and self._session.state == "confirmed":
                self._session.peer_hangs_up()
                await settle()
            self._stage.desks.handle(events.WrapUpDone("agent1"))
            self._stage.desks.handle(events.AgentState("agent1", "ready"))
            self._session = self._stage.invite()
            await settle()
        self._stage.journal.records.clear()
        self._stage.worker.ops.clear()
        return self._desk.card.call_id if self._desk.card else ""

    async def receive(self, data: bytes) -> dict[str, Any]:
        """One message in; its reply."""
        call = await self.call()
        self.answers.clear()
        await self.page._receive(data.replace(_CALL.encode(), call.encode()))
        await settle(3)
        return self.answers[-1]


logging.getLogger("ccc").setLevel(logging.CRITICAL)
_desk = _Desk()


def feed(data: bytes) -> None:
    """ValueError when the message is refused; an internal error is a finding."""
    answer = _desk.loop.run_until_complete(_desk.receive(data))
    if answer.get("code") == "internal":
        raise RuntimeError("internal error")
    if not answer["ok"]:
        raise ValueError(answer["code"])
