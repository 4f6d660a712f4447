"""What happens when the far side falls silent: no ACK, no sound, no page."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from websockets.exceptions import WebSocketException

from tests.calls.agent import Agent, Browser
from tests.calls.callers import dial, new_caller, run_sipp, settle
from tests.calls.flows import publish_all
from tests.calls.system import System, running, wait_for


@pytest.fixture(scope="module")
def impatient() -> Iterator[System]:
    """A system that waits only 3 s for sound."""
    with running("--media-timeout-s", "3") as started:
        publish_all(started.home)
        settle(2)
        yield started


def test_no_ack_is_answered_with_bye(flows: System) -> None:
    caller = new_caller()
    result = run_sipp(flows, "no_ack", "4105", caller=caller)
    assert (result.code, result.ok) == (0, 1), result.errors
    assert flows.record_of(f"{caller}1")["cause"] == "no-ack"


def test_no_sound_ends_the_call(impatient: System) -> None:
    caller = new_caller()
    result = run_sipp(impatient, "stay", "4105", caller=caller)
    assert (result.code, result.ok) == (0, 1), result.errors
    assert impatient.record_of(f"{caller}1")["cause"] == "media-timeout"


def test_agents_come_back_after_the_telephone_side_died(impatient: System) -> None:
    browser = Browser(impatient, "agent1")
    agent = Agent(impatient, browser)
    agent.do("state", state="break", reason="培训")
    agent.wait_state("break")
    impatient.kill("runtime")
    agent.sound.stop()

    def again() -> Agent | None:
        try:
            return Agent(impatient, browser)
        except (OSError, WebSocketException):
            return None  # web answers, the runtime does not yet

    wait_for("the runtime", lambda: impatient.healthz()[0] == 200, 15)
    back = wait_for("the page", again, 15, 0.5)
    assert (back.state["state"], back.state["reason"]) == ("break", "培训")
    back.ready()
    dialled = dial(impatient, "4106", "--seconds", "2")
    back.accept()
    assert dialled.wait()["exit"] == 0
    back.leave()
