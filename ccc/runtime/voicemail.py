"""A caller leaves a message: recorded, told to the journal. A hang-up after enough voice is a message too."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from ccc.api.control import FlowFailed, MessageRequest, MessageResult

if TYPE_CHECKING:
    from ccc.runtime.call import Call
    from ccc.runtime.control import RuntimeControl


async def take_message(call: Call, control: RuntimeControl, request: MessageRequest) -> MessageResult:
    """Used by ``CallControl.record_message``."""
    day = time.strftime("%Y/%m/%d", time.gmtime(call.record.started_at))
    relative = f"voicemail/{day}/{call.id}-{len(call.record.steps)}.wav"
    path = call.board.home.recordings / relative
    leg, keys = call.leg, control.keys
    keys.clear()
    began = time.monotonic()
    ended = leg.take_message(str(path), max_s=request.max_s, silence_s=request.silence_s, min_s=request.min_s)

    def on_key() -> None:
        while (key := keys.take()) is not None:
            if key in request.finish_keys:
                leg.end_message()

    keys.on_press = on_key
    try:
        event = await ended
    except asyncio.CancelledError:
        if leg.voiced:
            call.record.voicemail(relative, time.monotonic() - began, request.skill_group)
        raise
    finally:
        keys.on_press = None
    if event["why"] == "error":
        raise FlowFailed(f"the message could not be recorded: {event.get('message')}")
    if not event["kept"]:
        return MessageResult("too-short")
    call.record.voicemail(relative, event["seconds"], request.skill_group)
    return MessageResult("recorded", event["seconds"], relative)
