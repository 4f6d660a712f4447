"""The board, the same as a wallboard, and the ticket for ``/rt/live``."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, render_template, request, url_for
from flask_wtf.csrf import generate_csrf

from ccc.services import centre, instances, supervision, users
from ccc.web import tickets
from ccc.web.auth import rights
from ccc.web.board.texts import texts

blueprint = Blueprint("live", __name__, template_folder="templates", url_prefix="/live")


@blueprint.get("")
@rights.roles_accepted(*tickets.LIVE_ROLES)
def index() -> str:
    """The board inside the shell."""
    return render_template("board/index.html", start=_start(wall=False))


@blueprint.get("/wall")
@rights.roles_accepted(*tickets.LIVE_ROLES)
def wall() -> str:
    """For a large screen: dark, large type, nothing to scroll."""
    return render_template("board/wall.html", start=_start(wall=True))


@blueprint.post("/ticket")
@rights.roles_accepted(*tickets.LIVE_ROLES)
def ticket() -> Response:
    """``{ticket, url, now}`` for ``/rt/live``."""
    return tickets.answer("live")


@blueprint.post("/agents/<key>/state")
@rights.roles_accepted(*tickets.LIVE_ROLES)
def agent_state(key: str) -> Response:
    """A supervisor chooses an agent's state: ``state``, ``reason``."""
    state, reason = request.form.get("state", ""), request.form.get("reason", "")
    supervision.set_agent_state(rights.store(), rights.actor(), rights.place().instance, key, state, reason)
    return Response(status=204)


def _start(*, wall: bool) -> dict[str, Any]:
    store, actor, place = rights.store(), rights.actor(), rights.place()
    return {
        "csrf": generate_csrf(),
        "timezone": place.timezone,
        "wall": wall,
        "urls": {
            "ticket": url_for("live.ticket"),
            "page": url_for("live.wall" if wall else "live.index"),
            "state": url_for("live.agent_state", key="-"),
        },
        "breaks": list(instances.get_instance(store, actor, place.instance).break_reasons),
        "texts": texts(),
        "names": {user.username: user.name or user.username for user in users.list_users(store, actor, place.instance)},
        "groups": {
            group.name: group.title or group.name for group in centre.list_skill_groups(store, actor, place.instance)
        },
    }
