"""The property panel: the form of one node, and what a posted form says. Pure but for the page's language."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import render_template, url_for
from flask_babel import get_locale, gettext
from pydantic import TypeAdapter, ValidationError

from ccc.api import ExprError, NodeType, Problem
from ccc.api.expr import parse_template
from ccc.errors import UsageError
from ccc.flow.analysis import AnyReferences, NodeTypes, check_node, parse_node
from ccc.flow.document import Node
from ccc.web.designer.faces import Face, face
from ccc.web.designer.problems import listed
from ccc.web.designer.reading import Posted, edited, read
from ccc.web.designer.schema import Field, fields, schema_of
from ccc.web.i18n import language

_NODE = TypeAdapter(Node)
FEW = 5
"""So many settings are all shown at once."""


@dataclass(frozen=True, slots=True)
class Posting:
    """A posted form: the node as it was when the form was made, and with the settings as typed."""

    node: Node
    kind: NodeType | None
    config: dict[str, Any]


EXAMPLE = "try."
"""Fields of the form that are no settings: values of variables for trying the node."""


def examples(form: Posted) -> list[tuple[str, str]]:
    """(variable, value) of a form."""
    return [(name[len(EXAMPLE) :], str(form.get(name) or "")) for name in form if name.startswith(EXAMPLE)]  # type: ignore[attr-defined]


def node_of(text: str | None) -> Node:
    """The node the page sends with a form. UsageError when it is none."""
    try:
        return _NODE.validate_json(text or "")
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        raise UsageError(f"node: {first['msg']}", field="node") from error


def posted(form: Posted, registry: NodeTypes) -> Posting:
    """What a form says."""
    node = node_of(form.get("node"))
    kind = registry.node_types.get(node.type)
    config = dict(node.config)
    if kind is not None:
        config = read(schema_of(kind.Config), form, node.config)
    elif "raw" in form:
        config = _raw(str(form.get("raw")), config)
    return Posting(node, kind, config)


def _raw(text: str, before: dict[str, Any]) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        return before
    return found if isinstance(found, dict) else before


def answer(posting: Posting, registry: NodeTypes) -> dict[str, Any]:
    """``{id, config, face, problems}`` for the page's script."""
    node = posting.node.model_copy(update={"config": posting.config})
    made: Face = face(node, registry, language())
    return {"id": node.id, "config": posting.config, "face": made, "problems": mistakes(node, registry)}


def mistakes(node: Node, registry: NodeTypes) -> list[dict[str, Any]]:
    """What is wrong with the settings by themselves, at their fields; what they refer to is checked with the flow."""
    checked = parse_node(node, registry.node_types)
    check_node(checked, AnyReferences())
    found = [problem for problem in checked.problems if problem.severity == "error"]
    told = {problem.field for problem in found}
    kind = registry.node_types.get(node.type)
    every = fields(schema_of(kind.Config), node.config, language()) if kind is not None else []
    return listed([*found, *(problem for problem in _formulas(every) if problem.field not in told)])


def _formulas(every: Iterable[Field]) -> Iterator[Problem]:
    """Mistakes in the formulas of texts, also while other settings are not right yet."""
    for field in every:
        if field.fills and isinstance(field.value, str):
            try:
                parse_template(field.value)
            except ExprError as error:
                yield Problem("error", "expression", error.message, field=field.path)
        yield from _formulas((*field.parts, *field.rows))


def change(posting: Posting, op: str, path: str) -> Posting:
    """The posting after a row was added, removed, moved or made of another kind."""
    if posting.kind is None:
        return posting
    schema = schema_of(posting.kind.Config)
    return Posting(posting.node, posting.kind, edited(schema, posting.config, op, path))


def shown(
    posting: Posting, registry: NodeTypes, names: Mapping[str, Any], *, key: str, read_only: bool, admin: bool,
    examples: Sequence[tuple[str, str]] = (),
) -> str:  # fmt: skip
    """The form as HTML; the settings as JSON stand in it for the script. ``admin``: audio may be added and requests
    tried; ``examples`` are variables and their values typed for trying the node."""
    node = posting.node.model_copy(update={"config": posting.config})
    kind = posting.kind
    every = fields(schema_of(kind.Config), node.config, language()) if kind is not None else []
    first, more = _parted(every, node.config)
    return render_template(
        "designer/_panel.html",
        node=node,
        kind=kind,
        label=(kind.label.get(language()) or kind.label["en"]) if kind is not None else "",
        help=(kind.help.get(language()) or kind.help["en"]) if kind is not None else "",
        first=first,
        more=more,
        names=names,
        node_json=json.dumps(node.model_dump(mode="json"), ensure_ascii=False),
        raw=json.dumps(node.config, ensure_ascii=False, indent=2),
        settings_json=json.dumps(answer(posting, registry), ensure_ascii=False),
        read_only=read_only,
        page_key=key,
        kinds=prompt_kinds(),
        weekdays=weekdays(),
        day_names=day_names(),
        links=links(),
        may_add_audio=admin,
        may_try=admin and not read_only,
        examples=examples,
    )


def _parted(every: list[Field], config: Mapping[str, Any]) -> tuple[list[Field], list[Field]]:
    """Settings everybody needs, and those most flows leave alone."""
    if len(every) <= FEW:
        return every, []
    first = [field for field in every if _matters(field, config)]
    if not any(field.required for field in first):
        return every, []
    return first, [field for field in every if field not in first]


def _matters(field: Field, config: Mapping[str, Any]) -> bool:
    return field.required or (field.name in config and config[field.name] != field.default)


def prompt_kinds() -> dict[str, str]:
    """What the kinds of a prompt are called."""
    return {
        "tts": gettext("Spoken text"),
        "audio": gettext("Audio file"),
        "tone": gettext("Tone"),
        "silence": gettext("Pause"),
    }


def day_names() -> list[str]:
    """Monday to Sunday as they are read."""
    names = get_locale().days["stand-alone"]["abbreviated"]
    return [str(names[number]) for number in range(7)]


def links() -> dict[str, str]:
    """Where a thing that settings name is kept: kind -> address with ``__name__`` in it."""
    return {
        "skill-group": url_for("groups.edit", key="__name__"),
        "audio": url_for("audio.index", q="__name__"),
        "flow": url_for("designer.design", key="__name__"),
        "trunk": url_for("trunks.edit", key="__name__"),
        "table": url_for("table_rows.index", table="__name__"),
        "hours": url_for("hours.edit", key="__name__"),
    }


def weekdays() -> list[str]:
    """Monday to Sunday, short."""
    return [
        gettext("Mon"),
        gettext("Tue"),
        gettext("Wed"),
        gettext("Thu"),
        gettext("Fri"),
        gettext("Sat"),
        gettext("Sun"),
    ]
