"""The page 设置 > 基本信息."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import BooleanField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange

from ccc.services import instances
from ccc.services.instances import MAX_CALL_S, MAX_CALLS
from ccc.store.repos.instances import InstanceRecord
from ccc.web.admin.actions import Done
from ccc.web.admin.forms import PanelForm, options
from ccc.web.admin.settings.base import OnePage
from ccc.web.admin.settings.zones import zones
from ccc.web.auth import rights


def _number(label: Any, limits: tuple[int, int], unit: Any, description: Any) -> IntegerField:
    least, most = limits
    kw = {"type": "number", "min": least, "max": most, "data-unit": unit}
    return IntegerField(label, (InputRequired(), NumberRange(least, most)), description=description, render_kw=kw)


class SettingsForm(PanelForm):
    """Basics, calls, breaks."""

    title = StringField(_("Name"), (InputRequired(), Length(max=64)))
    description = TextAreaField(_("Description"), (Length(max=500),), render_kw={"rows": 2})
    timezone = SelectField(_("Time zone"), description=_("Of the times shown, and of working hours."))
    max_call_min = _number(_("A call lasts at most"), (1, MAX_CALL_S[1] // 60), _("minutes"), _("Then it is ended."))
    max_calls = _number(_("Calls at once"), MAX_CALLS, _("calls"), _("Further callers hear busy. 0: no limit."))
    familiar = BooleanField(
        _("Familiar mode"),
        description=_("The agent who talked with the caller last is asked first. A skill group may say otherwise."),
    )
    familiar_wait_s = _number(
        _("Wait for the familiar agent"), (0, 600), _("seconds"), _("While he is busy. 0: only when he is free.")
    )
    break_reasons = TextAreaField(
        _("Break reasons"),
        description=_("What agents choose when they take a break: one a line."),
        render_kw={"rows": 5},
    )
    sections = (
        (_("Calls"), ("max_call_min", "max_calls")),
        (_("Familiar mode"), ("familiar", "familiar_wait_s")),
        (_("Breaks"), ("break_reasons",)),
    )


class SettingsPage(OnePage):
    """Settings of the instance; one record, shown as a page, edited in the panel."""

    endpoint_name, path, title = "settings", "/settings", _("Settings")
    card = "settings/_settings.html"
    edit_title = _("Basic settings")
    form = SettingsForm

    def values(self, record: InstanceRecord | None) -> dict[str, Any]:
        if record is None:
            return {}
        return {
            "title": record.title,
            "description": record.description,
            "timezone": record.timezone,
            "max_call_min": max(1, record.max_call_s // 60),
            "max_calls": record.max_calls,
            "familiar": record.familiar,
            "familiar_wait_s": round(record.familiar_wait_s),
            "break_reasons": "\n".join(record.break_reasons),
        }

    def prepare(self, form: SettingsForm, record: InstanceRecord | None) -> None:
        now = [record.timezone] if record is not None else []
        form.timezone.choices = options([(name, name) for name in zones(*now)])

    def save(self, key: str, form: SettingsForm, revision: int) -> Done:
        old = self.load(key)
        wanted = replace(
            old,
            title=(form.title.data or "").strip(),
            description=form.description.data or "",
            timezone=form.timezone.data,
            max_call_s=int(form.max_call_min.data or 0) * 60,
            max_calls=int(form.max_calls.data or 0),
            familiar=bool(form.familiar.data),
            familiar_wait_s=float(form.familiar_wait_s.data or 0),
            break_reasons=tuple((form.break_reasons.data or "").splitlines()),
        )
        instances.change_settings(rights.store(), rights.actor(), wanted, revision)
        return Done(gettext("Settings saved. They hold for new calls."))
