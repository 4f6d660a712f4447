"""Calls added up from their steps."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ccc.flow.traffic import Traffic, depths, own_steps


def step(node: str, entered: float, left: float | None, exit_: str | None = "next") -> dict[str, Any]:
    return {"node": node, "entered_at": entered, "left_at": left, "exit": exit_}


SUB_FLOW = [
    step("start", 0, 1),
    step("sub", 1, 8, "done"),
    step("start", 1, 2),  # of the sub-flow, although it has the same id
    step("say", 2, 8, None),
    step("end", 8, None, None),
]


def test_steps_of_a_sub_flow_are_not_those_of_the_flow() -> None:
    assert [one["node"] for one in own_steps(SUB_FLOW)] == ["start", "sub", "end"]
    assert depths(SUB_FLOW) == [0, 0, 1, 1, 0]
    open_ = [step("sub", 0, None, None), step("a", 0, 1), step("b", 1, None, None)]
    assert [one["node"] for one in own_steps(open_)] == ["sub"] and depths(open_) == [0, 1, 1]


def test_steps_that_name_their_flow_need_no_clock() -> None:
    """A sub-flow through which the call ran within a millisecond: its steps begin when the one that runs it ends."""
    quick = [
        step("sub", 1, 1, "done"),
        step("start", 1, 1) | {"flow": "inner", "flow_version": 3, "depth": 1},
        step("deep", 1, 1) | {"flow": "inner", "flow_version": 3, "depth": 1},
        step("say", 1, 1) | {"flow": "inner", "flow_version": 3, "depth": 2},
        step("end", 1, None, None),
    ]
    assert [one["node"] for one in own_steps(quick)] == ["sub", "end"]
    assert depths(quick) == [0, 1, 1, 2, 0]


def test_visits_exits_time_and_drop_offs() -> None:
    traffic = Traffic()
    traffic.add(SUB_FLOW, 10.0)
    traffic.add([step("start", 0, 2), step("sub", 2, None, None)], 6.0)
    sub = traffic.nodes["sub"]
    assert (traffic.calls, sub.visits, sub.dropped, sub.exits, sub.average_s) == (2, 2, 1, {"done": 1}, 5.5)
    assert traffic.nodes["end"].dropped == 1 and "say" not in traffic.nodes


walks = st.lists(st.tuples(st.sampled_from("abc"), st.floats(0, 9)), max_size=6)


@given(calls=st.lists(walks, max_size=6))
def test_every_visit_leaves_by_an_exit_or_ends_the_call(calls: list[list[tuple[str, float]]]) -> None:
    traffic = Traffic()
    for walk in calls:
        at, steps = 0.0, []
        for n, (node, took) in enumerate(walk):
            last = n == len(walk) - 1
            steps.append(step(node, at, None if last else at + took, None if last else "next"))
            at += took
        traffic.add(steps, at)
    for found in traffic.nodes.values():
        assert found.visits == found.dropped + sum(found.exits.values())
    assert sum(found.dropped for found in traffic.nodes.values()) == len([walk for walk in calls if walk])
