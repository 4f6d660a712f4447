"""What the designer's page carries: draft, faces, palette, texts, addresses."""

from __future__ import annotations

from typing import Any

from flask import url_for
from flask_wtf.csrf import generate_csrf

from ccc.api import NodeType
from ccc.flow.document import FlowDocument, parse_document
from ccc.loader import Registry
from ccc.services import drafts
from ccc.store.records import FlowRecord
from ccc.web.auth import rights
from ccc.web.designer.faces import face, type_view
from ccc.web.designer.placing import placed
from ccc.web.designer.problems import listed
from ccc.web.designer.schema import Shape, blank_group, schema_of
from ccc.web.designer.texts import categories, texts
from ccc.web.designer.trial_start import trial_start
from ccc.web.designer.widgets.start import widget_start
from ccc.web.i18n import language
from ccc.web.shell import moment

ADDRESSES = (
    "lock", "unlock", "save", "draft", "faces", "layout", "panel", "read", "edit", "speak", "publish", "running",
)  # fmt: skip


def start_block(record: FlowRecord, registry: Registry, instance: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """(what the scripts begin with, the palette's types)."""
    document = parse_document(record.document)
    names = drafts.names(rights.store(), registry, rights.actor(), instance)
    types = palette(registry, names)
    problems = drafts.check_document(rights.store(), registry, rights.actor(), instance, document)
    faces = faces_of(document, registry)
    drawn = placed(document, faces, registry)
    start = {
        "flow": record.name,
        "document": drawn.as_dict(),
        "arranged": drawn is not document,
        "revision": record.revision,
        "saved_at": moment(record.edited_at, "HH:mm:ss"),
        "saved_by": record.edited_by,
        "live": record.live_version,
        "may_publish": rights.place().role == "admin",
        "user": rights.profile().name,
        "instance": instance,
        "csrf": generate_csrf(),
        "timezone": rights.place().timezone,
        "urls": {name: url_for(f"designer.{name}", key=record.name) for name in ADDRESSES},
        "texts": texts(),
        "types": {each["type"]: each for each in types},
        "faces": faces,
        "problems": listed(problems, document, registry),
    }
    for more in (trial_start(record.name, registry), widget_start(record.name)):
        for part in ("urls", "texts"):
            start[part] = more.pop(part) | start[part]
        start |= more
    return start, types


def faces_of(document: FlowDocument, registry: Registry) -> dict[str, Any]:
    """Every node's face by id."""
    return {node.id: face(node, registry, language()) for node in document.nodes}


def palette(registry: Registry, names: dict[str, list[tuple[str, str]]]) -> list[dict[str, Any]]:
    """The node types in the palette's order, with what a new node of each begins with."""
    order = list(categories())
    kinds = sorted(
        registry.node_types.values(),
        key=lambda kind: (
            order.index(kind.category) if kind.category in order else len(order),
            not kind.is_start,
            kind.ends_call,
        ),
    )
    return [type_view(kind, language(), first_settings(kind, names), registry) for kind in kinds]


def first_settings(kind: NodeType, names: dict[str, list[tuple[str, str]]]) -> dict[str, Any]:
    """Settings a new node begins with: required ones, empty; a reference with only one thing to name names it."""
    schema = schema_of(kind.Config)
    made = blank_group(Shape.of(schema, language()), schema)
    for name, value in made.items():
        known = names.get(str(schema["properties"][name].get("x-widget", "")), [])
        if value == "" and known:
            default = [each for each, _title in known if each == "default"]
            made[name] = default[0] if default else known[0][0] if len(known) == 1 else ""
    return made


def groups(types: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """(category, label) of the palette; a plugin's own category under its own name."""
    known = categories()
    found = dict.fromkeys(each["category"] for each in types)
    return [(name, known.get(name, name)) for name in found]
