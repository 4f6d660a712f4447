"""A posted form of the outline -> the changed document, the node to show then, and what was done in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext

from ccc.errors import InvalidError, UsageError, say
from ccc.flow import editing
from ccc.flow.document import FlowDocument, Node
from ccc.loader import Registry
from ccc.web.designer.boxes import arranged
from ccc.web.designer.outline import cases, variables
from ccc.web.designer.outline.words import way_on
from ccc.web.designer.panel import Posting, posted
from ccc.web.designer.reading import Posted
from ccc.web.designer.start import first_settings
from ccc.web.i18n import language

WAY = "way."
MOST_NOTE = 4000
"""Letters of a note."""


@dataclass(frozen=True, slots=True)
class Done:
    """``anchor``: what to go to in the list ('' its head); ``subject``: what was changed, as people call it."""

    document: FlowDocument
    said: str
    what: str
    anchor: str = ""
    subject: str = ""
    node: str = ""
    """The node that was added."""


def run(document: FlowDocument, form: Posted, registry: Registry, names: Mapping[str, Any]) -> Done:
    """Do what the form says. UsageError when it says nothing; NotFoundError, InvalidError when it does not fit."""
    op = str(form.get("op") or "")
    if op not in _OPS:
        raise UsageError(gettext("The form is incomplete. Close it, then open it again."), field="op")
    return _OPS[op](document, form, registry, names)


def _ways(document: FlowDocument, form: Posted, registry: Registry, _names: Mapping[str, Any]) -> Done:
    node = editing.node_of(document, _text(form, "id"))
    sent = {name[len(WAY) :]: str(form.get(name) or "").strip() for name in form if name.startswith(WAY)}  # type: ignore[attr-defined]
    grown = editing.set_targets(document, node.id, sent)
    return Done(grown, gettext("Exits saved."), "outline.ways", at(node), title_of(node, registry))


def _add(document: FlowDocument, form: Posted, registry: Registry, names: Mapping[str, Any]) -> Done:
    kind = registry.node_types.get(_text(form, "type"))
    if kind is None:
        raise InvalidError(say("Choose what to add."), field="type")
    config = first_settings(kind, dict(names))
    made = Node(id="new", type=kind.type, config=config)
    on = way_on(document, made, registry, language())
    grown, ident = editing.add_node(document, kind.type, config, way_on=on, behind=_place(form))
    made = made.model_copy(update={"id": ident})
    text = gettext("Node added. Now its settings.")
    return Done(grown, text, "outline.add", at(made), title_of(made, registry), ident)


def _duplicate(document: FlowDocument, form: Posted, registry: Registry, _names: Mapping[str, Any]) -> Done:
    node = editing.node_of(document, _text(form, "id"))
    if _is_start(node, registry):
        raise InvalidError(say("A flow has one start."), field="id")
    grown, ident = editing.duplicate_node(document, node.id)
    text = gettext("A second %(name)s was added; no line leads to it yet.", name=title_of(node, registry))
    return Done(grown, text, "outline.duplicate", f"node-{ident}", title_of(node, registry), ident)


def _remove(document: FlowDocument, form: Posted, registry: Registry, _names: Mapping[str, Any]) -> Done:
    node = editing.node_of(document, _text(form, "id"))
    if _is_start(node, registry) and len([one for one in document.nodes if _is_start(one, registry)]) == 1:
        raise InvalidError(say("A flow keeps its start."), field="id")
    name = title_of(node, registry)
    text = gettext("Node %(name)s removed.", name=node.name or node.id)
    return Done(editing.remove_node(document, node.id), text, "outline.remove", "nodes", name)


def _move(document: FlowDocument, form: Posted, registry: Registry, _names: Mapping[str, Any]) -> Done:
    node, place = editing.node_of(document, _text(form, "id")), _place(form)
    if place is None:
        raise InvalidError(say("Choose where to put it."), field="behind")
    on = way_on(document, node, registry, language())
    moved = editing.move_behind(document, node.id, place, on)
    return Done(moved, gettext("Node moved."), "outline.move", at(node), title_of(node, registry))


def _flow(document: FlowDocument, form: Posted, _registry: Registry, _names: Mapping[str, Any]) -> Done:
    values: dict[str, Any] = {"title": _text(form, "title"), "description": _lines(form, "description")}
    if "variables" in form:
        values["variables"] = variables.read(_lines(form, "variables"))
    return Done(editing.change_flow(document, **values), gettext("Saved."), "outline.flow")


def _layout(document: FlowDocument, _form: Posted, registry: Registry, _names: Mapping[str, Any]) -> Done:
    placed = editing.place_nodes(document, arranged(document, registry, language()))
    return Done(placed, gettext("Nodes arranged on the canvas."), "outline.layout")


def _note(document: FlowDocument, form: Posted, _registry: Registry, _names: Mapping[str, Any]) -> Done:
    text = _lines(form, "text")
    if not text:
        raise InvalidError(say("Write what the note says."), field="text")
    grown, ident = editing.put_note(document, _text(form, "id"), text[:MOST_NOTE])
    return Done(grown, gettext("Note saved."), "outline.note", f"note-{ident}", _short(text))


def _remove_note(document: FlowDocument, form: Posted, _registry: Registry, _names: Mapping[str, Any]) -> Done:
    ident = _text(form, "id")
    return Done(editing.remove_note(document, ident), gettext("Note removed."), "outline.note-remove", "notes")


def _case(document: FlowDocument, form: Posted, _registry: Registry, _names: Mapping[str, Any]) -> Done:
    case = cases.read(_lines(form, "case"), _text(form, "name"))
    grown = editing.put_case(document, str(form.get("id") or ""), case)
    return Done(grown, gettext("Test case saved."), "outline.case", "", case.name)


def _remove_case(document: FlowDocument, form: Posted, _registry: Registry, _names: Mapping[str, Any]) -> Done:
    name = str(form.get("id") or "")
    return Done(editing.remove_case(document, name), gettext("Test case removed."), "outline.case-remove", "", name)


def _settings(document: FlowDocument, form: Posted, registry: Registry, _names: Mapping[str, Any]) -> Done:
    posting = settings_of(form, registry)
    node = posting.node
    values: dict[str, Any] = {"config": posting.config, "name": node.name, "note": node.note}
    if (place := _position(form)) is not None:
        values["position"] = place
    changed = editing.change_node(document, node.id, **values)
    return Done(changed, gettext("Settings saved."), "outline.settings", at(node), title_of(node, registry))


_OPS: dict[str, Callable[[FlowDocument, Posted, Registry, Mapping[str, Any]], Done]] = {
    "ways": _ways, "add": _add, "duplicate": _duplicate, "remove": _remove, "move": _move, "settings": _settings,
    "flow": _flow, "layout": _layout, "note": _note, "note-remove": _remove_note,
    "case": _case, "case-remove": _remove_case,
}  # fmt: skip


def settings_of(form: Posted, registry: Registry) -> Posting:
    """The posted settings with the node's name and remark as typed."""
    posting = posted(form, registry)
    typed = {"name": _text(form, "name"), "note": _lines(form, "note")}
    return Posting(posting.node.model_copy(update=typed), posting.kind, posting.config)


def _position(form: Posted) -> list[float] | None:
    try:
        x, y = float(_text(form, "x")), float(_text(form, "y"))
    except ValueError:
        return None
    return [x, y] if abs(x) < 1e6 and abs(y) < 1e6 else None


def _place(form: Posted) -> tuple[str, str] | None:
    node, _arrow, exit_ = _text(form, "behind").partition(">")
    return (node, exit_) if node and exit_ else None


def title_of(node: Node, registry: Registry) -> str:
    """What people call the node."""
    kind = registry.node_types.get(node.type)
    label = (kind.label.get(language()) or kind.label["en"]) if kind is not None else node.type
    return node.name or label


def at(node: Node) -> str:
    """Where it stands in the list."""
    return f"node-{node.id}"


def _is_start(node: Node, registry: Registry) -> bool:
    kind = registry.node_types.get(node.type)
    return kind is not None and kind.is_start


def _short(text: str) -> str:
    line = text.split("\n", 1)[0]
    return line if len(line) <= 40 else f"{line[:40]}…"


def _lines(form: Posted, name: str) -> str:
    return _text(form, name).replace("\r\n", "\n")


def _text(form: Posted, name: str) -> str:
    return str(form.get(name) or "").strip()
