"""Every operation of every WebSocket as every role, another tenant and nobody: from the tables the pages declare."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, unix_connect
from websockets.exceptions import InvalidStatus

from ccc.bus.ticket import KEY, issue
from ccc.home import Home
from ccc.loader import Registry, load
from ccc.runtime.page import LivePage, Page
from ccc.runtime.rt_server import ROLES, SCOPES, RtServer
from ccc.runtime.testcall.page import CallPage
from ccc.snapshot.model import Agent, AgentGroup, Instance
from tests.runtime.fakes import Stage, settle
from tests.runtime.test_call import MENU
from tests.runtime.test_races import talking, without

TABLES = {"agent": Page.OPERATIONS, "live": LivePage.OPERATIONS, "call": CallPage.OPERATIONS}
PEOPLE = {"agent": "anna", "supervisor": "sophie", "admin": "adam"}
"""Of ``demo``, none of them on a call; ``otto`` administrates another instance."""
NOBODY = "otto"
CALLS = ("accept", "reject", "hangup", "hold", "unhold", "mute", "dtmf", "note", "wrap-up-done")
"""Operations on a call: those of an agent's page but what is about the agent itself."""


@pytest.fixture(scope="module")
def registry() -> Registry:
    return load(entry_points=False)


class House:
    """A server; agent1 talks with a caller, the people above do nothing."""

    def __init__(self, home: Home, stage: Stage) -> None:
        self.home, self.stage = home, stage
        index, members = stage.board.index, (AgentGroup("default"),)
        people = tuple(Agent(user, "demo", user, role=role, groups=members) for role, user in PEOPLE.items())
        people += (Agent(NOBODY, "other", NOBODY, role="admin"),)
        places = (*index.snapshot.instances, Instance("other", "Other", "acme"))
        stage.board.config.index = without(index, agents=(*index.snapshot.agents, *people), instances=places)
        stage.board.configure(stage.board.index)
        self.server = RtServer(home, stage.board)

    @asynccontextmanager
    async def page(self, path: str, **facts: Any) -> AsyncIterator[ClientConnection]:
        ticket = {"instance": "demo", "role": "admin", "scope": SCOPES[path], "now": time.time(), **facts}
        address = f"ws://localhost{path}?ticket={issue(self.home.secret(KEY), **ticket)}"
        async with unix_connect(str(self.home.socket("rt")), address) as connection:
            yield connection

    async def refuses(self, path: str, **facts: Any) -> bool:
        try:
            async with self.page(path, **facts):
                return False
        except InvalidStatus as refused:
            return bool(refused.response.status_code == 403)


async def ask(page: ClientConnection, op: str, **fields: Any) -> dict[str, Any]:
    await page.send(json.dumps({"op": op, "id": op, **fields}))
    while True:
        message: dict[str, Any] = json.loads(await asyncio.wait_for(page.recv(), 5))
        if message["t"] == "reply" and message["re"] == op:
            return message


@pytest.fixture
def house(home: Home, registry: Registry) -> Iterator[Any]:
    def run(scenario: Any) -> None:
        async def main() -> None:
            made = House(home, Stage(home, registry, MENU))
            async with made.server.serving(), asyncio.timeout(20):
                await scenario(made)

        asyncio.run(main())

    yield run


def test_every_channel_declares_its_operations_and_roles() -> None:
    assert set(TABLES) == set(SCOPES.values()) == set(ROLES)
    assert set(CALLS) < set(Page.OPERATIONS)


def test_a_ticket_is_no_way_back_in_after_signing_out(house: Any) -> None:
    async def scenario(house: House) -> None:
        before, user = time.time(), PEOPLE["admin"]
        house.server.sign_out(user, only="mine", but="")
        for path in SCOPES:
            assert await house.refuses(path, user=user, session="mine", now=before), path
            assert not await house.refuses(path, user=user, session="another", now=before), path
        house.server.sign_out(user, only="", but="")
        assert await house.refuses("/rt/live", user=user, session="another", now=before)
        assert not await house.refuses("/rt/live", user=user, session="new", now=time.time() + 0.01), "signed in anew"

    house(scenario)


@pytest.mark.parametrize("path", SCOPES)
def test_roles_times_operations(house: Any, path: str) -> None:
    scope = SCOPES[path]

    async def scenario(house: House) -> None:
        for role, user in PEOPLE.items():
            if role not in ROLES[scope]:
                assert await house.refuses(path, user=user), (path, role)
                continue
            for op in TABLES[scope]:
                async with house.page(path, user=user) as page:
                    answer = await ask(page, op)
                    unknown = "unknown operation" in answer.get("message", "")
                    assert answer.get("code") != "internal" and not unknown, (path, role, op, answer)
            async with house.page(path, user=user) as page:
                assert (await ask(page, "no-such-thing"))["ok"] is False

    house(scenario)


@pytest.mark.parametrize("path", SCOPES)
def test_another_tenant_and_nobody_get_in_nowhere(house: Any, path: str) -> None:
    async def scenario(house: House) -> None:
        assert await house.refuses(path, user=NOBODY)  # a ticket for demo, where he is nobody
        assert await house.refuses(path, user="adam", instance="other")
        assert await house.refuses(path, user="adam", now=time.time() - 60)
        for scope in set(TABLES) - {SCOPES[path]}:
            assert await house.refuses(path, user="adam", scope=scope)
        for ticket in ("", "?ticket=", "?ticket=abc.def"):
            with pytest.raises(InvalidStatus):
                await unix_connect(str(house.home.socket("rt")), f"ws://localhost{path}{ticket}")
        if SCOPES[path] in ("live", "call"):
            house.stage.board.config.index = _without_role(house, "adam")
            assert await house.refuses(path, user="adam")

    house(scenario)


def test_nobody_touches_the_call_of_another(house: Any) -> None:
    async def scenario(house: House) -> None:
        _, _, call = await talking(house.stage)
        fields = {"call": call, "keys": "1", "on": True, "note": "x", "disposition": "x"}
        for user, instance in ((PEOPLE["agent"], "demo"), (PEOPLE["admin"], "demo"), (NOBODY, "other")):
            async with house.page("/rt/agent", user=user, instance=instance) as page:
                for op in CALLS:
                    answer = await ask(page, op, **fields)
                    assert answer["ok"] is False and answer["code"] != "internal", (user, op, answer)
        await settle()
        assert house.stage.board.calls, "the call goes on"
        async with house.page("/rt/live", user=NOBODY, instance="other") as page:
            assert call not in await asyncio.wait_for(page.recv(), 5)

    house(scenario)


def _without_role(house: House, user: str) -> Any:
    index = house.stage.board.index
    people = tuple(replace(each, role="agent") if each.user == user else each for each in index.snapshot.agents)
    return without(index, agents=people)
