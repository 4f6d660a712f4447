"""A call: one caller's leg walking one flow version, one task, one record. Cancellation is the only stop signal."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ccc.acd.model import Place
from ccc.api.control import CallEnded
from ccc.api.prompt import Prompt, Value
from ccc.errors import CccError
from ccc.flow.compile import CompiledFlow
from ccc.flow.interpreter import Interpreter, NodeFailed
from ccc.runtime import views
from ccc.runtime.control import RuntimeControl
from ccc.runtime.leg import CallerLeg, PlayItem
from ccc.runtime.record import CallRecord
from ccc.runtime.router import Route
from ccc.runtime.states import CallState
from ccc.runtime.watcher import Watched, Watcher

if TYPE_CHECKING:
    from ccc.runtime.board import Switchboard
    from ccc.runtime.conversation import Conversation

log = logging.getLogger(__name__)


# What a hang-up by the caller means, by where the call stood.
HANGUP_CAUSE = {CallState.ROUTED: "cancelled", CallState.QUEUED: "abandoned"}
HEARD_OUT = frozenset({"normal", "caller-hangup", "cancelled"})
"""How the call of somebody who is told that the number is closed ends properly."""
OF_THE_LEG = frozenset({"full", "media-worker-died", "media-timeout"})
"""Errors of a leg in the midst of a node that say better than ``flow-error`` why the call ended."""
CLEAN_UP_S = 2.0
"""What a node may take to clean up after a hang-up; then the call is given back without it."""


class Call:
    """Owns everything of one inbound call and gives all of it back in :meth:`_finish`."""

    def __init__(
        self,
        board: Switchboard,
        leg: CallerLeg,
        route: Route,
        flow: CompiledFlow,
        facts: dict[str, Any],
        watcher: Watcher | None = None,
    ) -> None:
        self.board = board
        self.leg = leg
        self.route = route
        self.state = CallState.ROUTED
        self.watcher = watcher
        self.record = CallRecord(board.journal if watcher is None else Watched(board.journal, watcher), leg.id, facts)
        self.conversation: Conversation | None = None
        self.left_by = ""
        """``agent-hangup`` or ``callee-hangup`` when that was the last thing that happened: a flow that then only ends
        is his hang-up."""
        self.language = flow.language
        self.priority: int | None = None
        """In every later queue; None: as its node says."""
        self.place: tuple[str, Place] | None = None
        """The skill group the caller waited for last without an agent, and where: a callback keeps it."""
        self._cause: str | None = None
        self._detail = ""
        self._stopping = False
        self._task: asyncio.Task[None] | None = None
        self._record_wanted = self._record_runs = False
        self._interpreter = Interpreter(flow, self._load_flow, self)
        self.control = RuntimeControl(self, self._interpreter)
        leg.on_key = self._on_key
        leg.on_down = self.end
        leg.on_unrecorded = self._on_unrecorded
        leg.on_gone = self.peer_gone

    @property
    def id(self) -> str:
        return self.leg.id

    @property
    def ending(self) -> bool:
        """True from the moment a cause is known: whoever still holds the call should let go."""
        return self._cause is not None

    @property
    def answered(self) -> bool:
        return self.record.answered_at is not None

    def shown(self) -> dict[str, Any]:
        """The call's part of what its agent is shown."""
        return views.inbound(self)

    def place_in(self, group: str) -> Place | None:
        """Where the caller stood in the group's line; None when he was not in it, or had his agent."""
        return self.place[1] if self.place is not None and self.place[0] == group else None

    # Life ------------------------------------------------------------------------------------

    def start(self) -> None:
        self.record.opened(self.leg.dialog())
        self._task = asyncio.get_running_loop().create_task(self._run(), name=f"call {self.id}")
        # Not a ``finally`` in the task: one that is cancelled before its first turn never runs its body.
        self._task.add_done_callback(lambda _: self._finish())

    async def _run(self) -> None:
        timer = asyncio.get_running_loop().call_later(self.route.instance.max_call_s, self.end, "max-length")
        try:
            self.state = CallState.FLOW
            self._blame(await self._walk())
        except asyncio.CancelledError:
            self._blame("shutdown")
        except Exception as error:
            self._blame("flow-error", str(error))
            log.exception("call %s failed", self.id)
        finally:
            timer.cancel()

    async def _walk(self) -> str:
        """Run the flow; returns the cause with which it ended."""
        try:
            cause = await self._interpreter.run(self.control)
        except CallEnded as ended:
            cause = ended.cause
        failure = self._interpreter.failure
        if failure is not None:
            self._detail = failure.message
            reason = failure.__cause__
            if isinstance(reason, CccError) and reason.code in OF_THE_LEG:
                return reason.code
        return self.left_by if cause == "normal" and self.left_by else cause

    def _load_flow(self, name: str) -> CompiledFlow:
        version = self.board.index.flows.get((self.route.instance.name, name))
        flow = self.board.config.compiled(version) if version else None
        if version is None or flow is None:
            raise CccError(f"sub-flow {name!r} is not published in instance {self.route.instance.name}")
        return replace(flow, version=version.version)

    def end(self, cause: str) -> None:
        """End the call from outside; the first cause counts."""
        if self.state is CallState.ENDED or self._task is None:
            return
        self._blame(cause)
        if not self._stopping:
            self._stopping = True
            self._task.cancel()
            # A node that swallows the cancellation must not keep leg and line. (The timer dies with the task.)
            timer = asyncio.get_running_loop().call_later(CLEAN_UP_S, self._abandon)
            self._task.add_done_callback(lambda _: timer.cancel())

    def _abandon(self) -> None:
        step = self.record.steps[-1] if self.record.steps else {}
        log.error("call %s: node %s did not stop within %.1f s", self.id, step.get("node"), CLEAN_UP_S)
        self._finish()

    def _blame(self, cause: str, detail: str = "") -> None:
        if self._cause is not None:
            return
        closure = self.route.closure
        if closure is not None and self.route.announced and cause in HEARD_OUT:
            cause, detail = "closed", f"{closure.by}: {closure.reason}"
        self._cause, self._detail = cause, detail or self._detail

    def peer_gone(self, cause: str) -> None:
        """The caller hung up: the closing record is on disk when this returns, before the 200 to a BYE is sent."""
        self._blame(cause or HANGUP_CAUSE.get(self.state, "caller-hangup"))
        self._attempt(self._close_record)
        self.end("")

    def _close_record(self) -> None:
        if self.conversation is not None:
            self.conversation.account()
        self.record.close(self._cause or "normal", self._detail)

    def _finish(self) -> None:
        """Give everything back. Runs once, needs no network answer, cannot wait."""
        if self.state is CallState.ENDED:
            return
        self._attempt(self._close_record)
        self.state = CallState.ENDED
        self._attempt(lambda: self.leg.hang_up(self._cause or "normal"))
        self._attempt(self.leg.release)
        self.board.forget(self)

    def _attempt(self, step: Callable[[], None]) -> None:
        try:
            step()
        except Exception:  # the other steps must not depend on it
            log.exception("call %s could not end properly", self.id)

    # What nodes need -------------------------------------------------------------------------

    async def answer(self) -> None:
        if self.answered:
            return
        await self.leg.answer()
        self.record.answered(self.leg.dialog())
        if self._record_wanted:
            self.recording("on")

    def recording(self, action: str) -> None:
        """Start, stop, pause or resume the recording; ``on`` before the answer starts with it."""
        if action != "on":
            if action == "off":
                self._record_wanted = self._record_runs = False
            self.leg.record_control({"off": "stop"}.get(action, action))
            return
        if not self.route.instance.recording:
            return
        self._record_wanted = True
        if self.answered and not self._record_runs:
            day = time.strftime("%Y/%m/%d", time.gmtime(self.record.started_at))
            relative = f"{day}/{self.id}.wav"
            path = self.board.home.recordings / relative
            try:
                path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            except OSError as error:
                log.error("call %s goes on unrecorded: %s: %s", self.id, path.parent, error.strerror)
                return
            self._record_runs = True
            self.leg.record(str(path))  # into the same file when it was switched off meanwhile
            if self.record.recording is None:
                self.record.recording_started(relative)

    def _on_unrecorded(self) -> None:
        """The disk refused: the record names no file that is not there, and the next "on" tries again."""
        self._record_runs = False
        self.record.recording_failed()

    async def items(self, prompts: Sequence[Prompt]) -> list[PlayItem]:
        """What the caller is going to hear, as play items. FlowFailed when a prompt cannot be had."""
        found = await self.board.prompts.items(prompts, self.route.instance.name, self.control.expand)
        if self.watcher is not None:
            self.watcher.heard(prompts, self.control.expand)
        return found

    def _on_key(self, key: str) -> None:
        self.record.key(key)
        if self.watcher is not None:
            self.watcher.pressed(key)
        if self.conversation is not None:
            self.conversation.caller_key(key)
        else:
            self.control.keys.press(key)

    # Observer of the interpreter -------------------------------------------------------------

    def entered(self, n: int, node: str, name: str, type: str, at: float) -> None:
        if self.state is CallState.ENDED:  # a node came back late: nothing may follow it
            raise CallEnded(self._cause or "normal")
        if depth := self._interpreter.depth:
            here = self._interpreter.here
            self.record.entered(n, node, name, type, flow=here.name, flow_version=here.version, depth=depth)
        else:
            self.record.entered(n, node, name, type)
        self.board.changed()

    def left(self, n: int, exit: str | None, changed: Mapping[str, Value]) -> None:
        self.record.left(n, exit, changed)

    def failed(self, n: int, error: NodeFailed) -> None:
        log.error("call %s: %s", self.id, error.message, exc_info=error.__cause__)
