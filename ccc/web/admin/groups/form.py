"""The form of a skill group."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import IntegerField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange

from ccc.services.groups import LIMITS
from ccc.web.admin.forms import LevelsField, PanelForm


def _number(label: Any, field: str, unit: Any, description: Any) -> IntegerField:
    least, most = LIMITS[field]
    return IntegerField(
        label,
        validators=[InputRequired(), NumberRange(least, most)],
        description=description,
        render_kw={"type": "number", "min": least, "max": most, "data-unit": unit},
    )


class GroupForm(PanelForm):
    """Settings of the queue and who serves it."""

    title = StringField(_("Name"), validators=[InputRequired(), Length(max=255)], render_kw={"maxlength": 255})
    name = StringField(
        _("Reference name"),
        validators=[Length(max=64)],
        description=_("What flows and call records call it. Never changes; empty: the same as the name."),
        render_kw={"maxlength": 64, "spellcheck": "false"},
    )
    members = LevelsField(
        _("Agents"),
        description=_("Level 1 is asked first; a higher level only when nobody of a lower one is free."),
        empty=_("No agents in this instance yet: add them under Agents."),
    )
    ring_timeout_s = _number(_("Ring for"), "ring_timeout_s", _("seconds"), _("Then the call goes to the next agent."))
    misses_allowed = _number(
        _("Missed calls allowed"),
        "misses_allowed",
        _("in a row"),
        _("One more, and the agent is put on a break (not answered). 0: never."),
    )
    wrap_up_s = _number(
        _("Wrap-up"), "wrap_up_s", _("seconds"), _("Time for notes after a call. 0: the next call may come at once.")
    )
    service_level_s = _number(
        _("Service level"), "service_level_s", _("seconds"), _("Calls answered within this time count as in time.")
    )
    dispositions = TextAreaField(
        _("Dispositions"), description=_("What an agent may choose after a call: one a line."), render_kw={"rows": 5}
    )

    sections = (
        (_("Who serves it"), ("members",)),
        (_("Queue"), ("ring_timeout_s", "misses_allowed", "wrap_up_s", "service_level_s")),
        (_("After the call"), ("dispositions",)),
    )
