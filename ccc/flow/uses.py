"""Which nodes of a flow use a name? Asked before the thing of that name is taken away."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ccc.api import AudioPrompt, ExprError, Expression, TextPrompt
from ccc.api.expr import parse_template
from ccc.flow.analysis import CheckedNode, NodeTypes, Part, parse_nodes
from ccc.flow.document import FlowDocument, parse_document

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, order=True)
class Use:
    """A name a node needs; of kind ``node-type`` when its own plugin is not installed here."""

    kind: str
    name: str
    node: str


def names_used(document: FlowDocument, registry: NodeTypes) -> list[Use]:
    """Every symbolic name the flow needs from outside, each node's in order; tables the document brings are no need.

    A node whose settings are faulty says nothing: the check names it.
    """
    found: list[Use] = []
    for checked in parse_nodes(document, registry):
        node = checked.node.id
        if checked.node_type is None:
            found.append(Use("node-type", checked.node.type, node))
        elif checked.config is not None:
            own = {("table", name) for name in document.tables}
            found += [Use(*name, node) for name in sorted(_names_of(checked) - own)]
    return found


def _names_of(checked: CheckedNode) -> set[tuple[str, str]]:
    assert checked.node_type is not None
    names: set[tuple[str, str]] = set()
    for _, part in checked.parts:
        names |= {("table", name) for name in _tables(part) or ()}
        if isinstance(part, AudioPrompt):
            names.add(("audio", part.name))
        elif isinstance(part, TextPrompt) and part.voice is not None:
            names.add(("voice", part.voice))
    try:
        return names | {(kind, name) for kind, name in checked.node_type.uses(checked.config) if kind != "variable"}
    except Exception:  # a plugin's mistake: the check names it
        log.exception("uses() of node type %r failed", checked.node.type)
        return names


def _tables(part: Part) -> set[str] | None:
    """The tables a formula or text looks things up in; None when it cannot be read."""
    if isinstance(part, AudioPrompt):
        return set()
    if isinstance(part, Expression):
        return set(part.tables())
    try:
        template = parse_template(part.text) if isinstance(part, TextPrompt) else part
    except ExprError:
        return None
    return {name for formula in template.expressions() for name in formula.tables()}


def users_of(raw: Mapping[str, Any], registry: NodeTypes, kind: str, name: str) -> list[str]:
    """Ids of the nodes of the stored document ``raw`` that use the ``kind`` (``audio``, ``skill-group``) of that name.

    A node whose settings cannot be read here (its plugin is missing, they are faulty) counts when the name occurs
    in them at all: refusing to remove something is mended more easily than having removed it.
    """
    inside = kind == "table"  # in formulas, too
    if not _mentions(raw, name, inside):  # most flows: cheap to tell, and the caller may hold the store
        return []
    document = parse_document(raw)
    suspects = [node for node in document.nodes if _mentions(node.config, name, inside)]
    checked = parse_nodes(document.model_copy(update={"nodes": suspects}), registry)
    return [item.node.id for item in checked if _uses(item, kind, name)]


def _uses(checked: CheckedNode, kind: str, name: str) -> bool:
    if checked.node_type is None or checked.config is None:
        return True
    if kind == "table" and any(_formula_uses(part, name) for _, part in checked.parts):
        return True
    if kind == "audio" and any(isinstance(part, AudioPrompt) and part.name == name for _, part in checked.parts):
        return True
    try:
        return (kind, name) in set(checked.node_type.uses(checked.config))
    except Exception:  # a plugin's mistake: taken for a use, and told
        log.exception("uses() of node type %r failed", checked.node.type)
        return True


def _formula_uses(part: Part, name: str) -> bool:
    tables = _tables(part)
    return tables is None or name in tables


def _mentions(value: object, name: str, inside: bool = False) -> bool:
    if isinstance(value, str):
        return name in value if inside else value == name
    if isinstance(value, Mapping):
        return any(_mentions(item, name, inside) for item in value.values())
    return isinstance(value, list | tuple) and any(_mentions(item, name, inside) for item in value)
