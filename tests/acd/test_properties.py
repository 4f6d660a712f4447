"""In any order of events: no call rings two agents, no agent has two calls, none is lost, order is kept."""

from __future__ import annotations

import math

import hypothesis.strategies as st
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from ccc.acd import (
    Abandon,
    Accept,
    AcceptFailed,
    Acd,
    AgentChanged,
    AgentLost,
    AgentOnline,
    AgentState,
    Announce,
    AskAgent,
    CallFinished,
    Connect,
    Decision,
    Due,
    Enqueue,
    Event,
    Group,
    Hold,
    LeaveQueue,
    MediaDown,
    MediaUp,
    Place,
    Policy,
    Prefer,
    QueueExit,
    Reconfigure,
    Reject,
    Requeue,
    Ring,
    StopRing,
    WrapUpDone,
)
from tests.acd.helpers import agent

GROUPS = (
    Group("sales", ring_timeout_s=15, misses_allowed=1, wrap_up_s=10),
    Group("help", ring_timeout_s=8, misses_allowed=0, wrap_up_s=0),
)
AGENTS = {
    "ann": agent("ann", "sales:1", "help:2"),
    "bob": agent("bob", "sales:2"),
    "cid": agent("cid", "help:1", auto_answer=True),
    "dan": agent("dan", "sales:1", "help:1"),
}
USERS = sorted(AGENTS)


class AcdMachine(RuleBasedStateMachine):
    """Drives one ACD and keeps, from its decisions alone, where every call and every agent must be."""

    def __init__(self) -> None:
        super().__init__()
        self.acd = Acd(GROUPS, list(AGENTS.values()), Policy(resume_s=30))
        self.now = 100.0
        self.calls: dict[str, Enqueue | AskAgent] = {}
        """Alive according to what was asked and decided."""
        self.entered: dict[str, float] = {}
        self.ringing: dict[str, str] = {}
        self.talking: dict[str, str] = {}
        self.over: set[str] = set()
        self.head: set[str] = set()
        self.refused: dict[str, set[str]] = {}
        self.ring_until: dict[str, float] = {}
        self.states: dict[str, tuple[str, str, str | None]] = dict.fromkeys(USERS, ("offline", "", None))
        self.configured = set(USERS)
        self.order: dict[str, int] = {}
        """Who came first; a callback has the number of the call it is for."""
        self.not_before: dict[str, float] = {}
        self.prefer: dict[str, tuple[Prefer, ...]] = {}
        self.kept: list[tuple[str, str, Place]] = []
        """(former call, group, place) of those who may still be called back."""

    # -- the model follows the decisions ---------------------------------------------------------------------

    def take(self, decisions: list[Decision]) -> None:
        for decision in decisions:
            getattr(self, f"on_{type(decision).__name__}")(decision)

    def on_Ring(self, ring: Ring) -> None:
        assert ring.call in self.calls and ring.call not in self.ringing and ring.call not in self.talking
        assert ring.agent not in self.ringing.values() and ring.agent not in self.talking.values()
        asked = self.calls[ring.call]
        if isinstance(asked, AskAgent):
            assert (
                ring.agent == asked.agent and self.entered[ring.call] == self.now and ring.timeout_s == asked.timeout_s
            )
        else:
            assert ring.group == asked.group
        asked_for = ring.agent in {prefer.agent for prefer in self.prefer.get(ring.call, ())}
        assert asked_for or ring.group in {m.group for m in AGENTS[ring.agent].groups}
        assert self.now >= self.not_before.get(ring.call, 0)
        assert ring.auto_answer == AGENTS[ring.agent].auto_answer
        self.ringing[ring.call] = ring.agent
        self.ring_until[ring.call] = self.now + ring.timeout_s

    def on_StopRing(self, stop: StopRing) -> None:
        if stop.why == "gone":
            assert self.ringing.get(stop.call) != stop.agent and self.talking.get(stop.call) != stop.agent
            return
        assert self.ringing.pop(stop.call) == stop.agent
        if stop.why in ("rejected", "ring-timeout"):
            self.refused.setdefault(stop.call, set()).add(stop.agent)

    def on_Connect(self, connect: Connect) -> None:
        assert self.ringing.pop(connect.call) == connect.agent
        self.talking[connect.call] = connect.agent

    def on_Requeue(self, requeue: Requeue) -> None:
        assert self.talking.pop(requeue.call) == requeue.agent
        self.head.add(requeue.call)
        self.entered[requeue.call] = self.now

    def on_QueueExit(self, gone: QueueExit) -> None:
        asked = self.calls.pop(gone.call)
        assert gone.call not in self.ringing and gone.call not in self.talking and gone.call not in self.over
        self.over.add(gone.call)
        if gone.why == "timeout":
            assert self.now >= self.entered[gone.call] + asked.timeout_s
        assert (gone.why in ("busy", "offline")) <= isinstance(asked, AskAgent)
        if gone.why == "no-agent":
            assert isinstance(asked, Enqueue) and asked.exit_when_no_agent

    def on_Announce(self, announce: Announce) -> None:
        assert announce.call in self.calls and announce.position >= 1
        assert announce.estimated_wait_s is None or announce.estimated_wait_s >= 0

    def on_AgentChanged(self, change: AgentChanged) -> None:
        shown = (change.state, change.reason, change.call)
        assert self.states[change.agent] != shown, "announced without a change"
        self.states[change.agent] = shown

    def do(self, event: Event) -> None:
        self.take(self.acd.handle(event, self.now))

    def over_with(self, call: str) -> None:
        del self.calls[call]
        self.over.add(call)

    # -- rules -----------------------------------------------------------------------------------------------

    @initialize()
    def somebody_works(self) -> None:
        for user in USERS[:2]:
            self.do(AgentOnline(user))
            self.do(MediaUp(user))
            self.do(AgentState(user, "ready"))

    @rule(
        group=st.sampled_from(["sales", "help"]),
        priority=st.sampled_from([0, 5, 5, 9]),
        timeout_s=st.sampled_from([5.0, 40.0, 300.0]),
        max_waiting=st.sampled_from([None, None, 0, 2]),
        every=st.sampled_from([0.0, 7.0]),
        nobody=st.booleans(),
        prefer=st.sampled_from([(), (), (Prefer("dan", 20.0),), (Prefer("cid"), Prefer("ann", 8.0))]),
    )
    def enqueue(
        self,
        group: str,
        priority: int,
        timeout_s: float,
        max_waiting: int | None,
        every: float,
        nobody: bool,
        prefer: tuple[Prefer, ...],
    ) -> None:
        call = f"c{len(self.calls) + len(self.over)}"
        event = Enqueue(call, group, priority, timeout_s, max_waiting, every, nobody, prefer)
        self.calls[call], self.entered[call], self.order[call] = event, self.now, int(call[1:])
        self.prefer[call] = prefer
        self.do(event)

    @precondition(lambda self: self.kept)
    @rule(data=st.data(), pause_s=st.sampled_from([0.0, 5.0, math.inf]))
    def call_back(self, data: st.DataObject, pause_s: float) -> None:
        """A customer who left the queue, or was not reached, waits on at the place he had."""
        former, group, place = self.kept.pop(data.draw(st.integers(0, len(self.kept) - 1)))
        call = f"c{len(self.calls) + len(self.over)}"
        event = Enqueue(
            call, group, place.priority, math.inf, callback=True, place=place, not_before=self.now + pause_s
        )
        self.calls[call], self.entered[call], self.order[call] = event, place.since, self.order[former]
        self.not_before[call] = event.not_before
        if place.priority < 0:
            self.head.add(call)
        self.do(event)
        assert self.acd.call(call), "a customer to be called back is never turned away"

    @precondition(lambda self: self.not_before)
    @rule(data=st.data(), seconds=st.sampled_from([0.0, 4.0]), head=st.booleans())
    def due(self, data: st.DataObject, seconds: float, head: bool) -> None:
        call = self.some_call(data, list(self.not_before))
        if call in self.calls and call not in self.ringing and call not in self.talking:
            self.not_before[call] = self.now + seconds
            self.head |= {call} if head else set()
        self.do(Due(call, self.now + seconds, head))

    @rule(user=st.sampled_from(USERS), timeout_s=st.sampled_from([2.0, 20.0]))
    def ask_agent(self, user: str, timeout_s: float) -> None:
        if user not in self.configured:
            return
        call = f"c{len(self.calls) + len(self.over)}"
        event = AskAgent(call, user, timeout_s)
        self.calls[call], self.entered[call], self.order[call] = event, self.now, int(call[1:])
        self.do(event)
        assert (call in self.ringing) != (call in self.over), "rung at once or gone at once"

    def some_call(self, data: st.DataObject, among: list[str]) -> str:
        return data.draw(st.sampled_from(sorted(among)))

    @precondition(lambda self: self.calls)
    @rule(data=st.data())
    def abandon(self, data: st.DataObject) -> None:
        call = self.some_call(data, list(self.calls))
        self.take_ending(Abandon(call), call)

    @invariant()
    def who_asks_for_one_agent_never_waits(self) -> None:
        for call, asked in self.calls.items():
            if isinstance(asked, AskAgent):
                assert (self.ringing.get(call) or self.talking.get(call)) == asked.agent

    @precondition(lambda self: len(self.calls) > len(self.talking))
    @rule(data=st.data())
    def leave(self, data: st.DataObject) -> None:
        call = self.some_call(data, list(set(self.calls) - set(self.talking)))
        self.keep_place(call)
        self.take_ending(LeaveQueue(call), call)

    def keep_place(self, call: str) -> None:
        asked, place = self.calls[call], self.acd.place(call)
        if isinstance(asked, Enqueue) and place is not None:
            self.kept.append((call, asked.group, place))

    def take_ending(self, event: Event, call: str) -> None:
        self.talking.pop(call, None)
        decisions = self.acd.handle(event, self.now)
        if call in self.ringing:
            stopped = [d for d in decisions if isinstance(d, StopRing) and d.call == call]
            assert len(stopped) == 1
            assert self.ringing.pop(call) == stopped[0].agent
            decisions.remove(stopped[0])
        self.over_with(call)
        self.take(decisions)

    @precondition(lambda self: self.ringing)
    @rule(data=st.data(), kind=st.sampled_from([Accept, Accept, Reject]))
    def answer(self, data: st.DataObject, kind: type[Accept] | type[Reject]) -> None:
        call = self.some_call(data, list(self.ringing))
        self.do(kind(self.ringing[call], call))
        assert kind is Accept or call not in self.talking

    @rule(
        user=st.sampled_from(USERS),
        number=st.integers(0, 5),
        kind=st.sampled_from([Accept, Reject, CallFinished, AcceptFailed]),
    )
    def stale(self, user: str, number: int, kind: type[Accept]) -> None:
        """Late or wrong answers must change nothing that is not theirs."""
        call = f"c{number}"
        if self.ringing.get(call) == user or self.talking.get(call) == user:
            return
        self.do(kind(user, call))

    @precondition(lambda self: self.talking)
    @rule(data=st.data(), kind=st.sampled_from(["finish", "finish", "failed", "hold", "unhold"]))
    def conversation(self, data: st.DataObject, kind: str) -> None:
        call = self.some_call(data, list(self.talking))
        user = self.talking[call]
        if kind == "finish":
            if call in self.not_before:  # the customer did not answer
                self.keep_place(call)
            del self.talking[call]
            self.over_with(call)
            self.do(CallFinished(user, call))
        elif kind == "failed":
            del self.talking[call]
            self.refused.setdefault(call, set()).add(user)
            self.do(AcceptFailed(user, call))
        else:
            self.do(Hold(user, call, kind == "hold"))

    @rule(user=st.sampled_from(USERS), media=st.booleans())
    def comes(self, user: str, media: bool) -> None:
        if user in self.configured:
            self.do(AgentOnline(user))
            self.do(MediaUp(user) if media else MediaDown(user))

    @rule(user=st.sampled_from(USERS))
    def works(self, user: str) -> None:
        self.comes(user, True)
        self.choose(user, "ready")

    @rule(user=st.sampled_from(USERS), state=st.sampled_from(["ready", "ready", "break", "offline"]))
    def choose(self, user: str, state: str) -> None:
        if user in self.configured:
            self.do(AgentState(user, state, "小休"))  # type: ignore[arg-type]

    @rule(user=st.sampled_from(USERS), kind=st.sampled_from([AgentLost, WrapUpDone, WrapUpDone]))
    def vanish_or_done(self, user: str, kind: type[AgentLost]) -> None:
        self.do(kind(user))

    @rule(users=st.sets(st.sampled_from(USERS), min_size=1))
    def reconfigure(self, users: set[str]) -> None:
        self.configured = users
        self.do(Reconfigure(GROUPS, [AGENTS[user] for user in sorted(users)]))

    @rule(seconds=st.sampled_from([0.0, 0.5, 3.0, 9.0, 31.0]))
    def pass_time(self, seconds: float) -> None:
        end = self.now + seconds
        while (due := self.acd.next_deadline()) is not None and due <= end:
            self.now = max(self.now, due)
            self.take(self.acd.tick(self.now))
        self.now = end

    # -- what must always hold -------------------------------------------------------------------------------

    @invariant()
    def every_call_is_somewhere_exactly_once(self) -> None:
        seen = {view.call: view for view in self.acd.view().calls}
        assert set(seen) == set(self.calls)
        for call, view in seen.items():
            assert view.agent == (self.ringing.get(call) or self.talking.get(call))
            expected = "ringing" if call in self.ringing else "talking" if call in self.talking else "waiting"
            assert view.state == expected

    @invariant()
    def agents_are_what_was_announced(self) -> None:
        held = {user: call for calls in (self.ringing, self.talking) for call, user in calls.items()}
        assert len(held) == len(self.ringing) + len(self.talking), "an agent has two calls"
        for view in self.acd.agents():
            assert self.states[view.agent] == (view.state, view.reason, view.call)
            assert (view.state in ("ringing", "talking", "hold")) == (view.agent in held)

    @invariant()
    def order_is_kept(self) -> None:
        """Positions follow: head of the queue, then priority, then arrival, whatever was rung in between."""
        for group in ("sales", "help"):
            line = [v for v in self.acd.view().calls if v.group == group and v.position is not None]
            asked = {v.call: self.calls[v.call] for v in line}
            priority = {call: event.priority for call, event in asked.items() if isinstance(event, Enqueue)}
            assert set(priority) == set(asked), "a call for one agent stands in a line"
            expected = sorted(line, key=lambda v: (-1 if v.call in self.head else priority[v.call], self.order[v.call]))
            assert [v.call for v in sorted(line, key=lambda v: v.position or 0)] == [v.call for v in expected]
            assert sorted(v.position or 0 for v in line) == list(range(1, len(line) + 1))

    @invariant()
    def nobody_waits_while_a_fresh_agent_is_free(self) -> None:
        free = {view.agent for view in self.acd.agents() if view.state == "ready"}
        resting = {user for users in self.refused.values() for user in users}  # a failed join rests the agent
        for call, asked in self.calls.items():
            if call in self.ringing or call in self.talking:
                continue
            assert isinstance(asked, Enqueue)
            if self.now < self.not_before.get(call, 0) or self.waits_for_somebody(call):
                continue
            able = {u for u in free if asked.group in {m.group for m in AGENTS[u].groups}}
            able |= {prefer.agent for prefer in self.prefer.get(call, ())} & free
            assert not able - self.refused.get(call, set()) - resting

    def waits_for_somebody(self, call: str) -> bool:
        """Only while that agent is busy, and only so long."""
        views = {view.agent: view for view in self.acd.agents()}
        return any(
            prefer.agent in views
            and views[prefer.agent].chosen == "ready"
            and views[prefer.agent].state in ("ringing", "talking", "hold", "wrap-up", "ready")
            and prefer.agent not in self.refused.get(call, set())
            and self.now < self.entered[call] + prefer.wait_s
            for prefer in self.prefer.get(call, ())
        )

    @invariant()
    def deadlines_are_honoured(self) -> None:
        due = self.acd.next_deadline()
        assert due is None or due > self.now or self.acd.tick(self.now) == []
        for call in self.ringing:
            assert self.now <= self.ring_until[call]
        for call, asked in self.calls.items():
            if call not in self.talking:
                assert self.now < self.entered[call] + asked.timeout_s


TestAcd = AcdMachine.TestCase
TestAcd.settings = settings(max_examples=150, stateful_step_count=60, deadline=None)
