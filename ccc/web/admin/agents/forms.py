"""The forms of an agent, of bringing in users of the account, of skill groups in batch."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import BooleanField, RadioField, StringField
from wtforms.validators import InputRequired, Length

from ccc.web.admin.checks import ChecksField
from ccc.web.admin.forms import LevelsField, PanelForm, options
from ccc.web.admin.words import ROLE_NAMES, password_field

ROLES = options(reversed(ROLE_NAMES.items()))
NO_GROUPS = _("No skill groups yet: make one under Skill groups.")


def _groups() -> LevelsField:
    return LevelsField(
        _("Skill groups"),
        description=_("Level 1 is asked first; a higher level only when nobody of a lower one is free."),
        empty=NO_GROUPS,
    )


class AgentForm(PanelForm):
    """A person of the instance; user name, password and e-mail only while made on the spot."""

    name = StringField(_("Display name"), validators=[InputRequired(), Length(max=255)], render_kw={"maxlength": 255})
    username = StringField(
        _("User name"),
        validators=[InputRequired(), Length(max=64)],
        description=_("To sign in with; never changes. Letters, digits and . _ @ -"),
        render_kw={"maxlength": 64, "autocapitalize": "none", "spellcheck": "false"},
    )
    password = password_field()
    email = StringField(_("E-mail"), validators=[Length(max=255)], render_kw={"type": "email", "maxlength": 255})
    role = RadioField(_("Role"), choices=ROLES, default="agent")
    groups = _groups()
    auto_answer = BooleanField(
        _("Answer calls automatically"),
        description=_("Calls are taken after a short tone, without a click."),
    )


class ImportForm(PanelForm):
    """Users of the account who come into the instance."""

    users = ChecksField(_("Users of the account"), validators=[InputRequired()])
    role = RadioField(_("Role"), choices=ROLES, default="agent")
    groups = _groups()


class GroupsForm(PanelForm):
    """Skill groups of several agents at once."""

    mode = RadioField(
        _("What to do"),
        choices=options(
            [("add", _("Add or change level")), ("remove", _("Take away")), ("replace", _("Only these"))],
        ),
        default="add",
    )
    groups = LevelsField(_("Skill groups"), empty=NO_GROUPS)
