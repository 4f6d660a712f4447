"""Calling an outside number for a caller: ring-back meanwhile, a whisper to the callee, then the two talk."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING, Literal

from ccc.api.control import DialRequest, DialResult, FlowFailed
from ccc.api.prompt import AudioPrompt
from ccc.errors import CccError
from ccc.prompts.keys import builtin_path
from ccc.runtime.dialled_leg import ANSWERED, NOT_ANSWERED, SILENT_TRUNK, DialledLeg, number_shown
from ccc.runtime.states import CallState
from ccc.snapshot.model import Trunk

if TYPE_CHECKING:
    from ccc.runtime.call import Call
    from ccc.runtime.control import RuntimeControl
    from ccc.runtime.leg import PlayItem

log = logging.getLogger(__name__)
BUSY = frozenset({486, 600})
UNREACHED = frozenset({NOT_ANSWERED, 408, 480, 487})
OUR_FAULT = frozenset({401, 406, 407, 415, 420, 488})
"""Refusals that say something about the trunk or about us, not about the callee."""
CAUSES = {"remote-bye": "callee-hangup", "local-bye": "normal"}


async def dial_out(call: Call, control: RuntimeControl, request: DialRequest) -> DialResult:
    """Used by ``CallControl.dial``. FlowFailed when the trunk cannot carry the call."""
    trunk = _trunk(call, request)
    if not call.board.seize(trunk):
        raise FlowFailed(f"all {trunk.max_calls} lines of trunk {trunk.name} are in use")
    try:
        attempt = Attempt(call, control, request, trunk)
        try:
            return await attempt.run()
        finally:
            attempt.close()
    finally:
        call.board.yield_line(trunk)


def _trunk(call: Call, request: DialRequest) -> Trunk:
    trunk = call.board.index.trunks.get(request.trunk)
    if trunk is None or not trunk.serves(call.route.instance.account):
        raise FlowFailed(f"trunk {request.trunk!r} does not exist here")
    if not trunk.host:
        raise FlowFailed(f"trunk {trunk.name} has no address to call out to; give it a host")
    return trunk


def outcome(status: int) -> Literal["busy", "no-answer", "refused"] | None:
    """What a final SIP status says about the callee; None when it says that the trunk or we failed."""
    if status in BUSY:
        return "busy"
    if status in UNREACHED:
        return "no-answer"
    refused = (400 <= status < 500 and status not in OUR_FAULT) or status >= 600
    return "refused" if refused else None


class Attempt:
    """One call out, from the INVITE to its end; the running step of the caller's record tells of it."""

    def __init__(self, call: Call, control: RuntimeControl, request: DialRequest, trunk: Trunk) -> None:
        self._call = call
        self._control = control
        self._request = request
        self._entered = call.state
        self._caller_id = number_shown(request.caller_id, trunk, call.route.caller)
        self._cause: str | None = None
        self._joined_at: float | None = None
        self._leg = DialledLeg(f"{call.id}-{len(call.record.steps)}", call.board.pool, trunk)

    async def run(self) -> DialResult:
        """Ring, whisper, talk."""
        self._tell_start()
        self._call.leg.play(await self._waiting_sound(), 0)
        status = await self._ring()
        if status != ANSWERED:
            return DialResult(self._refusal(status), max(status, 0))
        self._tell_answer()
        if not await self._whisper():
            self._cause = CAUSES.get(self._leg.gone.result(), self._leg.gone.result())
            return DialResult("refused", status)
        return DialResult("answered", status, await self._talk())

    async def _ring(self) -> int:
        dialler = self._call.board.dialler
        assert dialler is not None
        request = self._request
        try:
            return await self._leg.dial(dialler, request.number, self._caller_id, request.ring_s)
        except CccError as error:  # no media capacity, or a number that is no URI
            self._cause = "failed"
            raise FlowFailed(f"{request.number} cannot be called: {error.message}") from error

    def _refusal(self, status: int) -> Literal["busy", "no-answer", "refused"]:
        """The outcome of a call that was not answered. FlowFailed when it was not the callee's doing."""
        trunk = self._leg.trunk
        found = outcome(status)
        self._cause = found or "failed"
        if found is not None:
            return found
        if status == SILENT_TRUNK:
            raise FlowFailed(f"trunk {trunk.name} does not answer at {trunk.host}:{trunk.port}")
        raise FlowFailed(f"trunk {trunk.name} answered {status} {self._leg.reason}")

    async def _whisper(self) -> bool:
        """Speak to the callee alone; False when he left meanwhile. A prompt that cannot be had is left out."""
        call, leg = self._call, self._leg
        if not self._request.whisper:
            return not leg.gone.done()
        try:
            items = await call.board.prompts.items(
                self._request.whisper, call.route.instance.name, self._control.expand
            )
        except FlowFailed as error:
            log.error("call %s: whisper left out: %s", call.id, error.message)
            return not leg.gone.done()
        await asyncio.wait({leg.play(items), leg.gone}, return_when=asyncio.FIRST_COMPLETED)
        return not leg.gone.done()

    async def _talk(self) -> float:
        """Join the two until the callee is gone; seconds they talked."""
        call, leg = self._call, self._leg
        try:
            await call.leg.bridge(leg)
        except CccError as error:
            self._cause = "failed"
            raise FlowFailed(f"{self._request.number} cannot be joined: {error.message}") from error
        call.state = CallState.TALKING
        self._joined_at = time.monotonic()
        call.board.changed()
        ended = await leg.gone
        self._cause = CAUSES.get(ended, ended)
        call.left_by = "callee-hangup"
        return time.monotonic() - self._joined_at

    async def _waiting_sound(self) -> list[PlayItem]:
        call, request = self._call, self._request
        if request.sound == "ringback":
            return [str(builtin_path(call.board.home, "ringback"))]
        if request.music is not None:
            music = [AudioPrompt(name=request.music)]
            return await call.items(music)
        return [call.board.hold_music]

    def _tell_start(self) -> None:
        record = self._call.record
        record.leg(
            callee=self._request.number, caller=self._caller_id, trunk=self._leg.trunk.id, started_at=record.now(),
            answered_at=None, ended_at=None, cause=None,
        )  # fmt: skip

    def _tell_answer(self) -> None:
        record, session = self._call.record, self._leg.session
        assert session is not None
        record.leg(answered_at=record.now())
        if session.state == "confirmed":
            record.leg_dialog(self._leg.id, session.dialog_state())

    def close(self) -> None:
        """Give everything back, whatever the reason: the callee's leg ends, the caller hears nothing more of it."""
        call, leg = self._call, self._leg
        leg.hang_up(f'Q.850;cause=16;text="{self._cause or "caller-hangup"}"')
        leg.release()
        call.state = self._entered
        call.leg.stop()
        if self._joined_at is not None:
            call.leg.unbridge()
        self._control.keys.clear()
        if call.record.closed is None:
            call.record.leg(ended_at=call.record.now(), cause=self._cause or "caller-hangup")
            call.record.leg_dialog(leg.id, None)
