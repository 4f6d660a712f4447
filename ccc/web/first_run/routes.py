"""``/setup``: open only while nobody can sign in, and only for who has the code from the terminal."""

from __future__ import annotations

import logging

from flask import Blueprint, Flask, current_app, g, redirect, render_template, request, url_for
from flask_security.utils import login_user
from werkzeug.wrappers import Response

from ccc.errors import CccError, ConflictError, ForbiddenError, UnavailableError
from ccc.home import Home
from ccc.services import first_owner, sessions
from ccc.web.auth import rights
from ccc.web.auth.accounts import SignedIn
from ccc.web.auth.throttle import FAILED
from ccc.web.first_run.form import OwnerForm

log = logging.getLogger(__name__)
blueprint = Blueprint("first_run", __name__, template_folder="templates")
_THERE = "ccc_has_users"
SENT_HERE = ("security.login", "forgotten.ask", "forgotten.new_password")
"""Pages that are of no use to an installation without users."""


def set_up(app: Flask) -> None:
    """Lead whoever comes first to the page."""
    app.register_blueprint(blueprint)
    app.before_request(_lead)


@blueprint.route("/setup", methods=["GET", "POST"])
@rights.public
def page() -> str | Response | tuple[str, int]:
    """The form; then the owner is signed in and stands in the console."""
    if not _needed():
        if request.method == "POST":  # somebody was quicker: not without a word
            raise ConflictError(first_owner.TAKEN)
        return redirect("/login")
    form = OwnerForm(request.form if request.method == "POST" else None, code=request.args.get("code", ""))
    by_link = request.method == "GET" and _right(form.code.data or "")
    if request.method == "GET":
        return render_template("first_run/page.html", form=form, by_link=by_link)
    if not form.validate():
        return render_template("first_run/page.html", form=form, by_link=_right(form.code.data or "")), 422
    try:
        made = first_owner.create(
            rights.store(),
            form.code.data or "",
            form.title.data or "",
            (form.username.data or "").strip(),
            form.password.data or "",
            name=form.name.data or "",
            email=form.email.data or "",
            address=request.remote_addr or "",
        )
    except CccError as error:
        if isinstance(error, ForbiddenError):
            setattr(g, FAILED, True)
        form.take_error(error)
        return render_template("first_run/page.html", form=form, by_link=_right(form.code.data or "")), error.status
    profile = sessions.profile(rights.store(), made.fs_uniquifier)
    assert profile is not None
    login_user(SignedIn(profile), authn_via=["password"])
    log.info("owner %s made from %s", made.username, request.remote_addr)
    return redirect(url_for("instances.index"))


def _lead() -> Response | None:
    return redirect("/setup") if request.endpoint in SENT_HERE and _needed() else None


def _needed() -> bool:
    """Asked of the store until the first user is there: they never become none again."""
    app = current_app
    if not app.extensions.get(_THERE):
        try:
            app.extensions[_THERE] = not first_owner.needed(rights.store())
        except UnavailableError:
            return False  # the sign-in page says what is wrong
    return not app.extensions[_THERE]


def _right(code: str) -> bool:
    home: Home = current_app.extensions["ccc_home"]
    try:
        first_owner.check_code(home, code)
    except ForbiddenError:
        return False
    return True
