"""Two documents drawn as one: the newer one with what is gone put back, and what became of each node and line. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ccc.flow.diff import Change, FlowDiff, diff
from ccc.flow.document import Edge, FlowDocument, Node

Fate = Literal["added", "removed", "changed", "moved"]


@dataclass(frozen=True, slots=True)
class Overlay:
    """``nodes`` by id and ``lines`` by (node, exit, target): only those that differ. ``moved``: only its place does."""

    document: FlowDocument
    difference: FlowDiff
    nodes: dict[str, Fate]
    lines: dict[tuple[str, str, str], Fate]
    changes: dict[str, tuple[Change, ...]]
    """What changed in each node that is in both."""


def overlay(a: FlowDocument, b: FlowDocument) -> Overlay:
    """From ``a`` to ``b``. A line that leads elsewhere now is one removed and one added."""
    difference = diff(a, b)
    nodes: dict[str, Fate] = {item["id"]: "removed" for item in difference.nodes.removed}
    nodes |= {item["id"]: "added" for item in difference.nodes.added}
    changes = {each.item["id"]: each.changes for each in difference.nodes.changed}
    for ident, found in changes.items():
        nodes[ident] = "moved" if all(change.path[0] == "position" for change in found) else "changed"
    before, after = _lines(a), _lines(b)
    lines: dict[tuple[str, str, str], Fate] = {line: "removed" for line in before if line not in after}
    lines |= {line: "added" for line in after if line not in before}
    here = {node.id for node in b.nodes}
    gone = [Node.model_validate(item) for item in difference.nodes.removed if item["id"] not in here]
    old = [edge for line, edge in before.items() if line not in after]
    document = b.model_copy(update={"nodes": [*b.nodes, *gone], "edges": [*b.edges, *old]})
    return Overlay(document, difference, nodes, lines, changes)


def _lines(document: FlowDocument) -> dict[tuple[str, str, str], Edge]:
    return {(edge.source, edge.exit, edge.target): edge for edge in document.edges}
