"""A caller in a queue: music, announcements, break-out keys, until an agent accepts or waiting ends."""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Literal, cast

from ccc.acd import events
from ccc.acd.decisions import Announce, Connect, QueueExit
from ccc.api.control import AgentRequest, AgentResult, FlowFailed, QueueRequest, QueueResult
from ccc.api.prompt import AudioPrompt, Prompt, TextPrompt
from ccc.errors import CccError
from ccc.runtime.conversation import Conversation, Ended
from ccc.runtime.states import CallState

if TYPE_CHECKING:
    from ccc.runtime.call import Call
    from ccc.runtime.control import RuntimeControl
    from ccc.runtime.desks import Desks
    from ccc.runtime.leg import PlayItem

log = logging.getLogger(__name__)

ANNOUNCEMENTS = {
    "zh": {
        "next": "您是下一位。",
        "position": "您前面还有{ahead}位。",
        "wait": "预计等待{minutes}分钟。",
        "soon": "预计等待不到一分钟。",
    },
    "en": {
        "next": "You are next in line.",
        "position": "Callers ahead of you: {ahead}.",
        "wait": "The estimated wait is {minutes} minutes.",
        "soon": "The estimated wait is less than a minute.",
    },
}


def announcement(language: str, position: int | None, wait_s: float | None) -> str:
    """What the caller hears about his place; '' when there is nothing to say."""
    words = ANNOUNCEMENTS["zh" if language.startswith("zh") else "en"]
    parts = []
    if position is not None:
        parts.append(words["next"] if position == 1 else words["position"].format(ahead=position - 1))
    if wait_s is not None:
        parts.append(words["soon"] if wait_s < 60 else words["wait"].format(minutes=math.ceil(wait_s / 60)))
    return "".join(parts) if words is ANNOUNCEMENTS["zh"] else " ".join(parts)


class QueueStay:
    """One caller's stay in one queue: what the ACD decides about it arrives here."""

    def __init__(self, call: Call, control: RuntimeControl, desks: Desks, request: QueueRequest) -> None:
        self._call = call
        self._control = control
        self._desks = desks
        self._request = request
        self._news: asyncio.Queue[Connect | QueueExit | Announce | str] = asyncio.Queue()
        self._music: list[PlayItem] = []
        self._speech: asyncio.Future[str] | None = None
        self._preparing: asyncio.Task[None] | None = None
        self._here = False

    def decide(self, decision: Connect | QueueExit | Announce) -> None:
        self._news.put_nowait(decision)

    async def wait(self, *, greet: bool) -> Connect | QueueExit | str:
        """Play until an agent is connected, waiting ends, or a break-out key (returned as text) is pressed."""
        keys = self._control.keys
        keys.clear()
        keys.on_press = self._on_key
        self._music = await self._hold_music()
        greeting = await self._items(self._request.prompts) if greet and self._news.empty() else []
        self._here = True
        try:
            if greeting:
                self._say(greeting)
            elif self._news.empty():
                self._call.leg.play(self._music, 0)
            while True:
                news = await self._news.get()
                if not isinstance(news, Announce):
                    return news
                self._announce(news)
        finally:
            self._here = False
            if self._preparing is not None:
                self._preparing.cancel()
            keys.on_press = None

    def _announce(self, news: Announce) -> None:
        """Tell place and waiting time beside the news: an agent who accepts must not wait for a text to be rendered.

        Left out while something is being said or prepared: who hears only beginnings of sentences learns nothing.
        """
        speaking = self._speech is not None and not self._speech.done()
        if speaking or (self._preparing is not None and not self._preparing.done()):
            return
        self._preparing = asyncio.get_running_loop().create_task(self._tell(news))
        self._preparing.add_done_callback(self._told)

    async def _tell(self, news: Announce) -> None:
        if items := await self._announcement(news):
            self._say(items)

    def _told(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("call %s: no announcement", self._call.id, exc_info=error)

    def _say(self, items: list[PlayItem]) -> None:
        self._speech = self._call.leg.play(items)
        self._speech.add_done_callback(self._music_after)

    def _music_after(self, played: asyncio.Future[str]) -> None:
        if self._here and not played.cancelled() and played.result() in ("done", "error"):
            self._call.leg.play(self._music, 0)

    def _on_key(self) -> None:
        """Out of the queue in this very turn: an agent who accepts in the next moment must not be given him."""
        while (key := self._control.keys.take()) is not None:
            if key in self._request.break_keys:
                if self._desks.break_out(self._call):
                    self._news.put_nowait(key)
                return

    async def _hold_music(self) -> list[PlayItem]:
        name = self._request.music
        if name is not None:
            items = await self._items([AudioPrompt(name=name)])
            if items:
                return items
        return [self._call.board.hold_music]

    async def _announcement(self, news: Announce) -> list[PlayItem]:
        request = self._request
        text = announcement(
            self._call.language,
            news.position if request.announce_position else None,
            news.estimated_wait_s if request.announce_wait else None,
        )
        return await self._items([TextPrompt(text=text)]) if text else []

    async def _items(self, prompts: Sequence[Prompt]) -> list[PlayItem]:
        """Play items; a prompt that cannot be had must not cost the caller his place, so it is left out, aloud."""
        try:
            return await self._call.items(prompts)
        except FlowFailed as error:
            log.error("call %s in queue %s: %s", self._call.id, self._request.skill_group, error.message)
            return []


async def wait_for_agent(call: Call, control: RuntimeControl, request: QueueRequest) -> QueueResult:
    """Queue the caller and, when an agent accepts, let them talk. Used by ``CallControl.queue``."""
    before = call.record.waited_s
    try:
        request = _as_configured(call, request)
        news = await _stay(call, control, request, _enqueue(call, request))
    except _NoSuch as error:  # the group was removed after this flow was published
        raise FlowFailed(f"cannot queue for {request.skill_group!r}: {error}") from error
    if isinstance(news, str):
        return QueueResult("key", key=news, waited_s=call.record.waited_s - before)
    if isinstance(news, Connect):
        return QueueResult("answered", agent=news.agent, waited_s=news.waited_s)
    return QueueResult(cast(Literal["timeout", "overflow", "no-agent"], news.why), waited_s=news.waited_s)


async def ask_agent(call: Call, control: RuntimeControl, request: AgentRequest) -> AgentResult:
    """Ring one agent and, when he accepts, let them talk. Used by ``CallControl.call_agent``."""
    stay = QueueRequest(request.agent, music=request.music, prompts=request.prompts)
    try:
        news = await _stay(call, control, stay, events.AskAgent(call.id, request.agent, request.ring_s))
    except _NoSuch:
        return AgentResult("no-such-agent")
    if isinstance(news, Connect):
        return AgentResult("answered", news.waited_s)
    assert isinstance(news, QueueExit)
    return AgentResult(cast(Literal["timeout", "busy", "offline"], news.why), news.waited_s)


class _NoSuch(Exception):
    """The ACD knows no such group or agent."""


async def _stay(
    call: Call, control: RuntimeControl, request: QueueRequest, event: events.Enqueue | events.AskAgent
) -> Connect | QueueExit | str:
    """With the ACD until it lets go: ``Connect`` after the conversation, the exit, or the break-out key."""
    entered = call.state
    try:
        desks = call.board.desks(call.route.instance.name)
        stay = QueueStay(call, control, desks, request)
        call.state = CallState.QUEUED
        desks.enqueue(call, stay, event)
        _remember_place(call, desks, event)
    except CccError as error:
        call.state = entered
        raise _NoSuch(error.message) from error
    group = event.group if isinstance(event, events.Enqueue) else call.record.skill_group or ""
    call.record.queued(group)
    greet = True
    try:
        while True:
            news = await stay.wait(greet=greet)
            greet = False
            call.record.out_of_queue()
            if not isinstance(news, Connect):
                return news
            if await Conversation(call, desks, news).run() is Ended.BY_AGENT:
                call.left_by, call.place = "agent-hangup", None
                return news
            _remember_place(call, desks, event)
            call.state = CallState.QUEUED
            call.record.queued(group)
    finally:
        call.state = entered
        call.leg.stop()
        desks.leave(call)


def _remember_place(call: Call, desks: Desks, event: events.Enqueue | events.AskAgent) -> None:
    """Where the caller stands now: he keeps it when he leaves and asks to be called back."""
    place = desks.acd.place(call.id)
    if isinstance(event, events.Enqueue) and place is not None:
        call.place = (event.group, place)


def _as_configured(call: Call, request: QueueRequest) -> QueueRequest:
    """What the node leaves open is as the skill group has it."""
    group = call.board.index.groups.get((call.route.instance.name, request.skill_group))
    if group is None:
        raise _NoSuch(f"skill group {request.skill_group} does not exist; create it or change the node")
    if request.announce_every_s is None:
        request = replace(
            request,
            announce_every_s=group.announce_every_s,
            announce_position=group.announce_position,
            announce_wait=group.announce_wait,
        )
    return replace(
        request,
        timeout_s=group.queue_timeout_s if request.timeout_s is None else request.timeout_s,
        max_waiting=group.max_waiting if request.max_waiting is None else request.max_waiting,
        music=request.music or group.music or None,
    )


def _enqueue(call: Call, request: QueueRequest) -> events.Enqueue:
    assert request.timeout_s is not None and request.announce_every_s is not None
    return events.Enqueue(
        call=call.id,
        group=request.skill_group,
        priority=request.priority,
        timeout_s=request.timeout_s,
        max_waiting=request.max_waiting,
        announce_every_s=request.announce_every_s,
        exit_when_no_agent=request.exit_when_no_agent,
        prefer=call.board.desks(call.route.instance.name).preferred(call.route.caller, request.skill_group),
    )
