"""Walks a compiled flow on a call. Knows no node type, no clock, no telephone: all comes from ``CallControl``."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from ccc.api import ERROR_EXIT, CallControl, ExprError, FlowFailed, Value
from ccc.errors import CccError
from ccc.flow.compile import CompiledFlow, CompiledNode

MAX_STEPS = 100_000
MAX_BUSY_STEPS = 1_000
"""Steps in a row in which no time passed: a runaway loop the check could not see."""
MAX_DEPTH = 16
_TIME_PASSED_S = 0.01
_YIELD_EVERY = 50
_CANNOT_GO_ON = (FlowFailed, ExprError)
"""What the ``error`` exit is for: something is missing, or a formula met values it cannot work with."""


class Observer(Protocol):
    """Sees every step. ``n`` counts the steps of a call from 1, sub-flows included; calls come in order."""

    def entered(self, n: int, node: str, name: str, type: str, at: float) -> None:
        """A node begins. ``at``: UTC epoch seconds of the call's wall clock."""

    def left(self, n: int, exit: str | None, changed: Mapping[str, Value]) -> None:
        """A node ended by ``exit``; None: the call ended in it. ``changed``: variables with new values."""

    def failed(self, n: int, error: NodeFailed) -> None:
        """The node raised; ``left`` follows with exit None, or ``error`` when that exit is connected."""


class NodeFailed(FlowFailed):
    """A node raised. ``node``, ``name``, ``type`` and ``flow`` say which; the cause is chained."""

    code = "flow-error"

    def __init__(self, flow: str, node: CompiledNode, error: Exception) -> None:
        reason = error.message if isinstance(error, CccError) else f"{type(error).__name__}: {error}"
        title = f" ({node.name})" if node.name else ""
        super().__init__(f"flow {flow!r}, node {node.id!r}{title}, type {node.type!r}: {reason}")
        self.flow = flow
        self.node = node.id
        self.name = node.name
        self.type = node.type


class Interpreter:
    """Runs one call. ``failure`` tells after ``run`` returned ``flow-error`` what went wrong and where."""

    def __init__(self, flow: CompiledFlow, load_flow: Callable[[str], CompiledFlow], observer: Observer) -> None:
        """``load_flow`` gives a published flow by name for sub-flows; it raises CccError when there is none."""
        self.flow = flow
        self.failure: NodeFailed | None = None
        self.steps = 0
        self._load_flow = load_flow
        self._observer = observer
        self._stack: list[CompiledFlow] = []
        self._busy = 0

    @property
    def tables(self) -> Mapping[str, Any]:
        """Lookup tables of the flow that runs now: what ``CallControl.tables`` returns."""
        return self.here.tables

    @property
    def here(self) -> CompiledFlow:
        """The flow that runs now: the one the call began in, or a sub-flow of it."""
        return self._stack[-1] if self._stack else self.flow

    @property
    def depth(self) -> int:
        """How many sub-flows deep the flow that runs now is: 0 is the flow the call began in."""
        return max(0, len(self._stack) - 1)

    async def run(self, call: CallControl) -> str:
        """Walk from the start to the end and return the cause: ``normal`` or ``flow-error``.

        CancelledError and CallEnded (the call is over) pass through after ``left`` was told.
        """
        try:
            await self._walk(self.flow, call)
        except NodeFailed as failure:
            self.failure = failure
            return "flow-error"
        return "normal"

    async def sub_flow(self, call: CallControl, name: str) -> None:
        """Run another flow on the same call and variables (``CallControl.run_flow``). FlowFailed if it cannot."""
        if len(self._stack) >= MAX_DEPTH:
            raise FlowFailed(
                f"sub-flow {name!r} is the {MAX_DEPTH + 1}th inside another; do sub-flows call themselves?"
            )
        try:
            flow = self._load_flow(name)
        except CccError as error:
            raise FlowFailed(f"sub-flow {name!r} cannot run: {error.message}") from error
        await self._walk(flow, call)

    async def _walk(self, flow: CompiledFlow, call: CallControl) -> None:
        for name, value in flow.variables.items():
            if name not in call.variables:
                call.variables[name] = copy.deepcopy(value)
        self._stack.append(flow)
        try:
            node: CompiledNode | None = flow.nodes[flow.start]
            while node is not None:
                target = node.exits.get(await self._step(flow, node, call))
                node = None if target is None else flow.nodes[target]
        finally:
            self._stack.pop()

    async def _step(self, flow: CompiledFlow, node: CompiledNode, call: CallControl) -> str:
        """Run one node: its exit. NodeFailed when it raised and has no connected ``error`` exit."""
        self.steps = n = self.steps + 1
        self._observer.entered(n, node.id, node.name, node.type, call.now().timestamp())
        before = dict(call.variables)
        began = call.monotonic()
        exit_name: str | None = None
        try:
            await self._guard(n)
            way = await self._run(node, call)
            if way not in node.declared and not node.node_type.ends_call:
                raise FlowFailed(f"run() returned the exit {way!r}, which is not one of {sorted(node.declared)}")
            exit_name = way
        except Exception as error:
            failure = error if isinstance(error, NodeFailed) else NodeFailed(flow.name, node, error)
            self._observer.failed(n, failure)
            if not isinstance(error, _CANNOT_GO_ON) or ERROR_EXIT not in node.exits:
                if failure is error:
                    raise
                raise failure from error
            exit_name = ERROR_EXIT
        finally:
            self._observer.left(n, exit_name, _changes(before, call.variables))
        self._busy = 0 if call.monotonic() - began > _TIME_PASSED_S else self._busy + 1
        return exit_name

    async def _run(self, node: CompiledNode, call: CallControl) -> str:
        if node.node_type.is_start and len(self._stack) > 1:
            # A sub-flow's start says how a call begins; this one began long ago.
            return next((way for way in node.exits if way != ERROR_EXIT), min(node.declared - {ERROR_EXIT}, default=""))
        return await node.node_type.run(call, node.config)

    async def _guard(self, n: int) -> None:
        if n > MAX_STEPS:
            raise _Runaway(f"the call took more than {MAX_STEPS} steps")
        if self._busy >= MAX_BUSY_STEPS:
            raise _Runaway(f"{MAX_BUSY_STEPS} steps in a row without time passing: the flow runs in a circle")
        if self._busy % _YIELD_EVERY == _YIELD_EVERY - 1:
            await asyncio.sleep(0)


class _Runaway(CccError):
    """Not a FlowFailed: no ``error`` exit may keep the circle going."""


def _changes(before: Mapping[str, Value], after: Mapping[str, Value]) -> dict[str, Value]:
    return {name: value for name, value in after.items() if name not in before or before[name] is not value}
