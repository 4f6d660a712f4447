"""Calls and what belongs to them: callbacks, tags, voicemails."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class CallSummary:
    """A call in a list."""

    id: str
    instance: str
    account: str
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
    recording: str
    note: str
    disposition: str
    kind: str = ""
    """``callback``: the customer had asked for it; ``closed``: the number called was closed."""
    origin: str = ""
    """The call this one follows from."""


@dataclass(frozen=True, slots=True)
class CallbackRecord:
    """A customer who asked to be called back. ``state``: ``waiting``, ``calling``, ``talking``, ``done``, ``failed``,
    ``cancelled``, ``expired``; ``reason``: why, or what became of the last attempt."""

    id: str
    instance: str
    skill_group: str
    number: str
    caller: str
    callee: str
    origin: str
    state: str
    reason: str
    attempts: int
    max_attempts: int
    agent: str
    last_call: str
    since: datetime
    asked_at: datetime
    next_at: datetime | None
    closed_at: datetime | None
    closed_by: str

    @property
    def open(self) -> bool:
        return self.closed_at is None


@dataclass(frozen=True, slots=True)
class CallRecord(CallSummary):
    """A call with the path it took: steps ``{node, name, type, entered_at, left_at, exit, variables}`` (epoch s); those
    in a sub-flow also ``{flow, flow_version, depth}``."""

    steps: list[dict[str, Any]] = field(default_factory=list)
    media: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CallFilter:
    """What a list of calls is narrowed to; empty means any. Numbers and names match whole."""

    caller: str = ""
    callee: str = ""
    number: str = ""
    """Caller or callee."""
    agent: str = ""
    cause: str = ""
    flow: str = ""
    skill_group: str = ""
    disposition: str = ""
    tag: int = 0
    """Id of a tag the calls carry; 0 is any."""
    tests: str = ""
    """``only`` test calls, or ``without`` them."""
    closed: bool = False
    """Only calls to numbers that were closed (紧急关闭)."""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class TagRecord:
    """A tag for calls; ``colour`` is a name of the pages' palette."""

    id: int
    instance: str
    name: str
    colour: str
    revision: int = 0


@dataclass(frozen=True, slots=True)
class VoicemailRecord:
    """A message a caller left; ``path`` is relative to the recordings folder."""

    id: int
    call_id: str
    instance: str
    skill_group: str
    caller: str
    callee: str
    path: str
    seconds: float
    at: datetime
    heard_by: str
    heard_at: datetime | None
    """None: nobody has heard it yet."""
    done_by: str = ""
    """Who dealt with it."""
    done_at: datetime | None = None
    note: str = ""
    deleted_by: str = ""
    deleted_at: datetime | None = None
    revision: int = 1

    @property
    def state(self) -> str:
        """``new``, ``heard``, ``done`` or ``deleted``."""
        if self.deleted_at is not None:
            return "deleted"
        if self.done_at is not None:
            return "done"
        return "new" if self.heard_at is None else "heard"


@dataclass(frozen=True, slots=True)
class VoicemailFilter:
    """What a list of messages is narrowed to; empty means any (of ``state``: any but the deleted)."""

    state: str = ""
    skill_group: str = ""
    number: str = ""
    """A part of the caller's or the called number."""
    since: datetime | None = None
