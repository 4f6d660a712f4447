"""``CallControl``: everything a node may do to a call. The runtime and the simulator both implement it.

Hang-up is not an event a node must handle: when the caller is gone, the awaiting method does not return
(the task is cancelled; in the simulator :class:`CallEnded` is raised). Do not catch either.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, NoReturn, Protocol, TypeVar

from ccc.api.callback import CallbackRequest, CallbackResult
from ccc.api.notice import Notice
from ccc.api.prompt import Prompt, Value
from ccc.api.queue_state import QueueState
from ccc.errors import CccError

if TYPE_CHECKING:
    from ccc.api.http import HttpAnswer, HttpRequest

T = TypeVar("T")


class CallEnded(BaseException):
    """The call is over; unwinds the flow. A BaseException so that ``except Exception`` in a node cannot swallow it."""

    def __init__(self, cause: str) -> None:
        super().__init__(cause)
        self.cause = cause


class FlowFailed(CccError):
    """A node cannot go on (a prompt that cannot be rendered, a sub-flow that is not published)."""

    code = "flow-failed"


@dataclass(frozen=True, slots=True)
class QueueRequest:
    """Ask the ACD for an agent of a skill group."""

    skill_group: str
    timeout_s: float | None = None
    """This and what else may be None is as the skill group has it."""
    priority: int = 5
    """0 is the most urgent, 9 the least (DOMAIN, vendor's CallPriority)."""
    max_waiting: int | None = None
    """Overflow when that many calls already wait."""
    music: str | None = None
    """Audio name of the hold music."""
    announce_every_s: float | None = None
    """Announcements; 0 is never. None: the next two are the group's as well."""
    announce_position: bool = True
    announce_wait: bool = False
    break_keys: str = ""
    """Keys that leave the queue (queue break-out)."""
    exit_when_no_agent: bool = False
    """Outcome ``no-agent`` as soon as no agent of the group is logged in (break counts as logged in)."""
    prompts: Sequence[Prompt] = field(default_factory=tuple)
    """Played once before the music starts, while already queued."""


@dataclass(frozen=True, slots=True)
class QueueResult:
    """How the queue ended. ``answered``: the conversation with an agent took place and the agent left it."""

    outcome: Literal["answered", "timeout", "overflow", "no-agent", "key"]
    agent: str | None = None
    key: str | None = None
    waited_s: float = 0.0


@dataclass(frozen=True, slots=True)
class AgentRequest:
    """Ring one agent, by user name; nobody else is asked and no queue is joined (WKB-10)."""

    agent: str
    ring_s: float = 20.0
    music: str | None = None
    """Audio name of the hold music; None is the built-in one."""
    prompts: Sequence[Prompt] = field(default_factory=tuple)
    """Played once before the music, while it rings already."""


@dataclass(frozen=True, slots=True)
class AgentResult:
    """How it ended. ``answered``: they talked and the agent left. ``busy``: on a call, on break, or he rejected."""

    outcome: Literal["answered", "no-such-agent", "offline", "busy", "timeout"]
    waited_s: float = 0.0


@dataclass(frozen=True, slots=True)
class DialRequest:
    """Call an outside number through a trunk and join it with the caller (转外线)."""

    number: str
    """What is dialled, as the trunk wants it: digits, ``+``, ``*``, ``#``."""
    trunk: str
    ring_s: float = 30.0
    """From the INVITE to the answer; then the attempt is cancelled."""
    caller_id: str = ""
    """The number shown to the callee; '' is the trunk's own, else the caller's."""
    whisper: Sequence[Prompt] = field(default_factory=tuple)
    """Played to the callee alone before the two are joined."""
    sound: Literal["ringback", "music"] = "ringback"
    """What the caller hears meanwhile."""
    music: str | None = None
    """Audio name for ``sound="music"``; None is the built-in hold music."""


@dataclass(frozen=True, slots=True)
class DialResult:
    """How the attempt ended. ``answered``: they talked and the callee left. ``status``: the SIP status, 0 if none."""

    outcome: Literal["answered", "busy", "no-answer", "refused"]
    status: int = 0
    talked_s: float = 0.0


@dataclass(frozen=True, slots=True)
class MessageRequest:
    """Let the caller leave a message (voicemail); greeting and beep come before, by ``play``."""

    skill_group: str
    """Whose message it is: its agents find it in their list."""
    max_s: float = 120.0
    silence_s: float = 4.0
    """Silence that ends it; 0: only time, a key or a hang-up do."""
    min_s: float = 1.0
    """With less voice than this it is no message and not kept."""
    finish_keys: str = "#"


@dataclass(frozen=True, slots=True)
class MessageResult:
    """``path`` is relative to the recordings. A caller who hangs up while speaking leaves a message too."""

    outcome: Literal["recorded", "too-short"]
    seconds: float = 0.0
    path: str = ""


class CallControl(Protocol):
    """One call as a node sees it. Times are seconds; digits are characters of ``0-9*#A-D``."""

    @property
    def id(self) -> str: ...
    @property
    def direction(self) -> Literal["inbound", "outbound"]: ...
    @property
    def caller(self) -> str: ...
    @property
    def callee(self) -> str: ...
    @property
    def dedicated(self) -> str:
        """User name of the caller's dedicated agent (专属坐席); '' when there is none."""
        ...

    @property
    def answered(self) -> bool: ...
    @property
    def variables(self) -> MutableMapping[str, Value]:
        """The call's variables. System ones are read-only and start with ``sys.`` (``sys.caller``, ``sys.now`` ...)."""
        ...

    @property
    def tables(self) -> Mapping[str, Any]:
        """Lookup tables: name -> {key -> row}, the flow document's own before the instance's. Read-only."""
        ...

    def now(self) -> datetime:
        """Wall-clock time in the instance's zone (virtual in the simulator)."""
        ...

    def monotonic(self) -> float:
        """Seconds that only grow (virtual in the simulator). Use for durations."""
        ...

    async def ring(self, seconds: float) -> None:
        """Send 180 and let it ring that long before the next step. No-op when already answered."""
        ...

    async def answer(self) -> None:
        """Answer the call; no-op when already answered. ``play`` and ``read_key`` answer by themselves."""
        ...

    async def play(self, prompts: Sequence[Prompt], *, interruptible: bool = True, repeat: int = 1) -> bool:
        """Play the prompts one after another, ``repeat`` times (0: until hang-up or a key).

        Returns True when a key interrupted it; the key stays in the buffer for :meth:`read_key`.
        A key already in the buffer interrupts at once. Raises :class:`FlowFailed` when a prompt cannot be had.
        """
        ...

    async def read_key(self, timeout_s: float) -> str | None:
        """The next key, waiting at most ``timeout_s``; None when none came."""
        ...

    def clear_keys(self) -> None:
        """Forget keys pressed ahead."""
        ...

    async def sleep(self, seconds: float) -> None: ...

    async def wait_hangup(self) -> NoReturn:
        """Stay until the caller hangs up."""
        ...

    async def queue(self, request: QueueRequest) -> QueueResult:
        """Wait for an agent and, when one accepts, talk. Returns after the agent has left or waiting ended."""
        ...

    async def call_agent(self, request: AgentRequest) -> AgentResult:
        """Ring one agent and, when he accepts, talk. Returns after he has left, or when he did not take the call."""
        ...

    async def dial(self, request: DialRequest) -> DialResult:
        """Call out and, when answered, talk. FlowFailed when the trunk cannot carry the call (``error`` exits)."""
        ...

    async def request_callback(self, request: CallbackRequest) -> CallbackResult:
        """Have the customer called back when it is his turn. On disk when it returns; due once this call is over.

        FlowFailed when the skill group or the trunk does not exist.
        """
        ...

    async def record(self, action: Literal["on", "off", "pause", "resume"]) -> None:
        """Switch the call's recording. ``on`` before the answer starts with the answer."""
        ...

    async def record_message(self, request: MessageRequest) -> MessageResult:
        """Record what the caller says until silence, a key, the greatest length or his hang-up."""
        ...

    def set_priority(self, priority: int | None) -> None:
        """The priority (0 is the most urgent, 9 the least) of every later :meth:`queue`; None: the request's own."""
        ...

    def set_language(self, language: str) -> None:
        """The language (``zh``, ``en``) of announcements from now on."""
        ...

    def answer_survey(self, question: str, answer: str) -> None:
        """Keep an answer of the caller (满意度评价) with the current step of the call's record."""
        ...

    async def run_flow(self, name: str) -> None:
        """Run another published flow of the instance as a sub-flow on the same variables; returns at its end."""
        ...

    async def hangup(self, cause: str = "normal") -> NoReturn:
        """End the call; does not return."""
        ...

    async def blocking(self, fn: Callable[[], T], timeout_s: float) -> T:
        """Run blocking code in a thread; TimeoutError after ``timeout_s``."""
        ...

    async def http(self, request: HttpRequest) -> HttpAnswer:
        """One request to another server, without blocking other calls. HttpFailed when there is no answer: refused
        because the address is not public (setting ``http_allow``), unreachable, too slow, too large."""
        ...

    def blacklisted(self, number: str) -> str | None:
        """The entry of the instance's blacklist (黑名单) that this number, in any usual form, falls under; or None."""
        ...

    def queue_state(self, skill_group: str) -> QueueState:
        """The queue at this moment. FlowFailed when there is no such skill group."""
        ...

    def working_hours(self, name: str) -> tuple[str, str]:
        """(``open``, ``closed`` or ``holiday``; the day's name) by the instance's working hours of that name.

        FlowFailed when the instance has none such.
        """
        ...

    def notify(self, notice: Notice) -> None:
        """Leave a message to be sent; returns at once, the message survives a restart and is tried again for hours."""
        ...

    def trace(self, message: str, **data: Value) -> None:
        """A line in the call's trace, shown with the current step."""
        ...
