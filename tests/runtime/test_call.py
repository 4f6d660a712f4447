"""Whole calls on the switchboard with fake legs: every way a call can end leaves one record with the right cause."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest

from ccc.flow.compile import compile_flow
from ccc.flow.document import parse_document
from ccc.flow.traffic import depths
from ccc.home import Home
from ccc.loader import Registry, load
from ccc.runtime.config import Index
from ccc.snapshot.model import AgentGroup, FlowVersion, SkillGroup
from tests.runtime.fakes import FakeSession, Stage, settle

AUDIO = {"kind": "audio", "name": "x"}
MENU = {
    "format": 1,
    "name": "menu",
    "nodes": [
        {"id": "start", "type": "start", "config": {"recording": "on"}},
        {"id": "menu", "type": "menu", "config": {"prompts": [AUDIO], "keys": [{"key": "1"}], "retries": 0}},
        {"id": "queue", "type": "queue", "config": {"skill_group": "default", "timeout_s": 30, "break_keys": "*"}},
        {"id": "bye", "type": "hangup", "config": {}},
    ],
    "edges": [
        {"from": "start", "exit": "next", "to": "menu"},
        {"from": "menu", "exit": "key_1", "to": "queue"},
        {"from": "menu", "exit": "wrong", "to": "bye"},
        {"from": "menu", "exit": "timeout", "to": "bye"},
        {"from": "queue", "exit": "timeout", "to": "bye"},
        {"from": "queue", "exit": "key", "to": "bye"},
        {"from": "queue", "exit": "answered", "to": "bye"},
    ],
}


@pytest.fixture(scope="module")
def registry() -> Registry:
    return load(entry_points=False)


Play = Callable[[Stage], Awaitable[None]]


@pytest.fixture
def play(home: Home, registry: Registry) -> Callable[..., Stage]:
    """Runs a scenario on a fresh stage and returns the stage."""

    def run(scenario: Play, **group: Any) -> Stage:
        async def main() -> Stage:
            stage = Stage(home, registry, MENU, **group)
            await scenario(stage)
            await settle()
            assert not stage.board.calls, "the call was not given back"
            assert not [leg for leg in stage.link.legs if not leg.startswith("agent-")], "a leg was not given back"
            return stage

        return asyncio.run(main())

    return run


def only(stage: Stage) -> dict[str, Any]:
    closed = stage.journal.closed()
    assert len(closed) == 1, closed
    return closed[0]


def path(cdr: dict[str, Any]) -> list[tuple[str, str | None]]:
    return [(step["node"], step["exit"]) for step in cdr["steps"]]


def test_hanging_up_in_the_menu(play: Callable[..., Stage]) -> None:
    async def scenario(stage: Stage) -> None:
        session = stage.invite()
        await settle()
        assert session.log == ["answer"]
        session.peer_hangs_up()
        assert stage.journal.closed(), "the closing record must be written before the 200 to BYE"

    stage = play(scenario)
    cdr = only(stage)
    assert cdr["cause"] == "caller-hangup"
    assert path(cdr) == [("start", "next"), ("menu", None)]
    assert cdr["recording"].endswith(f"{cdr['id']}.wav")
    assert stage.worker.named("record")[0]["path"].endswith(cdr["recording"])


def test_cancel_before_the_answer(play: Callable[..., Stage]) -> None:
    async def scenario(stage: Stage) -> None:
        session = stage.invite()
        session.peer_cancels()

    assert only(play(scenario))["cause"] == "cancelled"


def test_steps_of_a_sub_flow_name_it(home: Home, registry: Registry) -> None:
    """Also when both flows have nodes of the same id, and when the sub-flow is published anew meanwhile."""
    inner = {**MENU, "name": "inner"}
    outer = {
        "format": 1, "name": "outer",
        "nodes": [{"id": "start", "type": "start", "config": {}},
                  {"id": "menu", "type": "subflow", "config": {"flow": "inner"}}],
        "edges": [{"from": "start", "exit": "next", "to": "menu"}],
    }  # fmt: skip
    told: list[dict[str, Any]] = []

    async def main() -> None:
        stage = Stage(home, registry, outer)
        compiled = compile_flow(parse_document(inner), registry)
        stage.board.config._compiled[compiled.hash] = compiled
        flows = stage.board.index.flows
        flows["demo", "inner"] = FlowVersion("inner", "demo", 7, compiled.hash, inner)
        session = stage.invite()
        await settle()
        flows["demo", "inner"] = FlowVersion("inner", "demo", 8, compiled.hash, inner)
        told.extend(stage.board.live("demo")["calls"][0]["at"])
        stage.leg_event(ev="dtmf", key="9", via="rfc4733")
        await settle()
        assert session.log[-1] == "bye"
        told.extend(only(stage)["steps"])

    asyncio.run(main())
    at, steps = told[:2], told[2:]
    assert [(one["flow"], one["flow_version"], one["node"]) for one in at] == [
        ("outer", 1, "menu"), ("inner", 7, "menu"),
    ]  # fmt: skip
    assert [(step["node"], step.get("flow"), step.get("flow_version"), step.get("depth")) for step in steps] == [
        ("start", None, None, None), ("menu", None, None, None),
        ("start", "inner", 7, 1), ("menu", "inner", 7, 1), ("bye", "inner", 7, 1),
    ]  # fmt: skip
    assert depths(steps) == [0, 0, 1, 1, 1]


def test_a_wrong_key_and_the_flow_hangs_up(play: Callable[..., Stage]) -> None:
    sessions = []

    async def scenario(stage: Stage) -> None:
        sessions.append(stage.invite())
        await settle()
        stage.leg_event(ev="dtmf", key="9", via="rfc4733")

    stage = play(scenario)
    cdr = only(stage)
    assert (cdr["cause"], cdr["keys"]) == ("normal", "9")
    assert path(cdr) == [("start", "next"), ("menu", "wrong"), ("bye", None)]
    assert sessions[0].log == ["answer", "bye"]


def test_a_key_stops_the_prompt_at_once(play: Callable[..., Stage]) -> None:
    async def scenario(stage: Stage) -> None:
        session = stage.invite()
        await settle()
        stage.leg_event(ev="dtmf", key="1", via="rfc4733")
        assert stage.worker.ops[-1][0] == "stop"
        await settle()
        assert stage.worker.named("play")[-1]["files"] == [stage.board.hold_music]
        session.peer_hangs_up()

    assert only(play(scenario))["cause"] == "abandoned"


def test_the_media_worker_dies(play: Callable[..., Stage]) -> None:
    async def scenario(stage: Stage) -> None:
        stage.invite()
        await settle()
        stage.link.lose_legs("it was killed")

    assert only(play(scenario))["cause"] == "media-worker-died"


def test_no_rtp(play: Callable[..., Stage]) -> None:
    async def scenario(stage: Stage) -> None:
        stage.invite()
        await settle()
        stage.leg_event(ev="media-timeout")

    assert only(play(scenario))["cause"] == "media-timeout"


async def to_queue(stage: Stage) -> Any:
    session = stage.invite()
    await settle()
    stage.leg_event(ev="dtmf", key="1", via="rfc4733")
    await settle()
    return session


def test_an_agent_answers_talks_and_hangs_up(play: Callable[..., Stage]) -> None:
    async def scenario(stage: Stage) -> None:
        page = await stage.sit_down("agent1")
        session = await to_queue(stage)
        card = page.last("call")["call"]
        assert (card["state"], card["caller"], card["keys"]) == ("ringing", "13800138000", "1")
        assert [step["node"] for step in card["path"]] == ["start", "menu", "queue"]
        desk = stage.desks.desk("agent1")
        assert desk is not None
        from ccc.acd import events

        stage.desks.handle(events.Accept("agent1", card["id"]))
        await settle()
        assert stage.worker.named("bridge")[-1]["with"] == "agent-demo-agent1"
        assert page.last("call")["call"]["state"] == "talking"
        desk.talk(card["id"]).hang_up()
        await settle()
        assert session.log[-1] == "bye"
        assert page.last("call")["call"]["state"] == "wrap-up"
        assert page.last("agent")["state"]["state"] == "wrap-up"

    stage = play(scenario)
    cdr = only(stage)
    assert (cdr["cause"], cdr["agent"], cdr["skill_group"]) == ("agent-hangup", "agent1", "default")
    assert path(cdr)[-2:] == [("queue", "answered"), ("bye", None)]


def test_a_rejected_call_goes_to_the_other_agent(play: Callable[..., Stage]) -> None:
    async def scenario(stage: Stage) -> None:
        first, second = await stage.sit_down("agent1"), await stage.sit_down("agent2")
        session = await to_queue(stage)
        from ccc.acd import events

        call = first.last("call")["call"]["id"]
        stage.desks.handle(events.Reject("agent1", call))
        assert first.last("call")["call"] is None
        assert second.last("call")["call"]["id"] == call
        session.peer_hangs_up()
        await settle()
        assert second.last("call")["call"] is None

    assert only(play(scenario))["cause"] == "abandoned"


def test_a_killed_tab_gives_the_caller_back_to_the_queue(play: Callable[..., Stage]) -> None:
    async def scenario(stage: Stage) -> None:
        first = await stage.sit_down("agent1")
        session = await to_queue(stage)
        from ccc.acd import events

        call = first.last("call")["call"]["id"]
        stage.desks.handle(events.Accept("agent1", call))
        await settle()
        desk = stage.desks.desk("agent1")
        assert desk is not None
        desk.disconnect(first)  # type: ignore[arg-type]
        await settle()
        assert stage.desks.acd.call(call).state == "talking"  # type: ignore[union-attr]  # the page may come back
        stage.agent_event("agent1", ev="down")
        await settle()
        waiting = stage.desks.acd.call(call)
        assert waiting is not None and (waiting.state, waiting.position) == ("waiting", 1)
        assert stage.worker.named("play")[-1]["files"] == [stage.board.hold_music]
        second = await stage.sit_down("agent2")
        assert second.last("call")["call"]["id"] == call
        session.peer_hangs_up()

    cdr = only(play(scenario))
    assert (cdr["cause"], cdr["agent"]) == ("abandoned", "agent1")


def test_a_page_takes_over_a_new_configuration(play: Callable[..., Stage]) -> None:
    """New groups, dispositions and breaks come without a reload; a page that works with the same is told nothing."""

    async def scenario(stage: Stage) -> None:
        one, two = await stage.sit_down("agent1"), await stage.sit_down("agent2")
        before = stage.board.index.snapshot
        sales = SkillGroup("sales", "demo", "Sales", dispositions=("sold",))
        agents = [replace(a, groups=(AgentGroup("sales"),)) if a.user == "agent1" else a for a in before.agents]
        stage.board.config.index = Index(replace(before, agents=tuple(agents)))
        stage.board.configure(stage.board.index)
        told = one.last("setup")
        assert (told["agent"]["groups"], [view["group"] for view in told["queues"]]) == (["sales"], [])
        assert [message["t"] for message in two.messages].count("setup") == 0, "nothing of his has changed"
        groups = (*before.skill_groups, sales)
        stage.board.config.index = Index(replace(before, agents=tuple(agents), skill_groups=groups))
        stage.board.configure(stage.board.index)
        told = one.last("setup")
        assert told["dispositions"]["sales"] == ["sold"] and [view["group"] for view in told["queues"]] == ["sales"]
        assert two.last("setup")["dispositions"] == told["dispositions"], "he may be asked as a dedicated agent"
        session = await to_queue(stage)
        assert two.last("call")["call"]["state"] == "ringing"
        assert one.messages[-1]["t"] == "setup", "agent1 serves the group no more"
        session.peer_hangs_up()

    play(scenario)


def test_a_second_tab_takes_over(play: Callable[..., Stage]) -> None:
    async def scenario(stage: Stage) -> None:
        first = await stage.sit_down("agent1")
        session = await to_queue(stage)
        second = await stage.sit_down("agent1")
        assert first.closed == "taken-over"
        assert second.last("hello")["call"]["state"] == "ringing"
        assert len(stage.worker.named("reoffer")) == 1
        session.peer_hangs_up()

    play(scenario)


def test_hold_gives_music_and_unhold_joins_again(play: Callable[..., Stage]) -> None:
    async def scenario(stage: Stage) -> None:
        page = await stage.sit_down("agent1")
        session = await to_queue(stage)
        from ccc.acd import events

        call = page.last("call")["call"]["id"]
        stage.desks.handle(events.Accept("agent1", call))
        await settle()
        conversation = stage.desks.desk("agent1").talk(call)  # type: ignore[union-attr]
        conversation.hold()
        assert stage.worker.ops[-2][0] == "unbridge"
        assert stage.worker.named("play")[-1]["repeat"] == 0
        await conversation.unhold()
        assert len(stage.worker.named("bridge")) == 2
        session.peer_hangs_up()

    assert only(play(scenario))["cause"] == "caller-hangup"


def test_break_out_key_leaves_the_queue(play: Callable[..., Stage]) -> None:
    async def scenario(stage: Stage) -> None:
        await to_queue(stage)
        stage.leg_event(ev="dtmf", key="5", via="rfc4733")
        await settle()
        stage.leg_event(ev="dtmf", key="*", via="rfc4733")

    assert path(only(play(scenario)))[-2:] == [("queue", "key"), ("bye", None)]


def test_a_full_worker_is_503(play: Callable[..., Stage]) -> None:
    sessions = []

    async def scenario(stage: Stage) -> None:
        stage.link.worker = None
        sessions.append(stage.invite())

    cdr = only(play(scenario))
    assert cdr["cause"] == "full"
    assert sessions[0].log == [(503, "No capacity")]


@pytest.mark.parametrize(("trouble", "cause"), [("draining", "shutdown"), ("full", "full"), ("unwritable", "journal")])
def test_calls_turned_away_are_counted_and_recorded(home: Home, registry: Registry, trouble: str, cause: str) -> None:
    """The stack answers 503 itself: no session is made, and nothing is lost all the same."""

    async def main() -> None:
        stage = Stage(home, registry, MENU)
        stage.board.draining = trouble == "draining"
        stage.link.worker = None if trouble == "full" else stage.link.worker
        stage.journal.healthy = trouble != "unwritable"
        status, reason = stage.board.accepting() or (0, "")
        for number in ("4000", "4000", "9999"):
            stage.board.turned_away(FakeSession(number), "t1", reason)  # type: ignore[arg-type]
        figures = stage.board.trunk_figures()["trunks"]["t1"]
        assert (status, stage.board.live("demo")["refusing"]) == (503, cause)
        assert (figures["refused"], figures["vain"]) == (3, [["4000", reason, 2], ["9999", reason, 1]])
        today = stage.board.live("demo")["today"]
        assert (today["calls"], today["other"]) == (2, 2), "calls to numbers of ours"
        told = 2 if stage.journal.healthy else 0
        assert len(stage.journal.closed()) == told and stage.board.refusals.unrecorded == 2 - told
        stage.journal.healthy = True
        stage.board.refusals.catch_up()
        assert stage.board.live("demo")["refusing"] == (None if trouble == "unwritable" else cause)
        record = stage.journal.closed()[-1]
        assert (record["cause"], record["callee"], record["caller"]) == (cause, "4000", "13800138000")
        assert ("1 more" in record["cause_detail"]) is (trouble == "unwritable")

    asyncio.run(main())


def test_unknown_numbers_and_limits(home: Home, registry: Registry) -> None:
    async def main() -> None:
        stage = Stage(home, registry, MENU)
        unknown = stage.invite("9999")
        assert unknown.log == [(404, "Unknown number")]
        assert stage.journal.records == []
        stage.journal.healthy = False
        assert stage.board.accepting() == (503, "Call records cannot be written")
        stage.journal.healthy = True
        assert stage.board.accepting() is None
        stage.board.draining = True
        assert stage.board.accepting() == (503, "Shutting down")

    asyncio.run(main())
