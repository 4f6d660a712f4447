"""What an agent and a caller live through, step by step, in virtual time."""

from __future__ import annotations

import math

import pytest

from ccc.acd import (
    Abandon,
    Accept,
    AcceptFailed,
    AgentChanged,
    AgentLost,
    AgentOnline,
    AgentState,
    Announce,
    CallFinished,
    Connect,
    Enqueue,
    Group,
    Hold,
    LeaveQueue,
    MediaDown,
    MediaUp,
    QueueExit,
    Reconfigure,
    Reject,
    Requeue,
    Ring,
    StopRing,
    WrapUpDone,
)
from ccc.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from ccc.snapshot.model import Agent as SnapshotAgent
from ccc.snapshot.model import AgentGroup, SkillGroup
from tests.acd.helpers import Desk, agent, of, rings


def test_ring_accept_talk_wrap_up_ready() -> None:
    desk = Desk(agent("ann"))
    desk.ready("ann")
    assert of(Ring, desk.call("c1")) == [Ring("ann", "c1", "sales", 20.0, False, 0.0)]
    assert desk.state("ann") == ("ringing", "")
    desk.pass_time(3)
    assert of(Connect, desk.do(Accept("ann", "c1"))) == [Connect("ann", "c1", "sales", 3.0)]
    assert desk.state("ann") == ("talking", "")
    desk.pass_time(60)
    finished = desk.do(CallFinished("ann", "c1"))
    assert of(AgentChanged, finished) == [AgentChanged("ann", "wrap-up", "", desk.now, "c1", desk.now + 30)]
    desk.pass_time(29.9)
    assert desk.state("ann") == ("wrap-up", "")
    desk.pass_time(0.1)
    assert desk.state("ann") == ("ready", "")


def test_wrap_up_ends_early_or_is_left_out() -> None:
    desk = Desk(agent("ann"), agent("bob", "quick"), groups=(Group("sales"), Group("quick", wrap_up_s=0)))
    desk.ready("ann", "bob")
    desk.call("c1")
    desk.call("c2", "quick")
    desk.do(Accept("ann", "c1"))
    desk.do(Accept("bob", "c2"))
    desk.do(CallFinished("ann", "c1"))
    desk.do(CallFinished("bob", "c2"))
    assert desk.state("bob") == ("ready", "")
    desk.do(WrapUpDone("ann"))
    assert desk.state("ann") == ("ready", "")
    assert desk.do(WrapUpDone("ann")) == []


def test_level_first_then_longest_idle() -> None:
    desk = Desk(agent("low", "sales:2"), agent("ann"), agent("bob"))
    desk.ready("low", "bob", "ann")
    assert rings(desk.call()) == [("bob", "c1")]
    assert rings(desk.call()) == [("ann", "c2")]
    assert rings(desk.call()) == [("low", "c3")]
    for user, call in (("ann", "c2"), ("bob", "c1")):
        desk.do(Accept(user, call))
        desk.do(CallFinished(user, call))
        desk.do(WrapUpDone(user))
        desk.pass_time(1)
    assert rings(desk.call()) == [("ann", "c4")], "ann came back first, so she has been idle longer"


def test_priority_then_arrival() -> None:
    desk = Desk(agent("ann"), groups=(Group("sales", wrap_up_s=0),))
    for call, priority in (("late", 5), ("later", 5), ("urgent", 0), ("slow", 9)):
        desk.call(call, priority=priority)
        desk.pass_time(1)
    desk.ready("ann")
    served = []
    while (view := desk.acd.agent("ann")).call:
        served.append(view.call)
        desk.do(Accept("ann", view.call))
        desk.do(CallFinished("ann", view.call))
    assert served == ["urgent", "late", "later", "slow"]


def test_oldest_call_of_all_groups_gets_the_agent() -> None:
    desk = Desk(agent("ann", "sales", "help"), groups=(Group("sales"), Group("help")))
    desk.call("h1", "help")
    desk.call("s1", "sales")
    desk.do(AgentOnline("ann"))
    desk.do(AgentState("ann", "ready"))
    assert rings(desk.do(MediaUp("ann"))) == [("ann", "h1")]


def test_ring_timeout_sends_the_agent_on_break_and_the_caller_back_to_his_place() -> None:
    desk = Desk(agent("ann"), agent("bob"))
    desk.ready("ann", "bob")
    desk.do(AgentState("bob", "break", "用餐"))
    desk.call("c1")
    desk.call("c2")
    missed = desk.pass_time(20)
    assert of(StopRing, missed) == [StopRing("ann", "c1", "ring-timeout")]
    assert desk.state("ann") == ("break", "ring-timeout")
    assert [desk.acd.call(call).position for call in ("c1", "c2")] == [1, 2]  # type: ignore[union-attr]
    assert rings(desk.do(AgentState("bob", "ready"))) == [("bob", "c1")], "the caller is still the first in line"


def test_misses_allowed_counts_in_a_row() -> None:
    desk = Desk(agent("ann"), groups=(Group("sales", misses_allowed=2, wrap_up_s=0),))
    desk.ready("ann")
    desk.call("c1")
    desk.pass_time(20)
    assert desk.state("ann") == ("ready", "")
    assert rings(desk.pass_time(5)) == [("ann", "c1")]
    desk.do(Accept("ann", "c1"))
    desk.do(CallFinished("ann", "c1"))
    desk.call("c2")
    desk.pass_time(20)
    assert desk.state("ann") == ("ready", ""), "accepting a call forgives the miss"
    desk.pass_time(25)
    assert desk.state("ann") == ("break", "ring-timeout")


def test_rejected_call_goes_to_a_colleague_and_not_back() -> None:
    desk = Desk(agent("ann"), agent("bob"))
    desk.ready("ann", "bob")
    assert rings(desk.call("c1")) == [("ann", "c1")]
    assert rings(desk.do(Reject("ann", "c1"))) == [("bob", "c1")]
    assert desk.state("ann") == ("ready", "")
    assert rings(desk.call("c2")) == [("ann", "c2")], "another call is offered to her"
    desk.do(AgentState("bob", "break"))
    desk.do(Abandon("c2"))
    assert rings(desk.pass_time(4.9)) == [], "bob's break left only ann, but not in a tight loop"
    assert rings(desk.pass_time(0.2)) == [("ann", "c1")]


def test_back_off_grows_while_the_only_agent_rejects() -> None:
    desk = Desk(agent("ann"))
    desk.ready("ann")
    desk.call("c1", timeout_s=math.inf)
    gaps = []
    for _ in range(6):
        desk.do(Reject("ann", "c1"))
        rejected = desk.now
        while desk.state("ann") == ("ready", ""):
            desk.pass_time(0.5)
        gaps.append(desk.now - rejected)
    assert gaps == [5, 10, 20, 40, 60, 60]


def test_rejected_call_waits_a_while_for_a_busy_colleague() -> None:
    desk = Desk(agent("ann"), agent("bob"))
    desk.ready("bob", "ann")
    desk.call("c0")
    desk.do(Accept("bob", "c0"))
    desk.call("c1")
    desk.do(Reject("ann", "c1"))
    assert rings(desk.pass_time(29.9)) == []
    assert rings(desk.pass_time(0.1)) == [("ann", "c1")], "patience is over"
    desk.do(Reject("ann", "c1"))
    desk.do(CallFinished("bob", "c0"))
    assert rings(desk.do(WrapUpDone("bob"))) == [("bob", "c1")]


def test_break_asked_for_during_a_call_applies_after_wrap_up() -> None:
    desk = Desk(agent("ann"))
    desk.ready("ann")
    desk.call("c1")
    desk.do(Accept("ann", "c1"))
    desk.do(AgentState("ann", "break", "用餐"))
    assert desk.state("ann") == ("talking", "") and desk.acd.agent("ann").chosen == "break"
    desk.do(CallFinished("ann", "c1"))
    assert desk.state("ann") == ("wrap-up", "")
    desk.pass_time(30)
    assert desk.state("ann") == ("break", "用餐")


def test_break_while_ringing_takes_the_offer_away() -> None:
    desk = Desk(agent("ann"), agent("bob"))
    desk.ready("ann", "bob")
    desk.call("c1")
    decisions = desk.do(AgentState("ann", "break", "小休"))
    assert of(StopRing, decisions) == [StopRing("ann", "c1", "state")] and rings(decisions) == [("bob", "c1")]
    assert desk.state("ann") == ("break", "小休")


def test_no_audio_no_calls() -> None:
    desk = Desk(agent("ann"))
    desk.do(AgentOnline("ann"))
    desk.do(AgentState("ann", "ready"))
    assert desk.state("ann") == ("break", "media")
    assert rings(desk.call("c1")) == []
    assert rings(desk.do(MediaUp("ann"))) == [("ann", "c1")]
    assert of(StopRing, desk.do(MediaDown("ann"))) == [StopRing("ann", "c1", "media")]
    assert desk.state("ann") == ("break", "media")
    desk.do(MediaUp("ann"))
    desk.do(Accept("ann", "c1"))
    assert desk.do(MediaDown("ann")) == [], "a conversation survives while the page reconnects"
    assert desk.state("ann") == ("talking", "")


def test_tab_killed_while_ringing_puts_the_caller_back_first() -> None:
    desk = Desk(agent("ann"), agent("bob"))
    desk.ready("ann")
    desk.call("c1")
    desk.call("c2")
    assert of(StopRing, desk.do(AgentLost("ann"))) == [StopRing("ann", "c1", "lost")]
    assert desk.state("ann") == ("offline", "lost")
    desk.do(AgentOnline("bob"))
    desk.do(MediaUp("bob"))
    assert rings(desk.do(AgentState("bob", "ready"))) == [("bob", "c1")]


def test_tab_killed_while_talking_puts_the_caller_at_the_head_of_the_queue() -> None:
    desk = Desk(agent("ann"), agent("bob"))
    desk.ready("ann")
    desk.call("c1", priority=9)
    desk.do(Accept("ann", "c1"))
    desk.call("urgent", priority=0)
    desk.pass_time(10)
    lost = desk.do(AgentLost("ann"))
    assert of(Requeue, lost) == [Requeue("c1", "ann", "sales")]
    assert desk.state("ann") == ("offline", "lost")
    desk.do(AgentOnline("bob"))
    desk.do(MediaUp("bob"))
    assert rings(desk.do(AgentState("bob", "ready"))) == [("bob", "c1")]


def test_agent_who_comes_back_soon_keeps_his_state() -> None:
    desk = Desk(agent("ann"))
    desk.ready("ann")
    for away_s, state in ((119, ("ready", "")), (121, ("offline", ""))):
        desk.do(AgentLost("ann"))
        desk.pass_time(away_s)
        desk.do(AgentOnline("ann"))
        desk.do(MediaUp("ann"))
        assert desk.state("ann") == state


def test_queue_timeout_while_waiting_and_while_ringing() -> None:
    desk = Desk(agent("ann"))
    desk.call("c1", timeout_s=10)
    assert of(QueueExit, desk.pass_time(9.9)) == []
    assert of(QueueExit, desk.pass_time(0.1)) == [QueueExit("c1", "timeout", 10.0)]
    desk.ready("ann")
    desk.call("c2", timeout_s=10)
    decisions = desk.pass_time(10)
    assert of(StopRing, decisions) == [StopRing("ann", "c2", "timeout")]
    assert of(QueueExit, decisions) == [QueueExit("c2", "timeout", 10.0)]
    assert desk.state("ann") == ("ready", ""), "not the agent's fault"


def test_an_accept_in_the_last_moment_wins_over_the_deadline() -> None:
    desk = Desk(agent("ann"))
    desk.ready("ann")
    desk.call("c1", timeout_s=20)
    desk.now += 20.5
    decisions = desk.do(Accept("ann", "c1"))
    assert of(Connect, decisions) and not of(QueueExit, decisions) and not of(StopRing, decisions)


def test_overflow() -> None:
    desk = Desk(agent("ann"))
    desk.ready("ann")
    assert rings(desk.call("c1", max_waiting=0)) == [("ann", "c1")], "a free agent: never overflow"
    assert of(QueueExit, desk.call("c2", max_waiting=1)) == [QueueExit("c2", "overflow", 0.0)]
    assert desk.call("c3", max_waiting=2) == []
    assert of(QueueExit, desk.call("c4", max_waiting=0)) == [QueueExit("c4", "overflow", 0.0)]


def test_nobody_there_waits_or_leaves_as_asked() -> None:
    desk = Desk(agent("ann"))
    assert desk.call("c1") == []
    assert desk.call("c2", exit_when_no_agent=True) == [QueueExit("c2", "no-agent", 0.0)]
    desk.do(AgentOnline("ann"))
    desk.do(AgentState("ann", "break"))
    assert desk.call("c3", exit_when_no_agent=True) == [], "an agent on break is somebody"
    desk.pass_time(7)
    assert of(QueueExit, desk.do(AgentState("ann", "offline"))) == [QueueExit("c3", "no-agent", 7.0)]
    assert desk.acd.call("c1") is not None


def test_abandoned_at_every_stage() -> None:
    desk = Desk(agent("ann"), groups=(Group("sales", wrap_up_s=5),))
    desk.call("waiting")
    desk.do(Abandon("waiting"))
    assert desk.acd.call("waiting") is None and desk.acd.next_deadline() is None
    desk.ready("ann")
    desk.call("ringing")
    assert of(StopRing, desk.do(Abandon("ringing"))) == [StopRing("ann", "ringing", "abandoned")]
    desk.call("talking")
    desk.do(Accept("ann", "talking"))
    desk.do(Abandon("talking"))
    assert desk.state("ann") == ("wrap-up", "")
    assert desk.do(Abandon("talking")) == []


def test_break_out_key_leaves_the_queue_until_accepted() -> None:
    desk = Desk(agent("ann"))
    desk.ready("ann")
    desk.call("c1")
    assert of(StopRing, desk.do(LeaveQueue("c1"))) == [StopRing("ann", "c1", "left")]
    desk.call("c2")
    desk.do(Accept("ann", "c2"))
    assert desk.do(LeaveQueue("c2")) == []
    assert desk.state("ann") == ("talking", "")


def test_answers_from_the_wrong_page_are_told_so() -> None:
    desk = Desk(agent("ann"), agent("bob"))
    desk.ready("ann", "bob")
    desk.call("c1")
    assert desk.do(Accept("bob", "c1")) == [StopRing("bob", "c1", "gone")]
    assert desk.do(Reject("bob", "nothing")) == [StopRing("bob", "nothing", "gone")]
    desk.do(Accept("ann", "c1"))
    assert desk.do(Accept("ann", "c1")) == [], "a double click changes nothing"
    assert desk.do(CallFinished("bob", "c1")) == []


def test_failed_join_puts_the_caller_back_and_does_not_spin() -> None:
    desk = Desk(agent("ann"))
    desk.ready("ann")
    desk.call("c1")
    desk.call("c2")
    desk.do(Accept("ann", "c1"))
    assert rings(desk.do(AcceptFailed("ann", "c1"))) == []
    assert desk.acd.call("c1").position == 1  # type: ignore[union-attr]
    assert rings(desk.pass_time(4.9)) == []
    assert rings(desk.pass_time(0.1)) == [("ann", "c1")]


def test_failed_join_does_not_outlive_the_queue_timeout() -> None:
    desk = Desk(agent("ann"))
    desk.ready("ann")
    desk.call("c1", timeout_s=10)
    desk.do(Accept("ann", "c1"))
    desk.pass_time(11)
    assert of(QueueExit, desk.do(AcceptFailed("ann", "c1"))) == [QueueExit("c1", "timeout", 11.0)]


def test_announcements_with_position_and_estimate() -> None:
    desk = Desk(agent("ann"), groups=(Group("sales", wrap_up_s=0),), handle_s=60)
    desk.call("c1", announce_every_s=10)
    assert of(Announce, desk.pass_time(10)) == [Announce("c1", 1, None)], "nobody works: no estimate"
    desk.ready("ann")
    desk.do(Accept("ann", "c1"))
    desk.call("c2")
    desk.call("c3", announce_every_s=15)
    assert of(Announce, desk.pass_time(30)) == [Announce("c3", 2, 120.0)] * 2
    desk.do(CallFinished("ann", "c1"))
    assert of(Announce, desk.pass_time(15)) == [Announce("c3", 2, 60.0)], "30 s were handled: 2 * 30 / 1"


def test_handling_times_move_the_estimate_slowly() -> None:
    desk = Desk(agent("ann"), groups=(Group("sales", wrap_up_s=10),))
    desk.ready("ann")
    for talk_s in (90, 190):
        desk.call("c")
        desk.do(Accept("ann", "c"))
        desk.pass_time(talk_s)
        desk.do(CallFinished("ann", "c"))
        desk.pass_time(10)
    desk.do(AgentState("ann", "ready"))
    assert desk.acd.queues()[0].estimated_wait_s == 0.0
    desk.call("c")
    assert desk.acd.queues()[0].estimated_wait_s == pytest.approx(2 * (100 + 0.2 * 100))


def test_hold_is_shown() -> None:
    desk = Desk(agent("ann"))
    desk.ready("ann")
    desk.call("c1")
    desk.do(Accept("ann", "c1"))
    desk.do(Hold("ann", "c1", True))
    assert desk.state("ann") == ("hold", "")
    desk.do(Hold("ann", "c1", False))
    assert desk.state("ann") == ("talking", "")


def test_auto_answer_is_flagged() -> None:
    desk = Desk(agent("ann", auto_answer=True))
    desk.ready("ann")
    assert of(Ring, desk.call("c1"))[0].auto_answer


def test_disabling_an_agent_frees_his_caller() -> None:
    desk = Desk(agent("ann"), agent("bob"))
    desk.ready("ann")
    desk.call("c1")
    off = Reconfigure(desk.groups, [agent("ann", disabled=True), agent("bob")])
    decisions = desk.do(off)
    assert of(StopRing, decisions) == [StopRing("ann", "c1", "disabled")]
    assert desk.state("ann") == ("offline", "")
    with pytest.raises(ForbiddenError, match="ann is disabled"):
        desk.do(AgentOnline("ann"))
    assert desk.do(off) == []


def test_removing_an_agent_in_a_conversation_requeues_the_caller() -> None:
    desk = Desk(agent("ann"), agent("bob"))
    desk.ready("ann", "bob")
    desk.call("c1")
    desk.do(Accept("ann", "c1"))
    decisions = desk.do(Reconfigure(desk.groups, [agent("bob")]))
    assert of(Requeue, decisions) == [Requeue("c1", "ann", "sales")] and rings(decisions) == [("bob", "c1")]
    assert {change.agent: change.state for change in of(AgentChanged, decisions)} == {
        "ann": "offline",
        "bob": "ringing",
    }
    assert desk.do(AgentLost("ann")) == []


def test_removing_a_group_lets_its_callers_go() -> None:
    desk = Desk(agent("ann", "sales"), groups=(Group("sales"), Group("help")))
    desk.ready("ann")
    desk.call("c1")
    desk.call("c2")
    decisions = desk.do(Reconfigure([Group("help")], [agent("ann", "help")]))
    assert [(exit.call, exit.why) for exit in of(QueueExit, decisions)] == [("c1", "no-agent"), ("c2", "no-agent")]
    assert desk.state("ann") == ("ready", "")


def test_reconfigure_keeps_states_and_takes_new_groups() -> None:
    desk = Desk(agent("ann", "sales"), groups=(Group("sales"), Group("help")))
    desk.ready("ann")
    desk.call("h1", "help")
    assert rings(desk.acd.configure(desk.groups, [agent("ann", "help")], desk.now)) == [("ann", "h1")]


def test_snapshot_objects_fit() -> None:
    desk = Desk(
        SnapshotAgent("ann", "demo", "Ann", groups=(AgentGroup("sales"),)),  # type: ignore[arg-type]
        groups=(SkillGroup("sales", "demo", "Sales"),),  # type: ignore[arg-type]
    )
    desk.ready("ann")
    assert rings(desk.call("c1")) == [("ann", "c1")]
    assert desk.acd.view().queues[0].title == "Sales"


def test_restart_restores_what_agents_had_chosen() -> None:
    desk = Desk(agent("ann"), agent("bob"), agent("cid"), agent("dan"))
    desk.ready("ann", "bob", "cid", "dan")
    desk.call("c1")
    desk.do(Accept("ann", "c1"))
    desk.do(CallFinished("ann", "c1"))
    desk.do(AgentState("bob", "break", "用餐"))
    desk.do(AgentState("dan", "offline"))
    desk.pass_time(10)
    saved = desk.acd.export(desk.now)
    again = Desk(agent("ann"), agent("bob"), agent("cid"), agent("dan"))
    again.now = 5.0
    again.acd.restore(saved, again.now)
    assert {view.state for view in again.acd.agents()} == {"offline"}
    for user in ("ann", "bob", "cid", "dan"):
        again.do(AgentOnline(user))
        again.do(MediaUp(user))
    states = {view.agent: (view.state, view.reason) for view in again.acd.agents()}
    assert states == {
        "ann": ("wrap-up", ""),
        "bob": ("break", "用餐"),
        "cid": ("ready", ""),
        "dan": ("offline", ""),
    }
    again.pass_time(20)
    assert again.state("ann") == ("ready", "")


def test_restore_from_journalled_states() -> None:
    desk = Desk(agent("ann"), agent("bob"), agent("cid"))
    rows = [
        {"agent": "ann", "state": "talking", "reason": ""},
        {"agent": "bob", "state": "break", "reason": "media"},
        {"agent": "cid", "state": "break", "reason": "ring-timeout"},
        {"agent": "gone", "state": "ready", "reason": ""},
    ]
    desk.acd.restore({"agents": rows}, desk.now)
    assert [view.chosen for view in desk.acd.agents()] == ["ready", "ready", "break"]
    with pytest.raises(InvalidError, match="cannot be restored"):
        desk.acd.restore({"agents": [{"state": "ready"}]}, desk.now)


def test_refused_input_names_the_thing() -> None:
    desk = Desk(agent("ann"))
    with pytest.raises(NotFoundError, match="skill group nope"):
        desk.call("c1", "nope")
    with pytest.raises(NotFoundError, match="agent eve"):
        desk.do(AgentOnline("eve"))
    with pytest.raises(InvalidError, match="priority 10"):
        desk.call("c1", priority=10)
    with pytest.raises(InvalidError, match="timeout"):
        desk.do(Enqueue("c1", "sales", timeout_s=0))
    with pytest.raises(InvalidError, match="'talking'"):
        desk.do(AgentState("ann", "talking"))  # type: ignore[arg-type]
    desk.call("c1")
    with pytest.raises(ConflictError, match="c1"):
        desk.call("c1")
