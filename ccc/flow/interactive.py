"""A simulated call that stops where the caller must decide: which key, what a server answers, whether to go on.

Stateless: the whole call is run again with one decision more. What was decided is written down as the lines of a test
case, with what must happen in between, so that the same call can be repeated by ``ccc flows test``.
"""

from __future__ import annotations

import asyncio
import math
from collections import ChainMap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from ccc.api import ERROR_EXIT, CallEnded, Value
from ccc.api.control import MessageRequest, MessageResult, QueueRequest, QueueResult
from ccc.api.http import HttpAnswer, HttpRequest
from ccc.api.script import Caller, TestCase, TestStep
from ccc.api.testkit import Happening, ScriptedCall
from ccc.flow.compile import CompiledFlow
from ccc.flow.interpreter import Interpreter, NodeFailed
from ccc.flow.simulator import RehearsedFlow, no_flows

TELLS = ("exit", "queue", "asks", "dial", "calls_back", "notifies", "ends")
"""What a recorded test case expects to happen again, besides what the caller heard before a key."""
LONGEST_S = 5.0
"""Real seconds a run may take: expressions and plugins of a flow are not ours."""
MAX_STEPS, MAX_LINES = 1000, 200
Kind = Literal["key", "queue", "message", "hangup", "http", "table"]


@dataclass(frozen=True, slots=True)
class Asked:
    """What the call waits for at ``at`` (s since it began). Undecided it goes on at ``until`` (None: never)."""

    kind: Kind
    n: int
    at: float
    until: float | None = None
    text: str = ""
    """The skill group, the request (``GET https://...``) or the table."""


@dataclass(slots=True)
class Stay:
    """One step of the path: a node, from when to when, what happened in it, which variables it changed."""

    n: int
    node: str
    name: str
    type: str
    flow: str
    at: float
    left_at: float | None = None
    exit: str | None = None
    changed: dict[str, Value] = field(default_factory=dict)
    lines: list[Happening] = field(default_factory=list)
    failure: str | None = None


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """How far the call came. ``asked`` None: it is over, with ``cause``. ``script``: it as lines of a test case."""

    stays: tuple[Stay, ...]
    asked: Asked | None
    cause: str | None
    failure: str | None
    duration_s: float
    variables: Mapping[str, Value]
    transcript: tuple[Happening, ...]
    script: tuple[TestStep, ...]


class _Waiting(CallEnded):
    """Nobody has decided yet."""

    def __init__(self, asked: Asked) -> None:
        super().__init__("waiting")
        self.asked = asked


Decide = Callable[[Asked, Sequence[Stay]], TestStep | None]


def in_order(decisions: Sequence[TestStep]) -> Decide:
    """The decisions one after the other."""
    left = iter(decisions)
    return lambda _asked, _stays: next(left, None)


class _Call(ScriptedCall):
    def __init__(self, case: TestCase, decide: Decide, stays: list[Stay], flow: CompiledFlow) -> None:
        super().__init__(case)
        tables = frozenset(name for kind, name in flow.uses() if kind == "table")
        self._forced = frozenset(_forced_exits(flow))
        self._lines = list(case.steps)
        self.script = Caller(self._lines)
        self.written = list(case.steps)
        self._decide, self._stays, self._known = decide, stays, tables
        self._moment: tuple[Kind, str] | None = None
        self._told, self._since = 0, 0.0
        """How much of the transcript is written down, and when the caller was done with the line before."""

    @property
    def tables(self) -> Mapping[str, Any]:
        return _Tables(self, super().tables, self._known)

    def note(self, what: str, text: str = "") -> None:
        super().note(what, text)
        if what in ("key", "speaks") and self.script.failed_at is None:
            # What happened between the keys of one line, no line after it can wait for.
            self._told, self._since = len(self.transcript), self.script.ready_at
        if self._stays and what not in ("reaches", "exit") and len(self._stays[-1].lines) < MAX_LINES:
            self._stays[-1].lines.append(self.transcript[-1])

    async def read_key(self, timeout_s: float) -> str | None:
        self._moment = ("key", "")
        try:
            return await super().read_key(timeout_s)
        finally:
            self._moment = None

    async def queue(self, request: QueueRequest) -> QueueResult:
        self._moment = ("queue", request.skill_group)
        try:
            return await super().queue(request)
        finally:
            self._moment = None

    async def record_message(self, request: MessageRequest) -> MessageResult:
        self._moment = ("message", request.skill_group)
        try:
            return await super().record_message(request)
        finally:
            self._moment = None

    async def http(self, request: HttpRequest) -> HttpAnswer:
        if not any(reply.fits(request.method, request.url) for reply in self.case.http):
            self.wait_for("http", f"{request.method} {request.url}")
        return await super().http(request)

    def wait_for(self, kind: Kind, text: str = "", until: float = math.inf) -> None:
        """Stop here, unless somebody decides."""
        asked = Asked(kind, len(self._stays), self._clock, None if math.isinf(until) else until, text)
        decision = None if kind in ("http", "table") else self._decide(asked, self._stays)
        if decision is None:
            raise _Waiting(asked)
        if decision.wait is not None:
            self.script.rest(min(until, self._clock + decision.wait) if until - self._clock > decision.wait else until)
            return
        self._write(decision)
        self.script.rest(self._clock)
        self._lines.append(decision)

    def _pass(self, until: float, *, stop_on_key: bool = False) -> bool:
        while self._asks(until, stop_on_key):
            self._clock = max(self._clock, self.script.ready_at)
            kind, text = self._moment or ("key" if stop_on_key else "hangup", "")
            self.wait_for(kind, text, until)
        return super()._pass(until, stop_on_key=stop_on_key)

    def _asks(self, until: float, stop_on_key: bool) -> bool:
        """Whether the caller has a choice now: a key would be taken, or time does not end. Not while talking."""
        if self.script.failed_at is not None or self.script.ready_at >= until or (stop_on_key and self._keys):
            return False
        return math.isinf(until) or (self._moment is not None and stop_on_key)

    def _write(self, decision: TestStep) -> None:
        """The decision as lines of a test case: what happened since the one before, how long it took, what was done."""
        since = self.transcript[self._told :]
        heard = [line for line in since if line.what == "hears"]
        cue = next((line for line in reversed(heard) if _once(line, heard)), None)
        at = self._since
        for line in since:
            if self._tells(line) or line is cue:
                self.written.append(TestStep.model_validate({line.what: line.text}))
                at = line.at
        if (quiet := round(self._clock - at, 1)) > 0:
            self.written.append(TestStep(wait=quiet))
        self.written.append(decision)
        self._told, self._since = len(self.transcript), self._clock

    def _tells(self, line: Happening) -> bool:
        return line.what in TELLS and not (line.what == "exit" and line.text in self._forced)

    def finish(self) -> None:
        """Write down how it went on after the last decision; of keys the call did not live to see, nothing."""
        undone = self.script.failed_at
        if undone is not None:
            if not undone.acts or self.written[-1] != undone:
                return  # the case came with lines that wait for something: they are its own
            pressed = [at for at, line in enumerate(self.transcript[self._told :], 1) if line.what == "key"]
            self.written.pop()
            if undone.press is not None and pressed:
                self.written.append(TestStep(press=undone.press[: len(pressed)]))
                self._told += pressed[-1]
        self.written += [
            TestStep.model_validate({line.what: line.text})
            for line in _ending_once(self.transcript[self._told :])
            if self._tells(line)
        ]


def _forced_exits(flow: CompiledFlow) -> list[str]:
    """``node.exit`` of nodes with one way out: that it is taken says nothing."""
    ways = {ident: node.declared - {ERROR_EXIT} for ident, node in flow.nodes.items()}
    return [f"{ident}.{way}" for ident, names in ways.items() if len(names) == 1 for way in names]


def _once(line: Happening, heard: Sequence[Happening]) -> bool:
    """Waiting for this text stops at this prompt, and at no earlier one."""
    return bool(line.text) and next(other for other in heard if line.text in other.text) is line


def _ending_once(lines: Sequence[Happening]) -> list[Happening]:
    ends = [line for line in lines if line.what == "ends"]
    return [line for line in lines if line.what != "ends"] + ends[:1]


class _Tables(ChainMap[str, Any]):
    """The tables; one a node of the flow asks for that nobody has described yet is asked for."""

    def __init__(self, call: _Call, tables: Mapping[str, Any], known: frozenset[str]) -> None:
        super().__init__(dict(tables))
        self._call, self._known_tables = call, known

    def get(self, key: str, default: Any = None) -> Any:
        if key not in self and key in self._known_tables:
            self._call.wait_for("table", key)
        return super().get(key, default)


class _Path:
    """Observer: the path with times, and what the script may wait for."""

    def __init__(self) -> None:
        self.stays: list[Stay] = []
        self._open: dict[int, Stay] = {}
        self.call: _Call | None = None
        self.interpreter: Interpreter | None = None

    def entered(self, n: int, node: str, name: str, type: str, at: float) -> None:
        assert self.call is not None and self.interpreter is not None
        stay = Stay(n, node, name, type, self.interpreter.here.name, self.call.monotonic())
        self._open[n] = stay
        if n <= MAX_STEPS:
            self.stays.append(stay)
        self.call.note("reaches", node)

    def left(self, n: int, exit: str | None, changed: Mapping[str, Value]) -> None:
        assert self.call is not None
        stay = self._open.pop(n)
        stay.left_at, stay.exit, stay.changed = self.call.monotonic(), exit, dict(changed)
        if exit is not None:
            self.call.note("exit", f"{stay.node}.{exit}")

    def failed(self, n: int, error: NodeFailed) -> None:
        assert self.call is not None
        self._open[n].failure = error.message
        self.call.note("fails", error.message)


def rehearse(
    flow: CompiledFlow, case: TestCase, decide: Decide, load_flow: Callable[[str], CompiledFlow] = no_flows
) -> Rehearsal:
    """Run the call as far as the decisions carry it. TimeoutError when that takes more than ``LONGEST_S``."""
    return asyncio.run(asyncio.wait_for(_run(flow, case, decide, load_flow), LONGEST_S))


async def _run(
    flow: CompiledFlow, case: TestCase, decide: Decide, load_flow: Callable[[str], CompiledFlow]
) -> Rehearsal:
    path = _Path()
    call = path.call = _Call(case, decide, path.stays, flow)
    interpreter = path.interpreter = RehearsedFlow(flow, load_flow, path, case)
    call.follow(lambda: interpreter.tables, lambda name: interpreter.sub_flow(call, name))
    asked, cause = None, None
    try:
        cause = await interpreter.run(call)
        call.note("ends", cause)
    except _Waiting as waiting:
        asked = waiting.asked
    except CallEnded as ended:
        cause = ended.cause
    if asked is None:
        call.finish()
    return Rehearsal(
        stays=tuple(path.stays),
        asked=asked,
        cause=cause,
        failure=interpreter.failure.message if interpreter.failure else None,
        duration_s=call.monotonic(),
        variables=dict(call.variables),
        transcript=tuple(call.transcript),
        script=tuple(call.written),
    )
