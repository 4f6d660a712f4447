"""What a page that only shows a flow begins with."""

from __future__ import annotations

from typing import Any

from flask import url_for
from flask_wtf.csrf import generate_csrf

from ccc.flow.document import FlowDocument
from ccc.flow.layout import Box, Way, arrange
from ccc.loader import Registry
from ccc.web.auth import rights
from ccc.web.calls.texts import texts as player_texts
from ccc.web.designer.icons import TOOLS, symbols
from ccc.web.designer.look.texts import texts
from ccc.web.designer.start import faces_of, palette

Icons = list[tuple[str, str, str]]
WIDTH, HEAD, ROW = 220, 80, 24
"""About how large a node is drawn (static/js/designer/views.js), pixels."""


def view_start(flow: str, document: FlowDocument, registry: Registry, **more: Any) -> tuple[dict[str, Any], Icons]:
    """(the start block of the scripts, the icons the canvas uses)."""
    types = palette(registry, {})
    faces = faces_of(document, registry)
    start = {
        "flow": flow,
        "document": placed(document, faces, registry).as_dict(),
        "csrf": generate_csrf(),
        "timezone": rights.place().timezone,
        "texts": player_texts() | texts(),
        "types": {each["type"]: each for each in types},
        "faces": faces,
        **more,
    }
    start["urls"] = {"faces": url_for("designer.faces", key=flow), **more.get("urls", {})}
    return start, symbols([*TOOLS, "chevron-left", "chevron-right", *(each["icon"] for each in types)])


def placed(document: FlowDocument, faces: dict[str, Any], registry: Registry) -> FlowDocument:
    """The document to be drawn: one written by hand, whose nodes all stand in one place, is arranged."""
    if len(document.nodes) < 2 or len({node.position for node in document.nodes}) > 1:
        return document
    boxes = [Box(node.id, WIDTH, HEAD + ROW * len(faces[node.id]["exits"] or ())) for node in document.nodes]
    ways = [Way(edge.source, edge.target, n) for n, edge in enumerate(document.edges)]
    kinds = registry.node_types
    starts = [node.id for node in document.nodes if node.type in kinds and kinds[node.type].is_start]
    places = arrange(boxes, ways, starts)
    nodes = [node.model_copy(update={"position": places[node.id]}) for node in document.nodes]
    return document.model_copy(update={"nodes": nodes})
