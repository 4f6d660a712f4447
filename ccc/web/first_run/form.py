"""Who the owner is, and what the account is called."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired, Length
from wtforms.widgets import PasswordInput

from ccc.services.first_owner import MAX_TITLE
from ccc.services.passwords import MAX_LENGTH
from ccc.web.admin.forms import PanelForm

_PLAIN = {"autocapitalize": "none", "spellcheck": "false"}


class OwnerForm(PanelForm):
    """``code`` comes with the address printed in the terminal; else it is typed."""

    code = StringField(
        _("Set-up code"),
        validators=[InputRequired(), Length(max=64)],
        description=_("It stands in the terminal in which `ccc serve` was started, with a link to this page."),
        render_kw={"autocomplete": "off", **_PLAIN},
    )
    title = StringField(
        _("Name of the account"),
        validators=[InputRequired(), Length(max=MAX_TITLE)],
        description=_("Usually your company. Numbers, instances and users belong to it."),
        render_kw={"maxlength": MAX_TITLE, "autocomplete": "organization"},
    )
    name = StringField(_("Your name"), validators=[Length(max=255)], render_kw={"autocomplete": "name"})
    username = StringField(
        _("User name"),
        validators=[InputRequired(), Length(max=64)],
        description=_("To sign in with; never changes. Letters, digits and . _ @ -"),
        render_kw={"autocomplete": "username", **_PLAIN},
    )
    password = PasswordField(
        _("Password"),
        validators=[InputRequired(), Length(max=MAX_LENGTH)],
        description=_("At least 8 characters."),
        render_kw={"autocomplete": "new-password"},
        widget=PasswordInput(hide_value=False),
    )
    email = StringField(
        _("E-mail"),
        validators=[Length(max=255)],
        description=_("Where a code is sent if you forget the password. May stay empty."),
        render_kw={"type": "email", "autocomplete": "email"},
    )
