"""After a death of the runtime: every call that was open gets its record with cause ``lost``, and its peer a BYE."""

from __future__ import annotations

import logging
import time
from typing import Any

from ccc.journal.recover import OpenCall
from ccc.runtime.record import Journal
from ccc.runtime.tallies import Tallies
from ccc.sip.endpoint import Endpoint

log = logging.getLogger(__name__)
FACTS = ("instance", "account", "direction", "kind", "origin", "caller", "callee", "trunk", "flow", "flow_version")


def lost_record(call: OpenCall, now: float) -> dict[str, Any]:
    """The closing record of a call whose runtime died: what its journal told; it ends when that was noticed."""
    steps = [dict(step) for _, step in sorted(call.steps.items())]
    return {
        "id": call.id,
        **{fact: call.opened.get(fact) for fact in FACTS},
        "started_at": call.opened["at"],
        "answered_at": call.answered_at,
        "ended_at": round(now, 3),
        "cause": "lost",
        "cause_detail": "the telephone side ended unexpectedly",
        "agent": call.agent,
        "skill_group": call.skill_group,
        "waited_s": 0.0,
        "talk_s": 0.0,
        "keys": "",
        "recording": call.recording,
        "steps": steps,
    }


def settle(calls: dict[str, OpenCall], endpoint: Endpoint, journal: Journal, tallies: Tallies) -> None:
    """Close every call of the dead runtime. The record first: a peer that does not answer must not cost it."""
    now = time.time()
    for call in calls.values():
        record = lost_record(call, now)
        journal.append({"k": "close", "id": call.id, "cdr": record})
        tallies.add(record, now)
        # No BYE in an early dialog (RFC 3261 15); a caller in a browser has none at all.
        caller = [call.dialog] if call.answered_at is not None and call.dialog else []
        for dialog in (*caller, *call.legs.values()):
            try:
                endpoint.resume_bye(dialog, 'Q.850;cause=41;text="lost"')
            except Exception:  # a dialog nobody understands must not keep the telephone side from starting
                log.exception("call %s: no BYE", call.id)
    if calls:
        log.warning("%d calls were open when the telephone side ended; recorded as lost", len(calls))
