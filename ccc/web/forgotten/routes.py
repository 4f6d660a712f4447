"""``/password/forgotten`` asks for the mail, ``/password/new`` takes the code. The answers never tell who is a user."""

from __future__ import annotations

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask_babel import force_locale, lazy_gettext
from flask_babel import gettext as _
from werkzeug.wrappers import Response
from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired, Length
from wtforms.widgets import PasswordInput

from ccc.errors import CccError
from ccc.services import notifiers, password_reset, two_factor
from ccc.services.password_reset import Mail
from ccc.services.passwords import MAX_LENGTH
from ccc.store.records import UserRecord
from ccc.web import plugins
from ccc.web.admin.forms import PanelForm
from ccc.web.auth import rights
from ccc.web.auth.throttle import FAILED
from ccc.web.i18n import LANGUAGES, language

blueprint = Blueprint("forgotten", __name__, template_folder="templates")


class NewPasswordForm(PanelForm):
    """The code of the mail and what the password is to be."""

    code = StringField(
        lazy_gettext("Code from the mail"),
        validators=[InputRequired(), Length(max=64)],
        render_kw={"autocomplete": "one-time-code", "autocapitalize": "none", "spellcheck": "false"},
    )
    password = PasswordField(
        lazy_gettext("New password"),
        validators=[InputRequired(), Length(max=MAX_LENGTH)],
        description=lazy_gettext("At least 8 characters."),
        render_kw={"autocomplete": "new-password"},
        widget=PasswordInput(hide_value=False),
    )


@blueprint.route("/password/forgotten", methods=["GET", "POST"])
@rights.public
def ask() -> str | Response:
    """Ask for the mail; or, when no mail can be sent, say whom to ask."""
    able = notifiers.sends(rights.store(), plugins.registry().notifiers, "mail")
    if request.method == "GET" or not able:
        return render_template("forgotten/ask.html", able=able)
    login = request.form.get("login", "")[:255].strip()
    if login:
        password_reset.ask(rights.store(), login, _mail, two_factor.now_utc(), request.remote_addr or "")
    return redirect(url_for("forgotten.new_password", asked="1"))


@blueprint.route("/password/new", methods=["GET", "POST"])
@rights.public
def new_password() -> str | tuple[str, int]:
    """Take the code and the new password."""
    form = NewPasswordForm(request.form if request.method == "POST" else None, code=request.args.get("code", ""))
    if request.method == "GET" or not form.validate():
        page = render_template("forgotten/new.html", form=form, asked="asked" in request.args)
        return page if request.method == "GET" else (page, 422)
    try:
        username = password_reset.reset(
            rights.store(),
            form.code.data or "",
            form.password.data or "",
            two_factor.now_utc(),
            request.remote_addr or "",
        )
    except CccError as error:
        setattr(g, FAILED, error.field == "code")
        form.take_error(error)
        return render_template("forgotten/new.html", form=form, asked=False), error.status
    return render_template("forgotten/done.html", username=username)


def _mail(user: UserRecord, code: str) -> Mail:
    """The words, in the language of whom they go to.

    No link: its host would be whatever the asker's request said, and a stranger may ask for anybody.
    """
    with force_locale(user.locale if user.locale in LANGUAGES else language()):
        subject = _("CCC: your code for a new password")
        text = _(
            "Hello %(name)s,\n\nsomebody, hopefully you, asked for a new password for your user %(user)s.\n"
            "The code is:\n\n    %(code)s\n\n"
            'Open the sign-in page, choose "Forgot your password?", then "I have a code", and enter it there '
            "within an hour. It works once.\n\n"
            "If you did not ask, do nothing: your password stays as it is.\n",
            name=user.name or user.username,
            user=user.username,
            code=code,
        )
    return Mail(str(subject), str(text))
