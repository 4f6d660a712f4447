"""Words that several pages share."""

from __future__ import annotations

from typing import Any

from flask import render_template
from flask_babel import lazy_gettext as _
from wtforms import PasswordField
from wtforms.validators import Length
from wtforms.widgets import PasswordInput

from ccc.services.passwords import MAX_LENGTH
from ccc.web.admin.forms import PanelForm

ROLE_NAMES: dict[str, Any] = {"admin": _("Administrator"), "supervisor": _("Supervisor"), "agent": _("Agent")}
ACCOUNT_ROLE_NAMES: dict[str, Any] = {"owner": _("Account owner"), "manager": _("Console manager")}


def password_field() -> PasswordField:
    """A new password; empty: one is made up and shown once."""
    return PasswordField(
        _("Password"),
        validators=[Length(max=MAX_LENGTH)],
        description=_("At least 8 characters. Empty: one is made up and shown to you once."),
        render_kw={"autocomplete": "new-password"},
        widget=PasswordInput(hide_value=False),  # after an error elsewhere it need not be typed again
    )


class PasswordForm(PanelForm):
    """A new password for somebody."""

    password = password_field()


def password_once(title: Any, username: str, password: str) -> str:
    """The panel that shows a made-up password."""
    return render_template("admin/_password.html", title=title, username=username, password=password)
