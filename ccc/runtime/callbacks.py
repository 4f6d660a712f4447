"""The callbacks of one instance: taken down, standing in the ACD's lines, called one attempt at a time, closed.

The journal has every change before anything follows from it, so a death of the runtime neither loses a customer nor
calls one twice.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from ccc.acd import events
from ccc.acd.model import Place, Prefer
from ccc.api.callback import CallbackRequest, CallbackResult
from ccc.api.control import FlowFailed
from ccc.errors import CccError, ConflictError, NotFoundError
from ccc.runtime.call_id import new_call_id
from ccc.runtime.callback import Callback, State, after_restart, from_record, same_customer
from ccc.runtime.callback_call import NO_LINE, NO_TRUNK, CallbackCall
from ccc.runtime.dialled_leg import number_shown
from ccc.runtime.views import path_of, variables_of

if TYPE_CHECKING:
    from ccc.runtime.call import Call
    from ccc.runtime.conversation import Conversation
    from ccc.runtime.desks import Desks

log = logging.getLogger(__name__)
GRACE_S = 3.0
"""From the end of the call in which it was asked for: the customer puts the telephone down."""
RESTART_PAUSE_S = 30.0
PRIORITY = 5
NO_LINE_PAUSE_S = 20.0
MINE_S = 60.0
"""How long a callback is kept for the agent who asked for it, while he is busy."""


class Callbacks:
    """Open callbacks by id; each has exactly one :class:`CallbackCall`, in the line or calling."""

    def __init__(self, desks: Desks) -> None:
        self.desks = desks
        self._open: dict[str, Callback] = {}
        self._calls: dict[str, CallbackCall] = {}
        """By call id, which is the ACD's ticket."""

    def call(self, call_id: str) -> CallbackCall | None:
        return self._calls.get(call_id)

    def _call_of(self, callback: Callback) -> CallbackCall:
        return next(call for call in self._calls.values() if call.callback is callback)

    # Asked for -------------------------------------------------------------------------------

    def request(self, call: Call, request: CallbackRequest, variables: Mapping[str, Any]) -> CallbackResult:
        """Take it down. FlowFailed when group or trunk does not exist."""
        self._check(call, request)
        of_group = [item for item in self._open.values() if item.skill_group == request.skill_group]
        customer = same_customer(request.number)
        known = next((item for item in of_group if same_customer(item.number) == customer), None)
        if known is not None:
            return CallbackResult("already", self._position(known))
        if request.max_open is not None and len(of_group) >= request.max_open:
            return CallbackResult("full")
        place = call.place_in(request.skill_group) or self.desks.acd.new_place(
            PRIORITY if call.priority is None else call.priority, time.monotonic()
        )
        callback = self._new(call, request, place, variables)
        self._write(callback)
        self._open[callback.id] = callback
        self._stand(callback, place, float("inf"))
        return CallbackResult("accepted", self._position(callback))

    def _check(self, call: Call, request: CallbackRequest) -> None:
        if self.desks.group(request.skill_group) is None:
            raise FlowFailed(f"skill group {request.skill_group!r} does not exist; create it or change the node")
        trunk = self.desks.board.index.trunks.get(request.trunk)
        if trunk is None or not trunk.serves(call.route.instance.account):
            raise FlowFailed(f"trunk {request.trunk!r} does not exist here")
        if not trunk.host:
            raise FlowFailed(f"trunk {trunk.name} has no address to call out to; give it a host")
        number_shown(request.caller_id, trunk, call.route.callee)

    def _new(self, call: Call, request: CallbackRequest, place: Place, variables: Mapping[str, Any]) -> Callback:
        step, now = call.record.steps[-1], time.time()
        return Callback(
            id=f"cb{new_call_id()}",
            instance=self.desks.instance,
            skill_group=request.skill_group,
            number=request.number,
            trunk=request.trunk,
            caller=call.route.caller,
            callee=call.route.callee,
            origin=call.id,
            flow=call.route.flow.name,
            flow_version=call.route.flow.version,
            node=step["node"],
            node_name=step["name"],
            asked_at=round(now, 3),
            since=round(now - (time.monotonic() - place.since), 3),
            priority=place.priority,
            arrival=place.arrival,
            expires_at=round(now + request.expires_s, 3),
            caller_id=request.caller_id,
            ring_s=request.ring_s,
            max_attempts=request.attempts,
            pause_s=request.pause_s,
            keys=call.record.keys,
            path=path_of(call.record),
            variables=variables_of(variables),
        )

    def _position(self, callback: Callback) -> int | None:
        view = self.desks.acd.call(self._call_of(callback).id) if callback.open else None
        return None if view is None else view.position

    def asker_gone(self, call_id: str) -> None:
        """The call in which it was asked for is over: from now on it may be his turn."""
        for callback in self._open.values():
            if callback.origin == call_id and callback.next_at is None:
                callback.next_at = round(time.time() + GRACE_S, 3)
                self._write(callback)
                self.desks.handle(events.Due(self._call_of(callback).id, time.monotonic() + GRACE_S))

    # In the line -----------------------------------------------------------------------------

    def _stand(self, callback: Callback, place: Place, not_before: float) -> None:
        """Into the line, at that place."""
        call = CallbackCall(self, callback, new_call_id())
        self._calls[call.id] = call
        event = events.Enqueue(
            call.id,
            callback.skill_group,
            timeout_s=max(1.0, callback.expires_at - callback.since),
            prefer=self.desks.preferred(callback.number, callback.skill_group),
            callback=True,
            place=place,
            not_before=not_before,
        )
        try:
            self.desks.enqueue(call, call, event)
        except CccError as error:  # the group was removed
            log.warning("callback %s is given up: %s", callback.id, error.message)
            self._close(call, "failed", "no-group")

    def restore(self, records: Iterable[Mapping[str, Any]]) -> None:
        """Open callbacks of an earlier life, as the journal has them."""
        found = []
        for record in records:
            try:
                found.append(from_record(record))
            except TypeError as error:
                log.error("a callback cannot be restored (%s): %r", error, record)
        now, now_mono = time.time(), time.monotonic()
        for callback in sorted(found, key=lambda item: (item.priority, item.since, item.arrival)):
            callback = after_restart(callback, now, min(callback.pause_s, RESTART_PAUSE_S))
            self._write(callback)
            if callback.open and callback.next_at is not None:
                self._open[callback.id] = callback
                place = self.desks.acd.new_place(callback.priority, now_mono - (now - callback.since))
                self._stand(callback, place, now_mono + callback.next_at - now)

    def left(self, call: CallbackCall, why: str) -> None:
        """The ACD let go of it before an agent accepted."""
        if why == "timeout":
            self._close(call, "expired", "")
        else:
            self._close(call, "failed", "no-group")

    # Called ----------------------------------------------------------------------------------

    def calling(self, call: CallbackCall, agent: str) -> None:
        """An agent has accepted: the attempt counts before the customer's telephone can ring."""
        callback = call.callback
        callback.state, callback.agent, callback.last_call = "calling", agent, call.id
        callback.attempts += 1
        self._write(callback)

    def joined(self, conversation: Conversation) -> None:
        """Agent and customer talk; a customer who got through by himself needs no callback any more."""
        call = self._calls.get(conversation.call.id)
        if call is not None:
            call.reached = True
            call.callback.state, call.callback.agent = "talking", conversation.agent
            self._write(call.callback)
            return
        customer = same_customer(conversation.call.route.caller)
        for callback in list(self._open.values()):
            same = callback.skill_group == conversation.group and same_customer(callback.number) == customer
            if same and callback.state == "waiting":
                callback.agent = conversation.agent
                self._take_out(callback, "done", "reached")

    def over(self, call: CallbackCall) -> None:
        """The attempt is over: closed, or back to its place for the next one."""
        callback = call.callback
        if call.cause == "shutdown" and not call.reached:
            callback.attempts -= 1  # ours, not the customer's doing
        if call.reached:
            self._close(call, "done", "")
        elif call.cause == NO_TRUNK:
            self._close(call, "failed", NO_TRUNK)
        elif callback.attempts >= callback.max_attempts and call.cause != NO_LINE:
            self._close(call, "failed", call.cause)
        else:
            self._again(call, NO_LINE_PAUSE_S if call.cause == NO_LINE else callback.pause_s)

    def _again(self, call: CallbackCall, pause_s: float) -> None:
        callback, acd = call.callback, self.desks.acd
        place = acd.place(call.id) or acd.new_place(callback.priority, time.monotonic())
        callback.state, callback.reason = "waiting", call.cause
        callback.next_at = round(time.time() + pause_s, 3)
        self._write(callback)
        del self._calls[call.id]
        self.desks.leave(call)
        self._stand(callback, place, time.monotonic() + pause_s)

    def not_dialled(self, call: CallbackCall, agent: str) -> None:
        """No line, or no trunk any more: nobody's telephone rang, so the agent has nothing to write down."""
        self.over(call)
        self.desks.handle(events.WrapUpDone(agent))

    # What people ask for ---------------------------------------------------------------------

    def cancel(self, callback_id: str, user: str) -> None:
        """Close it. NotFoundError: not open any more; ConflictError: the customer is being called right now."""
        self._take_out(self._waiting(callback_id), "cancelled", "", user)

    def call_now(self, callback_id: str, agent: str) -> None:
        """To the head of its line, and first to this agent ('': to whoever is free). Errors as :meth:`cancel`."""
        callback = self._waiting(callback_id)
        if callback.next_at is None:
            raise ConflictError("the customer is still on the line", code="calling")
        callback.next_at, callback.priority = round(time.time(), 3), -1
        self._write(callback)
        prefer = (Prefer(agent, MINE_S),) if agent else None
        self.desks.handle(events.Due(self._call_of(callback).id, time.monotonic(), head=True, prefer=prefer))

    def _waiting(self, callback_id: str) -> Callback:
        callback = self._open.get(callback_id)
        if callback is None:
            raise NotFoundError("this callback is closed already", code="gone")
        if callback.state != "waiting":
            raise ConflictError("the customer is being called right now", code="calling")
        return callback

    def _take_out(self, callback: Callback, state: State, reason: str, user: str = "") -> None:
        callback.closed_by = user
        self._close(self._call_of(callback), state, reason)

    def _close(self, call: CallbackCall, state: State, reason: str) -> None:
        callback = call.callback
        callback.state, callback.reason, callback.closed_at = state, reason, round(time.time(), 3)
        callback.next_at = None
        self._write(callback)
        self._open.pop(callback.id, None)
        self._calls.pop(call.id, None)
        self.desks.leave(call)

    def _write(self, callback: Callback) -> None:
        self.desks.board.journal.append(callback.as_record())
        self.desks.board.changed()
