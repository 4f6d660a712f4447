"""A small driver for the ACD with virtual time, and shorthand for what it decided."""

from __future__ import annotations

import itertools
from typing import Any, TypeVar

from ccc.acd import Acd, Agent, AgentOnline, AgentState, Decision, Enqueue, Event, Group, MediaUp, Membership, Ring

D = TypeVar("D")


def agent(user: str, *groups: str, level: int = 1, auto_answer: bool = False, disabled: bool = False) -> Agent:
    """``groups`` as ``name`` or ``name:level``."""
    memberships = []
    for item in groups or ("sales",):
        name, _, own = item.partition(":")
        memberships.append(Membership(name, int(own or level)))
    return Agent(user, tuple(memberships), auto_answer, disabled)


class Desk:
    """Feeds events at ``self.now`` and fires every deadline on the way when time passes."""

    def __init__(self, *agents: Agent, groups: tuple[Group, ...] = (Group("sales"),), **policy: Any) -> None:
        from ccc.acd import Policy

        self.groups, self.configured = groups, agents
        self.acd = Acd(groups, agents, Policy(**policy))
        self.now = 1000.0
        self.log: list[tuple[float, Decision]] = []
        self._ids = itertools.count(1)

    def do(self, event: Event) -> list[Decision]:
        return self._keep(self.acd.handle(event, self.now))

    def _keep(self, decisions: list[Decision]) -> list[Decision]:
        self.log += [(self.now, decision) for decision in decisions]
        return decisions

    def pass_time(self, seconds: float) -> list[Decision]:
        end = self.now + seconds
        made: list[Decision] = []
        while (due := self.acd.next_deadline()) is not None and due <= end:
            self.now = max(self.now, due)
            made += self._keep(self.acd.tick(self.now))
        self.now = end
        return made

    def ready(self, *users: str) -> None:
        """Log agents in, one second apart, the first one idle longest."""
        for user in users:
            self.do(AgentOnline(user))
            self.do(MediaUp(user))
            self.do(AgentState(user, "ready"))
            self.now += 1

    def call(self, call: str = "", group: str = "sales", **options: Any) -> list[Decision]:
        return self.do(Enqueue(call or f"c{next(self._ids)}", group, **options))

    def state(self, user: str) -> tuple[str, str]:
        view = self.acd.agent(user)
        return view.state, view.reason


def of(kind: type[D], decisions: list[Decision]) -> list[D]:
    return [decision for decision in decisions if isinstance(decision, kind)]


def rings(decisions: list[Decision]) -> list[tuple[str, str]]:
    return [(ring.agent, ring.call) for ring in of(Ring, decisions)]
