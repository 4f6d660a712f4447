"""Forms of the personal page."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import PasswordField, StringField
from wtforms.validators import EqualTo, InputRequired, Length

from ccc.services.passwords import MAX_LENGTH
from ccc.web.admin.forms import PanelForm


def _own_password(description: Any = "", validators: tuple[Any, ...] = (InputRequired(),)) -> PasswordField:
    return PasswordField(
        _("Your password"),
        validators=[*validators, Length(max=256)],
        description=description,
        render_kw={"autocomplete": "current-password"},
    )


class SelfForm(PanelForm):
    """Name and address."""

    name = StringField(_("Display name"), validators=[InputRequired(), Length(max=255)], render_kw={"maxlength": 255})
    email = StringField(
        _("E-mail"),
        validators=[Length(max=255)],
        description=_("Where a code is sent if you forget the password. May stay empty."),
        render_kw={"type": "email", "maxlength": 255},
    )
    password = _own_password(_("Only for another e-mail address."), ())


class OwnPasswordForm(PanelForm):
    """The old password and, twice, the new one."""

    password = _own_password()
    new = PasswordField(
        _("New password"),
        validators=[InputRequired(), Length(max=MAX_LENGTH)],
        description=_("At least 8 characters."),
        render_kw={"autocomplete": "new-password"},
    )
    again = PasswordField(
        _("New password again"),
        validators=[InputRequired(), EqualTo("new", _("The two are not the same."))],
        render_kw={"autocomplete": "new-password"},
    )


class ConfirmForm(PanelForm):
    """The password, before what an unlocked screen must not give away."""

    password = _own_password()


class CodeForm(PanelForm):
    """The first code of the app, and the password when it was not just given."""

    code = StringField(
        _("Code"),
        validators=[InputRequired(), Length(max=16)],
        render_kw={"autocomplete": "one-time-code", "inputmode": "numeric", "class": "code-input"},
    )
    password = _own_password()
