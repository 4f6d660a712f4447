"""What a new flow can begin with: nothing but the start, or a template, drawn, with what it needs and what lacks."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext
from markupsafe import Markup

from ccc.flow.document import FlowDocument, parse_document
from ccc.flow.uses import names_used
from ccc.loader import Registry
from ccc.services import flows, templates
from ccc.store import Store
from ccc.web.designer.preview import drawing
from ccc.web.i18n import language
from ccc.web.problems import reference_kinds

EMPTY = "empty"
"""Begin with nothing but the start."""


@dataclass(frozen=True, slots=True)
class Need:
    """Something of the instance that the template names. ``here`` False: it has to be made, or another one chosen."""

    text: str
    here: bool


@dataclass(frozen=True, slots=True)
class Card:
    """A choice: ``art`` is its drawing."""

    name: str
    title: str
    about: str
    art: Markup
    needs: tuple[Need, ...]


def cards(store: Store, registry: Registry, instance: str) -> list[Card]:
    """The empty flow, then the templates in the gallery's order."""
    chosen = language()
    about = gettext("Only the start; draw the rest.")
    found = [Card(EMPTY, gettext("Empty flow"), about, drawing(start_only("empty"), registry, chosen), ())]
    refs = flows.references(store, registry, instance, "")
    for each in templates.templates():
        document = templates.template(each.name)
        art, needs = drawing(document, registry, chosen), _needs(document, registry, refs)
        found.append(Card(each.name, each.title[chosen], each.description[chosen], art, needs))
    return found


def start_only(name: str) -> FlowDocument:
    """A flow with a start and nothing else."""
    return parse_document({"name": name, "nodes": [{"id": "start", "type": "start", "position": [80, 160]}]})


def _needs(document: FlowDocument, registry: Registry, refs: flows.InstanceReferences) -> tuple[Need, ...]:
    """Each thing once, in the order nodes need it."""
    kinds = reference_kinds() | {"node-type": gettext("node type")}
    named = dict.fromkeys((use.kind, use.name) for use in names_used(document, registry))
    return tuple(
        Need(f"{kinds.get(kind, kind)} {name}", kind != "node-type" and refs.has(kind, name)) for kind, name in named
    )
