"""Before an import: what it would do, what is missing here, and what may stand for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask_babel import gettext

from ccc.flow.mapping import Names
from ccc.flow.vendor import Finding, likely
from ccc.loader import Registry
from ccc.services.flow_sets import Came, Report
from ccc.web.i18n import language
from ccc.web.problems import reference_kinds

FIELD = "map."
KEEP = ""
"""The name stays; the thing is made later."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A name that is not here. ``options``: what may stand for it, ``(name, title)``; ``likely``: chosen at first."""

    key: str
    kind: str
    name: str
    used_by: str
    options: Sequence[tuple[str, str]]
    likely: str = KEEP


@dataclass(frozen=True, slots=True)
class About:
    """``findings``: of the vendor's format, what has no counterpart and is kept in the draft."""

    flows: tuple[Came, ...]
    choices: tuple[Choice, ...]
    findings: tuple[Finding, ...]
    intact: bool | None

    @property
    def replaced(self) -> bool:
        """Whether drafts that are here would be replaced."""
        return any(flow.done == "replaced" for flow in self.flows)


def in_words(finding: Finding) -> str:
    """What became of something of the vendor's format, in the page's language."""
    words = {
        "type": gettext("no such node type here; the node keeps all its properties"),
        "property": gettext("no such setting here; kept in the node's remark"),
        "event": gettext("no such exit here; the line is drawn from it all the same"),
        "target": gettext("it leads to a module that is not there; kept in the node's remark"),
        "field": gettext("not known here; kept in the node's remark"),
        "id": finding.message,
    }
    return str(words[finding.what])


def needed(trial: Report) -> bool:
    """Whether there is something to decide, or to know before."""
    return bool(trial.missing) or trial.intact is False or any(flow.done == "replaced" for flow in trial.flows)


def review(trial: Report, known: Mapping[str, Sequence[tuple[str, str]]], registry: Registry) -> About:
    """What the page shows. ``known``: what the instance has, by kind (``drafts.names``)."""
    kinds = reference_kinds()
    choices = []
    for each in trial.missing:
        options, first = list(known.get(each.kind, ())), KEEP
        if each.kind == "node-type":
            options, first = _types(registry), likely(each.name)
        users = ", ".join(f"{flow} · {node}" for flow, node in each.used_by[:5])
        choices.append(Choice(f"{each.kind}:{each.name}", kinds.get(each.kind, ""), each.name, users, options, first))
    kept = tuple(one for one in trial.findings if one.fate == "kept" and one.what != "type")
    return About(trial.flows, tuple(choices), kept, trial.intact)


def chosen(form: Mapping[str, str]) -> Names:
    """What was chosen to stand for what."""
    found = {}
    for field, value in form.items():
        kind, colon, name = field.removeprefix(FIELD).partition(":")
        if field.startswith(FIELD) and colon and value != KEEP:
            found[kind, name] = value
    return found


def _types(registry: Registry) -> list[tuple[str, str]]:
    titles = {kind.type: kind.label.get(language()) or kind.label["en"] for kind in registry.node_types.values()}
    return sorted(titles.items(), key=lambda one: one[1])
