"""Nodes nobody placed do not stand on top of each other; nothing that is stored changes by looking at it."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ccc.flow.document import FlowDocument, content_hash, parse_document
from ccc.loader import Registry, load
from ccc.web.designer.faces import face
from ccc.web.designer.placing import WIDTH, placed
from tests.flow.build import document, node, start
from tests.flow.documents import NODES

REGISTRY = load()
spots = st.sampled_from([(0, 0), (0, 0), (300, 0), (0, 300), (640, 40)])
some_nodes = st.lists(
    st.builds(lambda made, spot: made | {"position": spot}, NODES, spots), unique_by=lambda one: one["id"]
)


def drawn(flow: FlowDocument, registry: Registry = REGISTRY) -> FlowDocument:
    return placed(flow, {one.id: face(one, registry, "zh") for one in flow.nodes}, registry)


@given(some_nodes)
def test_no_two_nodes_in_one_place_and_those_that_stood_alone_stay(nodes: list[dict[str, Any]]) -> None:
    flow = parse_document({"name": "x", "nodes": nodes})
    before = content_hash(flow)
    found = drawn(flow)
    places = [one.position for one in found.nodes]
    assert len(set(places)) == len(places)
    assert content_hash(flow) == before and drawn(found) is found
    spots_before = [one.position for one in flow.nodes]
    for old, new in zip(flow.nodes, found.nodes, strict=True):
        assert new == old.model_copy(update={"position": new.position})
        if spots_before.count(old.position) == 1:
            assert new.position == old.position


def test_a_flow_written_by_hand_runs_from_left_to_right() -> None:
    menu = node("menu", "menu", prompts=[{"kind": "tts", "text": "1"}], keys=[{"key": "1"}, {"key": "2"}])
    lines = ("start.next menu", "menu.key_2 b", "menu.key_1 a", "menu.wrong b")
    found = drawn(document([start(), menu, node("a", "hangup"), node("b", "hangup")], *lines))
    at = {one.id: one.position for one in found.nodes}
    assert at["start"][0] + WIDTH < at["menu"][0] and at["menu"][0] + WIDTH < at["a"][0] == at["b"][0]
    assert at["a"][1] < at["b"][1], "in the order of the exits, not of the lines"


def test_one_node_at_the_corner_stays_there() -> None:
    flow = document([start()])
    assert drawn(flow) is flow
