"""What a node shows on the canvas: its exits, what it does in a line or two, the variables it sets. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ccc.api import ERROR_EXIT, Exit, NodeType
from ccc.flow.analysis import NodeTypes, parse_node
from ccc.flow.document import Node
from ccc.web.designer.summary import summary

Face = dict[str, Any]


def face(node: Node, registry: NodeTypes, language: str) -> Face:
    """``{exits: [{name, label, required}] | None, lines: [text], sets: [variable], valid}``.

    ``exits`` None: the settings cannot be read (or the type is unknown), the page keeps those it knew.
    """
    checked = parse_node(node, registry.node_types)
    kind = checked.node_type
    if kind is None:
        return {"exits": None, "lines": [], "sets": [], "valid": False}
    declared = _exits_so_far(kind, node.config) if checked.config is None else checked.exits
    exits = None if declared is None else [_way(one.name, one.label, one.required, language) for one in declared]
    if exits is not None:
        ways_on = [each for each in exits if each["name"] != ERROR_EXIT]
        if len(ways_on) == 1:
            ways_on[0]["only"] = True
    sets: list[str] = []
    if checked.config is not None:
        try:
            sets = list(kind.sets(checked.config))
        except Exception:  # a plugin's mistake: the check tells of it
            sets = []
    return {
        "exits": exits,
        "lines": summary(kind, node.config, language),
        "sets": sets,
        "valid": checked.config is not None,
    }


def _exits_so_far(kind: NodeType, config: Mapping[str, Any]) -> Sequence[Exit] | None:
    """Exits of settings that are not complete yet, so that a new node can be connected before it is filled in; None
    when they depend on what cannot be read."""
    try:
        found = tuple(kind.exits(kind.Config.model_construct(**config)))
        sound = all(isinstance(one.name, str) and one.name for one in found)
    except Exception:  # they depend on settings that are not there yet
        return None
    return found if sound else None


def _way(name: str, label: Mapping[str, str], required: bool, language: str) -> dict[str, Any]:
    return {"name": name, "label": label.get(language) or label.get("en", name), "required": required}


def type_view(kind: NodeType, language: str, config: Mapping[str, Any], registry: NodeTypes) -> dict[str, Any]:
    """A node type for the palette and the canvas; ``config`` is what a new node begins with."""
    made = Node(id="new", type=kind.type, config=dict(config))
    return {
        "type": kind.type,
        "label": kind.label.get(language) or kind.label["en"],
        "names": sorted({kind.type, *kind.label.values()}),
        "help": kind.help.get(language) or kind.help["en"],
        "category": kind.category,
        "icon": kind.icon,
        "start": kind.is_start,
        "ends": kind.ends_call,
        "config": config,
        "face": face(made, registry, language),
    }
