"""Forms of the numbers' pages."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import SelectField, TextAreaField
from wtforms.validators import InputRequired, Length

from ccc.web.admin.checks import ChecksField
from ccc.web.admin.forms import PanelForm

_FLOW_HELP = _("Only published flows can be chosen. Calls run it within two seconds.")


class TakeForm(PanelForm):
    """Numbers of the account for this instance (添加号码)."""

    numbers = ChecksField(
        _("Numbers of the account"),
        empty=_("Every number of the account is in use. Add one under My numbers in the console."),
    )
    flow = SelectField(_("Calls run the flow"), description=_FLOW_HELP, validate_choice=False)


class BindForm(PanelForm):
    """What a number of the instance is bound to."""

    flow = SelectField(_("Calls run the flow"), description=_FLOW_HELP, validate_choice=False)
    groups = ChecksField(
        _("Skill groups that call out with it"), empty=_("No skill groups yet. Make one under Skill groups.")
    )
    sections = ((_("Inbound"), ("flow",)), (_("Outbound"), ("groups",)))


class AccountForm(PanelForm):
    """A number of the account."""

    number = TextAreaField(
        _("Number"),
        (InputRequired(), Length(max=20_000)),
        description=_("As the carrier sends it in calls, e.g. 075526881234 or +85221234567. Several: one a line."),
        render_kw={"rows": 3, "inputmode": "tel", "spellcheck": "false"},
    )
    instance = SelectField(_("Instance"), validate_choice=False)
    trunks = ChecksField(
        _("Arrives on the trunks"),
        description=_("None checked: calls to it are taken from any trunk of the account."),
        empty=_("No trunks yet."),
    )
