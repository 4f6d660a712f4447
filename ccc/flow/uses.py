"""Which nodes of a flow use a name? Asked before the thing of that name is taken away."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from ccc.api import AudioPrompt, ExprError, Expression, TextPrompt, TextTemplate
from ccc.api.expr import parse_template
from ccc.flow.analysis import CheckedNode, NodeTypes, Part, parse_nodes
from ccc.flow.document import parse_document

log = logging.getLogger(__name__)


def audio_users(raw: Mapping[str, Any], registry: NodeTypes, name: str) -> list[str]:
    """Ids of the nodes of the stored document ``raw`` that play the audio ``name``, in document order."""
    return users_of(raw, registry, "audio", name)


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
    if isinstance(part, Expression):
        return name in part.tables()
    if isinstance(part, TextTemplate):
        return any(name in formula.tables() for formula in part.expressions())
    if isinstance(part, TextPrompt):
        try:
            return any(name in formula.tables() for formula in parse_template(part.text).expressions())
        except ExprError:
            return True
    return False


def _mentions(value: object, name: str, inside: bool = False) -> bool:
    if isinstance(value, str):
        return name in value if inside else value == name
    if isinstance(value, Mapping):
        return any(_mentions(item, name, inside) for item in value.values())
    return isinstance(value, list | tuple) and any(_mentions(item, name, inside) for item in value)
