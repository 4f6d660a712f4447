"""The code after the password: Flask-Security asks here whether a user has to give one."""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, g, jsonify, redirect, render_template, request, session
from flask_babel import gettext as _
from flask_security.tf_plugin import TfPlugin
from flask_security.utils import login_user
from werkzeug.wrappers import Response

from ccc.services import sessions
from ccc.web.auth import rights
from ccc.web.auth.accounts import SignedIn
from ccc.web.auth.throttle import FAILED, PENDING
from ccc.web.links import is_own_page

PATIENCE_S = 600.0
"""Between password and code; then the password is asked again."""
blueprint = Blueprint("second_step", __name__)


class SecondStep(TfPlugin):
    """Flask-Security's place for second factors; ours is checked by the services and has a page of its own."""

    def tf_enter(self, user: Any, remember_me: Any, primary_authn_via: str, next_loc: str | None) -> Any:
        """None: signed in with the password alone. Else the answer that sends the browser to the code."""
        if not user.profile.two_factor:
            return None
        session[PENDING] = {"key": user.profile.key, "username": user.profile.username, "at": time.time()}
        wanted = next_loc if next_loc and is_own_page(next_loc) else ""
        target = "/login/code" + ("?" + urlencode({"next": wanted}) if wanted else "")
        return jsonify({"second_step": target}) if request.is_json else redirect(target)


@blueprint.route("/login/code", methods=["GET", "POST"])
@rights.public
def page() -> str | Response:
    """Ask for the code of the app, or a recovery code."""
    pending = _pending()
    if pending is None:
        return redirect("/login")
    if request.method == "GET":
        return render_template("second_step.html", error="", username=pending["username"])
    profile = sessions.second_step(rights.store(), pending["key"], _code(), request.remote_addr or "")
    if profile is None:
        setattr(g, FAILED, True)
        error = _("This code is wrong or has been used. Wait for the next one, or use a recovery code.")
        return render_template("second_step.html", error=error, username=pending["username"])
    login_user(SignedIn(profile), authn_via=["password", "authenticator"])
    wanted = request.args.get("next", "")
    return redirect(wanted if is_own_page(wanted) else "/")


def _code() -> str:
    return request.form.get("code", "")[:64].strip()


def _pending() -> dict[str, str] | None:
    """Whose password was right a short while ago."""
    found = session.get(PENDING)
    fresh = isinstance(found, dict) and time.time() - float(found.get("at", 0)) < PATIENCE_S
    return found if fresh else None
