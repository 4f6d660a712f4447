"""A problem of a flow in the page's language.

Checks and plugins write English sentences with the names in them; the sentences known here are recognised and said in
the page's language, the names put back in. A sentence of a plugin of somebody else stays as its author wrote it.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping

from flask_babel import gettext

from ccc.api import Problem
from ccc.errors import say
from ccc.web.formula_words import FORMULAS, REQUESTS, SHAPES, VALIDATION, kind_names, parted

KNOWN = (
    say("the flow has no start node; add one"),
    say("the flow starts at '%(node)s' already; remove one"),
    say("several nodes have the id '%(node)s'; give each its own"),
    say("exit '%(exit)s' leads to several nodes; keep one line"),
    say("there is no exit '%(exit)s' (there are: %(exits)s); delete the line or draw it from one of those"),
    say("the line leads to or from node '%(node)s', which does not exist; delete the line"),
    say("exit '%(exit)s' leads nowhere; connect it"),
    say("exit '%(exit)s' is open: the call hangs up there (a sub-flow returns); connect it"),
    say("no way leads here from the start; connect or remove it"),
    say("the nodes %(nodes)s form a circle without input or waiting; add a wait, a menu or a prompt"),
    say("node type '%(type)s' is not installed (there are: %(types)s); add its plugin"),
    say("%(kind)s '%(name)s' does not exist here; choose another or create it"),
    say("the prompt has no text; write one or remove the prompt"),
    say("table '%(name)s' is not in this flow; the instance must have it"),
    say("table '%(name)s' does not exist in this flow or here"),
    say("there is no system variable %(name)s; there are %(names)s"),
    say("variable %(name)s is never set; give it an initial value or set it before"),
    say("variable '%(name)s' is set nowhere; set it before"),
    say("key %(key)s is bound twice; keep one"),
    say("exit '%(exit)s' is used twice; give each case its own name"),
    say("played until a key that may not interrupt, the menu never ends; let keys interrupt it"),
    say("recording starts after the announcement, but there is none; add a prompt"),
    say("at least %(least)s digits are more than at most %(most)s"),
    say(
        "public holidays are known until %(day)s; after it weekly hours and your own exceptions decide alone: add the "
        "next year's days off and make-up days as exceptions, or update chinesecalendar"
    ),
    say("many servers ignore the body of %(method)s; use POST or leave it empty"),
    say("a flow document has at most %(bytes)s bytes; take something out or split it into sub-flows"),
    say("From and To are equal; for the whole day write 00:00 to 24:00"),
    say("write http:// or https:// and the host; variables only behind it: https://crm.example.com/${id}"),
)


def reference_kinds() -> dict[str, str]:
    """What settings refer to by name, as people call it."""
    return {
        "skill-group": gettext("skill group"), "audio": gettext("audio"), "voice": gettext("voice"),
        "flow": gettext("flow"), "trunk": gettext("trunk"), "table": gettext("table"),
        "hours": gettext("service hours"),
    }  # fmt: skip


_PLACE = re.compile(r"%\\\((\w+)\\\)s|%\((\w+)\)s")


@functools.cache
def _patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((_pattern(template), template) for template in (*KNOWN, *REQUESTS, *FORMULAS, *VALIDATION))


def _pattern(template: str) -> re.Pattern[str]:
    return re.compile(_PLACE.sub(lambda found: _group(found[1] or found[2]), re.escape(template)), re.S)


def _group(name: str) -> str:
    """``n`` is a number or a date, anything else any text."""
    return r"(?P<n>[-\d.]+)" if name == "n" else f"(?P<{name}>.+?)"


def recognised(message: str) -> tuple[str, dict[str, str]] | None:
    """The sentence and the names in it; None for one nobody told us."""
    for pattern, template in _patterns():
        found = pattern.fullmatch(message)
        if found is not None:
            return template, found.groupdict()
    return None


def in_words(problem: Problem, exits: Mapping[str, str] | None = None, nodes: Mapping[str, str] | None = None) -> str:
    """Its message in the page's language. ``exits`` and ``nodes``: what people call those of the node, of the flow."""
    known = recognised(problem.message)
    if known is None:
        return _of_formula(problem.message)
    template, values = known
    shape = SHAPES.get(values.get("pattern", ""))
    if shape is not None:
        return str(gettext(shape))
    text = str(gettext(VALIDATION.get(template, template)))
    for name, called in (("exit", exits or {}), ("exits", exits or {}), ("node", nodes or {}), ("nodes", nodes or {})):
        if name in values:
            values[name] = ", ".join(called.get(each, each) for each in values[name].split(", "))
    if "hint" in values:
        values["hint"] = in_words(Problem("error", "hint", values["hint"]))
    for name in ("kind_1", "kind_2", "wanted"):
        if name in values:
            values[name] = _kinds(values[name])
    if "kind" in values:
        values["kind"] = reference_kinds().get(values["kind"], values["kind"])
    return text % values if values else text


def _of_formula(message: str) -> str:
    """``why in `formula```; anything else as it is."""
    why, formula = parted(message)
    if not why:
        return message
    said = in_words(Problem("error", "expression", why))
    return str(gettext("%(why)s in `%(formula)s`")) % {"why": said, "formula": formula}


def _kinds(words: str) -> str:
    names = kind_names()
    return re.sub(r"\w+", lambda word: names.get(word[0], word[0]), words)
