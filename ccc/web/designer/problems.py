"""Problems for people: in the page's language, with the field, the exit and the node named as the page names them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext

from ccc.api import Problem
from ccc.flow.analysis import NodeTypes
from ccc.flow.document import FlowDocument
from ccc.web.designer.faces import face
from ccc.web.designer.schema import schema_of
from ccc.web.formula_words import place_of
from ccc.web.i18n import language
from ccc.web.problems import in_words


def listed(
    problems: Sequence[Problem], document: FlowDocument | None = None, registry: NodeTypes | None = None
) -> list[dict[str, Any]]:
    """For the page: ``{severity, code, text, node, field}``; errors first, in document order. Of a mistake in a formula
    also ``at``, the character it stands at, and the ``formula`` ('' the whole field).

    With ``document`` and ``registry`` the sentences name exits and nodes as the canvas does.
    """
    names = {node.id: node.name or node.id for node in document.nodes} if document else {}
    exits = _Exits(document, registry) if document and registry else None
    labels = _fields(problems, document, registry) if document and registry else {}
    shown = [
        {
            "severity": problem.severity,
            "code": problem.code,
            "text": labels.get(number, "") + in_words(problem, exits.of(problem.node) if exits else None, names),
            "node": problem.node,
            "field": problem.field,
            **_place(problem.message),
        }
        for number, problem in enumerate(problems)
    ]
    return sorted(shown, key=lambda problem: problem["severity"] != "error")


def _place(message: str) -> dict[str, Any]:
    found = place_of(message)
    return {} if found is None else {"at": found[0], "formula": found[1]}


def _fields(problems: Sequence[Problem], document: FlowDocument, registry: NodeTypes) -> dict[int, str]:
    """``Table: `` before what is wrong with a setting: below the canvas nobody sees the field it stands at."""
    types = {node.id: registry.node_types.get(node.type) for node in document.nodes}
    found = {}
    for number, problem in enumerate(problems):
        kind = types.get(problem.node or "")
        if problem.code != "config" or kind is None or not (problem.field or "").startswith("config."):
            continue
        setting = schema_of(kind.Config).get("properties", {}).get(str(problem.field).split(".")[1], {})
        label = setting.get("x-label", {})
        if label:
            found[number] = gettext("%(field)s: ", field=label.get(language()) or label.get("en"))
    return found


class _Exits:
    """What the exits of nodes are called; looked up once for each node that has a problem."""

    def __init__(self, document: FlowDocument, registry: NodeTypes) -> None:
        self._nodes = {node.id: node for node in document.nodes}
        self._registry = registry
        self._known: dict[str, dict[str, str]] = {}

    def of(self, ident: str | None) -> dict[str, str]:
        """Exit -> label of the node."""
        node = self._nodes.get(ident or "")
        if node is None:
            return {}
        if node.id not in self._known:
            found = face(node, self._registry, language())["exits"] or ()
            self._known[node.id] = {way["name"]: way["label"] for way in found if way["label"]}
        return self._known[node.id]
