"""The interpreter: order of events, failures, sub-flows, runaway flows, cancellation."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from pydantic import BaseModel

from ccc.api import CONFIG, CallControl, CallEnded, Exit, ExprError, FlowFailed, NodeType, Value, error_exit
from ccc.api.testkit import ScriptedCall
from ccc.errors import NotFoundError
from ccc.flow.compile import CompiledFlow, compile_flow
from ccc.flow.interpreter import Interpreter, NodeFailed
from tests.flow.build import Types, document, node

_WORDS = {"en": "x", "zh": "x"}


class _Config(BaseModel):
    model_config = CONFIG
    do: str = ""


class _Base(NodeType):
    label = _WORDS
    help = _WORDS
    category = "test"
    Config = _Config

    def exits(self, config: Any) -> Sequence[Exit]:
        return (Exit("next", _WORDS, required=False), error_exit())


class Begin(_Base):
    type = "begin"
    is_start = True

    async def run(self, call: CallControl, config: Any) -> str:
        call.trace("begin")
        return "next"


class Work(_Base):
    """Does what its setting says."""

    type = "work"
    waits = True  # so that the check lets circles through that only the guard can stop

    async def run(self, call: CallControl, config: Any) -> str:
        word, _, rest = config.do.partition(" ")
        if word == "set":
            name, _, value = rest.partition("=")
            call.variables[name] = value
        elif word == "raise":
            raise ValueError(rest)
        elif word == "fail":
            raise FlowFailed(rest)
        elif word == "formula":
            raise ExprError(rest)
        elif word == "flow":
            await call.run_flow(rest)
        elif word == "sleep":
            await call.sleep(float(rest))
        elif word == "hangup":
            await call.hangup(rest)
        elif word == "forever":
            await asyncio.Event().wait()
        elif word == "return":
            return rest
        return "next"


TYPES = Types.of(Begin(), Work())


class Log:
    """An observer that writes everything down."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.changes: dict[int, Mapping[str, Value]] = {}

    def entered(self, n: int, node: str, name: str, type: str, at: float) -> None:
        self.lines.append(f"> {n} {node} {type} {at:.0f}")

    def left(self, n: int, exit: str | None, changed: Mapping[str, Value]) -> None:
        self.lines.append(f"< {n} {exit}")
        self.changes[n] = changed

    def failed(self, n: int, error: NodeFailed) -> None:
        self.lines.append(f"! {n} {error.message}")


def chain(*does: str, name: str = "flow", extra: Sequence[str] = (), **rest: Any) -> CompiledFlow:
    """begin -> n1 -> n2 ...; ``extra`` lines may lead back."""
    nodes = [node("begin", "begin"), *(node(f"n{index}", "work", do=do) for index, do in enumerate(does, 1))]
    lines = [f"{'begin' if index == 1 else f'n{index - 1}'}.next n{index}" for index in range(1, len(does) + 1)]
    return compile_flow(document(nodes, *lines, *extra, **{"name": name, **rest}), TYPES)


def play(flow: CompiledFlow, *others: CompiledFlow) -> tuple[str, Log, Interpreter, ScriptedCall]:
    """Run a flow; the cause, what the observer saw, the interpreter and the call."""
    log, call = Log(), ScriptedCall()
    published = {other.name: other for other in others}

    def load_flow(name: str) -> CompiledFlow:
        if name not in published:
            raise NotFoundError(f"flow {name!r} is not published")
        return published[name]

    interpreter = Interpreter(flow, load_flow, log)
    call.follow(lambda: interpreter.tables, lambda name: interpreter.sub_flow(call, name))
    try:
        cause = asyncio.run(interpreter.run(call))
    except CallEnded as ended:
        cause = f"ended {ended.cause}"
    return cause, log, interpreter, call


def test_steps_are_seen_in_order_with_changed_variables() -> None:
    flow = chain("set a=1", "", "set a=2", variables={"a": "0", "b": [1]})
    cause, log, interpreter, call = play(flow)
    assert cause == "normal"
    assert [line.split()[:2] for line in log.lines] == [[s, str(n)] for n in (1, 2, 3, 4) for s in (">", "<")]
    assert log.lines[0] == "> 1 begin begin 1767578400"
    assert [dict(log.changes[n]) for n in (1, 2, 3, 4)] == [{}, {"a": "1"}, {}, {"a": "2"}]
    assert dict(call.variables) == {"a": "2", "b": [1]}
    assert interpreter.steps == 4
    assert call.variables["b"] is not flow.variables["b"]


def test_an_exception_ends_the_call_with_the_node_named() -> None:
    cause, log, interpreter, _ = play(chain("", "raise boom", ""))
    assert cause == "flow-error"
    assert interpreter.failure is not None
    assert (interpreter.failure.flow, interpreter.failure.node, interpreter.failure.type) == ("flow", "n2", "work")
    assert "node 'n2', type 'work': ValueError: boom" in interpreter.failure.message
    assert isinstance(interpreter.failure.__cause__, ValueError)
    assert log.lines[-2:] == [f"! 3 {interpreter.failure.message}", "< 3 None"]


def test_an_undeclared_exit_is_a_failure() -> None:
    cause, _, interpreter, _ = play(chain("return sideways"))
    assert cause == "flow-error"
    assert interpreter.failure is not None and "exit 'sideways'" in interpreter.failure.message


def test_the_error_exit_takes_flow_failed_but_no_exception() -> None:
    cause, log, interpreter, _ = play(chain("fail no prompt", "", extra=["n1.error n2"]))
    assert cause == "normal"
    assert interpreter.failure is None
    assert [line[:1] for line in log.lines[2:5]] == [">", "!", "<"]
    assert log.lines[4] == "< 2 error"
    assert play(chain("fail no prompt"))[0] == "flow-error"
    assert play(chain("raise boom", "", extra=["n1.error n2"]))[0] == "flow-error"


def test_a_formula_that_fails_takes_the_error_exit_too() -> None:
    cause, log, _, _ = play(chain("formula text is no number", "", extra=["n1.error n2"]))
    assert (cause, log.lines[4]) == ("normal", "< 2 error")
    assert play(chain("formula text is no number"))[0] == "flow-error"


def test_hang_up_and_cancellation_pass_through_after_the_step_is_closed() -> None:
    cause, log, _, _ = play(chain("hangup normal", "raise never"))
    assert cause == "ended normal"
    assert log.lines[-1] == "< 2 None"

    async def cancelled() -> Log:
        log = Log()
        interpreter = Interpreter(chain("set a=1", "forever"), lambda name: chain(), log)
        task = asyncio.create_task(interpreter.run(ScriptedCall()))
        for _ in range(20):  # the second node now waits for ever
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return log

    assert asyncio.run(cancelled()).lines[-1] == "< 3 None"


def test_a_sub_flow_shares_variables_and_returns() -> None:
    inner = chain("set a=inner", name="inner", variables={"own": 1, "a": "unused"}, tables={"t": {"k": "in"}})
    outer = chain("set a=outer", "flow inner", "", tables={"t": {"k": "out"}})
    cause, log, interpreter, call = play(outer, inner)
    assert cause == "normal"
    assert [line.split()[2] for line in log.lines if line[0] == ">"] == ["begin", "n1", "n2", "begin", "n1", "n3"]
    assert dict(call.variables) == {"a": "inner", "own": 1}
    assert [item for item in call.transcript if item.what == "trace"][1:] == [], "a sub-flow's start node does not run"
    assert interpreter.tables == {"t": {"k": "out"}}


def test_a_failure_in_a_sub_flow_names_the_inner_node() -> None:
    inner = chain("raise deep", name="inner")
    cause, log, interpreter, _ = play(chain("flow inner"), inner)
    assert cause == "flow-error"
    assert interpreter.failure is not None
    assert (interpreter.failure.flow, interpreter.failure.node) == ("inner", "n1")
    assert [line for line in log.lines if line[0] == "<"][-2:] == ["< 4 None", "< 2 None"]


def test_a_sub_flow_that_is_not_published_can_be_caught() -> None:
    cause, _, interpreter, _ = play(chain("flow nowhere"))
    assert cause == "flow-error"
    assert interpreter.failure is not None and "'nowhere' is not published" in interpreter.failure.message
    assert play(chain("flow nowhere", "", extra=["n1.error n2"]))[0] == "normal"


def test_hang_up_inside_a_sub_flow_ends_the_call() -> None:
    assert play(chain("flow inner", "raise never"), chain("hangup normal", name="inner"))[0] == "ended normal"


def test_sub_flows_that_call_themselves_are_stopped() -> None:
    endless = chain("flow endless", name="endless")
    cause, _, interpreter, _ = play(endless, endless)
    assert cause == "flow-error"
    assert interpreter.failure is not None and "do sub-flows call themselves" in interpreter.failure.message


def test_a_circle_in_which_no_time_passes_is_stopped() -> None:
    cause, _, interpreter, _ = play(chain("", "", extra=["n2.next n1"]))
    assert cause == "flow-error"
    assert interpreter.failure is not None and "runs in a circle" in interpreter.failure.message
    assert interpreter.steps == 1001


def test_the_error_exit_cannot_keep_a_circle_going() -> None:
    assert play(chain("", "", extra=["n2.next n1", "n2.error n1"]))[0] == "flow-error"


def test_a_circle_in_which_time_passes_may_go_on_for_long() -> None:
    cause, _, interpreter, call = play(chain("sleep 0.02", extra=["n1.next n1"]))
    assert cause == "flow-error"
    assert interpreter.failure is not None and "more than 100000 steps" in interpreter.failure.message
    assert call.monotonic() > 1000


def test_a_busy_flow_lets_other_calls_run() -> None:
    async def race() -> int:
        turns = 0
        interpreter = Interpreter(chain("", "", extra=["n2.next n1"]), lambda name: chain(), Log())
        task = asyncio.create_task(interpreter.run(ScriptedCall()))
        while not task.done():
            turns += 1
            await asyncio.sleep(0)
        return turns

    assert asyncio.run(race()) >= 10
