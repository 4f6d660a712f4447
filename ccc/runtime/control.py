"""``CallControl`` on a real call: what node types see of the telephone side."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import ChainMap, deque
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, NoReturn, TypeVar
from zoneinfo import ZoneInfo

from ccc.api.callback import CallbackRequest, CallbackResult
from ccc.api.control import (
    AgentRequest,
    AgentResult,
    CallEnded,
    DialRequest,
    DialResult,
    FlowFailed,
    MessageRequest,
    MessageResult,
    QueueRequest,
    QueueResult,
)
from ccc.api.expr import render
from ccc.api.http import HttpAnswer, HttpRequest
from ccc.api.notice import Notice
from ccc.api.prompt import Prompt, Value
from ccc.api.queue_state import QueueState
from ccc.api.variables import CallVariables
from ccc.flow.interpreter import Interpreter
from ccc.runtime.callback import same_customer
from ccc.runtime.external import dial_out
from ccc.runtime.lookups import InstanceTables, queue_state, state_of
from ccc.runtime.queueing import ask_agent, wait_for_agent
from ccc.runtime.voicemail import take_message

if TYPE_CHECKING:
    from ccc.runtime.call import Call

T = TypeVar("T")
log = logging.getLogger(__name__)
MAX_BUFFERED_KEYS = 64


class Keys:
    """Keys pressed and not yet read. At most one reader."""

    def __init__(self) -> None:
        self._buffer: deque[str] = deque(maxlen=MAX_BUFFERED_KEYS)
        self.on_press: Callable[[], None] | None = None

    def press(self, key: str) -> None:
        self._buffer.append(key)
        if self.on_press is not None:
            self.on_press()

    def take(self) -> str | None:
        return self._buffer.popleft() if self._buffer else None

    def clear(self) -> None:
        self._buffer.clear()

    def __bool__(self) -> bool:
        return bool(self._buffer)

    async def wait(self, timeout_s: float | None) -> bool:
        """Wait until a key is there; False when the time was over first."""
        if self._buffer:
            return True
        pressed = asyncio.get_running_loop().create_future()
        self.on_press = lambda: None if pressed.done() else pressed.set_result(None)
        try:
            async with asyncio.timeout(timeout_s):
                await pressed
            return True
        except TimeoutError:
            return False
        finally:
            self.on_press = None


class RuntimeControl:
    """One call's :class:`ccc.api.CallControl`."""

    direction: Literal["inbound", "outbound"] = "inbound"

    def __init__(self, call: Call, interpreter: Interpreter) -> None:
        self._call = call
        self._interpreter = interpreter
        self.keys = Keys()
        self._variables = CallVariables(self)

    @property
    def id(self) -> str:
        return self._call.id

    @property
    def caller(self) -> str:
        return self._call.route.caller

    @property
    def callee(self) -> str:
        return self._call.route.callee

    @property
    def dedicated(self) -> str:
        route = self._call.route
        found = self._call.board.index.dedicated.get((route.instance.name, same_customer(route.caller)))
        return "" if found is None else found.agent

    @property
    def answered(self) -> bool:
        return self._call.answered

    @property
    def variables(self) -> MutableMapping[str, Value]:
        return self._variables

    @property
    def tables(self) -> Mapping[str, Any]:
        paths = self._call.board.index.tables.get(self._call.route.instance.name)
        own = self._interpreter.tables
        return own if not paths else ChainMap(dict(own), InstanceTables(paths))  # type: ignore[arg-type]

    def now(self) -> datetime:
        return datetime.now(ZoneInfo(self._call.route.instance.timezone))

    def monotonic(self) -> float:
        return time.monotonic()

    async def ring(self, seconds: float) -> None:
        if not self.answered:
            self._call.leg.ring()
            await asyncio.sleep(seconds)

    async def answer(self) -> None:
        await self._call.answer()

    async def play(self, prompts: Sequence[Prompt], *, interruptible: bool = True, repeat: int = 1) -> bool:
        if not prompts:
            return interruptible and bool(self.keys)
        await self._call.answer()
        self._call.left_by = ""
        if interruptible and self.keys:
            return True
        items = await self._call.items(prompts)
        leg = self._call.leg
        played = leg.play(items, repeat)
        if interruptible:
            self.keys.on_press = leg.stop
        try:
            why = await played
        except asyncio.CancelledError:
            leg.stop()
            raise
        finally:
            self.keys.on_press = None
        if why == "error":
            raise FlowFailed("the prompt could not be played; the log of the media worker names the file")
        return interruptible and bool(self.keys)

    def expand(self, text: str) -> str:
        """``text`` with ``${...}`` replaced from the call's variables."""
        return render(text, self._variables, self.tables)

    async def read_key(self, timeout_s: float) -> str | None:
        await self._call.answer()
        key = self.keys.take()
        if key is None and timeout_s > 0 and await self.keys.wait(timeout_s):
            key = self.keys.take()
        return key

    def clear_keys(self) -> None:
        self.keys.clear()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def wait_hangup(self) -> NoReturn:
        await asyncio.Event().wait()
        raise AssertionError("unreachable: the event is never set")

    async def queue(self, request: QueueRequest) -> QueueResult:
        await self._call.answer()
        if self._call.priority is not None:
            request = replace(request, priority=self._call.priority)
        return await wait_for_agent(self._call, self, request)

    async def call_agent(self, request: AgentRequest) -> AgentResult:
        await self._call.answer()
        return await ask_agent(self._call, self, request)

    async def dial(self, request: DialRequest) -> DialResult:
        await self._call.answer()
        return await dial_out(self._call, self, request)

    async def request_callback(self, request: CallbackRequest) -> CallbackResult:
        desks = self._call.board.desks(self._call.route.instance.name)
        return desks.callbacks.request(self._call, request, self._variables)

    async def record(self, action: Literal["on", "off", "pause", "resume"]) -> None:
        self._call.recording(action)

    async def record_message(self, request: MessageRequest) -> MessageResult:
        await self._call.answer()
        return await take_message(self._call, self, request)

    def set_priority(self, priority: int | None) -> None:
        self._call.priority = priority

    def set_language(self, language: str) -> None:
        self._call.language = language

    def answer_survey(self, question: str, answer: str) -> None:
        self._call.record.survey(question, answer)

    async def run_flow(self, name: str) -> None:
        await self._interpreter.sub_flow(self, name)

    async def hangup(self, cause: str = "normal") -> NoReturn:
        raise CallEnded(cause)

    async def blocking(self, fn: Callable[[], T], timeout_s: float) -> T:
        async with asyncio.timeout(timeout_s):
            return await asyncio.to_thread(fn)

    async def http(self, request: HttpRequest) -> HttpAnswer:
        return await self._call.board.fetch.fetch(request)

    def blacklisted(self, number: str) -> str | None:
        found = self._call.board.index.blacklists.get(self._call.route.instance.name)
        return None if found is None else found.match(number, time.time())

    def queue_state(self, skill_group: str) -> QueueState:
        return queue_state(self._call.board.desks(self._call.route.instance.name), skill_group)

    def working_hours(self, name: str) -> tuple[str, str]:
        instance = self._call.route.instance.name
        return state_of(self._call.board.index.hours.get((instance, name)), name, self.now())

    def notify(self, notice: Notice) -> None:
        self._call.record.notice(notice)

    def trace(self, message: str, **data: Value) -> None:
        log.info("call %s: %s %s", self.id, message, data or "")
