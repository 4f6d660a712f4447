"""A browser as the caller, over a real WebSocket server on a Unix socket: its call, its trace, its limits, its end."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, unix_connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from ccc.bus.ticket import KEY, issue
from ccc.home import Home
from ccc.loader import Registry, load
from ccc.runtime.rt_server import ROLES, SCOPES, RtServer
from ccc.runtime.testcall import leg as testcall_leg
from ccc.runtime.testcall import page as testcall_page
from ccc.runtime.testcall import trials
from tests.runtime.fakes import Stage
from tests.runtime.test_call import MENU
from tests.runtime.test_races import without

Message = dict[str, Any]
WAITING = {**MENU, "name": "draft", "title": "草稿", "nodes": [*MENU["nodes"][:1], *MENU["nodes"][1:]]}


@pytest.fixture(scope="module")
def registry() -> Registry:
    return load(entry_points=False)


class Caller:
    """The page of one test call."""

    def __init__(self, rig: Rig, connection: ClientConnection) -> None:
        self._rig = rig
        self.connection = connection
        self.got: list[Message] = []
        self._number = 0

    async def until(self, kind: str, **facts: Any) -> Message:
        """The next message of this kind (with these facts)."""
        while True:
            message: Message = json.loads(await self.connection.recv())
            self.got.append(message)
            if message["t"] == kind and facts.items() <= message.items():
                return message

    async def ask(self, op: str, **fields: Any) -> Message:
        self._number += 1
        await self.connection.send(json.dumps({"id": self._number, "op": op, **fields}))
        return await self.until("reply", re=self._number)

    async def start(self, caller: str = "13800138000") -> Message:
        """Call, with working audio."""
        reply = await self.ask("start", sdp="v=0 offer", caller=caller)
        if reply["ok"]:
            self._rig.stage.link.legs[reply["call"]]({"ev": "up", "leg": reply["call"]})
        return reply

    async def close_code(self) -> int | None:
        try:
            while True:
                self.got.append(json.loads(await self.connection.recv()))
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else None


class Rig:
    """The server with a stage behind it; ``boss`` and ``chief`` are administrators."""

    def __init__(self, home: Home, stage: Stage) -> None:
        self.home, self.stage = home, stage
        index = stage.board.index
        people = [replace(index.snapshot.agents[0], user=user, role="admin") for user in ("boss", "chief")]
        self.take(agents=(*index.snapshot.agents, *people))
        self.server = RtServer(home, stage.board)

    def take(self, **parts: Any) -> None:
        """The next snapshot."""
        self.stage.board.config.index = without(self.stage.board.index, **parts)
        self.stage.board.configure(self.stage.board.index)

    def ticket(self, user: str = "boss", scope: str = "call", subject: str = "number:4000", **facts: Any) -> str:
        known = {"instance": "demo", "role": "admin", "now": time.time(), **facts}
        return issue(self.home.secret(KEY), user=user, scope=scope, subject=subject, **known)

    @asynccontextmanager
    async def page(self, user: str = "boss", *, ticket: str = "", **facts: Any) -> AsyncIterator[Caller]:
        address = f"ws://localhost/rt/call?ticket={ticket or self.ticket(user, **facts)}"
        async with unix_connect(str(self.home.socket("rt")), address) as connection:
            caller = Caller(self, connection)
            await caller.until("hello")
            yield caller

    async def gone(self) -> dict[str, Any]:
        """The closing record, once everything is given back."""
        while self.stage.board.calls or self.server._callers:
            await asyncio.sleep(0.005)
        assert not [leg for leg in self.stage.link.legs if not leg.startswith("agent-")], "a leg was not given back"
        return self.stage.journal.closed()[-1]


Run = Callable[[Callable[[Rig], Awaitable[None]]], None]


@pytest.fixture
def rig(home: Home, registry: Registry) -> Run:
    def run(scenario: Callable[[Rig], Awaitable[None]]) -> None:
        async def main() -> None:
            made = Rig(home, Stage(home, registry, MENU))
            async with made.server.serving(), asyncio.timeout(15):
                await scenario(made)

        asyncio.run(main())

    return run


def test_a_call_from_the_first_node_to_the_agent_is_traced_and_recorded_as_a_test(rig: Run) -> None:
    async def scenario(rig: Rig) -> None:
        agent = await rig.stage.sit_down("agent1")
        own_leg = rig.stage.worker.named("open")[0]["leg"]
        async with rig.page() as page:
            reply = await page.start("02085550199")
            assert reply["sdp"] == "v=0 answer" and reply["callee"] == "4000"
            assert reply["flow"] == {"name": "menu", "title": "", "version": 1}
            assert (await page.until("enter"))["node"] == "start"
            assert (await page.until("leave"))["exit"] == "next"
            assert (await page.until("enter", node="menu"))["flow"] == "menu"
            assert (await page.until("heard"))["prompts"] == [{"kind": "audio", "name": "x"}]
            rig.stage.link.legs[reply["call"]]({"ev": "dtmf", "key": "1", "via": "rfc4733"})
            assert (await page.until("key"))["key"] == "1"
            assert (await page.until("leave", node="menu"))["exit"] == "key_1"
            await page.until("enter", node="queue")
            card = agent.last("call")["call"]
            assert (card["direction"], card["caller"], card["callee"]) == ("test", "02085550199", "4000")
            rig.stage.desks.desk("agent1").desks.handle(accept("agent1", reply["call"]))
            assert (await page.until("agent"))["agent"] == "agent1"
            assert (await page.until("state", state="talking"))["agent"] == "One"
            bridged = rig.stage.worker.named("bridge")[-1]
            assert {bridged["leg"], bridged["with"]} == {reply["call"], own_leg}
            agent_call = rig.stage.desks.desk("agent1").talk(reply["call"])
            agent_call.hang_up()
            ended = await page.until("ended")
            assert (ended["cause"], ended["call"]) == ("agent-hangup", reply["call"])
            assert await page.close_code() == 1000
        cdr = await rig.gone()
        assert (cdr["direction"], cdr["trunk"], cdr["caller"], cdr["flow_version"]) == ("test", "", "02085550199", 1)
        assert rig.stage.board.live("demo")["today"]["calls"] == 0, "a test call is nobody's work"
        assert "agent-demo-agent1" in rig.stage.link.legs, "the agent's own leg must outlive the call"

    rig(scenario)


def accept(user: str, call: str) -> Any:
    from ccc.acd import events

    return events.Accept(user, call)


def test_a_closed_tab_ends_the_call(rig: Run) -> None:
    async def scenario(rig: Rig) -> None:
        async with rig.page() as page:
            await page.start()
            await page.until("heard")
        cdr = await rig.gone()
        assert (cdr["cause"], cdr["steps"][-1]["node"]) == ("caller-hangup", "menu")
        async with rig.page() as page:
            assert (await page.start())["ok"], "the place is free again"

    rig(scenario)


@pytest.mark.parametrize(("why", "cause"), [("close-notify", "caller-hangup"), ("no-stun", "media-timeout")])
def test_the_audio_path_gone_ends_the_call(rig: Run, why: str, cause: str) -> None:
    async def scenario(rig: Rig) -> None:
        async with rig.page() as page:
            call = (await page.start())["call"]
            await page.until("heard")
            rig.stage.link.legs[call]({"ev": "down", "leg": call, "why": why})
            assert (await page.until("ended"))["cause"] == cause
        await rig.gone()

    rig(scenario)


def test_audio_that_never_comes_up_ends_the_call_with_the_reason(rig: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(testcall_leg, "UP_S", 0.05)

    async def scenario(rig: Rig) -> None:
        async with rig.page() as page:
            assert (await page.ask("start", sdp="v=0 offer"))["ok"]
            assert (await page.until("ended"))["cause"] == "media-timeout"
        assert (await rig.gone())["caller"] == "anonymous"

    rig(scenario)


def test_keys_over_the_socket_and_hanging_up(rig: Run) -> None:
    async def scenario(rig: Rig) -> None:
        async with rig.page() as page:
            call = (await page.start())["call"]
            await page.until("heard")
            assert (await page.ask("key", key="#"))["ok"]
            assert rig.stage.worker.named("inject-key")[-1] == {"leg": call, "key": "#", "via": "info"}
            assert (await page.ask("key", key="12"))["code"] == "invalid"
            assert (await page.ask("rtc-offer", sdp="v=0 again"))["sdp"] == "v=0 answer"
            assert (await page.ask("start", sdp="v=0"))["code"] == "started"
            await page.connection.send('{"op": "hangup"}')
            assert (await page.until("ended"))["cause"] == "caller-hangup"
        await rig.gone()

    rig(scenario)


def test_one_call_a_user_and_few_an_instance(rig: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trials, "PER_INSTANCE", 1)

    async def scenario(rig: Rig) -> None:
        async with rig.page() as page:
            await page.start()
            async with rig.page() as second:
                assert (await second.start())["code"] == "busy"
            async with rig.page("chief") as other:
                assert (await other.start())["code"] == "full"
        await rig.gone()
        rig.stage.journal.healthy = False
        async with rig.page("chief") as page:
            assert (await page.start())["code"] == "full"
        assert len(rig.stage.journal.closed()) == 1, "a refused test call leaves no record"

    rig(scenario)


@pytest.mark.parametrize(
    ("subject", "caller", "code"),
    [
        ("number:9999", "1", "not-found"),
        ("number:4009", "1", "no-flow"),
        ("draft:" + "0" * 32, "1", "not-found"),
        ("", "1", "not-found"),
        ("number:4000", "not a number", "invalid"),
    ],
)
def test_what_cannot_be_called_is_told(rig: Run, subject: str, caller: str, code: str) -> None:
    async def scenario(rig: Rig) -> None:
        numbers = rig.stage.board.index.snapshot.numbers
        rig.take(numbers=(*numbers, replace(numbers[0], number="4009", flow="")))
        async with rig.page(subject=subject) as page:
            assert (await page.start(caller))["code"] == code

    rig(scenario)


def test_a_draft_is_called_once_by_the_user_it_was_handed_over_for(rig: Run) -> None:
    async def scenario(rig: Rig) -> None:
        handed = {"user": "boss", "instance": "demo", "callee": "4000", "document": WAITING}
        mine, his = [await rig.server.trials.keep_draft(handed) for _ in range(2)]
        async with rig.page("chief", subject=f"draft:{his}") as page:
            assert (await page.start())["code"] == "not-found"
        async with rig.page(subject=f"draft:{mine}") as page:
            reply = await page.start()
            assert reply["flow"] == {"name": "draft", "title": "草稿", "version": None}
            await page.until("enter", node="menu", flow="draft")
        cdr = await rig.gone()
        assert (cdr["flow"], cdr["flow_version"], cdr["callee"]) == ("draft", None, "4000")
        async with rig.page(subject=f"draft:{mine}") as page:
            assert (await page.start())["code"] == "not-found"
        assert not rig.server.trials._drafts

    rig(scenario)


def test_a_draft_that_cannot_run_or_is_too_big_is_refused(rig: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario(rig: Rig) -> None:
        handed = {"user": "boss", "instance": "demo", "callee": "", "document": {**WAITING, "nodes": [], "edges": []}}
        with pytest.raises(Exception, match="no start node"):
            await rig.server.trials.keep_draft(handed)
        monkeypatch.setattr(trials, "MAX_DRAFT", 100)
        with pytest.raises(Exception, match="at most 100 bytes"):
            await rig.server.trials.keep_draft({**handed, "document": WAITING})

    rig(scenario)


def test_a_draft_nobody_calls_is_forgotten(rig: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trials, "DRAFT_S", 0.01)

    async def scenario(rig: Rig) -> None:
        await rig.server.trials.keep_draft({"user": "boss", "instance": "demo", "callee": "", "document": WAITING})
        while rig.server.trials._drafts:
            await asyncio.sleep(0.005)

    rig(scenario)


def test_a_page_that_calls_nobody_is_closed(rig: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(testcall_page, "START_S", 0.05)

    async def scenario(rig: Rig) -> None:
        async with rig.page() as page:
            assert await page.close_code() == 4008

    rig(scenario)


def test_who_loses_the_role_loses_the_call(rig: Run) -> None:
    async def scenario(rig: Rig) -> None:
        async with rig.page() as page:
            await page.start()
            agents = rig.stage.board.index.snapshot.agents
            rig.take(agents=tuple(replace(agent, role="supervisor") for agent in agents))
            rig.server.recheck()
            assert await page.close_code() == 4003
        await rig.gone()

    rig(scenario)


CHANNELS = [(scope, role) for scope in SCOPES.values() for role in ("admin", "supervisor", "agent")]


@pytest.mark.parametrize(("scope", "role"), CHANNELS)
def test_every_channel_as_every_role_another_tenant_and_twice(rig: Run, scope: str, role: str) -> None:
    """The message table's side of ``tests/web/test_rights.py``: the snapshot decides, whatever the ticket says."""

    async def opens(rig: Rig, text: str, path: str = f"/rt/{scope}") -> bool:
        try:
            async with unix_connect(str(rig.home.socket("rt")), f"ws://localhost{path}?ticket={text}"):
                return True
        except InvalidStatus as refused:
            assert refused.response.status_code == 403
            return False

    async def scenario(rig: Rig) -> None:
        agents = rig.stage.board.index.snapshot.agents
        rig.take(agents=tuple(replace(agent, role=role) if agent.user == "agent2" else agent for agent in agents))
        once = rig.ticket("agent2", scope)
        allowed = role in ROLES[scope]
        assert await opens(rig, once) is allowed
        assert not await opens(rig, once), "a ticket works once"
        assert not await opens(rig, rig.ticket("agent2", scope, instance="other"))
        assert not await opens(rig, rig.ticket("nobody", scope))
        assert not await opens(rig, rig.ticket("agent2", scope, now=time.time() - 31))
        for other in SCOPES.values():
            if other != scope:
                assert not await opens(rig, rig.ticket("agent2", other)), "a ticket opens its own channel only"

    rig(scenario)


def test_it_rings_before_it_is_answered(home: Home, registry: Registry) -> None:
    start = {"id": "start", "type": "start", "config": {"ring_s": 0.05}}
    flow = {**MENU, "nodes": [start, *MENU["nodes"][1:]]}

    async def main() -> None:
        rig = Rig(home, Stage(home, registry, flow))
        async with rig.server.serving(), asyncio.timeout(15), rig.page() as page:
            await page.start()
            await page.until("state", state="ringing")
            assert rig.stage.worker.named("play")[0]["files"][0].endswith(".al"), "ring-back"
            await page.until("answered")
            await page.until("state", state="flow")

    asyncio.run(main())
