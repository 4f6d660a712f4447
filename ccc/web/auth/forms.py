"""The sign-in form: user name and password, one message for every failure."""

from __future__ import annotations

from typing import Any

from flask import g, request
from flask_babel import lazy_gettext as _
from flask_security.forms import LoginForm
from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired, Length

from ccc.services import sessions
from ccc.web.auth import rights
from ccc.web.auth.accounts import SignedIn
from ccc.web.auth.throttle import FAILED
from ccc.web.links import is_own_page


class SignInForm(LoginForm):
    """``username`` and ``password``; after validation ``user`` is set."""

    email = None
    remember = None
    username = StringField(
        _("User name"),
        validators=[InputRequired(_("Enter your user name")), Length(max=64)],
        render_kw={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"},
    )
    password = PasswordField(
        _("Password"),
        validators=[InputRequired(_("Enter your password")), Length(max=256)],
        render_kw={"autocomplete": "current-password"},
    )

    def validate_next(self, field: StringField) -> None:
        """An address elsewhere is forgotten, not argued about (Flask-Security checks again before it redirects)."""
        if field.data and not is_own_page(field.data):
            field.data = ""

    def validate(self, **kwargs: Any) -> bool:
        """Ask the services; wrong name, wrong password and disabled user look the same from outside."""
        # The parent's validate looks users up itself; only the fields (and the CSRF token) are wanted from it.
        if not super(LoginForm, self).validate(**kwargs):
            return False
        name = self.username.data.strip()
        profile = sessions.sign_in(rights.store(), name, self.password.data, request.remote_addr or "")
        if profile is None:
            setattr(g, FAILED, True)
            self.form_errors.append(_("User name or password is wrong, or the user is disabled."))
            return False
        self.user = SignedIn(profile)
        self.user_authenticated = True
        return True
