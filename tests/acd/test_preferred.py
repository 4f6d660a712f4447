"""Callbacks and preferred agents: who is rung, when, and who goes before whom."""

from __future__ import annotations

import math

from ccc.acd import Accept, AgentState, CallFinished, Due, Enqueue, LeaveQueue, Prefer, QueueExit, Reject
from tests.acd.helpers import Desk, agent, of, rings


def callback(desk: Desk, call: str, of_call: str, not_before: float = -math.inf) -> list[tuple[str, str]]:
    """The caller leaves and is to be called back; who is rung."""
    place = desk.acd.place(of_call)
    desk.do(LeaveQueue(of_call))
    return rings(desk.do(Enqueue(call, "sales", timeout_s=math.inf, callback=True, place=place, not_before=not_before)))


def test_a_callback_keeps_its_place_between_earlier_and_later_callers() -> None:
    desk = Desk(agent("ann"))
    for call in ("first", "second", "third"):
        desk.call(call)
        desk.now += 10
    callback(desk, "back", "second", math.inf)
    desk.call("fourth")
    views = {view.call: view for view in desk.acd.view().calls}
    assert [views[call].position for call in ("first", "back", "third", "fourth")] == [1, 2, 3, 4]
    assert views["back"].since == 1010.0
    (queue,) = desk.acd.queues()
    assert (queue.waiting, queue.callbacks) == (3, 1)


def test_nobody_is_rung_for_it_before_it_is_due_and_then_it_goes_first() -> None:
    desk = Desk(agent("ann"))
    desk.call("early")
    callback(desk, "back", "early", math.inf)
    desk.now += 5
    desk.call("late")
    desk.ready("ann")
    assert desk.state("ann") == ("ringing", "")
    desk.do(Accept("ann", "late"))
    desk.do(Due("back", desk.now))
    desk.call("later still")
    assert rings(desk.do(CallFinished("ann", "late"))) == []
    assert rings(desk.pass_time(31)) == [("ann", "back")]


def test_the_head_of_the_queue_and_one_agent_on_request() -> None:
    desk = Desk(agent("ann"), agent("bob"))
    desk.call("a")
    callback(desk, "back", "a", math.inf)
    desk.call("b")
    desk.do(Due("back", desk.now, head=True, prefer=(Prefer("bob", 60),)))
    desk.ready("ann")
    assert desk.state("ann")[0] == "ringing", "bob is not there: nobody waits for him"


def test_a_callback_that_is_never_due_expires() -> None:
    desk = Desk(agent("ann"))
    desk.call("a")
    place = desk.acd.place("a")
    desk.do(LeaveQueue("a"))
    desk.do(Enqueue("back", "sales", timeout_s=100, callback=True, place=place, not_before=math.inf))
    assert [gone.why for gone in of(QueueExit, desk.pass_time(101))] == ["timeout"]


def test_overflow_counts_who_is_on_the_line() -> None:
    desk = Desk(agent("ann"))
    desk.call("a")
    callback(desk, "back", "a")
    assert not of(QueueExit, desk.call("b", max_waiting=1))
    assert [gone.why for gone in of(QueueExit, desk.call("c", max_waiting=1))] == ["overflow"]


def test_the_preferred_agent_before_the_longest_idle_one() -> None:
    desk = Desk(agent("ann"), agent("bob"))
    desk.ready("ann", "bob")
    assert rings(desk.call("c", prefer=(Prefer("bob"),))) == [("bob", "c")]


def test_a_busy_one_is_waited_for_so_long_and_no_longer() -> None:
    desk = Desk(agent("ann"), agent("bob"))
    desk.ready("ann", "bob")
    desk.call("x", prefer=(Prefer("bob"),))
    desk.do(Accept("bob", "x"))
    assert rings(desk.call("c", prefer=(Prefer("bob", 20),))) == []
    assert rings(desk.pass_time(19)) == []
    assert rings(desk.pass_time(2)) == [("ann", "c")]


def test_one_on_a_break_is_not_waited_for_and_a_refusal_is_respected() -> None:
    desk = Desk(agent("ann"), agent("bob"))
    desk.ready("ann", "bob")
    assert rings(desk.call("c", prefer=(Prefer("bob", 60),))) == [("bob", "c")]
    assert rings(desk.do(Reject("bob", "c"))) == [("ann", "c")]
    desk.do(AgentState("bob", "break"))
    desk.do(Accept("ann", "c"))
    desk.do(CallFinished("ann", "c"))
    desk.pass_time(31)
    assert rings(desk.call("d", prefer=(Prefer("bob", 60),))) == [("ann", "d")]


def test_a_dedicated_agent_of_another_group() -> None:
    desk = Desk(agent("ann"), agent("vip", "other"))
    desk.ready("vip")
    assert rings(desk.call("c", prefer=(Prefer("vip"),))) == [("vip", "c")]
    assert rings(desk.call("d")) == []
