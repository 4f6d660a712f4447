"""The agents' side: who is there, what he asked for, what he does, and how long he has been idle."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from ccc.acd.decisions import AgentChanged
from ccc.acd.model import LOST, NO_MEDIA, AgentLike, Chosen, State
from ccc.errors import NotFoundError

Shown = tuple[State, str, str | None]


@dataclass(slots=True, eq=False)
class Seat:
    """One agent's live state."""

    user: str
    levels: dict[str, int] = field(default_factory=dict)
    auto_answer: bool = False
    disabled: bool = False
    online: bool = False
    media: bool = False
    chosen: Chosen = "offline"
    reason: str = ""
    lost_at: float | None = None
    call: str | None = None
    phase: Literal["ringing", "talking", "hold"] = "ringing"
    """Meaningful while ``call`` is set."""
    ring_until: float = 0.0
    wrap_until: float | None = None
    wrap_call: str | None = None
    connected_at: float = 0.0
    served: str = ""
    """Group of the call he is on or wraps up."""
    misses: int = 0
    idle_since: float = 0.0
    not_before: float = 0.0
    """Gets no call before this (after a failed join)."""
    shown: Shown = ("offline", "", None)
    since: float = 0.0

    @property
    def logged_in(self) -> bool:
        return self.online and not self.disabled and self.chosen != "offline"

    @property
    def working(self) -> bool:
        """Takes calls now or after what he is doing."""
        return self.online and not self.disabled and self.chosen == "ready" and self.media

    @property
    def busy(self) -> bool:
        return self.call is not None or self.wrap_until is not None

    @property
    def until(self) -> float | None:
        if self.call is not None:
            return self.ring_until if self.phase == "ringing" else None
        return self.wrap_until if self.online else None

    def appearance(self) -> Shown:
        """State, reason and call as people see them."""
        if self.call is not None:
            return self.phase, "", self.call
        if self.disabled:
            return "offline", "", None
        if not self.online:
            return "offline", LOST if self.lost_at is not None and self.chosen != "offline" else "", None
        if self.wrap_until is not None:
            return "wrap-up", "", self.wrap_call
        if self.chosen == "ready" and not self.media:
            return "break", NO_MEDIA, None
        return self.chosen, self.reason, None


class Roster:
    """Every agent of the instance by name; keeps the set of those free for a call."""

    def __init__(self) -> None:
        self.seats: dict[str, Seat] = {}
        self.members: dict[str, list[Seat]] = {}
        self.free: dict[str, Seat] = {}
        self._touched: dict[str, Seat] = {}
        self.thinned: set[str] = set()
        """Groups that may have lost their last logged-in agent since somebody looked."""

    def seat(self, user: str) -> Seat:
        """NotFoundError when no such agent is configured."""
        try:
            return self.seats[user]
        except KeyError:
            raise NotFoundError(
                f"agent {user} is not known here; add the user to the instance", field="agent"
            ) from None

    def update(self, agents: Iterable[AgentLike]) -> list[Seat]:
        """Take over a configuration. Returns seats that must be cleared: removed or newly disabled agents."""
        gone: list[Seat] = []
        wanted = {agent.user: agent for agent in agents}
        for user in [user for user in self.seats if user not in wanted]:
            seat = self.seats[user]
            seat.disabled = True
            gone.append(seat)
        self.members = {}
        for user in sorted(wanted):
            agent = wanted[user]
            seat = self.seats.setdefault(user, Seat(user))
            self.thinned |= set(seat.levels)
            seat.levels = {m.group: m.level for m in agent.groups}
            seat.auto_answer = agent.auto_answer
            if agent.disabled and not seat.disabled:
                gone.append(seat)
            seat.disabled = agent.disabled
            for group in seat.levels:
                self.members.setdefault(group, []).append(seat)
            self.touch(seat)
        return gone

    def forget(self, seat: Seat) -> None:
        """Drop an agent who is no longer configured (after his call was taken care of)."""
        self.thinned |= set(seat.levels)
        self.touch(seat)
        del self.seats[seat.user]

    def touch(self, seat: Seat) -> None:
        """Call after every change of ``seat``."""
        self._touched[seat.user] = seat
        if seat.working and not seat.busy:
            self.free[seat.user] = seat
        else:
            self.free.pop(seat.user, None)
        if not seat.logged_in:
            self.thinned |= set(seat.levels)

    def changes(self, now: float) -> list[AgentChanged]:
        """Visible changes since the last call."""
        changed = []
        for seat in self._touched.values():
            shown = seat.appearance()
            if shown != seat.shown:
                seat.shown, seat.since = shown, now
                state, reason, call = shown
                changed.append(AgentChanged(seat.user, state, reason, now, call, seat.until))
        self._touched.clear()
        return changed

    def manned(self, group: str) -> bool:
        return any(seat.logged_in for seat in self.members.get(group, ()))

    def working(self, group: str) -> int:
        return sum(seat.working for seat in self.members.get(group, ()))

    def ready(self, group: str) -> int:
        return sum(group in seat.levels for seat in self.free.values())
