"""Journal records to rows of the store (pure)."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

from ccc.journal import Record
from ccc.store.models import AgentStateChange, Call, Callback, Notification, Voicemail
from ccc.store.repos.calls import from_epoch

_TEXT = ("instance", "account", "direction", "caller", "callee", "trunk", "cause", "cause_detail", "flow", "agent",
         "skill_group", "keys", "recording", "kind", "origin")  # fmt: skip
_LENGTHS = {column.name: getattr(column.type, "length", None) for column in Call.__table__.columns}
_STATE_LENGTHS = {column.name: getattr(column.type, "length", None) for column in AgentStateChange.__table__.columns}

_NOTICE_LENGTHS = {column.name: getattr(column.type, "length", None) for column in Notification.__table__.columns}
_NOTICE_TEXT = ("instance", "call", "channel", "to", "subject", "text")
_MESSAGE_LENGTHS = {column.name: getattr(column.type, "length", None) for column in Voicemail.__table__.columns}
_CALLBACK_LENGTHS = {column.name: getattr(column.type, "length", None) for column in Callback.__table__.columns}
_CALLBACK_TEXT = ("instance", "skill_group", "number", "caller", "callee", "origin", "state", "reason", "agent",
                  "last_call", "closed_by")  # fmt: skip
_MESSAGE_TEXT = ("instance", "skill_group", "caller", "callee", "path")


@dataclass(slots=True)
class Rows:
    """What one stretch of the journal adds to the store, in order."""

    calls: list[dict[str, Any]] = field(default_factory=list)
    notes: list[dict[str, Any]] = field(default_factory=list)
    agent_states: list[dict[str, Any]] = field(default_factory=list)
    notices: list[dict[str, Any]] = field(default_factory=list)
    voicemails: list[dict[str, Any]] = field(default_factory=list)
    callbacks: list[dict[str, Any]] = field(default_factory=list)

    def __bool__(self) -> bool:
        parts = (self.calls, self.notes, self.agent_states, self.notices, self.voicemails, self.callbacks)
        return any(parts)

    def add(self, record: Record) -> bool:
        """Take in a record; False for a kind the store does not want. ValueError when it is malformed."""
        match record.get("k"):
            case "close":
                self.calls.append(call_row(record["cdr"] if isinstance(record.get("cdr"), dict) else {}))
            case "wrap-up":
                self.notes.append(_note(record))
            case "agent-state":
                self.agent_states.append(_agent_state(record))
            case "notice":
                self.notices.append(_notice(record))
            case "voicemail":
                self.voicemails.append(_voicemail(record))
            case "callback":
                self.callbacks.append(_callback(record))
            case _:
                return False
        return True


def call_row(cdr: Record) -> dict[str, Any]:
    """Column values of a closing record. ValueError names what is missing or malformed."""
    call_id = cdr.get("id")
    if not isinstance(call_id, str) or not 0 < len(call_id) <= 64:
        raise ValueError(f"id {call_id!r} is not a call's id")
    row: dict[str, Any] = {"id": call_id}
    for name in _TEXT:
        row[name] = _text(cdr.get(name), _LENGTHS[name])
    for name in ("started_at", "answered_at", "ended_at"):
        row[name] = _moment(cdr, name)
    if row["started_at"] is None:
        raise ValueError(f"call {call_id} has no started_at")
    version = cdr.get("flow_version")
    row["flow_version"] = version if isinstance(version, int) else None
    for name in ("waited_s", "talk_s"):
        row[name] = _seconds(cdr.get(name))
    row["steps"] = cdr["steps"] if isinstance(cdr.get("steps"), list) else []
    row["media"] = cdr["media"] if isinstance(cdr.get("media"), dict) else {}
    return row


def _note(record: Record) -> dict[str, Any]:
    if not isinstance(record.get("id"), str):
        raise ValueError("a wrap-up without a call's id")
    texts = {name: record.get(name) for name in ("note", "disposition")}
    return {
        "call_id": record["id"],
        **{name: None if value is None else _text(value, _LENGTHS[name]) for name, value in texts.items()},
    }


def _voicemail(record: Record) -> dict[str, Any]:
    at = _moment(record, "at")
    if at is None or not record.get("id") or not record.get("path"):
        raise ValueError("a voicemail without a call's id, path or time")
    row = {name: _text(record.get(name), _MESSAGE_LENGTHS[name]) for name in _MESSAGE_TEXT}
    return {**row, "call_id": _text(record["id"], 64), "at": at, "seconds": _seconds(record.get("seconds"))}


def _callback(record: Record) -> dict[str, Any]:
    moments = {name: _moment(record, name) for name in ("since", "asked_at", "next_at", "closed_at")}
    if not record.get("id") or moments["since"] is None or moments["asked_at"] is None:
        raise ValueError("a callback without id or times")
    texts = {name: _text(record.get(name), _CALLBACK_LENGTHS[name]) for name in _CALLBACK_TEXT}
    counts = {name: int(_seconds(record.get(name))) for name in ("attempts", "max_attempts")}
    return {"id": _text(record["id"], 64), **texts, **counts, **moments}


def _agent_state(record: Record) -> dict[str, Any]:
    at = _moment(record, "at")
    if at is None or not record.get("agent"):
        raise ValueError("an agent-state without agent or time")
    names = ("instance", "agent", "state", "reason")
    return {"at": at, **{name: _text(record.get(name), _STATE_LENGTHS[name]) for name in names}}


def _notice(record: Record) -> dict[str, Any]:
    at = _moment(record, "at")
    if at is None or not record.get("notice") or not record.get("to"):
        raise ValueError("a notice without id, receiver or time")
    texts = {name: _text(record.get(name), _NOTICE_LENGTHS[name]) for name in _NOTICE_TEXT}
    fresh = {"state": "waiting", "tries": 0, "next_at": at, "notifier": "", "error": ""}
    return {"id": _text(record["notice"], _NOTICE_LENGTHS["id"]), "at": at, **texts, **fresh}


def _moment(record: Record, name: str) -> Any:
    value = record.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"{name} {value!r} is not a time")
    try:
        return from_epoch(value)
    except OverflowError as error:
        raise ValueError(f"{name} {value!r} is not a time") from error


def _seconds(value: Any) -> float:
    """A duration; what is none counts as 0: no reason to refuse a call."""
    try:
        seconds = float(value) if isinstance(value, int | float) else 0.0
    except OverflowError:
        return 0.0
    return seconds if math.isfinite(seconds) else 0.0


def _text(value: Any, length: int | None) -> str:
    text = "" if value is None else str(value).replace("\x00", "")
    return text if length is None else text[:length]
