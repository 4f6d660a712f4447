"""A flow as a small drawing (SVG) for the gallery: boxes in the colours of their groups, lines between them. Pure."""

from __future__ import annotations

from markupsafe import Markup

from ccc.flow.document import FlowDocument
from ccc.loader import Registry
from ccc.web.designer.boxes import WIDTH, arranged, exits_of, height_of
from ccc.web.designer.faces import face

KNOWN = ("basic", "input", "logic", "agent")
MARGIN, HEAD, LEAST = 20, 24, (700, 240)
"""Pixels of the drawing's own scale: that of the canvas. A flow of one node is not drawn larger than its likes."""


def drawing(document: FlowDocument, registry: Registry, language: str) -> Markup:
    """The SVG, as wide as its place; it tells nothing to a screen reader that the words beside it do not."""
    places = arranged(document, registry, language)
    faces = {node.id: face(node, registry, language) for node in document.nodes}
    heights = {node.id: height_of(faces[node.id], exits_of(node, document, faces[node.id])) for node in document.nodes}
    lines = [_line(places[edge.source], places[edge.target]) for edge in document.edges if edge.target in places]
    boxes = []
    for node in document.nodes:
        kind = registry.node_types.get(node.type)
        css = kind.category if kind is not None and kind.category in KNOWN else "other"
        boxes.append(_box(*places[node.id], heights[node.id], css))
    right = max((x for x, _y in places.values()), default=0) + WIDTH
    low = max((places[one][1] + heights[one] for one in places), default=0)
    width, height = max(right, LEAST[0]) + 2 * MARGIN, max(low, LEAST[1]) + 2 * MARGIN
    inside = Markup("").join([*lines, *boxes])
    start = Markup('<svg class="preview" viewBox="{} {} {} {}" aria-hidden="true" focusable="false">')
    return start.format(-MARGIN, -MARGIN, round(width), round(height)) + inside + Markup("</svg>")


def _box(x: float, y: float, height: float, css: str) -> Markup:
    return Markup(
        '<g class="cat-{}"><rect x="{}" y="{}" width="{}" height="{}" rx="10"/><circle cx="{}" cy="{}" r="13"/></g>'
    ).format(css, x, y, WIDTH, height, x + HEAD, y + HEAD)


def _line(source: tuple[float, float], target: tuple[float, float]) -> Markup:
    """From the right of one to the left of the other; one that leads back goes round below."""
    (x, y), (to_x, to_y) = (source[0] + WIDTH, source[1] + HEAD), (target[0], target[1] + HEAD)
    bend = max(40.0, abs(to_x - x) / 2)
    return Markup('<path d="M{} {}C{} {} {} {} {} {}"/>').format(x, y, x + bend, y, to_x - bend, to_y, to_x, to_y)
