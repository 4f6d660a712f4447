"""Lines of a test case, and why one failed, in the page's language."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _

from ccc.api.script import TestStep
from ccc.flow.document import FlowDocument
from ccc.flow.simulator import Simulation, TestResult
from ccc.loader import Registry
from ccc.web.calls.causes import cause_in_words
from ccc.web.designer.faces import face
from ccc.web.i18n import language


def line_in_words(step: TestStep, names: dict[str, str]) -> str:
    """One line. ``names``: of nodes by id, of exits by ``node.exit``."""
    value: Any = getattr(step, step.verb)
    node, _dot, way = str(value).partition(".")
    way = names.get(str(value), way)
    words = {
        "press": lambda: _("Presses %(keys)s", keys=value),
        "wait": lambda: _("Waits %(seconds)s s", seconds=f"{value:g}"),
        "speak": lambda: _("Speaks %(seconds)s s", seconds=f"{value:g}"),
        "hang_up": lambda: _("Hangs up"),
        "hears": lambda: _("Hears “%(text)s”", text=value),
        "queue": lambda: _("Waits in the queue %(group)s", group=value),
        "asks": lambda: _("Agent %(agent)s is rung", agent=value),
        "agent": lambda: _("An agent answers"),
        "dial": lambda: _("%(number)s is called", number=value),
        "calls_back": lambda: _("A callback to %(number)s is asked for", number=value),
        "notifies": lambda: _("Is sent: %(text)s", text=value),
        "reaches": lambda: _("Reaches %(node)s", node=names.get(str(value), str(value))),
        "exit": lambda: _("Leaves %(node)s by %(way)s", node=names.get(node, node), way=way),
        "variables": lambda: _("Variables are %(values)s", values=", ".join(f"{k} = {v}" for k, v in value.items())),
        "ends": lambda: _("The call ends: %(cause)s", cause=cause_in_words(str(value)).title),
    }
    return str(words[step.verb]())


def result_view(result: TestResult, document: FlowDocument, loaded: Registry) -> dict[str, Any]:
    """For the page: ``{name, failed, why, node, line, lines, took_s}``; ``node``: where it went wrong."""
    names = names_of(document, loaded)
    run = result.simulation
    return {
        "name": result.case.name,
        "failed": result.failure is not None,
        "why": "" if result.failure is None else _why(run, names),
        "node": (run.stuck_in or run.steps[-1].node) if result.failure is not None and run.steps else None,
        "line": run.line if result.failure is not None else 0,
        "lines": [line_in_words(step, names) for step in result.case.steps],
        "steps": [{"node": step.node, "exit": step.exit} for step in run.steps],
        "took_s": round(run.duration_s, 1),
    }


def names_of(document: FlowDocument, loaded: Registry) -> dict[str, str]:
    """What people call nodes (by id) and their exits (by ``node.exit``)."""
    names = {node.id: node.name or node.id for node in document.nodes}
    for node in document.nodes:
        exits = face(node, loaded, language())["exits"] or ()
        names |= {f"{node.id}.{way['name']}": way["label"] for way in exits}
    return names


def _why(run: Simulation, names: dict[str, str]) -> str:
    cause = cause_in_words(run.cause).title
    if run.waiting is None:
        return run.failure or cause
    text = _(
        "Line %(line)s did not happen: %(what)s. The call ended: %(cause)s.",
        line=run.line, what=line_in_words(run.waiting, names), cause=cause,
    )  # fmt: skip
    return f"{text} {run.failure}" if run.failure else str(text)
