"""What the ACD is configured with and what live boards read from it. Times are monotonic seconds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, Protocol

State = Literal["offline", "ready", "break", "ringing", "talking", "hold", "wrap-up"]
Chosen = Literal["ready", "break", "offline"]

RING_TIMEOUT = "ring-timeout"
"""Break reason of an agent who let calls ring out (振铃未接)."""
NO_MEDIA = "media"
"""Reason shown while an agent who chose ready has no audio path; it clears by itself."""
LOST = "lost"
"""Reason shown for an agent whose page vanished."""


HEAD = -1
"""The priority of those who are at the head of the queue."""


class Place(NamedTuple):
    """Where somebody stands in a line: by priority, then by when the waiting began. It never changes meanwhile.

    A caller who leaves and asks to be called back keeps his: later callers stay behind it, earlier ones before it.
    """

    priority: int
    since: float
    arrival: int
    """Decides between those who came at the same moment."""
    call: str


@dataclass(frozen=True, slots=True)
class Prefer:
    """An agent this caller should get (dedicated or familiar), whatever his skill groups."""

    agent: str
    wait_s: float = 0.0
    """How long the call is kept for him while he is busy; nobody waits for one who is on break or offline."""


class MembershipLike(Protocol):
    """One agent's place in one skill group; level 1 is asked first."""

    @property
    def group(self) -> str: ...
    @property
    def level(self) -> int: ...


class GroupLike(Protocol):
    """A skill group. ``ccc.snapshot.model.SkillGroup`` fits; so does :class:`Group`."""

    @property
    def name(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def ring_timeout_s(self) -> float: ...
    @property
    def misses_allowed(self) -> int: ...
    @property
    def wrap_up_s(self) -> float: ...


class AgentLike(Protocol):
    """An agent. ``ccc.snapshot.model.Agent`` fits; so does :class:`Agent`."""

    @property
    def user(self) -> str: ...
    @property
    def groups(self) -> Sequence[MembershipLike]: ...
    @property
    def auto_answer(self) -> bool: ...
    @property
    def disabled(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Membership:
    group: str
    level: int = 1


@dataclass(frozen=True, slots=True)
class Group:
    name: str
    title: str = ""
    ring_timeout_s: float = 20.0
    misses_allowed: int = 1
    """Rings in a row an agent may miss before he is put on break ``ring-timeout``; 0: never."""
    wrap_up_s: float = 30.0
    """0: ready at once."""


@dataclass(frozen=True, slots=True)
class Agent:
    user: str
    groups: tuple[Membership, ...] = ()
    auto_answer: bool = False
    disabled: bool = False


@dataclass(frozen=True, slots=True)
class Policy:
    """House rules that are the same for every group."""

    retry_s: float = 5.0
    """A call returns to an agent who refused it no sooner than this; doubled with every further refusal."""
    retry_max_s: float = 60.0
    patience_s: float = 30.0
    """While a busy agent of the group has not refused the call, it waits that long for him first."""
    resume_s: float = 120.0
    """An agent who is back within this time finds the state he had chosen; later he is offline until he chooses."""
    handle_s: float = 180.0
    """Handling time assumed before a group has finished its first call."""
    smoothing: float = 0.2
    """Weight of the newest handling time in the moving average."""


@dataclass(frozen=True, slots=True)
class QueueView:
    """A skill group on a live board. ``waiting`` counts every caller without an agent, those ringing one included;
    customers who wait to be called back are counted apart."""

    group: str
    title: str
    waiting: int
    longest_since: float | None
    ready: int
    """Agents who would get a call now."""
    working: int
    """Agents who chose ready and have audio, busy ones included."""
    estimated_wait_s: float | None
    """For a caller who came now; None while nobody works."""
    callbacks: int = 0
    """Customers who wait to be called back."""


@dataclass(frozen=True, slots=True)
class AgentView:
    agent: str
    state: State
    reason: str
    since: float
    call: str | None
    until: float | None
    """When ringing or wrap-up ends by itself."""
    chosen: Chosen
    """What he asked for; while on a call it is applied after it."""
    groups: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CallView:
    call: str
    group: str
    state: Literal["waiting", "ringing", "talking"]
    agent: str | None
    position: int | None
    """1 is next; None once connected."""
    since: float
    """When it entered the queue."""
    estimated_wait_s: float | None


@dataclass(frozen=True, slots=True)
class View:
    """Everything a live board shows, at one moment."""

    queues: tuple[QueueView, ...]
    agents: tuple[AgentView, ...]
    calls: tuple[CallView, ...]
