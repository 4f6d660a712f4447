"""Past calls and their recordings."""

from __future__ import annotations

import dataclasses
from datetime import datetime
from typing import Any

from apiflask import APIBlueprint
from pydantic import ConfigDict, Field

from ccc.services import calls
from ccc.store.records import CallFilter
from ccc.web.api.auth import actor
from ccc.web.api.common import EVERYBODY, Model, UtcTime, Where, operation
from ccc.web.api.flows.models import example
from ccc.web.auth.rights import store
from ccc.web.calls.recordings import is_first_part, send_recording

blueprint = APIBlueprint("calls", __name__, tag="Calls", url_prefix="/calls")
CALL: dict[str, Any] = {
    "id": "01JD0000ABCDEFGHJKMNPQRS",
    "instance": "demo",
    "direction": "inbound",
    "caller": "13800138000",
    "callee": "4001",
    "trunk": "local",
    "started_at": "2026-11-20T06:30:00Z",
    "answered_at": "2026-11-20T06:30:01Z",
    "ended_at": "2026-11-20T06:33:24Z",
    "cause": "caller-hangup",
    "cause_detail": "",
    "flow": "menu",
    "flow_version": 3,
    "agent": "wang",
    "skill_group": "support",
    "waited_s": 7.0,
    "talk_s": 183.0,
    "keys": "1",
    "recorded": True,
    "note": "",
    "disposition": "已解决",
    "kind": "",
    "origin": "",
}
STEP = {
    "node": "menu",
    "name": "主菜单",
    "type": "menu",
    "entered_at": 1795156200.1,
    "left_at": 1795156209.0,
    "exit": "key_1",
    "variables": {},
}
_TEXT = Field(default="", max_length=128)


class Filter(Where):
    """What the list is narrowed to; numbers and names match whole."""

    since: UtcTime | None = Field(default=None, description="Begun then or later (with offset, e.g. Z).")
    until: UtcTime | None = Field(default=None, description="Begun before.")
    caller: str = _TEXT
    callee: str = _TEXT
    number: str = Field(default="", max_length=128, description="Caller or callee.")
    agent: str = _TEXT
    skill_group: str = _TEXT
    flow: str = _TEXT
    cause: str = _TEXT
    disposition: str = _TEXT
    closed: bool = Field(default=False, description="Only calls to numbers that were closed.")
    after: str | None = Field(default=None, max_length=300, description="`after` of the page before this one.")
    size: int = Field(default=50, ge=1, le=calls.MAX_PAGE)


class Call(Model):
    """A past call. Times in UTC, durations in seconds."""

    model_config = ConfigDict(from_attributes=True) | example(CALL)
    id: str
    instance: str
    direction: str
    caller: str
    callee: str
    trunk: str
    started_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    cause: str
    cause_detail: str
    flow: str
    flow_version: int | None
    agent: str
    skill_group: str
    waited_s: float
    talk_s: float
    keys: str
    recorded: bool
    note: str
    disposition: str
    kind: str = Field(
        description="`callback`: the customer had asked to be called back; `closed`: the number was closed; else empty."
    )
    origin: str = Field(description="The call this one follows from (of a callback), or empty.")


class Calls(Model):
    """A page of calls, newest first; ``after`` asks for the next one, null: this is the last."""

    model_config = example({"items": [CALL], "after": "WyIyMDI2LTExLTIw…"})
    items: list[Call]
    after: str | None


class WholeCall(Call):
    """A call with the path it took; times of steps in epoch seconds. A step in a sub-flow also has ``flow``,
    ``flow_version`` and ``depth``."""

    model_config = ConfigDict(from_attributes=True) | example(CALL | {"steps": [STEP]})
    steps: list[dict[str, Any]]


@blueprint.get("")
@blueprint.input(Filter, location="query")
@blueprint.output(Calls)
@operation(blueprint, "listCalls", *EVERYBODY)
def list_calls(query_data: Filter) -> Any:
    """List past calls

    An agent sees the own calls only.
    """
    asked = query_data.model_dump(exclude={"instance", "after", "size"})
    found = calls.list_calls(
        store(), actor(), query_data.where(), CallFilter(**asked), after=query_data.after, size=query_data.size
    )
    return {"items": [_shape(each) for each in found.items], "after": found.after}


@blueprint.get("/<call_id>")
@blueprint.input(Where, location="query")
@blueprint.output(WholeCall)
@operation(blueprint, "readCall", *EVERYBODY)
def read_call(call_id: str, query_data: Where) -> Any:
    """Read a call with its steps"""
    return _shape(calls.get_call(store(), actor(), query_data.where(), call_id))


@blueprint.get("/<call_id>/recording")
@blueprint.input(Where, location="query")
@blueprint.output({}, content_type="audio/wav")
@operation(blueprint, "downloadRecording", *EVERYBODY)
def download_recording(call_id: str, query_data: Where) -> Any:
    """Download a call's recording

    A WAV: the caller left, the agent right. Ranges are served. Each access is written into the audit log.
    """
    call = calls.get_call(store(), actor(), query_data.where(), call_id)
    path = calls.recording_file(store(), actor(), call, actor().address, further=not is_first_part())
    return send_recording(path, f"{call_id}.wav", download=True)


def _shape(call: Any) -> dict[str, Any]:
    names = {field.name for field in dataclasses.fields(call)} - {"account", "recording", "media"}
    return {name: getattr(call, name) for name in names} | {"recorded": bool(call.recording)}
