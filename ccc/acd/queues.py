"""The callers' side: one ordered line per skill group, and what is remembered of each call."""

from __future__ import annotations

import heapq
import math
from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal

from ccc.acd.model import GroupLike, Place, Prefer
from ccc.errors import NotFoundError


@dataclass(slots=True)
class Refusal:
    """An agent let this call pass: rejected, or rang out."""

    at: float
    times: int = 0


@dataclass(slots=True, eq=False)
class Ticket:
    """One call that the ACD knows."""

    call: str
    group: str
    place: Place
    since: float
    timeout_s: float
    announce_every_s: float
    exit_when_no_agent: bool
    state: Literal["waiting", "ringing", "talking"] = "waiting"
    agent: str | None = None
    refused: dict[str, Refusal] = field(default_factory=dict)
    only: str = ""
    """The one agent asked for; such a call stands in no line."""
    prefer: tuple[Prefer, ...] = ()
    callback: bool = False
    not_before: float = -math.inf


@dataclass(slots=True, eq=False)
class Line:
    """The queue of one skill group: places of callers without an agent, those who ring one included."""

    conf: GroupLike
    handle_s: float
    places: list[Place] = field(default_factory=list)
    finished: int = 0

    def add_sample(self, seconds: float, smoothing: float) -> None:
        """Count a handling time (conversation and wrap-up) into the average; the first one replaces the guess."""
        self.handle_s = seconds if not self.finished else self.handle_s + smoothing * (seconds - self.handle_s)
        self.finished += 1

    def estimate(self, position: int, working: int, ready: int) -> float | None:
        """Seconds until the caller at ``position`` (1 is next) has an agent.

        An agent becomes free every handling time / working agents on average, so position p waits p such
        intervals; nothing while idle agents reach to him; None when nobody works. An agent of several groups
        counts fully in each, so the figure is optimistic there.
        """
        if working <= 0:
            return None
        if position <= ready:
            return 0.0
        return self.handle_s * (position - ready) / working


class Queues:
    """All lines and all calls."""

    def __init__(self, handle_s: float) -> None:
        self._handle_s = handle_s
        self.lines: dict[str, Line] = {}
        self.tickets: dict[str, Ticket] = {}
        self.favoured: dict[str, Ticket] = {}
        """Those in a line who should get a certain agent."""
        self._arrivals = 0

    def update(self, groups: Iterable[GroupLike]) -> list[Ticket]:
        """Take over a configuration. Returns the callers waiting in groups that no longer exist."""
        wanted = {group.name: group for group in groups}
        stranded = [
            self.tickets[place.call]
            for name, line in self.lines.items()
            if name not in wanted
            for place in list(line.places)
        ]
        old = self.lines
        self.lines = {}
        for name in sorted(wanted):
            line = old.get(name) or Line(wanted[name], self._handle_s)
            line.conf = wanted[name]
            self.lines[name] = line
        return stranded

    def line(self, group: str) -> Line:
        """NotFoundError when no such skill group is configured."""
        try:
            return self.lines[group]
        except KeyError:
            raise NotFoundError(
                f"skill group {group} does not exist; create it or change the node", field="group"
            ) from None

    def next_place(self, priority: int, since: float, call: str) -> Place:
        self._arrivals += 1
        return Place(priority, since, self._arrivals, call)

    def add(self, ticket: Ticket) -> None:
        """Put the caller in line at his place."""
        self.tickets[ticket.call] = ticket
        if ticket.prefer:
            self.favoured[ticket.call] = ticket
        insort(self.lines[ticket.group].places, ticket.place)

    def leave_line(self, ticket: Ticket) -> None:
        """Take the caller out of the line (connected or gone); no-op when he is not in it."""
        self.favoured.pop(ticket.call, None)
        line = self.lines.get(ticket.group)
        if line is None:
            return
        at = bisect_left(line.places, ticket.place)
        if at < len(line.places) and line.places[at] == ticket.place:
            del line.places[at]

    def position(self, ticket: Ticket) -> int:
        """1 for the next one."""
        return bisect_left(self.lines[ticket.group].places, ticket.place) + 1

    def waiting(self, groups: Iterable[str]) -> Iterator[Ticket]:
        """Callers of these groups whom nobody is being rung for, most urgent first, then by arrival."""
        lines = [self.lines[group].places for group in groups if group in self.lines and self.lines[group].places]
        merged = lines[0] if len(lines) == 1 else heapq.merge(*lines)
        for place in merged:
            ticket = self.tickets[place.call]
            if ticket.state == "waiting":
                yield ticket

    def callers(self, group: str) -> list[Ticket]:
        """Who waits on the line; customers to be called back are not."""
        tickets = (self.tickets[place.call] for place in self.lines[group].places)
        return [ticket for ticket in tickets if not ticket.callback]
