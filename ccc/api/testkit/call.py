"""``ScriptedCall``: a call without a telephone. Time is virtual, the caller follows a script, everything is recorded.

It implements :class:`ccc.api.CallControl`, so nodes run in it exactly as in a real call.
"""

from __future__ import annotations

import asyncio
import json
import math
from collections import ChainMap, deque
from collections.abc import Awaitable, Callable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any, Literal, NoReturn, TypeVar

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
from ccc.api.http import HttpAnswer, HttpFailed, HttpRequest
from ccc.api.notice import Notice
from ccc.api.prompt import AudioPrompt, Prompt, SilencePrompt, TextPrompt, TonePrompt, Value
from ccc.api.queue_state import QueueState
from ccc.api.script import Caller, TestCase
from ccc.api.variables import CallVariables
from ccc.geo.number_list import NumberList

T = TypeVar("T")
RING_S = 3.0
"""How long a ready agent's page rings before it is accepted."""
AUDIO_S = 3.0
QUEUE_S = 300.0
"""How long a caller waits where the node leaves that to the skill group."""
HANDLE_S = 180.0
"""How long an agent is busy with a call, for the estimated wait."""
CHARS_A_SECOND = 4.0
MAX_CALL_S = 4 * 3600.0
_ZONE = timezone(timedelta(hours=8))


@dataclass(frozen=True, slots=True)
class Happening:
    """A line of the transcript: ``at`` seconds since the call began, what, and its text."""

    at: float
    what: str
    text: str = ""

    def __str__(self) -> str:
        return f"{self.at:8.1f} s  {self.what} {self.text}".rstrip()


class ScriptedCall:
    """A call in virtual time. ``transcript`` is what happened; ``ended`` the cause once it is over."""

    def __init__(
        self,
        case: TestCase | None = None,
        *,
        tables: Mapping[str, Any] | None = None,
        max_call_s: float = MAX_CALL_S,
    ) -> None:
        self.case = case or TestCase(name="call")
        self.script = Caller(self.case.steps)
        self.id = self.case.call_id
        self.direction: Literal["inbound", "outbound"] = "inbound"
        self.caller = self.case.caller
        self.callee = self.case.callee
        self.dedicated = self.case.dedicated
        self.answered = False
        self.ended: str | None = None
        self.transcript: list[Happening] = []
        self.variables: MutableMapping[str, Value] = CallVariables(self, self.case.variables)
        self.recording = "off"
        self._tables: Callable[[], Mapping[str, Any]] = lambda: tables or {}
        self._run_flow: Callable[[str], Awaitable[None]] | None = None
        self._clock = self._quiet_from = self._voice_s = 0.0
        self._keys: deque[str] = deque()
        self._limit = max_call_s

    def follow(self, tables: Callable[[], Mapping[str, Any]], run_flow: Callable[[str], Awaitable[None]]) -> None:
        """Let an interpreter say which tables are in force, and run sub-flows."""
        self._tables = tables
        self._run_flow = run_flow

    # what a node asks

    @property
    def tables(self) -> Mapping[str, Any]:
        return ChainMap(dict(self._tables()), self.case.tables)

    def now(self) -> datetime:
        start = self.case.at if self.case.at.tzinfo else self.case.at.replace(tzinfo=_ZONE)
        return start + timedelta(seconds=self._clock)

    def monotonic(self) -> float:
        return self._clock

    def trace(self, message: str, **data: Value) -> None:
        self.note("trace", " ".join([message, *(f"{name}={value!r}" for name, value in data.items())]))

    def clear_keys(self) -> None:
        self._keys.clear()

    # what a node does

    async def ring(self, seconds: float) -> None:
        await self._turn()
        if not self.answered:
            self.note("ring", f"{seconds:g} s")
            self._pass(self._clock + seconds)

    async def answer(self) -> None:
        await self._turn()
        if not self.answered:
            self.answered = True
            self.note("answer")

    async def play(self, prompts: Sequence[Prompt], *, interruptible: bool = True, repeat: int = 1) -> bool:
        await self.answer()
        if interruptible and self._keys:
            return True
        spoken = [self._spoken(prompt) for prompt in prompts]
        rounds = 0
        while repeat == 0 or rounds < repeat:
            rounds += 1
            line = self.script.line
            for text, seconds in spoken:
                self.note("hears", text)
                if self._pass(self._clock + seconds, stop_on_key=interruptible):
                    return True
            if repeat == 0 and self.script.line == line and self.script.next_action() is None:
                # More of the same changes nothing any more: the caller listens until the end of the call.
                return self._pass(math.inf, stop_on_key=interruptible)
        return False

    async def read_key(self, timeout_s: float) -> str | None:
        await self.answer()
        if not self._keys:
            self._pass(self._clock + timeout_s, stop_on_key=True)
        return self._keys.popleft() if self._keys else None

    async def sleep(self, seconds: float) -> None:
        await self._turn()
        self._pass(self._clock + seconds)

    async def wait_hangup(self) -> NoReturn:
        await self._turn()
        self._pass(math.inf)
        raise AssertionError("time without end came to an end")

    async def queue(self, request: QueueRequest) -> QueueResult:
        await self.answer()
        group = request.skill_group
        self.note("queue", group)
        agents = self.case.agents.get(group, "ready")
        if agents == "none" and request.exit_when_no_agent:
            return QueueResult("no-agent")
        if request.max_waiting is not None and self.case.waiting.get(group, 0) >= request.max_waiting:
            return QueueResult("overflow")
        entered = self._clock
        timeout_s = QUEUE_S if request.timeout_s is None else request.timeout_s
        for text, _ in [self._spoken(prompt) for prompt in request.prompts]:
            self.note("hears", text)
        until = entered + min(timeout_s, RING_S if agents == "ready" else math.inf)
        while self._pass(until, stop_on_key=True):
            key = self._keys.popleft()
            if key in request.break_keys:
                return QueueResult("key", key=key, waited_s=self._clock - entered)
        waited = self._clock - entered
        if agents != "ready" or waited >= timeout_s:
            return QueueResult("timeout", waited_s=waited)
        self.note("agent", "answers")
        self._pass(self._clock + self.case.talk_s)
        self._keys.clear()
        return QueueResult("answered", agent="agent1", waited_s=waited)

    async def call_agent(self, request: AgentRequest) -> AgentResult:
        await self.answer()
        self.note("asks", request.agent)
        outcome = self.case.named_agents.get(request.agent, "answers")
        if outcome in ("no-such-agent", "offline", "busy"):
            return AgentResult(outcome)
        for text, _ in [self._spoken(prompt) for prompt in request.prompts]:
            self.note("hears", text)
        entered = self._clock
        self._pass(self._clock + (request.ring_s if outcome == "timeout" else min(RING_S, request.ring_s)))
        waited = self._clock - entered
        if outcome == "timeout":
            return AgentResult("timeout", waited)
        self.note("agent", "answers")
        self._pass(self._clock + self.case.talk_s)
        self._keys.clear()
        return AgentResult("answered", waited)

    async def dial(self, request: DialRequest) -> DialResult:
        await self.answer()
        self.note("dial", request.number)
        outcome = self.case.dials.get(request.number, "answers")
        if outcome == "error":
            raise FlowFailed(f"trunk {request.trunk!r} cannot carry the call")
        self._pass(self._clock + (request.ring_s if outcome == "no-answer" else min(RING_S, request.ring_s)))
        self._keys.clear()
        if outcome != "answers":
            return DialResult(outcome)
        self.note("callee", "answers")
        for text, seconds in [self._spoken(prompt) for prompt in request.whisper]:
            self.note("callee", f"hears {text}")
            self._pass(self._clock + seconds)
        self._pass(self._clock + self.case.talk_s)
        self._keys.clear()
        return DialResult("answered", talked_s=self.case.talk_s)

    async def request_callback(self, request: CallbackRequest) -> CallbackResult:
        await self._turn()
        self.note("callback", request.skill_group)
        outcome = self.case.callbacks.get(request.skill_group, "accepted")
        if outcome == "error":
            raise FlowFailed(f"skill group {request.skill_group!r} or trunk {request.trunk!r} does not exist")
        if outcome == "full":
            return CallbackResult("full")
        self.note("calls_back", request.number)
        return CallbackResult(outcome, 1 + self.case.waiting.get(request.skill_group, 0))

    async def record(self, action: Literal["on", "off", "pause", "resume"]) -> None:
        await self._turn()
        self.recording = action
        self.note("record", action)

    async def record_message(self, request: MessageRequest) -> MessageResult:
        await self.answer()
        began = self._clock
        self._quiet_from, self._voice_s = began, 0.0
        try:
            self._listen(request, began)
        finally:
            if kept := self._voice_s >= request.min_s:
                self.note("message", request.skill_group)
        seconds = self._clock - began
        return MessageResult("recorded", seconds, "voicemail/simulated.wav") if kept else MessageResult("too-short")

    def _listen(self, request: MessageRequest, began: float) -> None:
        silence_s = request.silence_s or math.inf
        while True:
            until = min(began + request.max_s, self._quiet_from + silence_s)
            quiet_from = self._quiet_from
            if self._pass(until, stop_on_key=True):
                if self._keys.popleft() in request.finish_keys:
                    return
            elif self._quiet_from == quiet_from or until == began + request.max_s:
                return

    def set_priority(self, priority: int | None) -> None:
        self.note("priority", str(priority))

    def set_language(self, language: str) -> None:
        self.note("language", language)

    def answer_survey(self, question: str, answer: str) -> None:
        self.note("answers", f"{question}={answer}")

    async def run_flow(self, name: str) -> None:
        await self._turn()
        if self._run_flow is None:
            raise FlowFailed(f"sub-flow {name!r} is not there")
        await self._run_flow(name)

    async def hangup(self, cause: str = "normal") -> NoReturn:
        await self._turn()
        self._end(cause)

    async def blocking(self, fn: Callable[[], T], timeout_s: float) -> T:
        await self._turn()
        return await asyncio.wait_for(asyncio.to_thread(fn), timeout_s)

    async def http(self, request: HttpRequest) -> HttpAnswer:
        await self._turn()
        self.note("http", f"{request.method} {request.url}" + (f" {request.body}" if request.body is not None else ""))
        found = next((reply for reply in self.case.http if reply.fits(request.method, request.url)), None)
        if found is None:
            raise HttpFailed(f"the test case has no http answer for {request.method} {request.url}", retry=False)
        self._pass(self._clock + min(found.after_s, request.timeout_s))
        if found.fails is not None or found.after_s > request.timeout_s:
            raise HttpFailed(found.fails or f"no answer within {request.timeout_s:g} s", retry=True)
        text = json.dumps(found.body, ensure_ascii=False) if found.text is None else found.text
        return HttpAnswer(found.status, text, "application/json" if found.text is None else "text/plain")

    def blacklisted(self, number: str) -> str | None:
        return NumberList.of(self.case.blacklist).match(number)

    def queue_state(self, skill_group: str) -> QueueState:
        agents, waiting = self.case.agents.get(skill_group, "ready"), self.case.waiting.get(skill_group, 0)
        ready, working = (1 if agents == "ready" else 0), (0 if agents == "none" else 1)
        wait = None if not working else 0.0 if waiting < ready else HANDLE_S * (waiting + 1 - ready)
        return QueueState(waiting, ready, working, estimated_wait_s=wait)

    def working_hours(self, name: str) -> tuple[str, str]:
        return self.case.hours.get(name, "open"), ""

    def notify(self, notice: Notice) -> None:
        subject = f"{notice.subject}: " if notice.subject else ""
        self.note("notifies", f"{notice.channel} {notice.to}: {subject}{notice.text}")

    # the machinery

    def note(self, what: str, text: str = "") -> None:
        """Write a line of the transcript and let the script see it."""
        self.transcript.append(Happening(self._clock, what, text))
        self.script.happened(what, text, self._clock, self.variables)

    async def _turn(self) -> None:
        if self.ended is not None:
            raise CallEnded(self.ended)
        await asyncio.sleep(0)

    def _pass(self, until: float, *, stop_on_key: bool = False) -> bool:
        """Let time pass; True when a key stopped it. The caller acts in between."""
        if stop_on_key and self._keys:
            return True
        while (action := self.script.next_action()) is not None and action.at <= min(until, self._limit):
            self._clock = max(self._clock, action.at)
            self.script.did(action)
            if action.kind == "hang-up":
                self._end("caller-hangup")
            if action.kind == "speak":
                self._voice_s += action.seconds
                self._quiet_from = action.at + action.seconds
                self.note("speaks", f"{action.seconds:g} s")
                continue
            self._keys.append(action.key)
            self.note("key", action.key)
            if stop_on_key:
                return True
        if math.isinf(until) and action is None:
            self._end("caller-hangup")
        if until > self._limit:
            self._clock = self._limit
            self._end("max-length")
        self._clock = until
        return False

    def _end(self, cause: str) -> NoReturn:
        self.ended = cause
        self.note("ends", cause)
        raise CallEnded(cause)

    def _spoken(self, prompt: Prompt) -> tuple[str, float]:
        """A prompt as the transcript shows it, and its length in seconds."""
        match prompt:
            case TextPrompt():
                text = render(prompt.text, self.variables, self.tables)
                return text, max(0.5, len(text) / CHARS_A_SECOND / prompt.speed)
            case AudioPrompt():
                return f"[audio {prompt.name}]", AUDIO_S
            case TonePrompt():
                return f"[tone {prompt.hz} Hz]", prompt.seconds
            case SilencePrompt():
                return "[silence]", prompt.seconds
