"""A caller and an agent talking: joined, held, joined again, until one of them leaves."""

from __future__ import annotations

import asyncio
import enum
import logging
import time
from typing import TYPE_CHECKING

from ccc.acd import events
from ccc.acd.decisions import Connect
from ccc.errors import CccError, ConflictError
from ccc.runtime.states import CallState

if TYPE_CHECKING:
    from ccc.runtime.call import Call
    from ccc.runtime.callback_call import CallbackCall
    from ccc.runtime.desks import Desks

log = logging.getLogger(__name__)


class Ended(enum.Enum):
    """How a conversation ended, seen from the caller's flow. (The caller's own hang-up cancels instead.)"""

    BY_AGENT = "agent"
    REQUEUED = "requeued"


class Conversation:
    """Exists from the agent's accept until one side leaves; the desk shows it, the call's flow awaits it."""

    def __init__(self, call: Call | CallbackCall, desks: Desks, connect: Connect) -> None:
        self.call = call
        self.agent = connect.agent
        self.group = connect.group
        self.on_hold = False
        self.muted = False
        self._desks = desks
        self._ended: asyncio.Future[Ended] = asyncio.get_running_loop().create_future()
        self._began: float | None = None

    async def run(self) -> Ended:
        """Join the legs and stay until the conversation is over."""
        call = self.call
        if not self._desks.owns(self.agent, call.id):  # he was lost before we came to it; another one may have it
            return Ended.REQUEUED
        call.conversation = self
        call.state = CallState.TALKING
        try:
            if not await self.join():
                self._desks.handle(events.AcceptFailed(self.agent, call.id))
                return Ended.REQUEUED
            if not self._desks.owns(self.agent, call.id):  # the agent vanished while the legs were being joined
                return Ended.REQUEUED
            self._began = time.monotonic()
            call.record.talking(self.agent, self.group)
            self._desks.talking(self)
            return await self._ended
        finally:
            self.account()
            call.conversation = None
            call.leg.unbridge()

    async def join(self) -> bool:
        """Bridge caller and agent; False when the agent has no audio leg any more."""
        leg = self._desks.leg(self.agent)
        if leg is None:
            return False
        try:
            await self.call.leg.bridge(leg)
        except CccError as error:
            log.warning("call %s: %s cannot be joined: %s", self.call.id, self.agent, error.message)
            return False
        return True

    def account(self) -> None:
        """Add the time talked so far to the record, once."""
        if self._began is not None:
            self.call.record.talk_s += time.monotonic() - self._began
            self._began = None

    def hang_up(self) -> None:
        """The agent ended it."""
        self._end(Ended.BY_AGENT)

    def requeue(self) -> None:
        """The ACD took the agent away (his page vanished); the caller waits again, at the head of the queue."""
        self._end(Ended.REQUEUED)

    def _end(self, how: Ended) -> None:
        if not self._ended.done():
            self._ended.set_result(how)

    def hold(self) -> None:
        """Music for the caller, silence for the agent."""
        self.on_hold = True
        self.call.leg.unbridge()
        self.call.leg.play([self.call.board.hold_music], 0)

    async def unhold(self) -> None:
        """Join again. ConflictError when it was ended or held again meanwhile; otherwise a failure means still held."""
        self.on_hold = False
        joined = await self.join()
        if self._ended.done() or self.call.ending:
            raise ConflictError("that call is no longer yours", code="gone")
        if self.on_hold:
            raise ConflictError("the call was put on hold again meanwhile", code="held")
        if not joined:
            self.hold()
            raise CccError("your audio is not connected; check the microphone and try again", code="no-media")

    def caller_key(self, key: str) -> None:
        """A key the caller pressed while talking: the agent's page shows it."""
        self._desks.changed(self.agent)

    def send_keys(self, keys: str) -> None:
        self.call.leg.send_dtmf(keys)
