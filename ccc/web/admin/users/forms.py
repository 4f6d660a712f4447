"""The form of a user of the account."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import RadioField, StringField
from wtforms.validators import InputRequired, Length

from ccc.web.admin.forms import PanelForm, RolesField, options
from ccc.web.admin.words import ACCOUNT_ROLE_NAMES, password_field

RULES = options(
    [
        ("", _("Nobody has to")),
        ("admin", _("Owners, console managers and administrators of instances")),
        ("supervisor", _("These and supervisors")),
    ]
)
CHOICES = options([("", _("None")), *reversed(ACCOUNT_ROLE_NAMES.items())])


class RulesForm(PanelForm):
    """Who of the account must have a second factor."""

    two_factor = RadioField(
        _("Must use two-factor sign-in"),
        choices=RULES,
        description=_("Whoever has none sets it up at the next sign-in, before anything else. Others may use it."),
    )


class UserForm(PanelForm):
    """A user; user name and password only while it is made."""

    name = StringField(_("Display name"), validators=[InputRequired(), Length(max=255)], render_kw={"maxlength": 255})
    username = StringField(
        _("User name"),
        validators=[InputRequired(), Length(max=64)],
        description=_("To sign in with; never changes. Letters, digits and . _ @ -"),
        render_kw={"maxlength": 64, "autocapitalize": "none", "spellcheck": "false"},
    )
    password = password_field()
    email = StringField(_("E-mail"), validators=[Length(max=255)], render_kw={"type": "email", "maxlength": 255})
    account_role = RadioField(
        _("Role in the account"),
        choices=CHOICES,
        default="",
        description=_("Owners and console managers see the console; the workbench only of instances they are in."),
    )
    roles = RolesField(_("Instances and roles"), empty=_("The account has no instance yet."))
