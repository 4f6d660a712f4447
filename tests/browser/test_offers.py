"""Offers: an agent rejects or does not answer; the caller keeps his place and goes to somebody else."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.desk import Desk
from tests.calls.callers import dial
from tests.calls.system import System

OpenDesk = Callable[..., Desk]


def test_a_rejected_call_rings_the_other_agent(system: System, agent: OpenDesk) -> None:
    first, second = agent("agent1"), agent("agent2", locale="en-GB")
    first.ready()
    call = dial(system, "4000", "--tone", "440", "--seconds", "60")
    first.expect_call("ringing")
    second.ready()
    first.page.click("#reject")
    first.expect_call("none")
    first.expect_state("ready")
    second.answer()
    second.expect_tone(440)
    second.page.click("#hangup")
    assert call.wait()["exit"] == 0
    second.finish()
    first.offline()
    second.offline()


def test_an_agent_who_does_not_answer_is_put_on_break(system: System, agent: OpenDesk) -> None:
    desk = agent()
    desk.ready()
    call = dial(system, "4000", "--tone", "440", "--seconds", "60")
    desk.expect_call("ringing")
    desk.expect_state("break", timeout_s=30)
    expect(desk.page.locator("#state-reason")).to_contain_text("振铃未接")
    desk.expect_call("none")
    desk.ready(then="ringing")  # the caller kept his place; back on duty, the agent gets him again
    desk.answer()
    desk.page.click("#hangup")
    assert call.wait()["exit"] == 0
    desk.finish()
    desk.offline()


def test_the_caller_gives_up_while_it_rings(system: System, agent: OpenDesk) -> None:
    desk = agent()
    desk.ready()
    call = dial(system, "4000", "--seconds", "5")
    desk.expect_call("ringing")
    call.wait()
    desk.expect_call("none")
    desk.expect_state("ready")
    desk.offline()
    assert system.record_of(call.caller)["cause"] == "abandoned"


def test_keyboard_note_and_history(system: System, agent: OpenDesk) -> None:
    desk = agent()
    desk.ready()
    call = dial(system, "4000", "--tone", "440", "--seconds", "60")
    desk.expect_call("ringing")
    desk.page.keyboard.press("Alt+a")
    desk.expect_call("talking")
    desk.page.fill("#note", "回电 <b>明天</b>")
    desk.page.click("#hangup")
    call.wait()
    desk.expect_call("wrap-up")
    desk.page.wait_for_timeout(1200)
    desk.finish()
    desk.page.wait_for_selector("#history-list li")
    desk.offline()
    record = system.record_of(call.caller)
    assert record["agent"] == "agent1"
    assert desk.problems == []
