"""The draft as the list shows it: nodes in walking order with exits, problems and what they do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ccc.api import ERROR_EXIT
from ccc.flow.document import FlowDocument, Node
from ccc.loader import Registry
from ccc.web.admin.flows.outline import walking_order
from ccc.web.designer.faces import face

MOST_OPTIONS = 60
"""A flow with more nodes gets inputs with one shared list instead of a list in each exit."""


@dataclass(frozen=True, slots=True)
class Way:
    """An exit. ``lost``: only a line knows it, the settings have no such exit (any more)."""

    name: str
    label: str
    target: str
    required: bool
    lost: bool = False


@dataclass(frozen=True, slots=True)
class Item:
    """A node of the list. ``reached`` False: no way leads there."""

    node: Node
    title: str
    type: str
    icon: str
    css: str
    start: bool
    lines: tuple[str, ...]
    ways: tuple[Way, ...]
    problems: tuple[Mapping[str, Any], ...]
    reached: bool


def items(
    document: FlowDocument, registry: Registry, problems: Sequence[Mapping[str, Any]], language: str
) -> list[Item]:
    """Every node, those a call can reach first."""
    out: dict[str, list[tuple[str, str]]] = {}
    for edge in document.edges:
        out.setdefault(edge.source, []).append((edge.exit, edge.target))
    found: dict[str, list[Mapping[str, Any]]] = {}
    for problem in problems:
        found.setdefault(problem["node"] or "", []).append(problem)
    nodes = {node.id: node for node in document.nodes}
    reached = [ident for ident in walking_order(document, registry, out) if ident in nodes]
    known = set(reached)
    order = [*reached, *(ident for ident in nodes if ident not in known)]
    return [
        _item(nodes[ident], out.get(ident, []), registry, found.get(ident, []), language, ident in known)
        for ident in order
    ]


def _item(
    node: Node, out: list[tuple[str, str]], registry: Registry, problems: list[Mapping[str, Any]], language: str,
    reached: bool,
) -> Item:  # fmt: skip
    kind = registry.node_types.get(node.type)
    made = face(node, registry, language)
    label = (kind.label.get(language) or kind.label["en"]) if kind is not None else node.type
    known = ("basic", "input", "logic", "agent")
    css = "unknown" if kind is None else kind.category if kind.category in known else "other"
    return Item(
        node=node,
        title=node.name or label,
        type=label,
        icon=kind.icon if kind is not None else "question-diamond",
        css=css,
        start=kind is not None and kind.is_start,
        lines=tuple(made["lines"]),
        ways=ways(made["exits"], dict(reversed(out))),
        problems=tuple(problems),
        reached=reached,
    )


def ways(exits: Sequence[Mapping[str, Any]] | None, lines: Mapping[str, str]) -> tuple[Way, ...]:
    """The exits settings declare, then those that only a line knows. ``exits`` None: settings cannot be read."""
    declared = [Way(each["name"], each["label"], lines.get(each["name"], ""), each["required"]) for each in exits or ()]
    names = {each.name for each in declared}
    rest = [
        Way(name, name, target, False, lost=exits is not None) for name, target in lines.items() if name not in names
    ]
    return (*declared, *rest)


def way_on(document: FlowDocument, node: Node, registry: Registry, language: str) -> str:
    """The exit a call usually takes: the first one that is not for errors; '' for a node that ends the call."""
    exits = face(node, registry, language)["exits"]
    if exits is None:
        exits = [{"name": edge.exit} for edge in document.edges if edge.source == node.id]
    return next((str(each["name"]) for each in exits if each["name"] != ERROR_EXIT), "")


def places(listed: Sequence[Item]) -> list[tuple[str, str]]:
    """Every exit as ``(node>exit, title)`` for the choice of where to put a node."""
    return [
        (f"{item.node.id}>{way.name}", f"{item.title} · {way.label or way.name}")
        for item in listed
        for way in item.ways
        if not way.lost
    ]
