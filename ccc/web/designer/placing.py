"""Where nodes are drawn that nobody placed: a flow written by hand, or one a program made. Pure."""

from __future__ import annotations

from collections import Counter
from typing import Any

from ccc.flow.analysis import NodeTypes
from ccc.flow.document import FlowDocument, Node
from ccc.flow.layout import Box, Way, arrange

WIDTH, HEAD, ROW = 220, 96, 24
"""About how large a node is drawn (static/js/designer/views.js), pixels."""
GAP = 80


def placed(document: FlowDocument, faces: dict[str, Any], registry: NodeTypes) -> FlowDocument:
    """The document to be drawn: nodes that stand exactly on top of each other are arranged, others stay.

    The very same document when there is nothing to arrange. What is stored does not change by looking at it.
    """
    loose = {node.id for node in _stacked(document)}
    if not loose:
        return document
    boxes = [_box(node, faces) for node in document.nodes if node.id in loose]
    order = {node.id: [way["name"] for way in faces[node.id]["exits"] or ()] for node in document.nodes}
    ways = [
        Way(edge.source, edge.target, _place(order.get(edge.source, []), edge.exit))
        for edge in document.edges
        if edge.source in loose and edge.target in loose
    ]
    kinds = registry.node_types
    starts = [node.id for node in document.nodes if node.type in kinds and kinds[node.type].is_start]
    places = arrange(boxes, ways, starts, _below([node for node in document.nodes if node.id not in loose], faces))
    nodes = [
        node.model_copy(update={"position": places[node.id]}) if node.id in loose else node for node in document.nodes
    ]
    return document.model_copy(update={"nodes": nodes})


def _stacked(document: FlowDocument) -> list[Node]:
    """Nodes that share their place with another one."""
    there = Counter(node.position for node in document.nodes)
    return [node for node in document.nodes if there[node.position] > 1]


def _box(node: Node, faces: dict[str, Any]) -> Box:
    return Box(node.id, WIDTH, HEAD + ROW * len(faces[node.id]["exits"] or ()))


def _place(exits: list[str], name: str) -> int:
    return exits.index(name) if name in exits else len(exits)


def _below(others: list[Node], faces: dict[str, Any]) -> tuple[float, float]:
    """The corner where the arranged part begins: under what somebody placed."""
    if not others:
        return (0.0, 0.0)
    bottom = max(node.position[1] + _box(node, faces).height for node in others)
    return (min(node.position[0] for node in others), bottom + GAP)
