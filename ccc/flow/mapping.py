"""Other names in a flow that moves: what is called so there, and otherwise here. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from pydantic import BaseModel

from ccc.api import AudioPrompt, TextPrompt
from ccc.errors import InvalidError, say
from ccc.flow.analysis import NodeTypes, parse_nodes
from ccc.flow.document import FlowDocument, Node
from ccc.flow.places import Place

Names = Mapping[tuple[str, str], str]
"""``(kind, name there)`` -> name here; kinds as in :class:`ccc.flow.uses.Use`. Of ``node-type``: the type to become."""


def read_names(texts: Iterable[str]) -> Names:
    """From ``skill-group:sales=service`` each. InvalidError for one that is not of this form."""
    found = {}
    for text in texts:
        there, _equals, here = text.strip().rpartition("=")
        kind, _colon, name = there.partition(":")
        if not (kind and name and here):
            raise InvalidError(
                say("%(given)s is not of the form kind:name=other, as skill-group:sales=service."),
                field="map", values={"given": text[:200]},
            )  # fmt: skip
        found[kind, name] = here
    return found


def mapped(document: FlowDocument, registry: NodeTypes, names: Names) -> FlowDocument:
    """The document with these names in its nodes' settings. Tables in formulas keep theirs.

    A node whose type becomes another one keeps its settings as a remark: the other type cannot read them.
    """
    if not names:
        return document
    retyped = document.model_copy(update={"nodes": [_retyped(node, names) for node in document.nodes]})
    nodes = []
    for checked in parse_nodes(retyped, registry):
        config: Any = checked.node.config
        if checked.config is not None:
            for kind, name, place in _named(checked.config):
                if (new := names.get((kind, name))) is not None:
                    config = _with(config, place, new)
        nodes.append(checked.node.model_copy(update={"config": config}))
    return retyped.model_copy(update={"nodes": nodes})


def mappable(document: FlowDocument, registry: NodeTypes) -> set[tuple[str, str]]:
    """The names :func:`mapped` can change."""
    found = {("node-type", node.type) for node in document.nodes if node.type not in registry.node_types}
    for checked in parse_nodes(document, registry):
        if checked.config is not None:
            found |= {(kind, name) for kind, name, _ in _named(checked.config)}
    return found


def _retyped(node: Node, names: Names) -> Node:
    new = names.get(("node-type", node.type))
    if new is None:
        return node
    kept = "\n".join(f"{key}: {value!r}"[:500] for key, value in node.config.items())
    note = "\n".join(part for part in (node.note, f"[{node.type}]", kept) if part)[:4000]
    return node.model_copy(update={"type": new, "config": {}, "note": note})


def _named(config: BaseModel, place: Place = ()) -> Iterator[tuple[str, str, Place]]:
    """``(kind, name, where)`` of every setting that names something of the instance."""
    if isinstance(config, AudioPrompt):
        yield "audio", config.name, (*place, "name")
    elif isinstance(config, TextPrompt) and config.voice is not None:
        yield "voice", config.voice, (*place, "voice")
    for name, field in type(config).model_fields.items():
        extra = field.json_schema_extra
        widget = extra.get("x-widget") if isinstance(extra, Mapping) else None
        value = getattr(config, name)
        if isinstance(value, str) and value and isinstance(widget, str):
            yield widget, value, (*place, name)
        for inner, rest in _inside(value):
            yield from _named(inner, (*place, name, *rest))


def _inside(value: Any) -> Iterator[tuple[BaseModel, Place]]:
    if isinstance(value, BaseModel):
        yield value, ()
    elif isinstance(value, Sequence) and not isinstance(value, str | bytes):
        for index, item in enumerate(value):
            if isinstance(item, BaseModel):
                yield item, (index,)


def _with(value: Any, place: Place, new: str) -> Any:
    """A copy with another value there; a default, which is not written down, stays."""
    if not place:
        return new
    head, rest = place[0], place[1:]
    if isinstance(value, list) and isinstance(head, int) and head < len(value):
        return [*value[:head], _with(value[head], rest, new), *value[head + 1 :]]
    if isinstance(value, Mapping) and head in value:
        return {**value, head: _with(value[head], rest, new)}
    return value
