"""The desks of one instance: its ACD, carried out. Decisions become rings, joins, music, messages to pages."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from ccc.acd import Acd, events
from ccc.acd.decisions import AgentChanged, Announce, Connect, Decision, QueueExit, Requeue, Ring, StopRing
from ccc.acd.model import Prefer
from ccc.errors import CccError
from ccc.runtime.callback import same_customer
from ccc.runtime.callbacks import Callbacks
from ccc.runtime.config import Index
from ccc.runtime.desk import Desk
from ccc.snapshot.model import SkillGroup

if TYPE_CHECKING:
    from ccc.runtime.board import Switchboard
    from ccc.runtime.call import Call
    from ccc.runtime.callback_call import CallbackCall
    from ccc.runtime.conversation import Conversation
    from ccc.runtime.leg import MediaLeg
    from ccc.runtime.queueing import QueueStay

log = logging.getLogger(__name__)


class Desks:
    """Everything of one instance that has to do with agents."""

    def __init__(self, board: Switchboard, instance: str) -> None:
        self.board = board
        self.instance = instance
        self.acd = Acd()
        self.callbacks = Callbacks(self)
        self._desks: dict[str, Desk] = {}
        self._stays: dict[str, QueueStay | CallbackCall] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._carry_out: dict[type, Callable[[Any], None]] = {
            Ring: self._ring,
            StopRing: self._stop_ring,
            Connect: self._connect,
            Requeue: self._requeue,
            QueueExit: self._to_stay,
            Announce: self._to_stay,
            AgentChanged: self._agent_changed,
        }

    # Configuration ---------------------------------------------------------------------------

    def configure(self, index: Index) -> None:
        """Take over the snapshot's groups and agents; a disabled agent's page is closed.

        An instance that is gone has neither: its callers leave the queue by ``no-agent``.
        """
        groups = [group for (instance, _), group in index.groups.items() if instance == self.instance]
        agents = [agent for (instance, _), agent in index.agents.items() if instance == self.instance]
        self.handle(events.Reconfigure(groups, agents))
        present = {agent.user: agent for agent in agents if not agent.disabled}
        for user in set(self._desks) - set(present):
            self._desks.pop(user).close("disabled")
        for agent in present.values():
            if agent.user in self._desks:
                self._desks[agent.user].configured(agent)
            else:
                self._desks[agent.user] = Desk(self, agent)

    def desk(self, user: str) -> Desk | None:
        return self._desks.get(user)

    def all_desks(self) -> list[Desk]:
        return list(self._desks.values())

    def groups(self) -> list[SkillGroup]:
        return [group for (instance, _), group in self.board.index.groups.items() if instance == self.instance]

    def group(self, name: str) -> SkillGroup | None:
        return self.board.index.groups.get((self.instance, name))

    # The machine -----------------------------------------------------------------------------

    def handle(self, event: events.Event) -> None:
        """Give the ACD an event and carry out what it decides."""
        self._perform(self.acd.handle(event, time.monotonic()))

    def _tick(self) -> None:
        self._timer = None
        self._perform(self.acd.tick(time.monotonic()))

    def _perform(self, decisions: list[Decision]) -> None:
        for decision in decisions:
            try:
                self._carry_out[type(decision)](decision)
            except Exception:  # the other decisions, and the clock, do not depend on this one
                log.exception("instance %s: %r could not be carried out", self.instance, decision)
        self._arm()
        if decisions:
            self.board.changed()

    def _arm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        due = self.acd.next_deadline()
        if due is not None:
            delay = max(0.0, due - time.monotonic())
            self._timer = asyncio.get_running_loop().call_later(delay, self._tick)

    def _ring(self, decision: Ring) -> None:
        desk = self._desks[decision.agent]
        call = self.callbacks.call(decision.call) or self.board.calls[decision.call]
        desk.ring(call, decision)
        if decision.auto_answer:
            asyncio.get_running_loop().call_soon(self._auto_answer, decision.agent, decision.call)

    def _auto_answer(self, agent: str, call: str) -> None:
        self.handle(events.Accept(agent, call))

    def _stop_ring(self, decision: StopRing) -> None:
        if desk := self._desks.get(decision.agent):
            desk.stop_ring(decision.call)

    def _connect(self, decision: Connect) -> None:
        self._desks[decision.agent].connecting(decision.waited_s)
        self._to_stay(decision)

    def _requeue(self, decision: Requeue) -> None:
        call = self.board.calls.get(decision.call)
        if call is not None and call.conversation is not None:  # else: a customer whose telephone still rings
            call.conversation.requeue()
        if desk := self._desks.get(decision.agent):
            desk.clear()

    def _to_stay(self, decision: Connect | QueueExit | Announce) -> None:
        if stay := self._stays.get(decision.call):
            stay.decide(decision)

    def _agent_changed(self, decision: AgentChanged) -> None:
        self.board.journal.append(
            {
                "k": "agent-state",
                "instance": self.instance,
                "agent": decision.agent,
                "state": decision.state,
                "reason": decision.reason,
                "at": round(time.time(), 3),
            }
        )
        if desk := self._desks.get(decision.agent):
            desk.state_changed(decision)

    # What calls ask for ----------------------------------------------------------------------

    def preferred(self, number: str, group: str) -> tuple[Prefer, ...]:
        """Whom this customer should get: his dedicated agent, then (familiar mode) who talked with him last."""
        customer, index, conf = same_customer(number), self.board.index, self.group(group)
        wanted = []
        if (own := index.dedicated.get((self.instance, customer))) is not None:
            wanted.append(Prefer(own.agent, own.wait_s))
        if conf is not None and conf.familiar:
            user = self.board.familiar.agent(self.instance, group, customer)
            agent = index.agents.get((self.instance, user or ""))
            if agent is not None and any(membership.group == group for membership in agent.groups):
                wanted.append(Prefer(agent.user, conf.familiar_wait_s))
        return tuple(wanted)

    def enqueue(
        self, call: Call | CallbackCall, stay: QueueStay | CallbackCall, event: events.Enqueue | events.AskAgent
    ) -> None:
        """Queue a caller, or ring one agent. NotFoundError names a skill group or agent that does not exist."""
        self._stays[call.id] = stay
        try:
            self.handle(event)
        except CccError:
            del self._stays[call.id]
            raise

    def break_out(self, call: Call) -> bool:
        """The caller leaves the queue by a key; False when an agent has accepted him already."""
        self.handle(events.LeaveQueue(call.id))
        return self.acd.call(call.id) is None

    def leave(self, call: Call | CallbackCall) -> None:
        """The caller is out of the queue for good, whatever the reason: the ACD learns it if it does not know yet."""
        self._stays.pop(call.id, None)
        known = self.acd.call(call.id)
        if known is None:
            return
        if known.state == "talking":
            assert known.agent is not None
            self.handle(events.CallFinished(known.agent, call.id))
        elif call.ending:
            self.handle(events.Abandon(call.id))
        else:
            self.handle(events.LeaveQueue(call.id))

    def leg(self, agent: str) -> MediaLeg | None:
        desk = self._desks.get(agent)
        return desk.leg if desk is not None and desk.leg is not None and desk.leg.open else None

    def owns(self, agent: str, call: str) -> bool:
        """True while the ACD holds the call to be this agent's conversation."""
        known = self.acd.call(call)
        return known is not None and known.state == "talking" and known.agent == agent

    def talking(self, conversation: Conversation) -> None:
        """The legs are joined."""
        call = conversation.call
        customer = call.route.callee if call.route.ours else call.route.caller
        self.callbacks.joined(conversation)
        if call.route.direction != "test":
            self.board.familiar.learn(self.instance, conversation.group, same_customer(customer), conversation.agent)
        if desk := self._desks.get(conversation.agent):
            desk.talking(conversation)

    def changed(self, agent: str) -> None:
        if desk := self._desks.get(agent):
            desk.show_call()

    # Restart ---------------------------------------------------------------------------------

    def restore(self, data: Mapping[str, Any], callbacks: Iterable[Mapping[str, Any]] = ()) -> None:
        """What the journal tells of an earlier life."""
        self._perform(self.acd.restore(data, time.monotonic()))
        self.callbacks.restore(callbacks)
