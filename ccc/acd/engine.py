"""The ACD as one deterministic state machine: event and time in, decisions out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ccc.acd import events as ev
from ccc.acd import saved, views
from ccc.acd.core import Core
from ccc.acd.decisions import Connect, Decision, StopRing
from ccc.acd.model import HEAD, AgentLike, AgentView, CallView, GroupLike, Place, Policy, QueueView, View
from ccc.acd.queues import Ticket
from ccc.acd.roster import Seat
from ccc.errors import ConflictError, ForbiddenError, InvalidError


class Acd(Core):
    """Skill groups, agents and waiting callers of ONE call-centre instance.

    No I/O and no clock: times are monotonic seconds given by the caller. Call :meth:`tick` at
    :meth:`next_deadline`, and carry out the decisions of every call in order.
    """

    def __init__(
        self, groups: Sequence[GroupLike] = (), agents: Sequence[AgentLike] = (), policy: Policy | None = None
    ) -> None:
        super().__init__(groups, agents, policy)
        self._on: dict[type, Callable[[Any, float], None]] = {
            ev.Reconfigure: self._reconfigure,
            ev.AgentOnline: self._agent_online,
            ev.AgentState: self._agent_state,
            ev.AgentLost: self._agent_lost,
            ev.MediaUp: self._media_up,
            ev.MediaDown: self._media_down,
            ev.Enqueue: self._enqueue,
            ev.Due: self._due_from,
            ev.AskAgent: self._ask_agent,
            ev.Abandon: self._abandon,
            ev.LeaveQueue: self._leave_queue,
            ev.Accept: self._accept,
            ev.Reject: self._reject,
            ev.AcceptFailed: self._accept_failed,
            ev.Hold: self._hold,
            ev.CallFinished: self._call_finished,
            ev.WrapUpDone: self._wrap_up_done,
        }

    def configure(self, groups: Sequence[GroupLike], agents: Sequence[AgentLike], now: float) -> list[Decision]:
        """Same as handling :class:`ccc.acd.events.Reconfigure`."""
        return self.handle(ev.Reconfigure(groups, agents), now)

    def handle(self, event: ev.Event, now: float) -> list[Decision]:
        """Take one event; it wins over a deadline of the same moment. Events about a call that is over decide nothing.

        Raises NotFoundError (agent or group not configured), ConflictError (call already known),
        ForbiddenError (disabled agent comes online), InvalidError (values out of range); nothing has changed then.
        """
        self._out = []
        now = self._advance(now)
        self._on[type(event)](event, now)
        return self._settle(now)

    def tick(self, now: float) -> list[Decision]:
        """Do what is due. Harmless when nothing is."""
        self._out = []
        return self._settle(self._advance(now))

    def next_deadline(self) -> float | None:
        """When :meth:`tick` should be called next; None: nothing is pending."""
        return self._timers.next()

    def view(self) -> View:
        """Everything at once: queues, agents, calls."""
        return views.view(self._roster, self._queues)

    def queues(self) -> tuple[QueueView, ...]:
        """One row per skill group."""
        return views.queue_views(self._roster, self._queues)

    def agents(self) -> tuple[AgentView, ...]:
        """One row per agent."""
        return views.agent_views(self._roster)

    def agent(self, user: str) -> AgentView:
        """NotFoundError when he is not configured."""
        return views.agent_view(self._roster.seat(user))

    def call(self, call: str) -> CallView | None:
        """None when the ACD does not know (or no longer knows) the call."""
        ticket = self._queues.tickets.get(call)
        return None if ticket is None else views.call_view(self._roster, self._queues, ticket)

    def place(self, call: str) -> Place | None:
        """Where the call stands in its line (or stood, until it was accepted); None when the ACD does not know it."""
        ticket = self._queues.tickets.get(call)
        return None if ticket is None or ticket.only else ticket.place

    def new_place(self, priority: int, since: float) -> Place:
        """A place for somebody who is not on the line (``Enqueue.place``) and waits since then."""
        return self._queues.next_place(priority, since, "")

    def export(self, now: float) -> dict[str, Any]:
        """Agents' states and handling times as JSON data (ages, not clock readings)."""
        return saved.export(self._roster, self._queues, now)

    def restore(self, data: Mapping[str, Any], now: float) -> list[Decision]:
        """Take over :meth:`export` of an earlier life, or journalled states; agents stay offline until they connect."""
        self._out = []
        now = self._advance(now)
        for user in saved.restore(self._roster, self._queues, data, now):
            self._timers.set(("wrap-up", user), self._roster.seats[user].wrap_until or now)
        return self._settle(now)

    # -- callers

    def _enqueue(self, event: ev.Enqueue, now: float) -> None:
        self._queues.line(event.group)
        self._require_new(event.call)
        if event.place is None and not 0 <= event.priority <= 9:
            raise InvalidError(f"priority {event.priority} is not 0 (most urgent) to 9", field="priority")
        if not event.timeout_s > 0:
            raise InvalidError(f"queue timeout {event.timeout_s} s is not above 0", field="timeout_s")
        self._expire(now)  # a place in the line, or an agent, may be due to become free
        place = event.place or self._queues.next_place(event.priority, now, event.call)
        ticket = Ticket(
            event.call,
            event.group,
            place._replace(call=event.call),
            place.since,
            event.timeout_s,
            event.announce_every_s,
            event.exit_when_no_agent,
            prefer=event.prefer,
            callback=event.callback,
            not_before=event.not_before,
        )
        self._queues.add(ticket)
        self._start_clocks(ticket, now)
        self._match(now)
        self._roster.thinned.add(event.group)
        full = event.max_waiting is not None and len(self._queues.callers(event.group)) > event.max_waiting
        if full and ticket.state == "waiting":
            self._exit(ticket, "overflow", now)

    def _due_from(self, event: ev.Due, now: float) -> None:
        ticket = self._queues.tickets.get(event.call)
        if ticket is None or ticket.state != "waiting" or ticket.only:
            return
        self._leave_line(ticket)
        ticket.not_before = event.at
        if event.head:
            ticket.place = ticket.place._replace(priority=HEAD)
        if event.prefer is not None:
            ticket.prefer = event.prefer
        self._queues.add(ticket)
        self._start_clocks(ticket, now)

    def _require_new(self, call: str) -> None:
        if call in self._queues.tickets:
            raise ConflictError(f"call {call} is already with the ACD; leave the queue first", field="call")

    def _ask_agent(self, event: ev.AskAgent, now: float) -> None:
        """The call belongs to the group the agent serves first: its wrap-up time and dispositions apply."""
        seat = self._roster.seat(event.agent)
        self._require_new(event.call)
        if not event.timeout_s > 0:
            raise InvalidError(f"ring time {event.timeout_s} s is not above 0", field="timeout_s")
        self._expire(now)  # his wrap-up may be over
        group = min(seat.levels, key=lambda name: (seat.levels[name], name), default="")
        place = self._queues.next_place(0, now, event.call)
        ticket = Ticket(event.call, group, place, now, event.timeout_s, 0.0, False, only=seat.user)
        self._queues.tickets[event.call] = ticket
        if seat.user in self._roster.free and seat.not_before <= now:
            self._ring(ticket, seat, now)
        else:
            self._end_direct(ticket, "busy" if seat.logged_in and (seat.media or seat.busy) else "offline", now)

    def _abandon(self, event: ev.Abandon, now: float) -> None:
        ticket = self._queues.tickets.get(event.call)
        if ticket is None:
            return
        if ticket.state == "talking" and ticket.agent is not None:
            self._finish(ticket, self._roster.seats[ticket.agent], now)
            return
        if ticket.state == "ringing":
            self._stop_ring(ticket, "abandoned")
        self._forget(ticket)

    def _leave_queue(self, event: ev.LeaveQueue, now: float) -> None:
        ticket = self._queues.tickets.get(event.call)
        if ticket is None or ticket.state == "talking":
            return
        if ticket.state == "ringing":
            self._stop_ring(ticket, "left")
        self._forget(ticket)

    # -- ringing and talking

    def _offered(self, agent: str, call: str) -> Ticket | None:
        """The ticket when this call rings this agent; else the page is told that the offer is gone."""
        ticket = self._queues.tickets.get(call)
        if ticket is not None and ticket.agent == agent:
            return ticket
        self._out.append(StopRing(agent, call, "gone"))
        return None

    def _reject(self, event: ev.Reject, now: float) -> None:
        ticket = self._offered(event.agent, event.call)
        if ticket is not None and ticket.state == "ringing":
            self._refuse(ticket, self._stop_ring(ticket, "rejected"), now)
            self._end_direct(ticket, "busy", now)

    def _accept(self, event: ev.Accept, now: float) -> None:
        ticket = self._offered(event.agent, event.call)
        if ticket is None or ticket.state != "ringing":  # talking already: a double click, a second tab
            return
        seat = self._roster.seats[event.agent]
        self._leave_line(ticket)
        self._timers.cancel(("ring", ticket.call))
        ticket.state = "talking"
        seat.phase, seat.connected_at, seat.served, seat.misses = "talking", now, ticket.group, 0
        self._roster.touch(seat)
        self._out.append(Connect(seat.user, ticket.call, ticket.group, now - ticket.since))

    def _conversation(self, agent: str, call: str) -> tuple[Ticket, Seat] | None:
        ticket = self._queues.tickets.get(call)
        if ticket is None or ticket.agent != agent or ticket.state != "talking":
            return None
        return ticket, self._roster.seats[agent]

    def _accept_failed(self, event: ev.AcceptFailed, now: float) -> None:
        pair = self._conversation(event.agent, event.call)
        if pair is None:
            return
        ticket, seat = pair
        seat.call = None
        seat.not_before = now + self.policy.retry_s
        self._refuse(ticket, seat, now)
        self._roster.touch(seat)
        self._back_in_line(ticket, now)

    def _hold(self, event: ev.Hold, now: float) -> None:
        pair = self._conversation(event.agent, event.call)
        if pair is not None:
            pair[1].phase = "hold" if event.on else "talking"
            self._roster.touch(pair[1])

    def _call_finished(self, event: ev.CallFinished, now: float) -> None:
        pair = self._conversation(event.agent, event.call)
        if pair is not None:
            self._finish(*pair, now)

    def _wrap_up_done(self, event: ev.WrapUpDone, now: float) -> None:
        seat = self._roster.seats.get(event.agent)
        if seat is not None and seat.wrap_until is not None:
            self._release(seat, now)

    # -- agents

    def _agent_online(self, event: ev.AgentOnline, now: float) -> None:
        seat = self._roster.seat(event.agent)
        if seat.disabled:
            raise ForbiddenError(f"agent {event.agent} is disabled; enable the user first", field="agent")
        if seat.online:
            return
        if seat.lost_at is not None and now - seat.lost_at > self.policy.resume_s:
            seat.chosen, seat.reason = "offline", ""
        seat.online, seat.lost_at = True, None
        self._roster.touch(seat)

    def _agent_state(self, event: ev.AgentState, now: float) -> None:
        seat = self._roster.seat(event.agent)
        if event.state not in ("ready", "break", "offline"):
            raise InvalidError(f"an agent cannot choose {event.state!r}; ready, break or offline", field="state")
        if event.state == "ready":
            seat.misses = 0
            if seat.chosen != "ready" and not seat.busy:
                seat.idle_since = now
        seat.chosen, seat.reason = event.state, event.reason if event.state == "break" else ""
        if seat.chosen != "ready":
            self._take_offer_away(seat, "state")
        self._roster.touch(seat)

    def _media_up(self, event: ev.MediaUp, now: float) -> None:
        seat = self._roster.seats.get(event.agent)
        if seat is not None:
            seat.media = True
            self._roster.touch(seat)

    def _media_down(self, event: ev.MediaDown, now: float) -> None:
        seat = self._roster.seats.get(event.agent)
        if seat is not None:
            seat.media = False
            self._take_offer_away(seat, "media")
            self._roster.touch(seat)

    def _agent_lost(self, event: ev.AgentLost, now: float) -> None:
        seat = self._roster.seats.get(event.agent)
        if seat is not None and seat.online:
            self._clear(seat, "lost", now)

    def _reconfigure(self, event: ev.Reconfigure, now: float) -> None:
        known = {agent.user for agent in event.agents}
        for ticket in self._queues.update(event.groups):
            self._exit(ticket, "no-agent", now)
        for seat in self._roster.update(event.agents):
            self._clear(seat, "disabled", now)
            if seat.user not in known:
                self._timers.cancel(("wrap-up", seat.user))
                self._timers.cancel(("rest", seat.user))
                self._roster.forget(seat)
