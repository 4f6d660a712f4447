"""What leaves the store: frozen dataclasses. Times are aware UTC, durations seconds."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """A page of a keyset-paged list. ``after`` asks for the next one, None when this is the last.

    ``before`` asks for the one before it, None when this is the first (or the list cannot be read backwards).
    """

    items: tuple[T, ...]
    after: str | None = None
    before: str | None = None


@dataclass(frozen=True, slots=True)
class UserRecord:
    """A user; ``roles`` maps instance name to ``admin``, ``supervisor`` or ``agent``."""

    id: int
    username: str
    name: str
    email: str | None
    active: bool
    account: str
    fs_uniquifier: str
    roles: dict[str, str] = field(default_factory=dict)
    last_login_at: datetime | None = None
    locale: str = ""
    account_role: str = ""
    """``owner``, ``manager`` or ''."""
    revision: int = 1
    created_at: datetime | None = None
    two_factor: bool = False
    """Signs in with a code, too."""


@dataclass(frozen=True, slots=True)
class WebSessionRecord:
    """A browser somebody is signed in with."""

    id: str
    began_at: datetime
    seen_at: datetime
    address: str
    browser: str


@dataclass(frozen=True, slots=True)
class ApiKeyRecord:
    """A user's key of the REST API, without its secret. ``expires_at`` None: never."""

    id: str
    user: str
    name: str
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    used_at: datetime | None
    used_from: str

    def usable(self, now: datetime) -> bool:
        """Neither revoked nor expired at ``now``."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


@dataclass(frozen=True, slots=True)
class FlowSummary:
    """A flow in a list."""

    instance: str
    name: str
    title: str
    revision: int
    edited_by: str
    edited_at: datetime
    live_version: int | None


@dataclass(frozen=True, slots=True)
class FlowRecord(FlowSummary):
    """A flow with its draft document."""

    document: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class VersionRecord:
    """A published, immutable version."""

    instance: str
    flow: str
    version: int
    hash: str
    author: str
    at: datetime
    message: str
    document: dict[str, Any]


@dataclass(frozen=True, slots=True)
class LockRecord:
    """Who edits a flow's draft. ``token`` names the open page, ``saves`` counts what it has saved."""

    token: str
    user: str
    shown_name: str
    taken_at: datetime
    seen_at: datetime
    saves: int


@dataclass(frozen=True, slots=True)
class AudioRecord:
    """An uploaded audio; ``path`` is relative to the uploads folder."""

    instance: str
    name: str
    path: str
    seconds: float
    uploaded_by: str
    uploaded_at: datetime
    text: str = ""
    """Spoken by ``voice`` at ``speed``; '' was uploaded."""
    voice: str = ""
    speed: float = 1.0
    volume: int = 100
    """Per cent."""


@dataclass(frozen=True, slots=True)
class TableRecord:
    """A lookup table; ``path`` is relative to the tables folder, ``columns`` are those beside the key."""

    instance: str
    name: str
    path: str
    key: str
    columns: tuple[str, ...]
    rows: int
    uploaded_by: str
    uploaded_at: datetime
    revision: int = 0


@dataclass(frozen=True, slots=True)
class BlacklistRecord:
    """An entry of an instance's blacklist."""

    instance: str
    entry: str
    reason: str
    added_by: str
    added_at: datetime
    expires_at: datetime | None = None
    """From then on it does not count; None: for good."""


@dataclass(frozen=True, slots=True)
class NoticeRecord:
    """A message to send; ``state`` is ``waiting``, ``sent`` or ``failed``."""

    id: str
    instance: str
    call: str
    at: datetime
    channel: str
    to: str
    subject: str
    text: str
    state: str
    tries: int
    next_at: datetime
    notifier: str
    error: str
    expires_at: datetime | None = None
    """Of no use after that; confidential: the text is wiped once it is sent or given up."""


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
    """``callback``: the customer had asked for it."""
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
    """A call with the path it took: steps ``{node, name, type, entered_at, left_at, exit, variables}`` (epoch s)."""

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
class ExportRecord:
    """An export of call records; ``state``: ``waiting``, ``running``, ``done``, ``failed`` or ``expired``."""

    id: str
    instance: str
    user: str
    format: str
    language: str
    wanted: CallFilter
    state: str
    rows: int
    total: int
    bytes: int
    error: str
    created_at: datetime
    expires_at: datetime | None


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


@dataclass(frozen=True, slots=True)
class JobRecord:
    """Work of the jobs process; ``state``: ``waiting``, ``running``, ``done`` or ``failed``; ``total`` 0: unknown."""

    id: str
    kind: str
    instance: str
    user: str
    about: str
    task: list[Any]
    recurring: bool
    state: str
    done: int
    total: int
    runs: int
    error: str
    result: dict[str, Any]
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class AuditRecord:
    """One act of a user."""

    at: datetime
    user: str
    instance: str
    action: str
    object: str
    detail: dict[str, Any]
    account: str = ""
    address: str = ""
    before: dict[str, Any] | None = None
    after: dict[str, Any] | None = None
    id: int = 0


@dataclass(frozen=True, slots=True)
class GroupRecord:
    """A skill group (SKL-1); ``members`` maps user name to level (1 is asked first). Times in seconds."""

    instance: str
    name: str
    title: str
    ring_timeout_s: float = 20.0
    misses_allowed: int = 1
    wrap_up_s: float = 30.0
    service_level_s: float = 20.0
    dispositions: tuple[str, ...] = ()
    members: dict[str, int] = field(default_factory=dict)
    revision: int = 0
    queue_timeout_s: float = 300.0
    """From here to ``music``: what holds where a queue node does not say otherwise."""
    max_waiting: int | None = None
    announce_every_s: float = 0.0
    announce_position: bool = True
    announce_wait: bool = False
    music: str = ""
    familiar: str = ""
    """``on``, ``off``, or '' as the instance has it."""
    familiar_wait_s: float = 0.0
    numbers: tuple[str, ...] = ()
    """Numbers it calls out with."""


@dataclass(frozen=True, slots=True)
class DedicatedRecord:
    """The agent who serves a customer (专属坐席), and his ``name``; ``wait_s``: how long a call is kept for him."""

    instance: str
    number: str
    agent: str
    name: str = ""
    customer: str = ""
    wait_s: float = 0.0
    revision: int = 0
    changed_by: str = ""
    changed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class AgentRecord:
    """A user in an instance (AGT-1); ``groups`` maps group name to level. ``past``: taken out, kept in history."""

    instance: str
    username: str
    name: str
    role: str
    active: bool = True
    auto_answer: bool = False
    groups: dict[str, int] = field(default_factory=dict)
    email: str = ""
    revision: int = 0
    last_login_at: datetime | None = None
    two_factor: bool = False
    past: bool = False
    removed_at: datetime | None = None
    removed_by: str = ""
