"""Automatic layout: layers from left to right, nothing on top of anything."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ccc.flow.layout import GRID, Box, Way, arrange

idents = st.lists(st.sampled_from("abcdefghij"), unique=True, max_size=10)
boxes = idents.map(lambda some: [Box(one, 220, 60 + 20 * (ord(one) % 5)) for one in some])
ways = st.lists(
    st.builds(Way, st.sampled_from("abcdefghij"), st.sampled_from("abcdefghij"), st.integers(0, 4)), max_size=25
)


def test_a_chain_stands_in_a_row() -> None:
    places = arrange([Box(one, 220, 60) for one in "abc"], [Way("a", "b"), Way("b", "c"), Way("c", "a")], ["a"])
    assert [places[one][0] for one in "abc"] == [0, 320, 640], "the line back does not count"
    assert len({y for _x, y in places.values()}) == 1


def test_exits_keep_their_order() -> None:
    places = arrange(
        [Box(one, 220, 60) for one in "axyz"], [Way("a", "z", 0), Way("a", "y", 1), Way("a", "x", 2)], ["a"]
    )
    assert places["z"][1] < places["y"][1] < places["x"][1]


@given(boxes, ways)
def test_nothing_overlaps_and_every_node_has_a_place(some: list[Box], lines: list[Way]) -> None:
    places = arrange(some, lines, ["a"])
    assert set(places) == {box.id for box in some}
    assert all(x % GRID == 0 and y % GRID == 0 for x, y in places.values())
    for n, one in enumerate(some):
        for other in some[n + 1 :]:
            (x, y), (left, top) = places[one.id], places[other.id]
            beside = x + one.width <= left or left + other.width <= x
            above = y + one.height <= top or top + other.height <= y
            assert beside or above, (one, other, places)


def test_two_thousand_nodes_are_placed_quickly() -> None:
    many = [Box(str(n), 220, 120) for n in range(2000)]
    lines = [Way(str(n), str((n * 7 + k) % 2000), k) for n in range(2000) for k in (1, 2)]
    assert len(arrange(many, lines, ["0"])) == 2000
