"""The form of a new key."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import SelectField, StringField
from wtforms.validators import InputRequired, Length

from ccc.web.admin.forms import PanelForm, options

LASTS = [("30", _("30 days")), ("90", _("90 days")), ("365", _("A year")), ("", _("Without end"))]


class KeyForm(PanelForm):
    """What the key is for and how long it lasts."""

    name = StringField(
        _("What it is for"),
        validators=[InputRequired(), Length(max=64)],
        description=_("The audit log names it with everything it does."),
        render_kw={"maxlength": 64, "placeholder": _("e.g. deployment, reporting")},
    )
    days = SelectField(_("Lasts"), choices=options(LASTS), default="90")
