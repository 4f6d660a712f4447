"""What happens to the ACD. Every event is a value; :meth:`ccc.acd.Acd.handle` takes it with the time."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from ccc.acd.model import AgentLike, Chosen, GroupLike, Place, Prefer


@dataclass(frozen=True, slots=True)
class Reconfigure:
    """The whole new configuration; what is not in it no longer exists. States of those who stay are kept."""

    groups: Sequence[GroupLike]
    agents: Sequence[AgentLike]


@dataclass(frozen=True, slots=True)
class AgentOnline:
    """The agent's page is connected (log-in, reload, second tab)."""

    agent: str


@dataclass(frozen=True, slots=True)
class AgentState:
    """The agent chose a state. While he is on a call or in wrap-up it is applied after that; ringing stops at once."""

    agent: str
    state: Chosen
    reason: str = ""


@dataclass(frozen=True, slots=True)
class AgentLost:
    """The page is gone for good (tab killed, network gone beyond the runtime's patience) or the user was disabled."""

    agent: str


@dataclass(frozen=True, slots=True)
class MediaUp:
    agent: str


@dataclass(frozen=True, slots=True)
class MediaDown:
    """The agent's audio is gone. A ringing call goes back; a conversation stays his (the page may come back)."""

    agent: str


@dataclass(frozen=True, slots=True)
class Enqueue:
    """A caller asks for an agent of ``group``. ``call`` must not be known already."""

    call: str
    group: str
    priority: int = 5
    """0 is the most urgent, 9 the least."""
    timeout_s: float = 300.0
    """Time without an agent until exit ``timeout``; ``math.inf``: never."""
    max_waiting: int | None = None
    """Exit ``overflow`` when that many callers wait already and no agent is free."""
    announce_every_s: float = 0.0
    """0: no announcements."""
    exit_when_no_agent: bool = False
    """Exit ``no-agent`` as soon as no agent of the group is logged in (break counts as logged in)."""
    prefer: tuple[Prefer, ...] = ()
    """Agents to ask before the others, the first one first."""
    callback: bool = False
    """The customer is not on the line: he is called when an agent has accepted."""
    place: Place | None = None
    """A place held before, in this group: kept, with its priority and the time it was taken."""
    not_before: float = -math.inf
    """Nobody is rung for it earlier (the customer is still on the line, or a pause after an attempt)."""


@dataclass(frozen=True, slots=True)
class Due:
    """From ``at`` on agents may be rung for it. No effect while one is rung, or once one has accepted."""

    call: str
    at: float
    head: bool = False
    """Also put it at the head of the queue."""
    prefer: tuple[Prefer, ...] | None = None
    """Also ask these agents first."""


@dataclass(frozen=True, slots=True)
class AskAgent:
    """A caller asks for one agent by name, and for nobody else: he rings now or the call leaves at once.

    Exits ``busy``, ``offline``, ``timeout``. ``call`` must not be known already.
    """

    call: str
    agent: str
    timeout_s: float = 20.0
    """How long he may ring."""


@dataclass(frozen=True, slots=True)
class Abandon:
    """The caller hung up, at whatever stage."""

    call: str


@dataclass(frozen=True, slots=True)
class LeaveQueue:
    """The flow takes the caller out of the queue (break key). No effect once an agent has accepted."""

    call: str
    why: str = "key"


@dataclass(frozen=True, slots=True)
class Accept:
    agent: str
    call: str


@dataclass(frozen=True, slots=True)
class Reject:
    agent: str
    call: str


@dataclass(frozen=True, slots=True)
class AcceptFailed:
    """The legs could not be joined after ``Connect``: the caller goes back to his place."""

    agent: str
    call: str


@dataclass(frozen=True, slots=True)
class Hold:
    """The agent put his caller on hold, or took him back."""

    agent: str
    call: str
    on: bool


@dataclass(frozen=True, slots=True)
class CallFinished:
    """The conversation is over, whoever ended it: wrap-up begins."""

    agent: str
    call: str


@dataclass(frozen=True, slots=True)
class WrapUpDone:
    agent: str


Event: TypeAlias = (
    Reconfigure
    | AgentOnline
    | AgentState
    | AgentLost
    | MediaUp
    | MediaDown
    | Enqueue
    | Due
    | AskAgent
    | Abandon
    | LeaveQueue
    | Accept
    | Reject
    | AcceptFailed
    | Hold
    | CallFinished
    | WrapUpDone
)
