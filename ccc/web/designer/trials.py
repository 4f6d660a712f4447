"""Tests without a telephone on the designer's page: simulate the document as it stands there, run its test cases."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify, request
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from pydantic import TypeAdapter, ValidationError

from ccc.api import ERROR_EXIT
from ccc.api.script import TestCase, TestStep
from ccc.errors import InvalidError, UsageError
from ccc.flow.document import FlowDocument, FlowInvalid, Node, parse_document
from ccc.flow.interactive import Rehearsal
from ccc.loader import Registry
from ccc.services import drafts, rehearsals
from ccc.web.admin.page import AdminPage, accepts_bytes, expose
from ccc.web.auth import rights
from ccc.web.calls.causes import cause_in_words
from ccc.web.designer.case_words import line_in_words, names_of, result_view
from ccc.web.designer.page import MOST_BYTES
from ccc.web.designer.problems import listed
from ccc.web.plugins import registry
from ccc.web.shell import moment

MOST_DECISIONS = 500
_CASE, _DECISIONS = TypeAdapter(TestCase), TypeAdapter(list[TestStep])


class TrialPage(AdminPage):
    """Answers JSON; the page itself is the designer's."""

    endpoint_name, path, title = "designer_trial", "/designer", _("Test without a phone")
    roles = drafts.EDITORS

    @expose("/<key>/simulate", methods=("POST",))
    @accepts_bytes(MOST_BYTES)
    def simulate(self, key: str) -> Response:
        """How far ``{document, case, decisions}`` comes (docs/designer.md "Test without a phone")."""
        sent, document = self._document(key)
        case, decisions = _read(_CASE, sent.get("case")), _read(_DECISIONS, sent.get("decisions", []))
        if len(decisions) > MOST_DECISIONS or not all(step.acts for step in decisions):
            raise UsageError(gettext("The request is incomplete."), field="decisions")
        try:
            run = rehearsals.run(rights.store(), registry(), rights.actor(), self.instance, document, case, decisions)
        except FlowInvalid as error:
            return jsonify({"state": "invalid", "problems": listed(error.problems, document, registry())})
        except TimeoutError:
            raise InvalidError(
                gettext("The simulated call took too long to work out. Does the flow run in a circle?"),
                field="document",
            ) from None
        return jsonify(run_view(run, document, registry()))

    @expose("/<key>/cases", methods=("POST",))
    @accepts_bytes(MOST_BYTES)
    def cases(self, key: str) -> Response:
        """Run the test cases of ``{document}``: ``{results}``, or ``{broken: problems}``."""
        _sent, document = self._document(key)
        done = rehearsals.run_cases(rights.store(), registry(), rights.actor(), self.instance, document)
        if done.broken is not None:
            problems = drafts.check_document(rights.store(), registry(), rights.actor(), self.instance, document)
            return jsonify({"results": [], "broken": done.broken, "problems": listed(problems, document, registry())})
        return jsonify(
            {"results": [result_view(result, document, registry()) for result in done.results], "broken": None}
        )

    @expose("/<key>/calls")
    def calls(self, key: str) -> Response:
        """The last calls of the flow a test case can be made of."""
        drafts.draft(rights.store(), rights.actor(), self.instance, key)
        found = rehearsals.calls_of(rights.store(), rights.actor(), self.instance, key)
        return jsonify({
            "calls": [
                {
                    "id": call.id, "caller": call.caller, "at": moment(call.started_at, "yyyy-MM-dd HH:mm:ss"),
                    "keys": call.keys, "cause": cause_in_words(call.cause).title,
                }
                for call in calls_with_steps(found)
            ]
        })  # fmt: skip

    @expose("/<key>/case-of-call", methods=("POST",))
    @accepts_bytes(MOST_BYTES)
    def case_of_call(self, key: str) -> Response:
        """A test case of ``{document, call}``: ``{case, same}``; not the ``same``: the call went another way then."""
        sent, document = self._document(key)
        wanted = sent.get("call")
        if not isinstance(wanted, str):
            raise UsageError(gettext("The request is incomplete."), field="call")
        try:
            case, run, record = rehearsals.case_of_call(
                rights.store(), registry(), rights.actor(), self.instance, document, wanted, rights.place().timezone
            )
        except TimeoutError:
            raise _too_long() from None
        now = [(stay.node, stay.exit) for stay in run.stays]
        then = [(step["node"], step.get("exit")) for step in record.steps]
        return jsonify({"case": case.model_dump(mode="json", exclude_defaults=True), "same": now == then})

    def _document(self, key: str) -> tuple[dict[str, Any], FlowDocument]:
        """What was posted, and the document in it. The flow must exist; it need not be saved."""
        drafts.draft(rights.store(), rights.actor(), self.instance, key)
        sent = request.get_json(silent=True)
        if not isinstance(sent, dict):
            raise UsageError(gettext("The request is not a JSON object."))
        return sent, parse_document(sent.get("document"))  # type: ignore[arg-type]  # says so if it is none


def _too_long() -> InvalidError:
    return InvalidError(gettext("The simulated call took too long to work out. Does the flow run in a circle?"))


def calls_with_steps(found: list[Any]) -> list[Any]:
    """Calls that ended: one in progress has no outcome yet."""
    return [call for call in found if call.ended_at is not None]


def run_view(run: Rehearsal, document: FlowDocument, loaded: Registry) -> dict[str, Any]:
    """A run for the page."""
    names = names_of(document, loaded)
    asked = run.asked
    return {
        "state": "ended" if asked is None else "asks",
        "asked": None if asked is None else {
            "kind": asked.kind, "node": _main_node(run, document, asked.n), "at": round(asked.at, 1),
            "wait": None if asked.until is None else round(asked.until - asked.at, 3), "text": asked.text,
        },
        "cause": run.cause,
        "cause_text": cause_in_words(run.cause).title if run.cause else "",
        "failed": run.failure is not None or run.cause == "flow-error",
        "failure": run.failure,
        "node": _main_node(run, document, len(run.stays)),
        "duration_s": round(run.duration_s, 1),
        "stays": [
            {
                "n": stay.n, "node": stay.node, "name": stay.name, "type": stay.type,
                "flow": stay.flow, "at": round(stay.at, 1), "exit": stay.exit, "failure": stay.failure,
                "lines": [{"at": round(line.at, 1), "what": line.what, "text": line.text} for line in stay.lines],
                "changed": _shown(stay.changed),
                "may_fail": stay.flow == document.name and f"{stay.node}.{ERROR_EXIT}" in names,
            }
            for stay in run.stays
        ],
        "variables": _shown(run.variables),
        "script": [step.model_dump(mode="json") for step in run.script],
        "script_words": [line_in_words(step, names) for step in run.script],
        "uses": _uses(run, document, loaded),
    }  # fmt: skip


def _main_node(run: Rehearsal, document: FlowDocument, n: int) -> str | None:
    """The node on the canvas: inside a sub-flow the one that runs it."""
    return next((stay.node for stay in reversed(run.stays[:n]) if stay.flow == document.name), None)


def _shown(values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if not name.startswith("sys.")}


def _uses(run: Rehearsal, document: FlowDocument, loaded: Registry) -> dict[str, list[str]]:
    """What an answer can be chosen for: what the settings name, and what the call has met."""
    met: dict[str, list[str]] = {"queue": [], "asks": [], "dial": [], "callback": []}
    for line in run.transcript:
        if line.what in met:
            met[line.what].append(line.text)
    named = [use for node in document.nodes for use in _node_uses(node, loaded)]
    return {
        "agents": _once([name for kind, name in named if kind == "skill-group"] + met["queue"]),
        "hours": _once([name for kind, name in named if kind == "hours"]),
        "tables": _once([name for kind, name in named if kind == "table"]),
        "named_agents": _once(met["asks"]),
        "dials": _once(met["dial"]),
        "callbacks": _once(met["callback"]),
    }


def _node_uses(node: Node, loaded: Registry) -> list[tuple[str, str]]:
    kind = loaded.node_types.get(node.type)
    if kind is None:
        return []
    try:
        return list(kind.uses(kind.Config.model_validate(node.config)))
    except ValidationError:
        return []


def _once(names: list[str]) -> list[str]:
    return list(dict.fromkeys(name for name in names if name))


def _read(adapter: TypeAdapter[Any], value: Any) -> Any:
    try:
        return adapter.validate_python(value)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise InvalidError(f"{where}: {first['msg']}", field=where) from error
