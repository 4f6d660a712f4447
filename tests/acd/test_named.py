"""One agent asked for by name: he rings at once or the call leaves at once; nobody else is asked."""

from __future__ import annotations

import pytest

from ccc.acd import (
    Abandon,
    Accept,
    AcceptFailed,
    AgentLost,
    AgentState,
    AskAgent,
    CallFinished,
    Connect,
    Group,
    LeaveQueue,
    MediaDown,
    QueueExit,
    Reconfigure,
    Reject,
    Requeue,
    StopRing,
)
from ccc.errors import ConflictError, InvalidError, NotFoundError
from tests.acd.helpers import Desk, agent, of, rings


@pytest.fixture
def desk() -> Desk:
    group = Group("sales", ring_timeout_s=60, misses_allowed=1, wrap_up_s=10)
    one = Desk(agent("ann", "sales"), agent("bob", "sales"), agent("eve", "help:2", "sales:1"), groups=(group,))
    one.ready("ann", "bob")
    return one


def why(desk: Desk, decisions: list) -> list[str]:  # type: ignore[type-arg]
    assert all(decision.call == "c1" for decision in of(QueueExit, decisions))
    assert desk.acd.call("c1") is None
    return [decision.why for decision in of(QueueExit, decisions)]


def test_he_rings_though_another_is_idle_longer_and_wraps_up(desk: Desk) -> None:
    made = desk.do(AskAgent("c1", "bob", 15))
    assert rings(made) == [("bob", "c1")]
    assert desk.acd.call("c1").position is None  # type: ignore[union-attr]
    assert [view.waiting for view in desk.acd.queues()] == [0]
    (connect,) = of(Connect, desk.do(Accept("bob", "c1")))
    assert (connect.agent, connect.group) == ("bob", "sales")
    desk.do(CallFinished("bob", "c1"))
    assert desk.state("bob") == ("wrap-up", "")
    desk.pass_time(11)
    assert desk.state("bob") == ("ready", "")


def test_nobody_of_that_name(desk: Desk) -> None:
    with pytest.raises(NotFoundError, match="zoe"):
        desk.do(AskAgent("c1", "zoe"))
    with pytest.raises(InvalidError):
        desk.do(AskAgent("c1", "ann", 0))
    desk.do(AskAgent("c1", "ann"))
    with pytest.raises(ConflictError):
        desk.do(AskAgent("c1", "bob"))


def test_offline_or_busy_leaves_at_once(desk: Desk) -> None:
    assert why(desk, desk.do(AskAgent("c1", "eve"))) == ["offline"]
    desk.do(AgentState("bob", "break", "用餐"))
    assert why(desk, desk.do(AskAgent("c1", "bob"))) == ["busy"]
    desk.do(AskAgent("c0", "ann"))
    assert why(desk, desk.do(AskAgent("c1", "ann"))) == ["busy"]
    desk.do(Accept("ann", "c0"))
    assert why(desk, desk.do(AskAgent("c1", "ann"))) == ["busy"]
    desk.do(CallFinished("ann", "c0"))
    assert why(desk, desk.do(AskAgent("c1", "ann"))) == ["busy"]
    desk.do(MediaDown("ann"))
    desk.pass_time(11)
    assert why(desk, desk.do(AskAgent("c1", "ann"))) == ["offline"]


def test_rejected_missed_or_gone_ends_it(desk: Desk) -> None:
    desk.do(AskAgent("c1", "ann", 15))
    assert why(desk, desk.do(Reject("ann", "c1"))) == ["busy"]
    desk.do(AskAgent("c1", "ann", 15))
    assert why(desk, desk.pass_time(15)) == ["timeout"]
    assert desk.state("ann") == ("break", "ring-timeout")
    desk.do(AskAgent("c1", "bob", 15))
    assert why(desk, desk.do(AgentLost("bob"))) == ["offline"]
    desk.ready("ann", "bob")
    desk.do(AskAgent("c1", "ann", 15))
    assert why(desk, desk.do(AgentState("ann", "break"))) == ["busy"]
    desk.do(AskAgent("c1", "bob", 15))
    assert why(desk, desk.do(Reconfigure(desk.groups, [agent("ann", "sales")]))) == ["offline"]


@pytest.mark.parametrize("event", [Abandon, LeaveQueue])
def test_the_caller_leaves_while_it_rings(desk: Desk, event: type[Abandon]) -> None:
    desk.do(AskAgent("c1", "ann"))
    made = desk.do(event("c1"))
    assert [(stop.agent, stop.call) for stop in of(StopRing, made)] == [("ann", "c1")]
    assert why(desk, made) == [] and desk.state("ann") == ("ready", "")


def test_he_vanishes_in_the_conversation_or_cannot_be_joined(desk: Desk) -> None:
    desk.do(AskAgent("c1", "ann"))
    desk.do(Accept("ann", "c1"))
    made = desk.do(AgentLost("ann"))
    assert [type(d) for d in made if isinstance(d, Requeue | QueueExit)] == [Requeue, QueueExit]
    assert why(desk, made) == ["offline"]
    desk.do(AskAgent("c1", "bob"))
    desk.do(Accept("bob", "c1"))
    assert why(desk, desk.do(AcceptFailed("bob", "c1"))) == ["offline"]


def test_a_waiting_caller_gets_the_agent_who_was_asked_and_rejected(desk: Desk) -> None:
    desk.do(AgentState("bob", "break"))
    desk.do(AskAgent("c1", "ann"))
    assert rings(desk.call("c2")) == []
    assert rings(desk.do(Reject("ann", "c1"))) == [("ann", "c2")]
