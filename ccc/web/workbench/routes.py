"""The workbench page, its ticket and the agent's own history."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, render_template, request, url_for
from flask_wtf.csrf import generate_csrf

from ccc.services import calls, instances
from ccc.store.records import CallFilter, CallSummary
from ccc.web import plugins, tickets
from ccc.web.auth import rights
from ccc.web.calls.causes import cause_title
from ccc.web.i18n import language
from ccc.web.nodes import node_names
from ccc.web.shell import moment
from ccc.web.workbench.texts import texts

blueprint = Blueprint("workbench", __name__, template_folder="templates", url_prefix="/workbench")
HISTORY_ROWS = 20


@blueprint.get("")
@rights.roles_accepted(*rights.EVERYBODY)
def page() -> str:
    """The workbench."""
    start = {
        "user": rights.profile().username,
        "csrf": generate_csrf(),
        "timezone": rights.place().timezone,
        "urls": {"ticket": url_for("workbench.ticket"), "history": url_for("workbench.history")},
        "texts": texts(),
        "pop": _screen_pop(),
        "nodes": node_names(plugins.registry(), language()),
    }
    return render_template("workbench/page.html", start=start)


@blueprint.post("/ticket")
@rights.roles_accepted(*rights.EVERYBODY)
def ticket() -> Response:
    """``{ticket, url, now}``: lets this page open the agent's WebSocket once within 30 s."""
    return tickets.answer("agent")


@blueprint.get("/history")
@rights.roles_accepted(*rights.EVERYBODY)
def history() -> Response:
    """The user's own past calls, newest first: ``{calls: [...], after: cursor | null}``."""
    actor = rights.actor()
    page = calls.list_calls(
        rights.store(),
        actor,
        rights.place().instance,
        CallFilter(agent=actor.user),
        after=request.args.get("after") or None,
        size=HISTORY_ROWS,
    )
    return jsonify({"calls": [_row(record) for record in page.items], "after": page.after})


def _screen_pop() -> dict[str, str]:
    """When, where and what the page opens with a call (``services/screen_pop.py`` says what is in the address)."""
    place = instances.of_agent(rights.store(), rights.actor(), rights.place().instance)
    return {"when": place.pop_when, "where": place.pop_where, "url": place.pop_url, "instance": place.name}


def _row(record: CallSummary) -> dict[str, Any]:
    return {
        "id": record.id,
        "direction": record.direction,
        "number": record.callee if record.direction == "outbound" else record.caller,
        "day": moment(record.started_at, "yyyy-MM-dd"),
        "time": moment(record.started_at, "HH:mm"),
        "talk_s": record.talk_s,
        "waited_s": record.waited_s,
        "cause": cause_title(record.cause),
        "skill_group": record.skill_group,
        "disposition": record.disposition,
        "note": record.note,
        "recording": url_for("calls.recording", call_id=record.id) if record.recording else None,
        "url": url_for("calls.detail", call_id=record.id),
    }
