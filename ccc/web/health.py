"""``GET /healthz``: one state per part; 200 while calls can be taken."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, current_app, jsonify

from ccc import bus
from ccc.errors import UnavailableError
from ccc.home import Home
from ccc.services import sessions
from ccc.store import Store
from ccc.web.auth import rights

blueprint = Blueprint("health", __name__)
ANSWER_S = 1.0
TELEPHONE = ("runtime", "sip", "media", "journal")


@blueprint.get("/healthz")
@rights.public
def healthz() -> Response:
    """200 while the telephone side takes calls (store, jobs or pages may be down), else 503."""
    home: Home = current_app.extensions["ccc_home"]
    parts = telephone_side(home) | jobs_side(home) | {"store": store_side(rights.store())}
    able = all(parts[name] == "up" for name in TELEPHONE) and "refusing" not in parts
    response = jsonify({"calls_possible": able, "web": "up", **parts})
    response.status_code = 200 if able else 503
    return response


def telephone_side(home: Home) -> dict[str, Any]:
    """The runtime's own words; ``media`` becomes one state, ``up`` while at least one worker is.

    ``refusing`` is there only while every new call is refused: why (no media capacity, shutting down).
    """
    try:
        answer = bus.request(home.socket("runtime"), {"op": "health"}, ANSWER_S)
    except UnavailableError:
        return dict.fromkeys(TELEPHONE, "down")
    if "error" in answer:
        return dict.fromkeys(TELEPHONE, "down")
    workers = answer.get("media", [])
    states = [worker.get("state", "up") if isinstance(worker, dict) else worker for worker in workers]
    parts = {name: str(answer.get(name, "down")) for name in TELEPHONE}
    parts["media"] = "up" if "up" in states else "down"
    refusing = {"refusing": str(answer["refusing"])} if answer.get("refusing") else {}
    return {**parts, **refusing, "media_workers": states, "calls": answer.get("calls", 0)}


def jobs_side(home: Home) -> dict[str, Any]:
    """Whether jobs answers, and how far the store lags behind the journal."""
    try:
        answer = bus.request(home.socket("jobs"), {"op": "health"}, ANSWER_S)
    except UnavailableError:
        return {"jobs": "down"}
    kept: dict[str, Any] = {name: answer[name] for name in ("jobs", "journal_lag_bytes") if name in answer}
    return kept or {"jobs": "down"}


def store_side(store: Store) -> str:
    """``up`` or ``down``."""
    try:
        sessions.ping(store)
    except UnavailableError:
        return "down"
    return "up"
