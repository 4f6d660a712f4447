"""Two versions compared, in words: every node and line that differs, and field by field what was and what is."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from ccc.flow.diff import Change
from ccc.flow.document import Node
from ccc.flow.overlay import Overlay
from ccc.loader import Registry
from ccc.web.designer.schema import Shape, schema_of
from ccc.web.designer.summary import summary
from ccc.web.nodes import exit_name, node_names, type_name


@dataclass(frozen=True, slots=True)
class Line:
    """A value: ``old`` or ``new`` None is one that there was not."""

    label: str
    old: str | None
    new: str | None


@dataclass(frozen=True, slots=True)
class Entry:
    """A node (``id``) or a line between two (``id`` is where it begins). ``fate`` as in ``Overlay``."""

    fate: str
    id: str
    title: str
    kind: str
    lines: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True)
class Comparison:
    """``flow``: what differs outside nodes and lines."""

    flow: tuple[Line, ...]
    nodes: tuple[Entry, ...]
    ways: tuple[Entry, ...]


SHORT = 24
"""Letters of what stands for a name."""
ORDER = ("added", "removed", "changed", "moved")


def compared(found: Overlay, registry: Registry, language: str) -> Comparison:
    """The list beside the canvas."""
    names = node_names(registry, language)
    nodes = {node.id: node for node in found.document.nodes}

    def title(ident: str) -> str:
        node = nodes.get(ident)
        return ident if node is None else node.name or _says(node, registry, language) or type_name(names, node.type)

    entries = [
        Entry(fate, ident, title(ident), _kind(nodes[ident], names), _changes(found, nodes[ident], registry, language))
        for ident, fate in sorted(found.nodes.items(), key=lambda item: ORDER.index(item[1]))
    ]
    ways = [
        Entry(fate, source, f"{title(source)} → {title(target)}", _exit(nodes.get(source), names, exit_))
        for (source, exit_, target), fate in sorted(found.lines.items(), key=lambda item: ORDER.index(item[1]))
    ]
    flow = [_line(_field(str(change.path[0])) + _rest(change.path[1:]), change) for change in found.difference.fields]
    tests = found.difference.tests
    flow += [Line(_("Test case"), None, item["name"]) for item in tests.added]
    flow += [Line(_("Test case"), item["name"], None) for item in tests.removed]
    flow += [Line(_("Test case"), each.item["name"], each.item["name"]) for each in tests.changed]
    return Comparison(tuple(flow), tuple(entries), tuple(ways))


def marks(found: Overlay | None) -> dict[str, Any]:
    """For the canvas: ``{nodes: {id: class}, lines: [[node, exit, target, class]]}``; empty for one version alone."""
    if found is None:
        return {"nodes": {}, "lines": []}
    lines = [[*line, f"is-{fate}"] for line, fate in found.lines.items()]
    return {"nodes": {ident: f"is-{fate}" for ident, fate in found.nodes.items()}, "lines": lines}


def _says(node: Node, registry: Registry, language: str) -> str:
    """What tells a node without a name from its likes: the first thing its settings say."""
    kind = registry.node_types.get(node.type)
    text = next(iter(summary(kind, node.config, language)), "") if kind is not None else ""
    return text if len(text) <= SHORT else f"{text[:SHORT]}…"


def _kind(node: Node, names: Any) -> str:
    return type_name(names, node.type)


def _exit(node: Node | None, names: Any, exit_: str) -> str:
    return exit_name(names, node.type if node else "", exit_) or _("then")


def _changes(found: Overlay, node: Node, registry: Registry, language: str) -> tuple[Line, ...]:
    kind = registry.node_types.get(node.type)
    schema = schema_of(kind.Config) if kind is not None else {}
    lines = []
    for change in found.changes.get(node.id, ()):
        first, rest = str(change.path[0]), change.path[1:]
        if first == "config" and rest:
            lines.append(_line(" · ".join(_labels(schema, rest, language)), change))
        elif first != "position":
            lines.append(_line(_field(first) + _rest(rest), change))
    return tuple(lines)


def _labels(schema: Mapping[str, Any], path: Sequence[str | int], language: str) -> list[str]:
    """The path as the node's form calls its parts; rows are numbered from 1."""
    shape, found, here = Shape.of(schema, language), [], schema
    for part in path:
        variants = _variants(shape, here)
        if isinstance(part, int):
            found.append(str(part + 1))
            here = next((one["items"] for one in variants if isinstance(one.get("items"), Mapping)), {})
            continue
        here = next((one["properties"][part] for one in variants if part in one.get("properties", {})), {})
        labels = [one["x-label"] for one in (here, *_variants(shape, here)) if "x-label" in one]
        label: Mapping[str, str] = labels[0] if labels else {}
        found.append(label.get(language) or label.get("en") or _field(part))
    return found


def _variants(shape: Shape, schema: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """What a part may be: one of several things (prompts are of four kinds), or just itself."""
    inner = shape.resolved(dict(schema))[0] if schema else {}
    return [inner, *(shape.resolved(one)[0] for one in (*inner.get("oneOf", ()), *inner.get("anyOf", ())))]


def _rest(path: Any) -> str:
    parts = [str(part + 1) if isinstance(part, int) else str(part) for part in path]
    return "".join(f" · {part}" for part in parts)


def _field(name: str) -> str:
    known = {
        "name": _("Name"),
        "note": _("Remark for colleagues"),
        "type": _("Type"),
        "title": _("Name"),
        "description": _("What it is for"),
        "language": _("Language"),
        "variables": _("Variables"),
        "tables": _("Tables"),
        "notes": _("Notes"),
    }
    return str(known.get(name, name))


def _line(label: str, change: Change) -> Line:
    old = None if change.op == "add" else in_words(change.old)
    return Line(label, old, None if change.op == "remove" else in_words(change.new))


def in_words(value: Any) -> str:
    """A value as it stands in the document; texts without quotes."""
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping) and value.get("kind") == "tts":
        return str(value.get("text", ""))
    return json.dumps(value, ensure_ascii=False, indent=1)
