"""One attempt to call a customer back: an agent has accepted, the customer is dialled, the two talk.

It stands in the ACD's line before that (its id is the ticket), and is a call of the switchboard from the agent's
accept on. One task, one record, as with :class:`ccc.runtime.call.Call`.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ccc.acd.decisions import Announce, Connect, QueueExit
from ccc.errors import CccError
from ccc.prompts.keys import builtin_path
from ccc.runtime.callback import Callback
from ccc.runtime.conversation import Conversation, Ended
from ccc.runtime.dialled_leg import ANSWERED, SILENT_TRUNK, DialledLeg
from ccc.runtime.external import outcome
from ccc.runtime.record import CallRecord
from ccc.runtime.router import Route
from ccc.runtime.states import CallState
from ccc.snapshot.model import FlowVersion, Number, Trunk

if TYPE_CHECKING:
    from ccc.runtime.callbacks import Callbacks

log = logging.getLogger(__name__)
ENDS = {"remote-bye": "callee-hangup", "local-bye": "normal"}
NO_LINE, NO_TRUNK = "no-line", "no-trunk"


class CallbackCall:
    """Waits in the line, then calls. ``reached``: agent and customer have talked."""

    def __init__(self, callbacks: Callbacks, callback: Callback, call_id: str) -> None:
        self.id = call_id
        self.callback = callback
        self.board = callbacks.desks.board
        self.state = CallState.QUEUED
        self.conversation: Conversation | None = None
        self.reached = False
        self.cause = ""
        """What became of it; '' until it is known."""
        self.route: Route
        self.record: CallRecord
        self.leg: DialledLeg
        self._callbacks = callbacks
        self._detail = ""
        self._task: asyncio.Task[None] | None = None
        self._news: asyncio.Queue[Connect | QueueExit] = asyncio.Queue()

    @property
    def ending(self) -> bool:
        return bool(self.cause)

    @property
    def dialling(self) -> bool:
        """An agent has accepted and the customer has not answered yet."""
        return self._task is not None and not self.ending and self.record.answered_at is None

    def shown(self) -> dict[str, Any]:
        """The call's part of what the agent is shown (CallView): the customer as he was when he asked."""
        callback = self.callback
        province, city = self.board.place(callback.number)
        return {
            "direction": "outbound",
            "kind": "callback",
            "started_at": round(callback.asked_at * 1000),
            "caller": callback.number,
            "callee": callback.callee,
            "province": province,
            "city": city,
            "keys": callback.keys,
            "path": callback.path,
            "variables": callback.variables,
            "recording": self._task is not None and self.record.recording is not None,
            "callback": {
                "id": callback.id,
                "asked_at": round(callback.asked_at * 1000),
                "attempt": callback.attempts + (self._task is None),
                "attempts": callback.max_attempts,
                "reason": "" if self.reached else self.cause or callback.reason,
                "origin": callback.origin,
            },
        }

    # What the ACD decides --------------------------------------------------------------------

    def decide(self, decision: Connect | QueueExit | Announce) -> None:
        """An agent accepted, or waiting ended without one."""
        if isinstance(decision, Announce):
            return
        if self._task is not None:
            self._news.put_nowait(decision)
        elif isinstance(decision, QueueExit):
            self._callbacks.left(self, decision.why)
        else:
            self._begin(decision)

    def _begin(self, connect: Connect) -> None:
        callback, index = self.callback, self.board.index
        instance = index.instances[callback.instance]
        trunk = index.trunks.get(callback.trunk)
        if trunk is None or not trunk.host or not trunk.serves(instance.account):
            trunk, self.cause = Trunk(callback.trunk, callback.trunk, "address"), NO_TRUNK
        elif not self.board.seize(trunk):
            self.cause = NO_LINE
        shown = callback.caller_id or trunk.caller_id or callback.callee
        flow = FlowVersion(callback.flow, instance.name, callback.flow_version, "", {})
        self.route = Route(
            instance, Number(callback.callee, instance.name), flow, trunk, shown, callback.number, ours=True
        )
        if self.cause:  # not at once: the ACD's other decisions come first
            asyncio.get_running_loop().call_soon(self._callbacks.not_dialled, self, connect.agent)
            return
        self._callbacks.calling(self, connect.agent)
        self.record = CallRecord(self.board.journal, self.id, self._facts())
        self.record.agent, self.record.skill_group = connect.agent, connect.group
        self.record.opened({})
        self.leg = DialledLeg(self.id, self.board.pool, trunk)
        self.board.admit(self)
        self._task = asyncio.get_running_loop().create_task(self._run(connect), name=f"callback {self.id}")
        self._task.add_done_callback(lambda _: self._finish())

    def _facts(self) -> dict[str, Any]:
        route = self.route
        return {
            "instance": route.instance.name,
            "account": route.instance.account,
            "direction": "outbound",
            "kind": "callback",
            "origin": self.callback.origin,
            "caller": route.caller,
            "callee": route.callee,
            "trunk": route.trunk.id,
            "flow": route.flow.name,
            "flow_version": route.flow.version,
        }

    # Life ------------------------------------------------------------------------------------

    async def _run(self, connect: Connect) -> None:
        timer = asyncio.get_running_loop().call_later(self.route.instance.max_call_s, self.end, "max-length")
        try:
            self._blame(await self._dial(connect) or await self._talk(connect))
        except asyncio.CancelledError:
            self._blame("shutdown")
        except CccError as error:
            self._blame("failed", error.message)
            log.warning("callback %s: %s", self.callback.id, error.message)
        except Exception as error:
            self._blame("failed", str(error))
            log.exception("callback %s failed", self.callback.id)
        finally:
            timer.cancel()

    async def _dial(self, connect: Connect) -> str:
        """Ring the customer; '' when he answered, else what became of it."""
        record, callback, dialler = self.record, self.callback, self.board.dialler
        assert dialler is not None
        self.state = CallState.FLOW
        record.entered(1, callback.node, callback.node_name, "callback_request")
        record.leg(
            callee=callback.number, caller=self.route.caller, trunk=self.route.trunk.id, started_at=record.now(),
            answered_at=None, ended_at=None, cause=None,
        )  # fmt: skip
        agent = self._callbacks.desks.leg(connect.agent)
        if agent is not None:
            agent.play([str(builtin_path(self.board.home, "ringback"))], 0)
        try:
            status = await self.leg.dial(dialler, callback.number, self.route.caller, callback.ring_s)
        finally:
            if agent is not None:
                agent.stop()
        if status != ANSWERED:
            self._detail = self._refusal(status)
            return outcome(status) or "failed"
        self._answered()
        return ""

    def _refusal(self, status: int) -> str:
        trunk = self.route.trunk
        if status == SILENT_TRUNK:
            return f"trunk {trunk.name} does not answer at {trunk.host}:{trunk.port}"
        return f"{status} {self.leg.reason}" if status > 0 else ""

    def _answered(self) -> None:
        session = self.leg.session
        assert session is not None
        self.record.leg(answered_at=self.record.now())
        self.record.answered(session.dialog_state())
        self.leg.gone.add_done_callback(lambda gone: self.end(ENDS.get(gone.result(), gone.result())))
        self.leg.on_key = self._on_key
        self._start_recording()

    def _start_recording(self) -> None:
        if not self.route.instance.recording:
            return
        relative = f"{time.strftime('%Y/%m/%d', time.gmtime(self.record.started_at))}/{self.id}.wav"
        path = self.board.home.recordings / relative
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            log.error("call %s goes on unrecorded: %s: %s", self.id, path.parent, error.strerror)
            return
        self.leg.on_unrecorded = self.record.recording_failed
        self.leg.record(str(path))
        self.record.recording_started(relative)

    async def _talk(self, connect: Connect) -> str:
        """The customer is on the line: with the agent, or waiting for another one when that one is lost."""
        desks = self._callbacks.desks
        while True:
            if await Conversation(self, desks, connect).run() is Ended.BY_AGENT:
                return "agent-hangup"
            self.state = CallState.QUEUED
            self.leg.play([self.board.hold_music], 0)
            news = await self._news.get()
            if isinstance(news, QueueExit):
                return "no-agent"
            connect = news

    def _on_key(self, key: str) -> None:
        self.record.key(key)
        if self.conversation is not None:
            self.conversation.caller_key(key)

    def give_up(self) -> None:
        """The agent hangs up before the customer has answered."""
        self.end("agent-hangup")

    def end(self, cause: str) -> None:
        """End it from outside; the first cause counts."""
        if self._task is not None and not self.ending:
            self._blame(cause)
            self._task.cancel()

    def _blame(self, cause: str, detail: str = "") -> None:
        if not self.cause:
            self.cause, self._detail = cause, detail or self._detail

    def _finish(self) -> None:
        """Give everything back. Runs once, cannot wait."""
        self.state = CallState.ENDED
        for step in (self._close_record, self._hang_up, self.leg.release, self._leave):
            self._attempt(step)

    def _close_record(self) -> None:
        if self.conversation is not None:
            self.conversation.account()
        record = self.record
        if record.steps:
            record.leg(ended_at=record.now(), cause=self.cause)
            record.left(1, "answered" if record.answered_at is not None else self.cause.replace("-", "_"), {})
        record.close(self.cause, self._detail)

    def _hang_up(self) -> None:
        self.leg.hang_up(f'Q.850;cause=16;text="{self.cause}"')

    def _leave(self) -> None:
        """First out of the switchboard, then back into the line if it must be tried again."""
        self.board.forget(self)
        self._callbacks.over(self)

    def _attempt(self, step: Callable[[], None]) -> None:
        try:
            step()
        except Exception:  # the other steps must not depend on it
            log.exception("callback %s could not end properly", self.callback.id)
