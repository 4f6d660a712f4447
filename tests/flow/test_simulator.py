"""The scripted call and its test cases: virtual time, the caller's script, queues, failures that explain."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest

from ccc.api import CallEnded, FlowFailed, QueueRequest, SilencePrompt, TextPrompt, TonePrompt
from ccc.api.testkit import ScriptedCall
from ccc.flow.compile import compile_flow
from ccc.flow.simulator import TestResult, run_test
from ccc.loader import Registry
from tests.flow.build import case, document, node, start, text

HELLO = TextPrompt(text="您好您好")
TONE = TonePrompt(hz=440, seconds=8)


def heard(call: ScriptedCall) -> list[str]:
    return [item.text for item in call.transcript if item.what == "hears"]


def run(coroutine: Any) -> Any:
    return asyncio.run(coroutine)


def test_time_is_virtual_and_prompts_have_lengths() -> None:
    call = ScriptedCall()
    began = time.monotonic()
    assert run(call.play([HELLO, TONE, SilencePrompt(seconds=2)])) is False
    assert call.monotonic() == 11.0
    assert call.answered
    run(call.sleep(3600))
    assert call.now().isoformat() == "2026-01-05T11:00:11+08:00"
    assert time.monotonic() - began < 5
    assert heard(call) == ["您好您好", "[tone 440 Hz]", "[silence]"]


def test_a_key_interrupts_and_stays_for_read_key() -> None:
    call = ScriptedCall(case({"press": "12"}))
    assert run(call.play([TONE])) is True
    assert call.monotonic() == 0.5
    assert run(call.read_key(5)) == "1"
    assert run(call.read_key(5)) == "2"
    assert call.monotonic() == 0.8
    assert run(call.read_key(5)) is None
    assert call.monotonic() == pytest.approx(5.8)


def test_a_key_pressed_ahead_interrupts_at_once_and_can_be_forgotten() -> None:
    call = ScriptedCall(case({"press": "1"}))
    run(call.sleep(1))
    assert run(call.play([TONE])) is True
    assert call.monotonic() == 1
    call.clear_keys()
    assert run(call.play([TONE])) is False
    assert call.monotonic() == 9


def test_prompts_that_cannot_be_interrupted_keep_the_key() -> None:
    call = ScriptedCall(case({"press": "1"}))
    assert run(call.play([TONE], interruptible=False)) is False
    assert call.monotonic() == 8
    assert run(call.read_key(0)) == "1"


def test_endless_prompts_end_with_the_caller() -> None:
    call = ScriptedCall()
    with pytest.raises(CallEnded, match="caller-hangup"):
        run(call.play([TONE], repeat=0))
    call = ScriptedCall(case({"hears": "tone"}, {"wait": 20}, {"hang_up": True}))
    with pytest.raises(CallEnded, match="caller-hangup"):
        run(call.play([TONE], repeat=0))
    assert call.monotonic() == 20.5
    assert len(heard(call)) == 3


def test_after_the_end_every_method_ends() -> None:
    call = ScriptedCall(case({"hang_up": True}))
    with pytest.raises(CallEnded):
        run(call.sleep(10))
    assert call.monotonic() == 0.5
    for action in (call.answer(), call.play([TONE]), call.read_key(1), call.sleep(1), call.hangup()):
        with pytest.raises(CallEnded, match="caller-hangup"):
            run(action)


def test_a_call_has_a_maximum_length() -> None:
    call = ScriptedCall(case({"hears": "never"}), max_call_s=100)
    with pytest.raises(CallEnded, match="max-length"):
        run(call.sleep(1000))
    assert call.monotonic() == 100


@pytest.mark.parametrize(
    ("settings", "request_", "outcome", "at"),
    [
        ({}, {}, "answered", 33.0),
        ({"talk_s": 5}, {}, "answered", 8.0),
        ({"agents": {"g": "busy"}}, {"timeout_s": 60}, "timeout", 60.0),
        ({"agents": {"g": "none"}}, {"timeout_s": 60}, "timeout", 60.0),
        ({"agents": {"g": "none"}}, {"exit_when_no_agent": True}, "no-agent", 0.0),
        ({"waiting": {"g": 3}}, {"max_waiting": 3}, "overflow", 0.0),
        ({"waiting": {"g": 2}}, {"max_waiting": 3}, "answered", 33.0),
    ],
)
def test_queue(settings: dict[str, Any], request_: dict[str, Any], outcome: str, at: float) -> None:
    call = ScriptedCall(case(**settings))
    result = run(call.queue(QueueRequest("g", **request_)))
    assert (result.outcome, call.monotonic()) == (outcome, at)


def test_keys_leave_the_queue_only_when_they_may() -> None:
    call = ScriptedCall(case({"press": "1"}, {"press": "*"}, agents={"g": "busy"}))
    result = run(call.queue(QueueRequest("g", break_keys="*")))
    assert (result.outcome, result.key, call.monotonic()) == ("key", "*", 1.0)


def test_a_prompt_that_cannot_be_filled_in_fails_the_node() -> None:
    with pytest.raises(FlowFailed, match="cannot be filled in"):
        run(ScriptedCall().play([TextPrompt(text="${1 / 0}")]))


def test_blocking_code_runs_and_times_out() -> None:
    call = ScriptedCall()
    assert run(call.blocking(lambda: 7, 5)) == 7
    with pytest.raises(TimeoutError):
        run(call.blocking(lambda: time.sleep(0.2), 0.01))


def trial(registry: Registry, *steps: dict[str, Any], **settings: Any) -> TestResult:
    nodes = [
        start(),
        node("m", "menu", prompts=[text("请按 1")], keys=[{"key": "1"}], retries=0),
        node("q", "queue", skill_group="sales"),
        node("v", "set_variable", assignments=[{"name": "x", "value": "1 + 1"}]),
        node("bye", "play", prompts=[text("再见${x}")], interruptible=False),
        node("end", "hangup"),
    ]
    lines = ["start.next m", "m.key_1 q", "m.timeout v", "m.wrong v", "q.timeout v", "q.answered end", "v.next bye",
             "bye.done end"]  # fmt: skip
    return run_test(compile_flow(document(nodes, *lines), registry), case(*steps, **settings))


@pytest.mark.parametrize(
    "steps",
    [
        [{"press": "1"}, {"queue": "sales"}, {"agent": "answers"}, {"ends": "normal"}],
        [{"hears": "请按"}, {"wait": 1}, {"press": "1"}, {"reaches": "q"}, {"exit": "q.answered"}],
        [{"press": "2"}, {"exit": "m.wrong"}, {"variables": {"x": 2}}, {"hears": "再见2"}, {"ends": "normal"}],
        [{"hang_up": True}, {"ends": "caller-hangup"}],
        [],
    ],
)
def test_scripts_that_come_true(registry: Registry, steps: list[dict[str, Any]]) -> None:
    assert trial(registry, *steps).failure is None


@pytest.mark.parametrize(
    ("steps", "failure"),
    [
        ([{"press": "1"}, {"queue": "service"}], "line 2: queue 'service' never came true; the call ended with normal"),
        ([{"hears": "晚上好"}], "line 1: hears '晚上好' never came true"),
        ([{"press": "1"}, {"ends": "flow-error"}], "line 2: ends 'flow-error' never came true"),
        ([{"ends": "normal"}, {"hears": "再见"}], "line 2: hears '再见' never came true"),
        ([{"variables": {"x": 3}}], "line 1: variables {'x': 3} never came true"),
        ([{"hears": "再见"}, {"hears": "请按"}], "line 2: hears '请按' never came true"),
    ],
)
def test_scripts_that_do_not_come_true_say_which_line(registry: Registry, steps: Any, failure: str) -> None:
    assert failure in (trial(registry, *steps).failure or "")


def test_a_flow_that_breaks_fails_its_test_unless_expected(registry: Registry) -> None:
    flow = compile_flow(
        document([start(), node("p", "play", prompts=[text("${1 / x}")]), node("e", "hangup")],
                 "start.next p", "p.done e", variables={"x": 0}), registry,
    )  # fmt: skip
    assert "division by zero" in (run_test(flow, case()).failure or "")
    assert run_test(flow, case({"ends": "flow-error"})).failure is None
    assert "division by zero" in (run_test(flow, case({"hears": "x"})).failure or "")


def test_the_path_is_kept(registry: Registry) -> None:
    simulation = trial(registry, {"press": "2"}).simulation
    assert [(step.node, step.exit) for step in simulation.steps] == [
        ("start", "next"), ("m", "wrong"), ("v", "next"), ("bye", "done"), ("end", None),
    ]  # fmt: skip
    assert dict(simulation.steps[2].changed) == {"x": 2}
    assert simulation.cause == "normal"
