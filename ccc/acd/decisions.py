"""What the ACD wants done. The runtime carries decisions out in the order given."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from ccc.acd.model import State

StopWhy = Literal[
    "abandoned",
    "timeout",
    "overflow",
    "ring-timeout",
    "rejected",
    "left",
    "media",
    "lost",
    "state",
    "disabled",
    "no-agent",
    "gone",
    "busy",
    "offline",
]
ExitWhy = Literal["timeout", "overflow", "no-agent", "busy", "offline"]
"""The last two only when one agent was asked for."""


@dataclass(frozen=True, slots=True)
class Ring:
    """Offer the call to the agent; ``auto_answer``: answer it for him (send ``Accept`` yourself)."""

    agent: str
    call: str
    group: str
    timeout_s: float
    auto_answer: bool
    waited_s: float


@dataclass(frozen=True, slots=True)
class StopRing:
    """Take the offer away. ``gone``: the page asked for a call that is not (or no longer) offered to it."""

    agent: str
    call: str
    why: StopWhy


@dataclass(frozen=True, slots=True)
class Connect:
    """Join the two legs; the conversation belongs to the agent from now on."""

    agent: str
    call: str
    group: str
    waited_s: float


@dataclass(frozen=True, slots=True)
class Requeue:
    """The agent vanished in the conversation: the caller is at the head of the queue again, give him music."""

    call: str
    agent: str
    group: str


@dataclass(frozen=True, slots=True)
class QueueExit:
    """Waiting ended without an agent; the ACD has forgotten the call."""

    call: str
    why: ExitWhy
    waited_s: float


@dataclass(frozen=True, slots=True)
class Announce:
    """Tell the caller where he stands. ``estimated_wait_s`` None: nobody works, say nothing about it."""

    call: str
    position: int
    estimated_wait_s: float | None


@dataclass(frozen=True, slots=True)
class AgentChanged:
    """The agent's visible state. ``until``: when ringing or wrap-up ends by itself."""

    agent: str
    state: State
    reason: str
    since: float
    call: str | None = None
    until: float | None = None


Decision: TypeAlias = Ring | StopRing | Connect | Requeue | QueueExit | Announce | AgentChanged
