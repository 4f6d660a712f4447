"""Names of node types and their exits for people, from the plugins (the core knows no node type by name)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ccc.api.node import ERROR_EXIT, Exit, NodeType
from ccc.loader import Registry

Names = dict[str, dict[str, Any]]
_NUMBERED = re.compile(r"(\w*\D)(\d)")


def node_names(registry: Registry, language: str) -> Names:
    """``{type: {label, exits: {name: label}}}``. An exit that is the only way on has the label '': it tells nothing."""
    return {
        name: {"label": _in(node.label, language), "exits": dict(_exits(node, language))}
        for name, node in registry.node_types.items()
    }


def type_name(names: Names, node_type: str) -> str:
    """What people call the type; the type itself when its plugin is gone."""
    return str(names.get(node_type, {}).get("label", node_type))


def exit_name(names: Names, node_type: str, name: str | None) -> str:
    """What people call the exit; '' for none and for the only way on."""
    return str(names.get(node_type, {}).get("exits", {}).get(name, name)) if name else ""


def _exits(node: NodeType, language: str) -> Iterator[tuple[str, str]]:
    """From the type's own examples; ``key_1`` there stands for every key."""
    found: dict[str, Exit] = {}
    for example in node.examples:
        found |= {each.name: each for each in node.exits(node.Config(**example))}
    ways_on = [name for name in found if name != ERROR_EXIT]
    for name, each in found.items():
        label = "" if ways_on == [name] else _in(each.label, language)
        numbered = _NUMBERED.fullmatch(name)
        if numbered and numbered[2] in label:
            for digit in "0123456789":
                yield numbered[1] + digit, label.replace(numbered[2], digit)
        yield name, label


def _in(label: Mapping[str, str], language: str) -> str:
    return label.get(language) or label.get("en", "")
