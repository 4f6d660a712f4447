"""A named agent is rung, alone: every exit with a real page."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.calls.agent import TONE_HZ, Agent, Browser, working
from tests.calls.callers import dial, settle
from tests.calls.flows import document, node, tone
from tests.calls.publish import put_on_air
from tests.calls.sounds import path, tones
from tests.calls.system import System, wait_for

ENDS = {"no_such_agent": 900, "offline": 1100, "busy": 1300, "timeout": 1500}
NAMES = {"4210": "agent1", "4211": "nobody"}


@pytest.fixture(scope="module", autouse=True)
def flows(system: System) -> System:
    """Ask for agent1, for nobody; each exit but ``answered`` has a tone of its own."""
    put_on_air(
        system,
        {
            number: document(
                f"ask-{name}",
                [node("start", "start", recording="on"), node("ask", "transfer_agent", agent=name, ring_s=4),
                 node("after", "play", prompts=[tone(1900, 1.0)]), node("end", "hangup"),
                 *(node(way, "play", prompts=[tone(hz, 1.0)]) for way, hz in ENDS.items())],
                "start.next>ask", "ask.answered>after", "after.done>end",
                *(f"ask.{way}>{way}" for way in ENDS), *(f"{way}.done>end" for way in ENDS),
            )
            for number, name in NAMES.items()
        },
    )  # fmt: skip
    return system


@pytest.fixture(scope="module")
def first(system: System) -> Browser:
    return Browser(system, "agent1")


@pytest.fixture
def agent(system: System, first: Browser) -> Iterator[Agent]:
    with working(system, first) as one:
        yield one


def finish(agent: Agent) -> None:
    call = agent.wait_call("wrap-up")
    agent.do("wrap-up-done", call=call["id"], note="", disposition="")
    agent.wait_on_duty()


def left_by(system: System, caller: str) -> str:
    return path(system.record_of(caller))[1]


def test_only_he_rings_they_talk_and_the_flow_goes_on(system: System, agent: Agent) -> None:
    with working(system, Browser(system, "agent2")) as other:
        dialled = dial(system, "4210", "--tone", "440")
        call = agent.accept()
        assert call["caller"] == dialled.caller and other.call is None
        settle(2)
        agent.do("hangup", call=call["id"])
        assert tones(dialled.wait())[-2:] == [TONE_HZ, 1900]
        finish(agent)
        assert other.call is None
    record = system.record_of(dialled.caller)
    assert path(record) == ["start.next", "ask.answered", "after.done", "end.None"]
    assert record["agent"] == "agent1" and record["recording"]


def test_rejected_and_missed(system: System, agent: Agent) -> None:
    dialled = dial(system, "4210")
    agent.do("reject", call=agent.wait_call("ringing")["id"])
    assert tones(dialled.wait())[-1] == ENDS["busy"]
    assert left_by(system, dialled.caller) == "ask.busy"
    dialled = dial(system, "4210")
    agent.wait_call("ringing")
    assert agent.wait_state("break", 8)["reason"] == "ring-timeout"
    assert tones(dialled.wait())[-1] == ENDS["timeout"]
    assert left_by(system, dialled.caller) == "ask.timeout"


def test_busy_on_another_call(system: System, agent: Agent) -> None:
    talking = dial(system, "4210", "--seconds", "8")
    agent.accept()
    second = dial(system, "4210")
    assert tones(second.wait()) == [ENDS["busy"]]
    assert left_by(system, second.caller) == "ask.busy"
    assert talking.wait()["ended_by"] == "caller"
    finish(agent)


def test_the_page_is_closed_while_it_rings(system: System, first: Browser) -> None:
    agent = Agent(system, first)
    agent.ready()
    dialled = dial(system, "4210")
    agent.wait_call("ringing")
    agent.leave()
    assert left_by(system, dialled.caller) in ("ask.offline", "ask.busy")
    dialled.wait()


def test_offline_and_unknown(system: System) -> None:
    for number, way in (("4210", "offline"), ("4211", "no_such_agent")):
        dialled = dial(system, number)
        assert tones(dialled.wait()) == [ENDS[way]]
        assert left_by(system, dialled.caller) == f"ask.{way}"


def test_caller_hangs_up_while_it_rings(system: System, agent: Agent) -> None:
    dialled = dial(system, "4210", "--seconds", "2")
    agent.wait_call("ringing")
    dialled.wait()
    wait_for("the page is free", lambda: agent.call is None)
    agent.wait_state("ready")
    assert system.record_of(dialled.caller)["cause"] == "abandoned"
