"""``/me/two-factor``: scan, prove, keep the recovery codes. A page of its own: some must pass it before all others."""

from __future__ import annotations

import segno
from flask import Blueprint, current_app, redirect, render_template, request, session
from markupsafe import Markup
from werkzeug.wrappers import Response

from ccc.errors import CccError
from ccc.home import Home
from ccc.services import two_factor, users
from ccc.web.auth import rights
from ccc.web.auth.setup import ENROL
from ccc.web.auth.throttle import count_wrong
from ccc.web.me.forms import CodeForm

SECRET = "two_factor_secret"  # noqa: S105
"""In the session, sealed, until the first code proves that the app has it."""
blueprint = Blueprint("two_factor", __name__, template_folder="templates")


@blueprint.route("/me/two-factor", methods=["GET", "POST"])
@rights.signed_in
def page() -> str | Response | tuple[str, int]:
    """The QR code; with the right first code two-factor sign-in is on and the recovery codes are shown."""
    profile = rights.profile()
    if profile.two_factor:
        return redirect("/me/")
    home: Home = current_app.extensions["ccc_home"]
    form = CodeForm(request.form if request.method == "POST" else None)
    if ENROL in session:  # the password was given a moment ago
        del form.password
    secret = session.setdefault(SECRET, two_factor.begin(home))
    if request.method == "POST" and form.validate():
        try:
            if "password" in form:
                users.confirm(rights.store(), rights.actor(), form.password.data or "")
            code = form.code.data or ""
            codes = two_factor.turn_on(rights.store(), rights.actor(), secret, code, two_factor.now_utc())
        except CccError as error:
            count_wrong(error)
            form.take_error(error)
        else:
            session.pop(SECRET)
            session.pop(ENROL, None)
            return render_template("me/codes.html", codes=codes, username=profile.username)
    address, typed = two_factor.shown(home, secret, profile.username)
    picture = Markup(segno.make(address, error="m").svg_inline(border=4, light="#fff", omitsize=True))  # noqa: S704
    shown = render_template(
        "me/two_factor.html", form=form, picture=picture, typed=typed, address=address, required=ENROL in session
    )
    return (shown, 422) if form.errors or form.messages else shown
