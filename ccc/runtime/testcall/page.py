"""A caller's page: one test call, its keys, its trace. The page gone, the call is over."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, ClassVar

from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

from ccc.bus.ticket import Ticket
from ccc.errors import CccError, ConflictError, InvalidError
from ccc.prompts.keys import builtin_path
from ccc.runtime import views
from ccc.runtime.board import Switchboard
from ccc.runtime.call import Call
from ccc.runtime.call_id import new_call_id
from ccc.runtime.messages import Message, Outbox, Pace, parse, text_field
from ccc.runtime.states import CallState
from ccc.runtime.testcall.leg import BrowserLeg
from ccc.runtime.testcall.trace import Trace
from ccc.runtime.testcall.trials import Trials

log = logging.getLogger(__name__)
START_S = 60.0
"""A page that calls nobody for so long is closed."""
LOOK_S = 1.0
KEYS = frozenset("0123456789*#ABCD")


class CallPage:
    """Serves one connection: ``start`` once, then keys until somebody hangs up."""

    def __init__(self, connection: ServerConnection, board: Switchboard, trials: Trials, ticket: Ticket) -> None:
        self._connection = connection
        self._board = board
        self._trials = trials
        self._ticket = ticket
        self._outbox = Outbox(connection)
        self.close = self._outbox.close
        self._leg: BrowserLeg | None = None
        self._call: Call | None = None
        self._shown: Message | None = None

    async def run(self) -> None:
        """Serve the page until it is gone."""
        timer = asyncio.get_running_loop().call_later(START_S, self._too_late)
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self._outbox.run()), group.create_task(self._follow())]
            pace = Pace()
            try:
                self._outbox.send("hello", now=round(time.time() * 1000))
                async for text in self._connection:
                    if wait_s := pace.wait_s(time.monotonic()):
                        await asyncio.sleep(wait_s)
                    await self._receive(text)
            except ConnectionClosed:
                pass
            finally:
                timer.cancel()
                for task in tasks:
                    task.cancel()
                self._leave()

    def _too_late(self) -> None:
        if self._call is None:
            self.close("idle")

    def _leave(self) -> None:
        if self._call is not None:
            self._call.peer_gone("")
        if self._leg is not None:
            self._trials.stand(self._ticket.user)

    async def _receive(self, text: str | bytes) -> None:
        number: Any = None
        try:
            message = parse(text)
            number = message.get("id")
            operation = self.OPERATIONS.get(str(message.get("op")))
            if operation is None:
                raise InvalidError(f"unknown operation {message.get('op')!r}", field="op")
            answer = await operation(self, message)
        except CccError as error:
            self._outbox.send("reply", re=number, ok=False, **error.as_dict())
        except Exception:
            log.exception("operation of the test call of %s failed", self._ticket.user)
            self._outbox.send("reply", re=number, ok=False, code="internal", message="internal error; the log names it")
        else:
            self._outbox.send("reply", re=number, ok=True, **(answer or {}))

    # Operations ------------------------------------------------------------------------------

    async def _ping(self, message: Message) -> Message | None:
        return None

    async def _start(self, message: Message) -> Message | None:
        """Call: the media first, so that a page that cannot be heard leaves no record."""
        if self._leg is not None:
            raise ConflictError("this page has called already", code="started")
        sdp, caller = text_field(message, "sdp", 20_000), text_field(message, "caller", 33, required=False)
        found, flow = self._trials.find(self._ticket, caller or "anonymous")
        self._trials.sit(found)
        leg = BrowserLeg(
            new_call_id(), self._board.pool, str(builtin_path(self._board.home, "ringback")), self._board.changed
        )
        try:
            answer = await leg.offer(sdp)
            trace = Trace(self._outbox.send, found.flow.name, found.flow.version or None, lambda: self.close("ended"))
            self._call = self._board.take(leg, found, flow, trace)
        except BaseException:
            leg.release()
            self._trials.stand(self._ticket.user)
            raise
        self._leg = leg
        return {
            "sdp": answer,
            "call": leg.id,
            "callee": found.callee,
            "flow": {"name": found.flow.name, "title": flow.title, "version": found.flow.version or None},
            "started_at": views.wall_ms(self._call.record.started_at),
        }

    async def _rtc_offer(self, message: Message) -> Message | None:
        return {"sdp": await self._running().offer(text_field(message, "sdp", 20_000))}

    async def _key(self, message: Message) -> Message | None:
        key = text_field(message, "key", 1)
        if key not in KEYS:
            raise InvalidError("a key is 0-9, *, # or A-D", field="key")
        self._running().inject_key(key)
        return None

    async def _hangup(self, message: Message) -> Message | None:
        self._running()
        assert self._call is not None
        self._call.peer_gone("")
        return None

    OPERATIONS: ClassVar[Mapping[str, Callable[[Any, Message], Awaitable[Message | None]]]] = {
        "ping": _ping,
        "start": _start,
        "rtc-offer": _rtc_offer,
        "key": _key,
        "hangup": _hangup,
    }
    """What the page may ask; a test tries each as every role and as another tenant."""

    def _running(self) -> BrowserLeg:
        if self._leg is None or self._call is None or self._call.ending:
            raise ConflictError("there is no call", code="gone")
        return self._leg

    # State -----------------------------------------------------------------------------------

    async def _follow(self) -> None:
        """Tell where the call stands, soon after it changed."""
        changed = asyncio.Event()
        self._board.watchers.add(changed)
        try:
            while True:
                changed.clear()
                self._tell_state()
                with contextlib.suppress(TimeoutError):  # not everything that changes says so
                    await asyncio.wait_for(changed.wait(), LOOK_S)
        finally:
            self._board.watchers.discard(changed)

    def _tell_state(self) -> None:
        call, leg = self._call, self._leg
        if call is None or leg is None or call.ending or call.state is CallState.ENDED:
            return
        live = views.live_call(call)
        index, instance = self._board.index, self._ticket.instance
        agent = index.agents.get((instance, live["agent"] or ""))
        group = index.groups.get((instance, live["skill_group"] or "")) if live["state"] != "flow" else None
        state = {
            "state": "ringing" if leg.ringing else live["state"],
            "agent": agent.name or agent.user if agent is not None else None,
            "skill_group": group.title or group.name if group is not None else None,
        }
        if state != self._shown:
            self._shown = state
            self._outbox.send("state", **state)
