"""The mechanics under the ACD's events: lines, rings, conversations, deadlines."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ccc.acd import views
from ccc.acd.decisions import Announce, Decision, ExitWhy, QueueExit, Requeue, Ring, StopRing, StopWhy
from ccc.acd.model import HEAD, RING_TIMEOUT, AgentLike, GroupLike, Policy
from ccc.acd.offers import Offers
from ccc.acd.queues import Queues, Refusal, Ticket
from ccc.acd.roster import Roster, Seat
from ccc.acd.timers import Timers

MIN_RING_S = 1.0
MIN_ANNOUNCE_S = 1.0


class Core:
    """State and the moves that keep it consistent; :class:`ccc.acd.Acd` adds events and views."""

    def __init__(
        self, groups: Sequence[GroupLike] = (), agents: Sequence[AgentLike] = (), policy: Policy | None = None
    ) -> None:
        self.policy = policy or Policy()
        self._roster = Roster()
        self._queues = Queues(self.policy.handle_s)
        self._timers = Timers()
        self._offers = Offers(self._roster, self._timers, self.policy)
        self._out: list[Decision] = []
        self._now = float("-inf")
        self._due: dict[str, Callable[[str, float], None]] = {
            "timeout": lambda call, now: self._exit(self._queues.tickets[call], "timeout", now),
            "ring": self._missed,
            "wrap-up": lambda user, now: self._release(self._roster.seats[user], now),
            "announce": self._announce,
            "retry": lambda call, now: None,  # these three only wake the matching, which runs after every timer
            "due": lambda call, now: None,
            "rest": lambda user, now: None,
        }
        self._queues.update(groups)
        self._roster.update(agents)
        self._roster.changes(0.0)

    def _advance(self, now: float) -> float:
        self._now = max(self._now, now)
        return self._now

    def _settle(self, now: float) -> list[Decision]:
        """Deadlines, exits and offers until nothing more follows, then what has visibly changed."""
        self._expire(now)
        while True:
            self._exit_where_nobody(now)
            self._match(now)
            if not self._expire(now):
                break
        self._out += self._roster.changes(now)
        return self._out

    def _expire(self, now: float) -> bool:
        any_due = False
        while (key := self._timers.pop_due(now)) is not None:
            any_due = True
            self._due[key[0]](key[1], now)
        return any_due

    def _match(self, now: float) -> None:
        free = self._roster.free
        if not free:
            return
        groups = {group for seat in free.values() for group in seat.levels}
        for ticket in self._queues.favoured.values():  # a dedicated agent may be of another group
            if any(prefer.agent in free for prefer in ticket.prefer):
                groups.add(ticket.group)
        for ticket in self._queues.waiting(sorted(groups)):
            if not free:
                return
            if ticket.not_before > now:
                continue
            seat = self._offers.pick(ticket, now)
            if seat is not None:
                self._ring(ticket, seat, now)

    def _exit_where_nobody(self, now: float) -> None:
        thinned, self._roster.thinned = self._roster.thinned, set()
        for group in sorted(thinned):
            line = self._queues.lines.get(group)
            if line is None or not line.places or self._roster.manned(group):
                continue
            for place in list(line.places):
                ticket = self._queues.tickets[place.call]
                if ticket.exit_when_no_agent:
                    self._exit(ticket, "no-agent", now)

    def _start_clocks(self, ticket: Ticket, now: float) -> None:
        self._timers.set(("timeout", ticket.call), ticket.since + ticket.timeout_s)
        if ticket.announce_every_s > 0:
            self._timers.set(("announce", ticket.call), now + max(MIN_ANNOUNCE_S, ticket.announce_every_s))
        if ticket.not_before > now:
            self._timers.set(("due", ticket.call), ticket.not_before)

    def _leave_line(self, ticket: Ticket) -> None:
        self._queues.leave_line(ticket)
        for kind in ("timeout", "announce", "retry", "due"):
            self._timers.cancel((kind, ticket.call))

    def _forget(self, ticket: Ticket) -> None:
        self._leave_line(ticket)
        del self._queues.tickets[ticket.call]

    def _exit(self, ticket: Ticket, why: ExitWhy, now: float) -> None:
        if ticket.state == "ringing":
            self._stop_ring(ticket, why)
        self._forget(ticket)
        self._out.append(QueueExit(ticket.call, why, now - ticket.since))

    def _end_direct(self, ticket: Ticket, why: ExitWhy, now: float) -> bool:
        """A call for one agent leaves when that one does not take it; False for a call that stands in a line."""
        if not ticket.only:
            return False
        self._forget(ticket)
        self._out.append(QueueExit(ticket.call, why, now - ticket.since))
        return True

    def _announce(self, call: str, now: float) -> None:
        ticket = self._queues.tickets[call]
        self._timers.set(("announce", call), now + max(MIN_ANNOUNCE_S, ticket.announce_every_s))
        if ticket.state == "waiting":
            position = self._queues.position(ticket)
            wait = views.estimated_wait_s(self._roster, self._queues, ticket.group, position)
            self._out.append(Announce(call, position, wait))

    def _back_in_line(self, ticket: Ticket, now: float) -> None:
        ticket.state, ticket.agent = "waiting", None
        if self._end_direct(ticket, "offline", now):
            return
        if ticket.group not in self._queues.lines:
            self._exit(ticket, "no-agent", now)
            return
        self._queues.add(ticket)
        self._start_clocks(ticket, now)
        self._roster.thinned.add(ticket.group)

    def _ring(self, ticket: Ticket, seat: Seat, now: float) -> None:
        wanted_s = ticket.timeout_s if ticket.only else self._queues.lines[ticket.group].conf.ring_timeout_s
        ring_s = max(MIN_RING_S, wanted_s)
        ticket.state, ticket.agent = "ringing", seat.user
        seat.call, seat.phase, seat.ring_until = ticket.call, "ringing", now + ring_s
        self._timers.cancel(("retry", ticket.call))
        self._timers.set(("ring", ticket.call), seat.ring_until)
        self._roster.touch(seat)
        waited_s = now - ticket.since
        self._out.append(Ring(seat.user, ticket.call, ticket.group, ring_s, seat.auto_answer, waited_s))

    def _stop_ring(self, ticket: Ticket, why: StopWhy) -> Seat:
        """The agent is free again and the caller waits where he was."""
        assert ticket.agent is not None
        seat = self._roster.seats[ticket.agent]
        self._timers.cancel(("ring", ticket.call))
        ticket.state, ticket.agent = "waiting", None
        seat.call = None
        self._roster.touch(seat)
        self._out.append(StopRing(seat.user, ticket.call, why))
        return seat

    def _take_offer_away(self, seat: Seat, why: StopWhy) -> None:
        if seat.call is not None and seat.phase == "ringing":
            ticket = self._queues.tickets[seat.call]
            self._stop_ring(ticket, why)
            self._end_direct(ticket, "busy" if seat.logged_in and seat.media else "offline", self._now)

    def _refuse(self, ticket: Ticket, seat: Seat, now: float) -> None:
        refusal = ticket.refused.setdefault(seat.user, Refusal(now))
        refusal.at = now
        refusal.times += 1

    def _missed(self, call: str, now: float) -> None:
        ticket = self._queues.tickets[call]
        seat = self._stop_ring(ticket, "ring-timeout")
        self._refuse(ticket, seat, now)
        seat.misses += 1
        seat.idle_since = now
        line = self._queues.lines.get(ticket.group)
        allowed = line.conf.misses_allowed if line is not None else 0
        if allowed and seat.misses >= allowed:
            seat.chosen, seat.reason, seat.misses = "break", RING_TIMEOUT, 0
        self._roster.touch(seat)
        self._end_direct(ticket, "timeout", now)

    def _finish(self, ticket: Ticket, seat: Seat, now: float) -> None:
        self._forget(ticket)
        line = self._queues.lines.get(ticket.group)
        wrap_up_s = line.conf.wrap_up_s if line else 0.0
        seat.call = None
        if wrap_up_s > 0:
            seat.wrap_call, seat.wrap_until = ticket.call, now + wrap_up_s
            self._timers.set(("wrap-up", seat.user), seat.wrap_until)
            self._roster.touch(seat)
        else:
            self._release(seat, now)

    def _release(self, seat: Seat, now: float) -> None:
        """Conversation and wrap-up are over; the state he chose meanwhile applies."""
        self._timers.cancel(("wrap-up", seat.user))
        line = self._queues.lines.get(seat.served)
        if line is not None:
            line.add_sample(now - seat.connected_at, self.policy.smoothing)
        seat.call, seat.wrap_until, seat.wrap_call, seat.served = None, None, None, ""
        seat.idle_since = now
        self._roster.touch(seat)

    def _clear(self, seat: Seat, why: StopWhy, now: float) -> None:
        """The agent is gone: his offer goes back to its place, his conversation to the head of the queue."""
        seat.online, seat.media, seat.lost_at = False, False, now
        self._take_offer_away(seat, why)
        if seat.call is not None:
            ticket = self._queues.tickets[seat.call]
            self._release(seat, now)
            self._out.append(Requeue(ticket.call, seat.user, ticket.group))
            ticket.place = ticket.place._replace(priority=HEAD)
            ticket.since = now
            self._back_in_line(ticket, now)
        self._roster.touch(seat)
