"""Pages that misbehave, and pages whose users lost their rights, over a real WebSocket server on a Unix socket."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, unix_connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from ccc.bus.ticket import KEY, issue
from ccc.home import Home
from ccc.loader import Registry, load
from ccc.runtime.messages import Pace
from ccc.runtime.rt_server import LIVE_PAGES, RtServer, same_origin
from tests.runtime.fakes import Stage
from tests.runtime.test_call import MENU
from tests.runtime.test_races import without


@pytest.fixture(scope="module")
def registry() -> Registry:
    return load(entry_points=False)


class Rig:
    """The server with a stage behind it."""

    def __init__(self, home: Home, stage: Stage) -> None:
        self.home, self.stage = home, stage
        self.server = RtServer(home, stage.board)

    @asynccontextmanager
    async def page(self, user: str, scope: str = "agent", **ticket: Any) -> AsyncIterator[ClientConnection]:
        facts = {"user": user, "instance": "demo", "role": "agent", "scope": scope, "now": time.time(), **ticket}
        text = issue(self.home.secret(KEY), **facts)
        address = f"ws://localhost/rt/{scope}?ticket={text}"
        async with unix_connect(str(self.home.socket("rt")), address) as connection:
            yield connection

    def role(self, user: str, role: str) -> None:
        """The next snapshot gives the user another role."""
        index = self.stage.board.index
        agents = tuple(replace(a, role=role) if a.user == user else a for a in index.snapshot.agents)
        self.stage.board.config.index = without(index, agents=agents)
        self.stage.board.configure(self.stage.board.index)
        self.server.recheck()


@pytest.fixture
def rig(home: Home, registry: Registry) -> Callable[[Callable[[Rig], Awaitable[None]]], None]:
    def run(scenario: Callable[[Rig], Awaitable[None]]) -> None:
        async def main() -> None:
            made = Rig(home, Stage(home, registry, MENU))
            async with made.server.serving(), asyncio.timeout(10):
                await scenario(made)

        asyncio.run(main())

    return run


Run = Callable[[Callable[[Rig], Awaitable[None]]], None]


async def until(page: ClientConnection, kind: str) -> dict[str, Any]:
    while True:
        message: dict[str, Any] = json.loads(await page.recv())
        if message["t"] == kind:
            return message


async def close_code(page: ClientConnection) -> int | None:
    """What it is closed with, messages before that included."""
    try:
        while True:
            await page.recv()
    except ConnectionClosed as closed:
        return closed.rcvd.code if closed.rcvd else None


@pytest.mark.parametrize(
    ("user", "ticket"),
    [
        ("agent1", {"instance": "other"}),
        ("nobody", {}),
        ("agent1", {"scope": "live", "role": "admin"}),  # the ticket says admin, the snapshot says agent
        ("agent1", {"now": time.time() - 60}),
    ],
)
def test_refused(rig: Run, user: str, ticket: dict[str, Any]) -> None:
    async def scenario(rig: Rig) -> None:
        with pytest.raises(InvalidStatus) as refused:
            async with rig.page(user, **ticket):
                pass
        assert refused.value.response.status_code == 403

    rig(scenario)


def test_a_ticket_works_once(rig: Run) -> None:
    async def scenario(rig: Rig) -> None:
        text = issue(rig.home.secret(KEY), user="agent1", instance="demo", role="agent", scope="agent", now=time.time())
        address = f"ws://localhost/rt/agent?ticket={text}"
        async with unix_connect(str(rig.home.socket("rt")), address) as page:
            await until(page, "hello")
            with pytest.raises(InvalidStatus):
                await unix_connect(str(rig.home.socket("rt")), address)

    rig(scenario)


@pytest.mark.parametrize("path", ["//[", "/rt/agent?ticket=%ff.%00", "/rt/agent?ticket=%C3%A9.%C3%A9", "/rt/agent"])
def test_a_strange_address_is_refused_and_harms_nothing(rig: Run, path: str) -> None:
    async def scenario(rig: Rig) -> None:
        reader, writer = await asyncio.open_unix_connection(str(rig.home.socket("rt")))
        writer.write(
            f"GET {path} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        status = int((await reader.readline()).split()[1])
        writer.close()
        assert status in (400, 403, 404)
        async with rig.page("agent1") as page:
            await until(page, "hello")

    rig(scenario)


@pytest.mark.parametrize(
    ("origin", "host", "same"),
    [
        (None, "a:8080", True),
        ("http://a:8080", "a:8080", True),
        ("http://evil", "a:8080", False),
        ("null", "", False),
        ("null", None, False),
        ("http://[", "a", False),
        ("http://a:8080@evil", "a:8080", False),
        ("http://a:8080.evil", "a:8080", False),
    ],
)
def test_origins(origin: str | None, host: str | None, same: bool) -> None:
    assert same_origin(origin, host) is same


def test_another_agents_call_is_not_his(rig: Run) -> None:
    async def scenario(rig: Rig) -> None:
        mine = await rig.stage.sit_down("agent1")
        rig.stage.invite()
        await asyncio.sleep(0.02)
        rig.stage.leg_event(ev="dtmf", key="1", via="rfc4733")
        await asyncio.sleep(0.02)
        call = mine.last("call")["call"]["id"]
        async with rig.page("agent2") as page:
            await until(page, "hello")
            for number, op in enumerate(("accept", "reject", "hangup", "hold", "unhold", "dtmf", "note", "mute")):
                await page.send(json.dumps({"id": number, "op": op, "call": call, "keys": "1", "note": "x"}))
                reply = await until(page, "reply")
                assert (reply["re"], reply["ok"], reply["code"]) == (number, False, "gone")
        assert mine.last("call")["call"]["state"] == "ringing"

    rig(scenario)


def test_a_live_page_closes_when_its_user_loses_the_role(rig: Run) -> None:
    async def scenario(rig: Rig) -> None:
        rig.role("agent1", "supervisor")
        async with rig.page("agent1", "live", role="supervisor") as page:
            await until(page, "live")
            rig.role("agent1", "agent")
            assert await close_code(page) == 4003
        while rig.server._live:
            await asyncio.sleep(0.01)

    rig(scenario)


def test_a_live_page_closes_when_its_user_is_disabled(rig: Run) -> None:
    async def scenario(rig: Rig) -> None:
        rig.role("agent1", "admin")
        async with rig.page("agent1", "live", role="admin") as page:
            await until(page, "live")
            rig.server.recheck(disabled="agent1")  # the bus is faster than the snapshot
            assert await close_code(page) == 4003

    rig(scenario)


@pytest.mark.parametrize(("only", "but", "closed"), [("s1", "", 1), ("", "s2", 1), ("", "s1", 0), ("s2", "", 0)])
def test_a_sign_in_that_ends_closes_its_pages(rig: Run, only: str, but: str, closed: int) -> None:
    """The workbench and the live board of one sign-in; another user and another sign-in stay."""

    async def scenario(rig: Rig) -> None:
        rig.role("agent1", "admin")
        async with rig.page("agent1", session="s1") as desk, rig.page("agent1", "live", session="s1") as live:
            await until(desk, "hello")
            await until(live, "live")
            rig.server.sign_out("agent2", only="", but="")
            rig.server.sign_out("agent1", only=only, but=but)
            mine = rig.stage.board.desks("demo").desk("agent1")
            assert mine is not None and (mine.page is None) == bool(closed)
            if closed:
                assert (await until(desk, "bye"))["why"] == "signed-out"
                assert await close_code(desk) == await close_code(live) == 4003
                assert rig.stage.board.desks("demo").acd.agent("agent1").state == "offline"

    rig(scenario)


def test_a_flood_of_messages_is_slowed_down_and_answered_in_order(rig: Run) -> None:
    async def scenario(rig: Rig) -> None:
        async with rig.page("agent1") as page:
            await until(page, "hello")
            began = time.monotonic()
            for number in range(80):
                await page.send(json.dumps({"id": number, "op": "state", "state": ("ready", "break")[number % 2]}))
            assert [(await until(page, "reply"))["re"] for _ in range(80)] == list(range(80))
            assert time.monotonic() - began > 0.8

    rig(scenario)


def test_pace() -> None:
    pace = Pace(per_s=10, burst=5)
    assert [pace.wait_s(0.0) for _ in range(5)] == [0.0] * 5
    assert pace.wait_s(0.0) == pytest.approx(0.1)
    assert pace.wait_s(100.0) == 0.0


@pytest.mark.parametrize(
    "text", ["", "[]", "null", "{", "[" * 60_000, '{"op": {}}', '{"op": "note", "call": 7}', "1e999", "\x00" * 100]
)
def test_nonsense_is_answered(rig: Run, text: str) -> None:
    async def scenario(rig: Rig) -> None:
        async with rig.page("agent1") as page:
            await until(page, "hello")
            await page.send(text)
            assert (await until(page, "reply"))["ok"] is False
            await page.send('{"id": 1, "op": "ping"}')
            assert (await until(page, "reply"))["ok"] is True

    rig(scenario)


def test_a_huge_message_costs_only_its_connection(rig: Run) -> None:
    async def scenario(rig: Rig) -> None:
        async with rig.page("agent1") as page:
            await until(page, "hello")
            await page.send("x" * 70_000)
            assert await close_code(page) == 1009
        async with rig.page("agent1") as page:
            await until(page, "hello")

    rig(scenario)


def test_an_agent_removed_in_the_handshake_leaves_no_page(rig: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario(rig: Rig) -> None:
        monkeypatch.setattr(rig.stage.desks, "desk", lambda user: None)
        async with rig.page("agent1") as page:
            assert await close_code(page) == 4003

    rig(scenario)


def test_one_live_page_too_many_ends_the_oldest_of_that_user(rig: Run) -> None:
    async def scenario(rig: Rig) -> None:
        rig.role("agent1", "supervisor")
        rig.role("agent2", "supervisor")
        async with AsyncExitStack() as stack:
            other = await stack.enter_async_context(rig.page("agent2", "live"))
            pages = [await stack.enter_async_context(rig.page("agent1", "live")) for _ in range(LIVE_PAGES)]
            for page in (other, *pages):
                await until(page, "live")
            await until(await stack.enter_async_context(rig.page("agent1", "live")), "live")
            assert await close_code(pages[0]) == 4001
            assert len(rig.server._live) == LIVE_PAGES + 1
            for page in (other, *pages[1:]):
                await page.send('{"id": 1, "op": "ping"}')
                assert (await until(page, "reply"))["ok"]

    rig(scenario)
