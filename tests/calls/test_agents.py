"""Callers and agents: accept, reject, miss, hold, keys, hang-up by either side, killed tabs."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from ccc.caller.hear import Ear
from tests.calls.agent import TONE_HZ, Agent, Browser, working
from tests.calls.callers import dial, settle
from tests.calls.sounds import channel, heard_in, path, tones
from tests.calls.system import System, wait_for


@pytest.fixture(scope="module")
def first(system: System) -> Browser:
    return Browser(system, "agent1")


@pytest.fixture(scope="module")
def second(system: System) -> Browser:
    return Browser(system, "agent2")


@pytest.fixture
def agent(system: System, first: Browser) -> Iterator[Agent]:
    with working(system, first) as one:
        yield one


def finish(agent: Agent) -> None:
    """Through wrap-up to ready."""
    call = agent.wait_call("wrap-up")
    agent.do("wrap-up-done", call=call["id"], note="done", disposition="")
    agent.wait_on_duty()


def test_answered_heard_recorded_and_wrapped_up(system: System, agent: Agent) -> None:
    dialled = dial(system, "4000", "--tone", "440", "--seconds", "8")
    ringing = agent.wait_call("ringing")
    assert (ringing["caller"], ringing["skill_group"], ringing["direction"]) == (dialled.caller, "default", "inbound")
    agent.accept()
    settle(3)
    agent.do("note", call=ringing["id"], note="客户要发票", disposition="")
    report = dialled.wait()
    assert TONE_HZ in tones(report)
    ear = Ear()
    ear.feed(agent.sound.heard())
    assert any(stretch.kind == "tone" and abs(stretch.hz - 440) < 5 for stretch in ear.stretches)
    assert len(agent.sound.ssrcs()) == 1 and report["sources"] == 1
    finish(agent)
    record = system.record_of(dialled.caller)
    assert (record["cause"], record["agent"]) == ("caller-hangup", "agent1")
    file = system.home.recordings / record["recording"]
    assert {round(s.hz, -1) for s in heard_in(channel(file, 0)) if s.kind == "tone"} == {440}
    assert TONE_HZ in [round(s.hz, -1) for s in heard_in(channel(file, 1)) if s.kind == "tone"]
    assert agent.sequence == list(range(1, len(agent.sequence) + 1))


def test_agent_hangs_up(system: System, agent: Agent) -> None:
    dialled = dial(system, "4000")
    call = agent.accept()
    settle(1)
    agent.do("hangup", call=call["id"])
    assert dialled.wait()["ended_by"] == "far-side"
    finish(agent)
    assert system.record_of(dialled.caller)["cause"] == "agent-hangup"


def test_hold_plays_music_and_comes_back(system: System, agent: Agent) -> None:
    dialled = dial(system, "4000", "--seconds", "11")
    call = agent.accept()
    settle(2)
    agent.do("hold", call=call["id"])
    agent.wait_call("hold")
    settle(3)
    agent.do("unhold", call=call["id"])
    agent.wait_call("talking")
    report = dialled.wait()
    kinds = [round(s["hz"], -1) if s["kind"] == "tone" else s["kind"] for s in report["heard"]]
    first, last = kinds.index(TONE_HZ), len(kinds) - 1 - kinds[::-1].index(TONE_HZ)
    assert first < last and "sound" in kinds[first:last], kinds
    assert report["sources"] == 1 and report["lost"] == 0
    finish(agent)


def test_caller_hangs_up_while_it_rings(system: System, agent: Agent) -> None:
    dialled = dial(system, "4000", "--seconds", "3")
    agent.wait_call("ringing")
    dialled.wait()
    agent.wait_state("ready")
    record = system.record_of(dialled.caller)
    assert (record["cause"], record["agent"]) == ("abandoned", None)


def test_rejected_call_goes_to_the_other_agent(system: System, agent: Agent, second: Browser) -> None:
    with working(system, second) as other:
        dialled = dial(system, "4000", "--seconds", "12")
        wait_for("somebody rings", lambda: agent.call or other.call, 10)
        rung, spare = (agent, other) if agent.call else (other, agent)
        call = rung.wait_call("ringing")
        rung.do("reject", call=call["id"])
        assert spare.wait_call("ringing")["id"] == call["id"]
        assert rung.call is None
        spare.accept()
        dialled.wait()
        finish(spare)
        record = system.record_of(dialled.caller)
        assert record["agent"] == spare.hello["agent"]["user"]


def test_missed_call_puts_the_agent_on_break_and_the_caller_goes_on_waiting(
    flows: System, agent: Agent, second: Browser
) -> None:
    dialled = dial(flows, "4106", "--seconds", "14")
    agent.wait_call("ringing")
    state = agent.wait_state("break", 8)
    assert (state["reason"], agent.call) == ("ring-timeout", None)
    with working(flows, second) as other:
        assert other.wait_call("ringing", 3)["caller"] == dialled.caller
        other.accept()
        assert dialled.wait()["ended_by"] == "caller"
        finish(other)
    record = flows.record_of(dialled.caller)
    assert (record["cause"], record["agent"]) == ("caller-hangup", "agent2")
    agent.ready()


def test_wrap_up_ends_by_itself(flows: System, agent: Agent) -> None:
    dialled = dial(flows, "4106", "--seconds", "1")
    agent.accept()
    dialled.wait()
    agent.wait_call("wrap-up")
    agent.wait_state("ready", 8)
    assert agent.call is None


def test_order_is_kept_and_nobody_rings_twice(flows: System, agent: Agent) -> None:
    agent.do("state", state="break", reason="用餐")
    waiting = []
    for _ in range(3):
        waiting.append(dial(flows, "4106"))
        count = len(waiting)
        agent.wait(f"{count} waiting", lambda count=count: quick(agent)["waiting"] == count)  # type: ignore[misc]
    agent.ready()
    for dialled in waiting:
        call = agent.wait_call("ringing")
        assert call["caller"] == dialled.caller
        agent.accept()
        agent.do("hangup", call=call["id"])
        finish(agent)
        assert dialled.wait()["ended_by"] == "far-side"


def quick(agent: Agent) -> dict[str, object]:
    """The short-timed queue as the agent's page shows it."""
    return next(queue for queue in agent.queues if queue["group"] == "quick")


def test_killed_tab_frees_the_agent_and_the_caller_is_first_in_the_queue(
    system: System, first: Browser, second: Browser
) -> None:
    lost = Agent(system, first)
    lost.ready()
    dialled = dial(system, "4000", "--seconds", "25")
    lost.accept()
    settle(1)
    lost.kill()
    began = time.monotonic()
    with working(system, second) as other:
        assert other.wait_call("ringing", 12)["caller"] == dialled.caller
        assert time.monotonic() - began < 12
        other.accept()
        settle(1)
        dialled.process.send_signal(2)
        dialled.wait()
        finish(other)
    back = Agent(system, first)
    assert back.call is None
    back.ready()
    back.leave()


def test_reload_keeps_the_call(system: System, first: Browser) -> None:
    agent = Agent(system, first)
    agent.ready()
    dialled = dial(system, "4000", "--seconds", "12")
    call = agent.accept()
    settle(1)
    agent.kill()
    again = Agent(system, first)
    assert again.call is not None and again.call["id"] == call["id"]
    again.sound.speaking = True
    again.sound.forget()
    settle(2)
    ear = Ear()
    ear.feed(again.sound.heard())
    assert ear.heard
    report = dialled.wait()
    assert (report["ended_by"], report["sources"]) == ("caller", 1)
    finish(again)
    again.leave()


def test_second_tab_takes_over(system: System, first: Browser) -> None:
    old = Agent(system, first)
    old.ready()
    dialled = dial(system, "4000", "--seconds", "10")
    call = old.accept()
    new = Agent(system, first)
    old.wait("the old tab is told", lambda: old.bye == "taken-over")
    assert new.call is not None and new.call["id"] == call["id"]
    old.leave()
    assert dialled.wait()["ended_by"] == "caller"
    finish(new)
    new.leave()


def test_path_and_keys_are_shown_to_the_agent(system: System, agent: Agent) -> None:
    dialled = dial(system, "4001", "--keys", "1", "--seconds", "9")
    call = agent.wait_call("ringing")
    assert (call["skill_group"], call["keys"]) == ("sales", "1")
    assert [step["node"] for step in call["path"]] == ["start", "menu", "sales-notice", "sales"]
    agent.accept()
    dialled.wait()
    finish(agent)
    assert path(system.record_of(dialled.caller))[1] == "menu.key_1"
