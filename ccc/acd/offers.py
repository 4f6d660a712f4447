"""Who gets which call: who is preferred, then level, longest idle, name; and the memory of refusals."""

from __future__ import annotations

from ccc.acd.model import Policy
from ccc.acd.queues import Refusal, Ticket
from ccc.acd.roster import Roster, Seat
from ccc.acd.timers import Timers


class Offers:
    """Chooses an agent for a call among those free now."""

    def __init__(self, roster: Roster, timers: Timers, policy: Policy) -> None:
        self._roster = roster
        self._timers = timers
        self._policy = policy

    def pick(self, ticket: Ticket, now: float) -> Seat | None:
        """The agent to ring, or None; sets the timer ``retry`` when somebody may be asked (again) later."""
        for prefer in ticket.prefer:
            seat = self._roster.seats.get(prefer.agent)
            if seat is None or not seat.working or seat.user in ticket.refused:
                continue
            if not seat.busy and self._rested(seat, now):
                return seat
            until = max(ticket.since, ticket.not_before) + prefer.wait_s
            if now < until:
                self._timers.set(("retry", ticket.call), until)
                return None
        return self._of_the_group(ticket, now)

    def _of_the_group(self, ticket: Ticket, now: float) -> Seat | None:
        group = ticket.group
        free = [seat for seat in self._roster.free.values() if group in seat.levels and self._rested(seat, now)]
        fresh = [seat for seat in free if seat.user not in ticket.refused]
        if fresh:
            return min(fresh, key=lambda seat: (seat.levels[group], seat.idle_since, seat.user))
        if not free:
            return None
        again = {seat.user: self._again_at(ticket, ticket.refused[seat.user]) for seat in free}
        due = [seat for seat in free if again[seat.user] <= now]
        if due:
            return min(due, key=lambda seat: (ticket.refused[seat.user].at, seat.levels[group], seat.user))
        self._timers.set(("retry", ticket.call), min(again.values()))
        return None

    def _rested(self, seat: Seat, now: float) -> bool:
        if seat.not_before <= now:
            return True
        self._timers.set(("rest", seat.user), seat.not_before)
        return False

    def _again_at(self, ticket: Ticket, refusal: Refusal) -> float:
        """When the call may return to the agent who let it pass: later while an unasked colleague works."""
        policy = self._policy
        back_off_s = min(policy.retry_s * 2.0 ** min(refusal.times - 1, 16), policy.retry_max_s)
        colleagues = self._roster.members.get(ticket.group, ())
        if any(seat.working and seat.user not in ticket.refused for seat in colleagues):
            back_off_s = max(back_off_s, policy.patience_s)
        return refusal.at + back_off_s
