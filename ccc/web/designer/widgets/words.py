"""Words of a tried node in the page's language."""

from __future__ import annotations

from ccc.api import Problem
from ccc.flow.analysis import NodeTypes, parse_node
from ccc.flow.document import Node
from ccc.web.i18n import language
from ccc.web.problems import in_words


def exit_label(name: str | None, node: Node, registry: NodeTypes) -> str:
    """What people call the exit."""
    for way in parse_node(node, registry.node_types).exits or ():
        if way.name == name:
            return way.label.get(language()) or way.label["en"]
    return name or ""


def failure_in_words(message: str) -> str:
    """Why there is no answer."""
    return in_words(Problem("error", "try", message)) if message else ""
