"""Forms of an instance (INS-1)."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import BooleanField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from ccc.web.admin.checks import ChecksField
from ccc.web.admin.forms import PanelForm

_LIVE = {
    "hx-trigger": "change, keyup changed delay:350ms",
    "hx-sync": "this:replace",
    "hx-disabled-elt": "unset",
    "spellcheck": "false",
}


def live_check(url: str, target: str) -> dict[str, str]:
    """Attributes of a field that is checked while it is typed in."""
    return {**_LIVE, "hx-get": url, "hx-target": target, "hx-swap": "innerHTML"}


class NewForm(PanelForm):
    """A new instance, in one step (INS-2)."""

    title = StringField(
        _("Name"),
        (InputRequired(), Length(max=64)),
        description=_("Chinese, letters and digits; once in the account."),
    )
    name = StringField(
        _("Access address"),
        (InputRequired(), Length(max=63)),
        description=_("Letters, digits, _ and -. The workbench opens under it: …/i/NAME. It never changes."),
    )
    description = TextAreaField(_("Description"), (Length(max=500),), render_kw={"rows": 2})
    numbers = ChecksField(
        _("Numbers of the instance"),
        description=_("They are bound to the welcome flow. A 400 number only takes calls."),
        empty=_("Every number of the account is in use. You can add some later."),
    )
    admins = ChecksField(
        _("Administrators beside you"), empty=_("No other users in the account. You can add some later.")
    )
    recording = BooleanField(_("Record calls"), default=True)

    sections = ((_("Numbers and people"), ("numbers", "admins", "recording")),)


class DeleteForm(PanelForm):
    """The confirmation."""

    typed = StringField(_("Type its access address to confirm"), (Length(max=63),), render_kw={"spellcheck": "false"})


class EditForm(PanelForm):
    """What the console changes of an instance."""

    title = StringField(_("Name"), (InputRequired(), Length(max=64)))
    description = TextAreaField(_("Description"), (Length(max=500),), render_kw={"rows": 3})
