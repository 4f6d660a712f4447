"""Read-only pictures of the ACD for live boards."""

from __future__ import annotations

from ccc.acd.model import AgentView, CallView, QueueView, View
from ccc.acd.queues import Line, Queues, Ticket
from ccc.acd.roster import Roster, Seat


def estimated_wait_s(roster: Roster, queues: Queues, group: str, position: int) -> float | None:
    """:meth:`ccc.acd.queues.Line.estimate` with the group's present staff."""
    return queues.line(group).estimate(position, roster.working(group), roster.ready(group))


def call_view(roster: Roster, queues: Queues, ticket: Ticket) -> CallView:
    position = None if ticket.state == "talking" or ticket.only else queues.position(ticket)
    wait = None if position is None else estimated_wait_s(roster, queues, ticket.group, position)
    return CallView(ticket.call, ticket.group, ticket.state, ticket.agent, position, ticket.since, wait)


def queue_views(roster: Roster, queues: Queues) -> tuple[QueueView, ...]:
    """One row per skill group, by name."""
    return tuple(_queue_view(roster, queues, name, line) for name, line in queues.lines.items())


def _queue_view(roster: Roster, queues: Queues, name: str, line: Line) -> QueueView:
    callers = queues.callers(name)
    return QueueView(
        group=name,
        title=line.conf.title,
        waiting=len(callers),
        longest_since=min((ticket.since for ticket in callers), default=None),
        ready=roster.ready(name),
        working=roster.working(name),
        estimated_wait_s=estimated_wait_s(roster, queues, name, len(line.places) + 1),
        callbacks=len(line.places) - len(callers),
    )


def agent_view(seat: Seat) -> AgentView:
    state, reason, call = seat.shown
    groups = tuple(sorted(seat.levels))
    return AgentView(seat.user, state, reason, seat.since, call, seat.until, seat.chosen, groups)


def agent_views(roster: Roster) -> tuple[AgentView, ...]:
    """One row per agent, by name."""
    return tuple(agent_view(roster.seats[user]) for user in sorted(roster.seats))


def view(roster: Roster, queues: Queues) -> View:
    calls = tuple(call_view(roster, queues, ticket) for ticket in queues.tickets.values())
    return View(queue_views(roster, queues), agent_views(roster), calls)
