"""Problems of a flow for people: the node by its name, the field by its label, what is wrong in the page's language."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

from flask import url_for
from flask_babel import gettext, ngettext

from ccc.api import Problem
from ccc.flow.document import FlowDocument
from ccc.loader import Registry
from ccc.web import plugins
from ccc.web.admin.flows.outline import labels
from ccc.web.i18n import language
from ccc.web.problems import in_words, recognised

SHOWN = 20
"""Problems in a dialog."""


def problem_items(problems: Sequence[Problem], document: FlowDocument | None = None) -> list[tuple[str, str]]:
    """``(where, what)`` of the first ones, and how many more there are. ``document``: the flow, for its names."""
    shown = [(" · ".join(where(problem, document)) or gettext("the flow"), in_words(problem)) for problem in problems]
    more = len(shown) - SHOWN
    rest = [("…", ngettext("and %(num)d more", "and %(num)d more", more))] if more > 0 else []
    return [*shown[:SHOWN], *rest]


def problem_lines(problems: Sequence[Problem], document: FlowDocument | None = None) -> list[str]:
    """The same as lines of text."""
    return [f"{place}: {what}" for place, what in problem_items(problems, document)]


def where(problem: Problem, document: FlowDocument | None = None) -> list[str]:
    """The node and the field of it, as far as the problem names them."""
    node = next((one for one in document.nodes if one.id == problem.node), None) if document else None
    named = [(node.name or node.id) if node else gettext("node %(node)s", node=problem.node)] if problem.node else []
    if not problem.field:
        return named
    registry: Registry = plugins.registry()
    kind = registry.node_types.get(node.type) if node else None
    known = labels(kind.Config.model_json_schema(), language()) if kind else {}
    field = problem.field.removeprefix("config.").partition(".")[0]
    return [*named, known.get(field) or gettext("field %(field)s", field=problem.field)]


def cure(problem: Problem) -> tuple[str, str] | None:
    """Address and words of the page that makes what is missing; None when no page does."""
    known = recognised(problem.message)
    if known is None or known[1].get("kind") != "skill-group":
        return None
    made = url_for("groups.new") + "?" + urlencode({"name": known[1]["name"]})
    return url_for("groups.index", open=made), gettext("Make the skill group %(name)s", name=known[1]["name"])
