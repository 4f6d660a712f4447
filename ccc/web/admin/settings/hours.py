"""The page 设置 > 工作时间: working hours by name, asked by flows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from flask import render_template, request
from flask_babel import get_locale, gettext, ngettext
from flask_babel import lazy_gettext as _
from wtforms import SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from ccc.errors import CccError
from ccc.hours.model import Holidays
from ccc.hours.text import WEEK, write_exceptions, write_week
from ccc.services import hours
from ccc.services.flow_uses import Use
from ccc.store.repos.hours import HoursRecord
from ccc.web import plugins
from ccc.web.admin.actions import Action, Done, Question
from ccc.web.admin.changes import changed_by
from ccc.web.admin.crud import EditPage, Empty
from ccc.web.admin.forms import PanelForm, options
from ccc.web.admin.lists import Column, Listing, Query, alphabetical, arrange
from ccc.web.admin.page import expose, for_changers
from ccc.web.admin.settings.week import bars
from ccc.web.admin.settings.zones import zones
from ccc.web.auth import rights
from ccc.web.errors import in_words

DAYS = tuple(f"day{number}" for number in WEEK)
HOLIDAYS = {"china": _("China, with make-up working days"), "none": _("None")}
STATES = {"open": _("Open now"), "closed": _("Closed now"), "holiday": _("Day off now")}
EXAMPLE = "2027-02-05 ~ 2027-02-12 春节\n2026-12-24 09:00-12:00"
DEFAULT = ("09:00-18:00",) * 5 + ("", "")


def _day() -> StringField:
    return StringField("", (Length(max=200),), render_kw={"spellcheck": "false", "placeholder": _("closed")})


class HoursForm(PanelForm):
    """A week, its exceptions, zone and holidays."""

    wide = True
    name = StringField(
        _("Name"), (InputRequired(), Length(max=64)), description=_("Flows call them by it; it never changes.")
    )
    day1, day2, day3, day4, day5, day6, day7 = _day(), _day(), _day(), _day(), _day(), _day(), _day()
    timezone = SelectField(_("Time zone"), validate_choice=False)
    holidays = SelectField(_("Public holidays"), choices=options(HOLIDAYS.items()), validate_choice=False)
    makeup_like = SelectField(
        _("Make-up working days have the hours of"),
        coerce=int,
        validate_choice=False,
        description=_("A weekend day that is worked to make up for a holiday (调休)."),
    )
    exceptions = TextAreaField(
        _("Own exceptions"),
        (Length(max=30_000),),
        description=_("One a line: day or days, hours (none: closed), name. They win over everything else."),
        render_kw={"rows": 4, "spellcheck": "false", "placeholder": EXAMPLE},
    )


class HoursPage(EditPage):
    """Working hours of the instance."""

    endpoint_name, path, title = "hours", "/settings/hours", _("Settings")
    readers = ("supervisor",)
    columns = (
        Column(_("Name"), "name"),
        Column(_("Week")),
        Column(_("Public holidays")),
        Column(_("Own exceptions"), "", "num right"),
        Column(_("State")),
    )
    default_sort = "name"
    search_hint = _("Name")
    cells = "settings/_hours_cells.html"
    list_template = "settings/hours.html"
    panel_template = "settings/_hours_panel.html"
    empty = Empty(
        _("No working hours yet"),
        _("Working hours are asked by the node Working hours of a flow: change them here, and every flow follows."),
        "calendar",
    )
    new_title, edit_title = _("New working hours"), _("Working hours")
    form = HoursForm
    actions = (Action("delete", _("Delete"), "trash", bulk=True, danger=True, ask=True),)

    def rows(self, query: Query) -> Listing[HoursRecord]:
        found = hours.list_hours(rights.store(), rights.actor(), self.instance)
        keys = {"name": lambda row: alphabetical(row.name)}
        return arrange(found, query, search=lambda row: (row.name,), sort=keys)

    def key_of(self, row: HoursRecord) -> str:
        return row.name

    def context(self) -> dict[str, Any]:
        return {"outlook": self._outlook, "bars": bars, "holidays": HOLIDAYS, "states": STATES, "letters": _letters()}

    def load(self, key: str) -> HoursRecord:
        return hours.get_hours(rights.store(), rights.actor(), self.instance, key)

    def values(self, record: HoursRecord | None) -> dict[str, Any]:
        if record is None:
            return {**dict(zip(DAYS, DEFAULT, strict=True)), "holidays": "china", "makeup_like": 1, "timezone": ""}
        return {
            "name": record.name,
            **dict(zip(DAYS, write_week(record.schedule.hours), strict=True)),
            "timezone": record.timezone,
            "holidays": record.holidays,
            "makeup_like": record.schedule.makeup_like,
            "exceptions": write_exceptions(record.schedule.exceptions),
        }

    def prepare(self, form: HoursForm, record: HoursRecord | None) -> None:
        if record is not None:
            del form.name
        for name, label in zip(DAYS, _weekdays(), strict=True):
            form[name].label.text = label
        own = gettext("The instance's (%(zone)s)", zone=rights.place().timezone)
        kept = [record.timezone] if record is not None and record.timezone else []
        form.timezone.choices = options([("", own), *((name, name) for name in zones(*kept))])
        form.makeup_like.choices = options([(str(day), name) for day, name in zip(WEEK, _weekdays(), strict=True)])
        form.look_url = self.url_for("look")

    def create(self, form: HoursForm) -> Done:
        name = (form.name.data or "").strip()
        made = hours.create_hours(rights.store(), rights.actor(), self._wanted(form, name))
        return Done(gettext("Working hours %(name)s made. Choose them in a flow's node.", name=made.name), made.name)

    def save(self, key: str, form: HoursForm, revision: int) -> Done:
        hours.change_hours(rights.store(), rights.actor(), self._wanted(form, key), revision)
        return Done(gettext("Working hours %(name)s saved. They hold for new calls.", name=key), key)

    def stale_note(self, key: str) -> str:
        return changed_by(self.instance, key, "hours.")

    @expose("/look")
    @for_changers
    def look(self) -> str:
        """The week as a picture, the state now and the special days ahead, while the form is filled in."""
        form = HoursForm(request.args, data={"makeup_like": 1})
        self.prepare(form, None)
        error, found, week = "", None, ""
        try:
            record = self._wanted(form, "")
            week, found = bars(record.schedule.hours, _letters()), self._outlook(record)
        except CccError as refused:
            error = in_words(refused)
        return render_template("settings/_hours_look.html", error=error, look=found, week=week, states=STATES)

    def ask_delete(self, keys: Sequence[str]) -> Question:
        """Refused while flows ask them."""
        registry = plugins.registry()
        actor = rights.actor()
        uses = [use for key in keys for use in hours.hours_uses(rights.store(), registry, actor, self.instance, key)]
        if uses:
            text = gettext("Change these flows first, then delete them.")
            items = [(use.title, _where(use)) for use in uses]
            return Question(gettext("Still used"), text, items, gettext("Used by"), refused=True)
        title = ngettext("Delete %(num)d set of working hours?", "Delete %(num)d sets of working hours?", len(keys))
        return Question(title, gettext("No flow uses them. This cannot be undone."), [(key, "") for key in keys])

    def do_delete(self, keys: Sequence[str], _form: None) -> Done:
        registry = plugins.registry()
        for key in keys:
            hours.delete_hours(rights.store(), registry, rights.actor(), self.instance, key)
        text = ngettext("%(num)d set of working hours deleted.", "%(num)d sets of working hours deleted.", len(keys))
        return Done(text)

    def _wanted(self, form: HoursForm, name: str) -> HoursRecord:
        try:
            days = [form[day].data or "" for day in DAYS]
            schedule = hours.read_schedule(days, form.exceptions.data or "", form.makeup_like.data or 1)
        except CccError as error:
            if error.field == "days":
                error.field = None  # it names the text itself
            raise
        holidays: Holidays = "none" if form.holidays.data == "none" else "china"
        return HoursRecord(self.instance, name, schedule, holidays, form.timezone.data or "")

    def _outlook(self, record: HoursRecord) -> hours.Outlook:
        return hours.outlook(rights.store(), rights.actor(), record, datetime.now(UTC))


def _weekdays() -> list[str]:
    names = get_locale().days["stand-alone"]["wide"]
    return [str(names[number - 1]) for number in WEEK]


def _letters() -> list[str]:
    names = get_locale().days["stand-alone"]["abbreviated"]
    return [str(names[number - 1]) for number in WEEK]


def _where(use: Use) -> str:
    if use.version is None:
        return str(gettext("node %(node)s, draft", node=use.node))
    return str(gettext("node %(node)s, live", node=use.node))
