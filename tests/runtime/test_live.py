"""The live board's messages: the queue's day, the agent's call, changes at once but never twice a second."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

from ccc.home import Home
from ccc.loader import load
from ccc.runtime.page import LivePage
from tests.runtime.fakes import Stage, settle
from tests.runtime.test_call import MENU


class Wire:
    """A live page's connection: what it is sent, and when."""

    def __init__(self) -> None:
        self.messages: list[tuple[float, dict[str, Any]]] = []
        self._closed = asyncio.Event()

    async def send(self, text: str) -> None:
        self.messages.append((time.monotonic(), json.loads(text)))

    def named(self, kind: str) -> list[dict[str, Any]]:
        return [message for _, message in self.messages if message["t"] == kind]

    def __aiter__(self) -> Wire:
        return self

    async def __anext__(self) -> str:
        await self._closed.wait()
        raise StopAsyncIteration


def test_a_call_on_the_board(home: Home) -> None:
    async def main() -> None:
        stage = Stage(home, load(entry_points=False), MENU, title="Sales", service_level_s=10.0)
        wire = Wire()
        page = asyncio.create_task(LivePage(wire, stage.board, "demo").run())  # type: ignore[arg-type]
        await settle()
        assert [message["t"] for _, message in wire.messages] == ["live", "charts"]
        page_of_one = await stage.sit_down("agent1")
        session = stage.invite()
        await settle()
        stage.leg_event(ev="dtmf", key="1")
        await settle()
        assert len(wire.named("live")) == 1, "at most once a second"
        picture = stage.board.live("demo")
        assert picture["queues"][0]["waiting"] == 1
        assert picture["calls"][0]["skill_group"] == "default"
        agent = next(one for one in picture["agents"] if one["user"] == "agent1")
        assert (agent["state"], agent["call"]["caller"], agent["groups"]) == ("ringing", "13800138000", ["default"])
        began = time.monotonic()
        while len(wire.named("live")) == 1:
            assert time.monotonic() - began < 1.5, "a change is shown within a second"
            await asyncio.sleep(0.02)
        assert wire.named("live")[-1]["agents"] == picture["agents"]
        session.peer_hangs_up()
        await settle()
        today = stage.board.live("demo")["today"]
        assert (today["calls"], today["abandoned"]) == (1, 1)
        assert stage.board.live("demo")["queues"][0]["today"]["abandoned"] == 1
        assert stage.journal.closed()[0]["skill_group"] == "default"
        assert stage.journal.closed()[0]["waited_s"] > 0
        assert sum(stage.board.charts("demo")["buckets"][0][1:]) == 1  # type: ignore[index]
        assert page_of_one.closed is None
        page.cancel()
        await asyncio.gather(page, return_exceptions=True)
        assert not stage.board.watchers

    asyncio.run(main())
