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
from ccc.web.designer.outline.words import way_on
from ccc.web.designer.panel import Posting, posted
from ccc.web.designer.reading import Posted
from ccc.web.designer.start import first_settings
from ccc.web.i18n import language

WAY = "way."


@dataclass(frozen=True, slots=True)
class Done:
    """``node``: the one to go to in the list ('' its head)."""

    document: FlowDocument
    said: str
    node: str = ""


def run(document: FlowDocument, form: Posted, registry: Registry, names: Mapping[str, Any]) -> Done:
    """Do what the form says. UsageError when it says nothing; NotFoundError, InvalidError when it does not fit."""
    op = str(form.get("op") or "")
    if op not in _OPS:
        raise UsageError(gettext("The form is incomplete. Close it, then open it again."), field="op")
    return _OPS[op](document, form, registry, names)


def _ways(document: FlowDocument, form: Posted, registry: Registry, _names: Mapping[str, Any]) -> Done:
    node = editing.node_of(document, _text(form, "id"))
    sent = {name[len(WAY) :]: str(form.get(name) or "").strip() for name in form if name.startswith(WAY)}  # type: ignore[attr-defined]
    return Done(editing.set_targets(document, node.id, sent), gettext("Exits saved."), node.id)


def _add(document: FlowDocument, form: Posted, registry: Registry, names: Mapping[str, Any]) -> Done:
    kind = registry.node_types.get(_text(form, "type"))
    if kind is None:
        raise InvalidError(say("Choose what to add."), field="type")
    config = first_settings(kind, dict(names))
    made = Node(id="new", type=kind.type, config=config)
    on = way_on(document, made, registry, language())
    grown, ident = editing.add_node(document, kind.type, config, way_on=on, behind=_place(form))
    return Done(grown, gettext("Node added. Now its settings."), ident)


def _remove(document: FlowDocument, form: Posted, registry: Registry, _names: Mapping[str, Any]) -> Done:
    node = editing.node_of(document, _text(form, "id"))
    kind = registry.node_types.get(node.type)
    if kind is not None and kind.is_start and _starts(document, registry) == 1:
        raise InvalidError(say("A flow keeps its start."), field="id")
    return Done(editing.remove_node(document, node.id), gettext("Node %(name)s removed.", name=node.name or node.id))


def _move(document: FlowDocument, form: Posted, registry: Registry, _names: Mapping[str, Any]) -> Done:
    node, place = editing.node_of(document, _text(form, "id")), _place(form)
    if place is None:
        raise InvalidError(say("Choose where to put it."), field="behind")
    on = way_on(document, node, registry, language())
    return Done(editing.move_behind(document, node.id, place, on), gettext("Node moved."), node.id)


def _flow(document: FlowDocument, form: Posted, _registry: Registry, _names: Mapping[str, Any]) -> Done:
    values = {"title": _text(form, "title"), "description": _text(form, "description").replace("\r\n", "\n")}
    return Done(editing.change_flow(document, **values), gettext("Saved."))


def _settings(document: FlowDocument, form: Posted, registry: Registry, _names: Mapping[str, Any]) -> Done:
    posting = settings_of(form, registry)
    node = posting.node
    values: dict[str, Any] = {"config": posting.config, "name": node.name, "note": node.note}
    if (place := _position(form)) is not None:
        values["position"] = place
    return Done(editing.change_node(document, node.id, **values), gettext("Settings saved."), node.id)


_OPS: dict[str, Callable[[FlowDocument, Posted, Registry, Mapping[str, Any]], Done]] = {
    "ways": _ways, "add": _add, "remove": _remove, "move": _move, "flow": _flow, "settings": _settings,
}  # fmt: skip


def settings_of(form: Posted, registry: Registry) -> Posting:
    """The posted settings with the node's name and remark as typed."""
    posting = posted(form, registry)
    typed = {"name": _text(form, "name"), "note": _text(form, "note").replace("\r\n", "\n")}
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


def _starts(document: FlowDocument, registry: Registry) -> int:
    kinds = registry.node_types
    return len([node for node in document.nodes if node.type in kinds and kinds[node.type].is_start])


def _text(form: Posted, name: str) -> str:
    return str(form.get(name) or "").strip()
