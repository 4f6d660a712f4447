"""A flow in words: its nodes in the order a call meets them, their settings and ways out. Pure."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ccc.flow.document import FlowDocument, Node
from ccc.loader import Registry
from ccc.web.nodes import Names, exit_name, type_name

TEXT = 140
UNITS = {"zh": {"s": "秒"}}


@dataclass(frozen=True, slots=True)
class Way:
    """A way out: what it is called, where it leads (id and name; '' leads nowhere)."""

    label: str
    target: str
    target_name: str


@dataclass(frozen=True, slots=True)
class Step:
    """A node for people. ``settings`` are ``(label, value)``; ``reached`` False: no way leads here."""

    id: str
    name: str
    type: str
    icon: str
    settings: tuple[tuple[str, str], ...]
    ways: tuple[Way, ...]
    note: str
    reached: bool


def outline(document: FlowDocument, registry: Registry, names: Names, language: str) -> list[Step]:
    """The document's nodes, those a call can reach first, from the start breadth-first."""
    nodes = {node.id: node for node in document.nodes}
    out: dict[str, list[tuple[str, str]]] = {}
    for edge in document.edges:
        out.setdefault(edge.source, []).append((edge.exit, edge.target))
    reached = walking_order(document, registry, out)
    order = [*reached, *(ident for ident in nodes if ident not in set(reached))]
    return [_step(nodes[ident], nodes, out, registry, names, language, ident in reached) for ident in order]


def walking_order(document: FlowDocument, registry: Registry, out: Mapping[str, list[tuple[str, str]]]) -> list[str]:
    """Ids of the nodes a call can reach, from the start breadth-first. ``out``: exits and targets by node."""
    known = {node.id for node in document.nodes}
    waiting = deque(node.id for node in document.nodes if _starts(node, registry))
    found: dict[str, None] = dict.fromkeys(waiting)
    while waiting:
        for _exit, target in out.get(waiting.popleft(), ()):
            if target in known and target not in found:
                found[target] = None
                waiting.append(target)
    return list(found)


def _starts(node: Node, registry: Registry) -> bool:
    kind = registry.node_types.get(node.type)
    return kind is not None and kind.is_start


def _step(
    node: Node,
    nodes: Mapping[str, Node],
    out: Mapping[str, list[tuple[str, str]]],
    registry: Registry,
    names: Names,
    language: str,
    reached: bool,
) -> Step:
    ways = tuple(
        Way(
            exit_name(names, node.type, name),
            target if target in nodes else "",
            (nodes[target].name or target) if target in nodes else target,
        )
        for name, target in out.get(node.id, ())
    )
    kind = registry.node_types.get(node.type)
    schema = kind.Config.model_json_schema() if kind is not None else {}
    named, about = labels(schema, language), schema.get("properties", {})
    settings = tuple(
        (named.get(key, key), text)
        for key, value in node.config.items()
        if (text := _setting(value, about.get(key, {}), language)) != ""
    )
    return Step(node.id, node.name or node.id, type_name(names, node.type), "flow", settings, ways, node.note, reached)


def labels(schema: Mapping[str, Any], language: str) -> dict[str, str]:
    """What the settings of a node type are called, by their names."""
    found = {}
    for name, field in schema.get("properties", {}).items():
        label = field.get("x-label", {})
        found[name] = str(label.get(language) or label.get("en") or field.get("title") or name)
    return found


def _setting(value: Any, about: Mapping[str, Any], language: str) -> str:
    """A setting as its form shows it: what was chosen by its label, a figure with its unit."""
    names = about.get("x-choices", {}).get(value, {}) if isinstance(value, str) else {}
    if names:
        return str(names.get(language) or names.get("en") or value)
    unit = about.get("x-unit", "")
    if unit and isinstance(value, int | float) and not isinstance(value, bool):
        return f"{value:g} {UNITS.get(language, {}).get(unit, unit)}"
    return in_words(value)


def in_words(value: Any) -> str:
    """A setting on one line: prompts as what is said, lists joined, switches as marks."""
    if value is None or value == "" or value == [] or value == {}:
        return ""
    if isinstance(value, bool):
        return "✓" if value else "✗"
    if isinstance(value, Mapping):
        text = _prompt(value) or "、".join(f"{key} {in_words(item)}" for key, item in value.items())
    elif isinstance(value, list | tuple):
        text = " · ".join(in_words(item) for item in value)
    else:
        text = str(value)
    return text if len(text) <= TEXT else text[:TEXT].rstrip() + "…"


def _prompt(value: Mapping[str, Any]) -> str:
    kind = value.get("kind")
    if kind == "tts":
        return f"“{value.get('text', '')}”"
    if kind == "audio":
        return f"♪ {value.get('name', '')}"
    if "key" in value and set(value) <= {"key", "label"}:
        return f"{value['key']} {value.get('label', '')}".strip()
    return ""
