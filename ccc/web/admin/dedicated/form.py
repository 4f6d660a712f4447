"""Forms of dedicated agents."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import FileField, IntegerField, SelectField, StringField
from wtforms.validators import InputRequired, Length, NumberRange

from ccc.services.dedicated import WAIT_S
from ccc.web.admin.forms import PanelForm


class DedicatedForm(PanelForm):
    """A customer and his agent."""

    number = StringField(
        _("Customer number"),
        (InputRequired(), Length(max=40)),
        description=_("Landlines with area code, numbers abroad with +."),
        render_kw={"inputmode": "tel", "spellcheck": "false"},
    )
    agent = SelectField(_("Agent"), (InputRequired(),), validate_choice=False)
    wait_s = IntegerField(
        _("Wait for the agent"),
        (InputRequired(), NumberRange(*WAIT_S)),
        description=_(
            "While he is busy; then the other agents of the queue are asked. On a break or offline: they are asked at "
            "once. 0: only when he is free."
        ),
        render_kw={"type": "number", "min": WAIT_S[0], "max": WAIT_S[1], "data-unit": _("seconds")},
    )
    customer = StringField(_("Customer"), (Length(max=128),), render_kw={"maxlength": 128})


class FileForm(PanelForm):
    """Customers from a file."""

    multipart = True
    file = FileField(
        _("File"),
        description=_(
            "CSV in UTF-8 or GBK, up to 8 MB and 50,000 rows. The first line names the columns: 客户号码, 坐席账号, "
            "客户名称, 等待秒数 (or number, agent, customer, wait). Known numbers are changed, others added."
        ),
        render_kw={"accept": ".csv,text/csv"},
    )
