"""Changes of the outline: whatever is done, the document stays one, and no line leads to what is gone."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccc.errors import CccError, InvalidError, NotFoundError
from ccc.flow.diff import apply
from ccc.flow.document import FlowDocument, parse_document
from ccc.flow.editing import add_node, change_flow, change_node, move_behind, remove_node, set_targets
from ccc.flow.overlay import overlay

IDS, EXITS = ("start", "a", "b", "c"), ("next", "done", "error")
lines = st.tuples(st.sampled_from(IDS), st.sampled_from(EXITS), st.sampled_from(IDS))
nodes = st.lists(st.sampled_from(IDS), min_size=1, unique=True)


def document(ids: list[str], ways: list[tuple[str, str, str]]) -> FlowDocument:
    """Lines between nodes that are there, one an exit."""
    one = {(source, exit_): target for source, exit_, target in ways if source in ids and target in ids}
    return parse_document(
        {
            "name": "x",
            "nodes": [{"id": ident, "type": "play", "position": [0, 0]} for ident in ids],
            "edges": [{"from": source, "exit": exit_, "to": target} for (source, exit_), target in one.items()],
        }
    )


documents = st.builds(document, nodes, st.lists(lines, max_size=8))
places = st.tuples(st.sampled_from(IDS), st.sampled_from(EXITS))
targets = st.dictionaries(st.sampled_from(EXITS), st.sampled_from(("", *IDS)))
operations = st.one_of(
    st.tuples(st.just("targets"), st.sampled_from(IDS), targets),
    st.tuples(st.just("add"), st.one_of(st.none(), places), st.sampled_from(("", *EXITS))),
    st.tuples(st.just("remove"), st.sampled_from(IDS)),
    st.tuples(st.just("move"), st.sampled_from(IDS), places, st.sampled_from(("", *EXITS))),
    st.tuples(st.just("change"), st.sampled_from(IDS), st.text(max_size=5)),
)  # fmt: skip


def done(before: FlowDocument, op: tuple[Any, ...]) -> FlowDocument:
    match op:
        case ("targets", ident, wanted):
            return set_targets(before, ident, wanted)
        case ("add", behind, way_on):
            return add_node(before, "play", {}, way_on=way_on, behind=behind)[0]
        case ("remove", ident):
            return remove_node(before, ident)
        case ("move", ident, behind, way_on):
            return move_behind(before, ident, behind, way_on)
        case (_, ident, name):
            return change_node(before, ident, name=name)
    raise AssertionError(op)


@given(before=documents, ops=st.lists(operations, max_size=12))
def test_any_sequence_leaves_a_document_without_loose_lines(before: FlowDocument, ops: list[Any]) -> None:
    for op in ops:
        try:
            after = done(before, op)
        except (NotFoundError, InvalidError):
            continue  # it names a node that is gone: nothing was changed
        assert parse_document(after.as_dict()) == after
        ids = [node.id for node in after.nodes]
        assert len(set(ids)) == len(ids)
        assert {edge.source for edge in after.edges} | {edge.target for edge in after.edges} <= set(ids)
        exits = [(edge.source, edge.exit) for edge in after.edges]
        assert len(set(exits)) == len(exits)
        before = after


@given(a=documents, b=documents)
def test_an_overlay_has_every_node_and_line_of_both(a: FlowDocument, b: FlowDocument) -> None:
    found = overlay(a, b)
    assert {node.id for node in found.document.nodes} == {node.id for node in (*a.nodes, *b.nodes)}
    drawn = {(edge.source, edge.exit, edge.target) for edge in found.document.edges}
    old, new = ({(edge.source, edge.exit, edge.target) for edge in one.edges} for one in (a, b))
    assert drawn == old | new
    assert {line for line, fate in found.lines.items() if fate == "removed"} == old - new
    assert {line for line, fate in found.lines.items() if fate == "added"} == new - old
    assert apply(found.difference, a) == b


def test_add_and_move_keep_the_line() -> None:
    flow = document(["start", "a", "b"], [("start", "next", "a"), ("a", "done", "b")])
    grown, ident = add_node(flow, "play", {}, way_on="done", behind=("start", "next"))
    assert ident == "play" and _lines(grown) == {("start", "next", "play"), ("play", "done", "a"), ("a", "done", "b")}
    assert len({node.position for node in grown.nodes if node.id in ("play", "start")}) == 2
    moved = move_behind(grown, "play", ("a", "done"), "done")
    assert _lines(moved) == {("start", "next", "a"), ("a", "done", "play"), ("play", "done", "b")}
    with pytest.raises(InvalidError):
        move_behind(flow, "a", ("a", "done"), "done")


def test_what_is_no_document_is_refused() -> None:
    flow = document(["start"], [])
    with pytest.raises(CccError):
        change_node(flow, "start", name="x" * 129)
    with pytest.raises(CccError):
        change_flow(flow, title="x" * 129)


def test_only_the_place_is_another() -> None:
    flow = document(["start"], [])
    assert overlay(flow, change_node(flow, "start", position=[10, 0])).nodes == {"start": "moved"}
    assert overlay(flow, change_node(flow, "start", position=[10, 0], name="x")).nodes == {"start": "changed"}


def _lines(flow: FlowDocument) -> set[tuple[str, str, str]]:
    return {(edge.source, edge.exit, edge.target) for edge in flow.edges}
