"""The panel of a test call and its ticket, for a number of the instance or for the draft of a flow.

Pages that show the panel have a start block with :func:`start` in it and load ``static/js/testcall/main.js``.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask_wtf.csrf import generate_csrf
from werkzeug.wrappers import Response as WerkzeugResponse

from ccc.services import flows, numbers, testcall
from ccc.web import plugins, tickets
from ccc.web.auth import rights
from ccc.web.i18n import language
from ccc.web.nodes import node_names
from ccc.web.testcall.texts import texts

blueprint = Blueprint("testcall", __name__, template_folder="templates", url_prefix="/test-call")
MAY = ("admin",)
"""Those who may change flows and numbers."""


def start() -> dict[str, Any]:
    """What the scripts need of a page's start block."""
    return {
        "csrf": generate_csrf(),
        "timezone": rights.place().timezone,
        "texts": texts(),
        "nodes": node_names(plugins.registry(), language()),
    }


@blueprint.get("/number/<key>")
@rights.roles_accepted(*MAY)
def number(key: str) -> str | WerkzeugResponse:
    """The panel for a number; opened as a page: the list of numbers with the panel open."""
    found = numbers.instance_number(rights.store(), rights.actor(), rights.place().instance, key)
    if "HX-Request" not in request.headers:
        return redirect(url_for("numbers.index", open=request.path))
    return render_template(
        "testcall/_panel.html",
        callee=found.number,
        flow=found.flow_title,
        version=found.flow_live,
        callable=bool(found.flow and found.flow_live is not None),
        ticket=url_for("testcall.number_ticket", key=key),
    )


@blueprint.get("/draft/<key>")
@rights.roles_accepted(*MAY)
def draft(key: str) -> str:
    """The panel for the saved draft of a flow."""
    found = flows.export_flow(rights.store(), rights.actor(), rights.place().instance, key)
    return render_template(
        "testcall/_panel.html",
        callee="",
        flow=found.title or found.name,
        version=None,
        callable=True,
        ticket=url_for("testcall.draft_ticket", key=key),
    )


@blueprint.post("/number/<key>/ticket")
@rights.roles_accepted(*MAY)
def number_ticket(key: str) -> Response:
    """``{ticket, url, now}`` for one call to the number; 422 while calls to it would be refused."""
    target = testcall.number_to_call(rights.store(), rights.actor(), rights.place().instance, key)
    return tickets.answer("call", target.subject)


@blueprint.post("/draft/<key>/ticket")
@rights.roles_accepted(*MAY)
def draft_ticket(key: str) -> Response:
    """``{ticket, url, now}`` for one call through the draft as it is saved; 422 ``flow-invalid`` names its mistakes."""
    registry = plugins.registry()
    target = testcall.draft_to_call(rights.store(), registry, rights.actor(), rights.place().instance, key)
    return tickets.answer("call", target.subject)
