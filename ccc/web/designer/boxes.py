"""How large nodes are drawn, and automatic layout of a document on the server. The sizes are those of ``views.js``."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from ccc.api import ERROR_EXIT
from ccc.flow.document import FlowDocument, Node
from ccc.flow.layout import Box, Way, arrange
from ccc.loader import Registry
from ccc.web.designer.faces import Face, face

WIDTH, HEAD, LINE, ROW, FOOT = 220, 48, 20, 24, 8
"""Pixels; a test compares them with the script's."""


def exits_of(node: Node, document: FlowDocument, found: Face) -> list[str]:
    """Names of a node's exits from the top: those its settings declare, then those that only a line knows."""
    declared = [str(each["name"]) for each in found["exits"] or ()]
    lines = [edge.exit for edge in document.edges if edge.source == node.id]
    return list(dict.fromkeys([*declared, *lines]))


def height_of(found: Face, exits: Sequence[str]) -> int:
    """Of a node whose exits are these."""
    head = {str(each["name"]) for each in found["exits"] or () if each.get("only")}
    rows = len([name for name in exits if name != ERROR_EXIT and name not in head])
    lines = min(len(found["lines"]), 2)
    body = lines * LINE + rows * ROW + (FOOT if lines or rows else 0)
    return math.ceil((HEAD + body) / 20) * 20


def arranged(document: FlowDocument, registry: Registry, language: str) -> dict[str, tuple[float, float]]:
    """Where the nodes go when nobody places them: upper left corners by id."""
    faces: Mapping[str, Any] = {node.id: face(node, registry, language) for node in document.nodes}
    exits = {node.id: exits_of(node, document, faces[node.id]) for node in document.nodes}
    boxes = [Box(node.id, WIDTH, height_of(faces[node.id], exits[node.id])) for node in document.nodes]
    known = registry.node_types
    starts = [node.id for node in document.nodes if node.type in known and known[node.type].is_start]
    ways = [
        Way(edge.source, edge.target, exits[edge.source].index(edge.exit))
        for edge in document.edges
        if edge.source in exits
    ]
    return arrange(boxes, ways, starts)
