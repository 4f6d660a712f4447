"""One-time tickets that let a page open a WebSocket to the runtime."""

from __future__ import annotations

import time

from flask import Response, current_app, jsonify, session

from ccc.bus import ticket
from ccc.home import Home
from ccc.web.auth import rights
from ccc.web.auth.accounts import SESSION

LIVE_ROLES = ("supervisor", "admin")


def answer(scope: str, subject: str = "") -> Response:
    """``{ticket, url, now}`` for the signed-in user in the chosen instance; ``scope``: ``agent``, ``live`` or ``call``.

    ``now`` is the server's clock in epoch milliseconds: pages count from it, browsers' clocks are often wrong.
    """
    home: Home = current_app.extensions["ccc_home"]
    place = rights.place()
    text = ticket.issue(
        home.secret(ticket.KEY),
        user=rights.profile().username,
        instance=place.instance,
        role=place.role,
        scope=scope,
        now=time.time(),
        subject=subject,
        session=session.get(SESSION, ""),
    )
    return jsonify({"ticket": text, "url": f"/rt/{scope}", "now": round(time.time() * 1000)})
