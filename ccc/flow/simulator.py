"""Runs a compiled flow without a telephone, in virtual time, and its stored test cases."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from ccc.api import CallControl, CallEnded, FlowFailed, Value
from ccc.api.testkit import Happening, ScriptedCall, TestCase, TestStep
from ccc.errors import NotFoundError
from ccc.flow.compile import CompiledFlow, CompiledNode
from ccc.flow.interpreter import Interpreter, NodeFailed, Observer


@dataclass(frozen=True, slots=True)
class Step:
    """A node of the path: how it was left (None: the call ended in it) and which variables it changed."""

    n: int
    node: str
    name: str
    type: str
    exit: str | None
    changed: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Simulation:
    """A simulated call: cause, why it failed if it did, path, everything that happened, final variables."""

    cause: str
    failure: str | None
    steps: tuple[Step, ...]
    transcript: tuple[Happening, ...]
    variables: Mapping[str, Value]
    unmet: str | None
    """The script line that never came true, or None."""
    duration_s: float
    waiting: TestStep | None = None
    """That line, and its number from 1."""
    line: int = 0
    stuck_in: str | None = None
    """The node the call was in when the line before had happened."""


@dataclass(frozen=True, slots=True)
class TestResult:
    """A test case's outcome: ``failure`` None means passed."""

    __test__ = False
    case: TestCase
    failure: str | None
    simulation: Simulation


class RehearsedFlow(Interpreter):
    """Walks the flow as in a call, but lets the nodes go wrong that the test case names."""

    def __init__(
        self, flow: CompiledFlow, load_flow: Callable[[str], CompiledFlow], observer: Observer, case: TestCase
    ) -> None:
        super().__init__(flow, load_flow, observer)
        self._fails = frozenset(case.fails)

    async def _run(self, node: CompiledNode, call: CallControl) -> str:
        if node.id in self._fails and not self.depth:
            raise FlowFailed("the test case lets this node fail")
        return await super()._run(node, call)


class _Recorder:
    """Observer that keeps the path and lets the script see nodes and exits."""

    def __init__(self, call: ScriptedCall) -> None:
        self._call = call
        self._open: dict[int, tuple[str, str, str]] = {}
        self.steps: list[Step] = []

    def entered(self, n: int, node: str, name: str, type: str, at: float) -> None:
        self._open[n] = (node, name, type)
        self._call.note("reaches", node)

    def left(self, n: int, exit: str | None, changed: Mapping[str, Value]) -> None:
        node, name, kind = self._open.pop(n)
        self.steps.append(Step(n, node, name, kind, exit, changed))
        if exit is not None:
            self._call.note("exit", f"{node}.{exit}")

    def failed(self, n: int, error: NodeFailed) -> None:
        self._call.note("fails", error.message)


def no_flows(name: str) -> CompiledFlow:
    """``load_flow`` for a flow that stands alone: there are no others."""
    raise NotFoundError(f"flow {name!r} is not there")


async def simulate(
    flow: CompiledFlow, case: TestCase, load_flow: Callable[[str], CompiledFlow] = no_flows
) -> Simulation:
    """Let the scripted caller of ``case`` call the flow. Takes no real time."""
    call = ScriptedCall(case)
    recorder = _Recorder(call)
    interpreter = RehearsedFlow(flow, load_flow, recorder, case)
    call.follow(lambda: interpreter.tables, lambda name: interpreter.sub_flow(call, name))
    try:
        cause = await interpreter.run(call)
        call.note("ends", cause)
    except CallEnded as ended:
        cause = ended.cause
    waiting = call.script.failed_at
    return Simulation(
        cause,
        interpreter.failure.message if interpreter.failure else None,
        tuple(sorted(recorder.steps, key=lambda step: step.n)),
        tuple(call.transcript),
        dict(call.variables),
        None if waiting is None else f"line {call.script.line}: {waiting}",
        call.monotonic(),
        waiting,
        call.script.line if waiting is not None else 0,
        None if waiting is None else _in_at(call.transcript, call.script.ready_at),
    )


def _in_at(transcript: Sequence[Happening], at: float) -> str | None:
    """The node the call was in at a time; of two that share a moment the one that was left."""
    reached = [line for line in transcript if line.what == "reaches"]
    following = [line.at for line in reached[1:]] + [math.inf]
    return next((line.text for line, until in zip(reached, following, strict=True) if until >= at), None)


def run_test(flow: CompiledFlow, case: TestCase, load_flow: Callable[[str], CompiledFlow] = no_flows) -> TestResult:
    """Run one stored test case. It fails when a line never comes true, or the flow breaks unexpectedly."""
    simulation = asyncio.run(simulate(flow, case, load_flow))
    expects_failure = any(step.ends == simulation.cause for step in case.steps)
    if simulation.unmet is not None:
        failure = f"{simulation.unmet} never came true; the call ended with {simulation.cause}"
        if simulation.failure:
            failure += f" ({simulation.failure})"
        return TestResult(case, failure, simulation)
    if simulation.cause == "flow-error" and not expects_failure:
        return TestResult(case, simulation.failure, simulation)
    return TestResult(case, None, simulation)
