"""What a page that only shows a flow begins with."""

from __future__ import annotations

from typing import Any

from flask import url_for
from flask_wtf.csrf import generate_csrf

from ccc.flow.document import FlowDocument
from ccc.loader import Registry
from ccc.web.auth import rights
from ccc.web.calls.texts import texts as player_texts
from ccc.web.designer.icons import TOOLS, symbols
from ccc.web.designer.look.texts import texts
from ccc.web.designer.placing import placed
from ccc.web.designer.start import faces_of, palette

Icons = list[tuple[str, str, str]]


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
