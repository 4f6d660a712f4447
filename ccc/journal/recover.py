"""What was going on when the runtime died: calls without a closing record, and the agents' last states."""

from __future__ import annotations

import json
import logging
import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ccc.journal.frames import Record
from ccc.journal.reader import read
from ccc.journal.segments import AGENTS

log = logging.getLogger(__name__)
AgentKey = tuple[str, str]
"""(instance, user)"""
COUNTED = ("id", "instance", "direction", "started_at", "cause", "agent", "skill_group", "waited_s")


@dataclass(slots=True)
class OpenCall:
    """A call that was opened and never closed, as its records tell it. Times are epoch seconds."""

    id: str
    opened: Record
    """The whole ``open`` record: at, instance, account, direction, caller, callee, trunk, flow, flow_version ..."""
    dialog: Record
    """The newest dialog state: what an in-dialog BYE needs."""
    segment: int = 0
    steps: dict[int, Record] = field(default_factory=dict)
    """By ``n``, in order; a step without ``left_at`` was running."""
    answered_at: float | None = None
    recording: str | None = None
    agent: str | None = None
    skill_group: str | None = None
    agent_at: float | None = None
    legs: dict[str, Record] = field(default_factory=dict)
    """Dialogs with parties the call had dialled, by leg."""


@dataclass(slots=True)
class Recovery:
    """The result of a scan: open calls by id, the last ``agent-state`` record by (instance, user)."""

    calls: dict[str, OpenCall] = field(default_factory=dict)
    agents: dict[AgentKey, Record] = field(default_factory=dict)
    callbacks: dict[str, Record] = field(default_factory=dict)
    """The last record of each callback that is not closed, by its id."""
    closed_after: float = math.inf
    closed: list[Record] = field(default_factory=list)
    """What the live board counts (``COUNTED``) of calls that ended after ``closed_after``."""

    def apply(self, record: Record, segment: int) -> None:
        """Take in the next record. Records of calls that are not open, and malformed ones, are ignored.

        A record nobody understands must not keep the telephone side from starting.
        """
        try:
            self._apply(record, segment)
        except (KeyError, TypeError, OverflowError) as error:
            log.error("journal segment %d: a malformed %r record is ignored (%r)", segment, record.get("k"), error)

    def _apply(self, record: Record, segment: int) -> None:
        kind, call_id = record.get("k"), record.get("id")
        if kind == "agent-state":
            self.agents[(str(record.get("instance")), str(record.get("agent")))] = record
        elif not isinstance(call_id, str):
            return
        elif kind == "callback":
            self.callbacks.pop(call_id, None)
            if not callback_closed(record):
                self.callbacks[call_id] = record
        elif kind == "open":
            dialog = record.get("dialog")
            record["at"] = _number(record["at"])
            self.calls[call_id] = OpenCall(call_id, record, dialog if isinstance(dialog, dict) else {}, segment)
        elif kind == "close":
            self.calls.pop(call_id, None)
            cdr = record["cdr"]
            if self.closed_after < math.inf and _number(cdr["ended_at"]) > self.closed_after:
                _number(cdr["started_at"])
                self.closed.append({name: cdr.get(name) for name in COUNTED})
        elif (call := self.calls.get(call_id)) is not None:
            _update(call, record)


def callback_closed(record: Record) -> bool:
    """Whether a callback's record says that nothing follows."""
    return record.get("closed_at") is not None


def _update(call: OpenCall, record: Record) -> None:
    if record["k"] != "leg" and isinstance(record.get("dialog"), dict):  # an ``answered`` record may carry it too
        call.dialog = record["dialog"]
    match record["k"]:
        case "answered":
            call.answered_at = _number(record["at"])
        case "step":
            step = {key: value for key, value in record.items() if key not in ("k", "id")}
            number = step["n"]
            if not isinstance(number, int):
                raise TypeError(f"{number!r} is not a step's number")
            call.steps[number] = {**call.steps.get(number, {}), **step}
        case "agent":
            call.agent, call.agent_at = str(record["agent"]), _number(record["at"])
            call.skill_group = str(record["group"]) if record.get("group") else None
        case "leg":
            call.legs.pop(str(record["leg"]), None)
            if isinstance(record["dialog"], dict):
                call.legs[str(record["leg"])] = record["dialog"]
        case "rec":
            call.recording = None if record["path"] is None else str(record["path"])


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise TypeError(f"{value!r} is not a number")
    return value


def scan(folder: Path, closed_after: float = math.inf) -> Recovery:
    """Read the whole journal present. Run it before the new writer's first record.

    ``closed_after`` (epoch seconds): also collect what ended later, for the live board.
    """
    saved = folder / AGENTS
    while True:
        stamp = _stamp(saved)
        recovery = _scan(folder, saved, closed_after)
        if _stamp(saved) == stamp:
            return recovery
        # jobs deleted segments meanwhile: what stood in them is in the saved states now


def saved_states(path: Path) -> list[Record]:
    """The agents' states jobs saved. A file nobody can read costs the states, aloud, never the start."""
    try:
        records = json.loads(path.read_text("utf-8"))
        if not isinstance(records, list):
            raise ValueError("not a list")
    except FileNotFoundError:
        return []
    except (OSError, ValueError) as error:
        log.error("agents' states begin anew: %s is not readable (%s)", path, error)
        return []
    return [record for record in records if isinstance(record, dict)]


def _scan(folder: Path, saved: Path, closed_after: float) -> Recovery:
    recovery = Recovery(closed_after=closed_after)
    for record in saved_states(saved):
        recovery.apply(record, 0)
    for record, position in read(folder):
        recovery.apply(record, position.segment)
    return recovery


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    return status.st_mtime_ns, status.st_ino


def recover(folder: Path) -> dict[str, OpenCall]:
    """Open calls by id, for the runtime after a death."""
    return scan(folder).calls


def recover_agents(folder: Path) -> dict[AgentKey, Record]:
    """The newest ``agent-state`` record by (instance, user)."""
    return scan(folder).agents
