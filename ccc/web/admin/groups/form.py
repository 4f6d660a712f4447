"""The form of a skill group."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import BooleanField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from ccc.services.groups import LIMITS, MAX_WAITING
from ccc.web.admin.checks import ChecksField
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
    queue_timeout_s = _number(
        _("Wait at most"), "queue_timeout_s", _("seconds"), _("Then the caller leaves the queue by the exit timeout.")
    )
    max_waiting = IntegerField(
        _("Overflow above"),
        validators=[Optional(), NumberRange(*MAX_WAITING)],
        description=_("A caller who finds so many waiting leaves at once. Empty: no limit."),
        render_kw={"type": "number", "min": MAX_WAITING[0], "max": MAX_WAITING[1], "data-unit": _("callers")},
    )
    announce_every_s = _number(
        _("Announce every"), "announce_every_s", _("seconds"), _("What is checked below. 0: never.")
    )
    announce_position = BooleanField(_("Announce the position"))
    announce_wait = BooleanField(_("Announce the estimated wait"))
    music = SelectField(_("Hold music"), validate_choice=False)
    familiar = SelectField(
        _("Familiar agent"),
        description=_("Who talked with the caller last in this group is asked first; then who has been idle longest."),
        validate_choice=False,
    )
    familiar_wait_s = _number(
        _("Wait for the familiar agent"),
        "familiar_wait_s",
        _("seconds"),
        _("While he is busy. 0: only when he is free. Not used when it is as the instance has it."),
    )
    numbers = ChecksField(
        _("Numbers it calls out with"),
        description=_("Calls out by these numbers come with the outbound edition; callbacks use the trunk's number."),
        empty=_("No number of the instance may call out. Add numbers under Numbers."),
    )
    dispositions = TextAreaField(
        _("Dispositions"), description=_("What an agent may choose after a call: one a line."), render_kw={"rows": 5}
    )

    sections = (
        (_("Who serves it"), ("members",)),
        (_("Queue"), ("ring_timeout_s", "misses_allowed", "wrap_up_s", "service_level_s")),
        (
            _("Unless the flow says otherwise"),
            ("queue_timeout_s", "max_waiting", "announce_every_s", "announce_position", "announce_wait", "music"),
        ),
        (_("Who gets the call"), ("familiar", "familiar_wait_s")),
        (_("Outbound"), ("numbers",)),
        (_("After the call"), ("dispositions",)),
    )
