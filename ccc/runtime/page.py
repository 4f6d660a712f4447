"""An agent's page and a live page on their WebSockets. One :class:`Page` per connection."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal, cast

from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

from ccc.acd import events
from ccc.errors import CccError, InvalidError
from ccc.runtime.desk import Desk
from ccc.runtime.messages import Message, Outbox, Pace, parse, text_field

if TYPE_CHECKING:
    from ccc.runtime.board import Switchboard

log = logging.getLogger(__name__)

MAX_NOTE = 4000


class Page:
    """An agent's page."""

    def __init__(self, connection: ServerConnection, desk: Desk) -> None:
        self._connection = connection
        self._desk = desk
        self._outbox = Outbox(connection)
        self.send = self._outbox.send
        self.close = self._outbox.close

    async def run(self) -> None:
        """Serve the page until it is gone."""
        async with asyncio.TaskGroup() as group:
            writer = group.create_task(self._outbox.run())
            pace = Pace()
            try:
                self._desk.connect(self)
                async for text in self._connection:
                    if wait_s := pace.wait_s(time.monotonic()):
                        await asyncio.sleep(wait_s)  # the rest waits in the page's own socket
                    await self._receive(text)
            except ConnectionClosed:
                pass
            finally:
                writer.cancel()
                self._desk.disconnect(self)

    async def _receive(self, text: str | bytes) -> None:
        number: Any = None
        try:
            message = parse(text)
            number = message.get("id")
            if self._desk.page is not self:
                raise CccError("another page has taken over this workbench", code="taken-over")
            operation = self.OPERATIONS.get(str(message.get("op")))
            if operation is None:
                raise InvalidError(f"unknown operation {message.get('op')!r}", field="op")
            answer = await operation(self, message)
        except CccError as error:
            self.send("reply", re=number, ok=False, **error.as_dict())
        except Exception:
            log.exception("operation of agent %s failed", self._desk.user)
            self.send("reply", re=number, ok=False, code="internal", message="internal error; the log names it")
        else:
            self.send("reply", re=number, ok=True, **(answer or {}))

    # Operations ------------------------------------------------------------------------------

    async def _ping(self, message: Message) -> Message | None:
        return None

    async def _state(self, message: Message) -> Message | None:
        state = text_field(message, "state", 16)
        if state not in ("ready", "break", "offline"):
            raise InvalidError("state must be ready, break or offline", field="state")
        reason = text_field(message, "reason", 64, required=False)
        chosen = cast(Literal["ready", "break", "offline"], state)
        self._desk.desks.handle(events.AgentState(self._desk.user, chosen, reason))
        return None

    async def _accept(self, message: Message) -> Message | None:
        card = self._desk.current(text_field(message, "call", 64))
        self._desk.desks.handle(events.Accept(self._desk.user, card.call_id))
        return None

    async def _reject(self, message: Message) -> Message | None:
        card = self._desk.current(text_field(message, "call", 64))
        self._desk.desks.handle(events.Reject(self._desk.user, card.call_id))
        return None

    async def _hangup(self, message: Message) -> Message | None:
        self._desk.hang_up(text_field(message, "call", 64))
        return None

    async def _hold(self, message: Message) -> Message | None:
        conversation = self._desk.talk(text_field(message, "call", 64))
        if not conversation.on_hold:
            conversation.hold()
            self._desk.card_state("hold")
            self._desk.desks.handle(events.Hold(self._desk.user, conversation.call.id, True))
        return None

    async def _unhold(self, message: Message) -> Message | None:
        conversation = self._desk.talk(text_field(message, "call", 64))
        if conversation.on_hold:
            await conversation.unhold()
            self._desk.card_state("talking")
            self._desk.desks.handle(events.Hold(self._desk.user, conversation.call.id, False))
        return None

    async def _mute(self, message: Message) -> Message | None:
        self._desk.talk(text_field(message, "call", 64)).muted = message.get("on") is True
        return None

    async def _dtmf(self, message: Message) -> Message | None:
        keys = text_field(message, "keys", 32)
        if not set(keys) <= set("0123456789*#ABCD"):
            raise InvalidError("keys are 0-9, *, # and A-D", field="keys")
        self._desk.talk(text_field(message, "call", 64)).send_keys(keys)
        return None

    async def _note(self, message: Message) -> Message | None:
        self._save_note(message)
        return None

    async def _wrap_up_done(self, message: Message) -> Message | None:
        self._save_note(message)
        self._desk.desks.handle(events.WrapUpDone(self._desk.user))
        return None

    def _save_note(self, message: Message) -> None:
        card = self._desk.current(text_field(message, "call", 64))
        note = text_field(message, "note", MAX_NOTE, required=False)
        disposition = text_field(message, "disposition", 64, required=False)
        if (note, disposition) != (card.note, card.disposition):
            card.note, card.disposition = note, disposition
            self._desk.save_note(card)

    async def _rtc_offer(self, message: Message) -> Message | None:
        return {"sdp": await self._desk.offer(text_field(message, "sdp", 20_000))}

    OPERATIONS: ClassVar[Mapping[str, Callable[[Any, Message], Awaitable[Message | None]]]] = {
        "ping": _ping,
        "state": _state,
        "accept": _accept,
        "reject": _reject,
        "hangup": _hangup,
        "hold": _hold,
        "unhold": _unhold,
        "mute": _mute,
        "dtmf": _dtmf,
        "note": _note,
        "wrap-up-done": _wrap_up_done,
        "rtc-offer": _rtc_offer,
    }
    """What the page may ask; a test tries each as every role and as another tenant."""


class LivePage:
    """A supervisor's live page: the whole picture soon after a change, at most once a second; plots less often."""

    INTERVAL_S = 1.0
    CHARTS_S = 5.0
    OPERATIONS = ("ping",)
    """All it may ask."""

    def __init__(self, connection: ServerConnection, board: Switchboard, instance: str) -> None:
        self._connection = connection
        self._board = board
        self._instance = instance
        self._outbox = Outbox(connection)
        self.close = self._outbox.close
        self._shown: Message | None = None
        self._charts: Message | None = None
        self._charts_due = 0.0

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self._outbox.run()), group.create_task(self._push())]
            try:
                async for text in self._connection:
                    self._receive(text)
            except ConnectionClosed:
                pass
            finally:
                for task in tasks:
                    task.cancel()

    def _receive(self, text: str | bytes) -> None:
        """The page only asks whether we are there: a silent network must not leave it showing old figures."""
        number: Any = None
        try:
            message = parse(text)
            number = message.get("id")
            if message.get("op") not in self.OPERATIONS:
                raise InvalidError("a live page only asks ping", field="op")
        except CccError as error:
            self._outbox.send("reply", re=number, ok=False, **error.as_dict())
        else:
            self._outbox.send("reply", re=number, ok=True)

    async def _push(self) -> None:
        changed = asyncio.Event()
        self._board.watchers.add(changed)
        try:
            while True:
                changed.clear()
                if self._send_changes(time.monotonic()):
                    await asyncio.sleep(self.INTERVAL_S)
                else:  # not everything that changes says so: look each second anyway
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(changed.wait(), self.INTERVAL_S)
        finally:
            self._board.watchers.discard(changed)

    def _send_changes(self, now: float) -> bool:
        """Send what looks different; True when the picture did."""
        picture = self._board.live(self._instance)
        changed = picture != self._shown
        if changed:
            self._shown = picture
            self._outbox.send("live", now=round(time.time() * 1000), **picture)
        if now >= self._charts_due:
            charts = self._board.charts(self._instance)
            if charts is not None and charts != self._charts:
                self._charts, self._charts_due = charts, now + self.CHARTS_S
                self._outbox.send("charts", **charts)
        return changed
