"""Publishing planned for later (定时发布) and failed publishing, in the list of flows and on a flow's page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from flask import request
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import SelectField, StringField
from wtforms.validators import InputRequired, Length

from ccc.api import Problem
from ccc.errors import InvalidError
from ccc.services import publishing, schedules, wall_clock
from ccc.store.base import utc_now
from ccc.store.repos.publications import ScheduleRecord
from ccc.web.admin.actions import Action, Done, Question
from ccc.web.admin.forms import PanelForm, options
from ccc.web.auth import rights
from ccc.web.i18n import in_zone
from ccc.web.problems import in_words
from ccc.web.shell import moment

STATES = {
    "waiting": (_("Planned"), "tag-info"),
    "published": (_("Published"), "tag-good"),
    "failed": (_("Publishing failed"), "tag-bad"),
    "cancelled": (_("Cancelled"), ""),
}
KEPT = 5
"""Plans that are over, on the flow's page."""


def reason_text(reason: Mapping[str, str]) -> str:
    """Why it could not be published, in the page's language where the sentence is known."""
    message = reason["message"]
    found = in_words(Problem("error", "", message, reason.get("node")))
    return gettext(message) if found == message else found


def which_field() -> SelectField:
    """Asked for only when clocks are set back over the time."""
    choices = options([("", _("Choose")), ("0", _("The first time")), ("1", _("The second time"))])
    return SelectField(_("This time comes twice"), choices=choices, validate_choice=False)


def moment_of(text: str, which: str) -> datetime:
    """What a form says, in UTC. InvalidError at ``at``, TwiceError at ``which``."""
    return wall_clock.moment(rights.store(), rights.place().instance, text, which)


class PlanForm(PanelForm):
    """Another time for what is planned."""

    at = StringField(_("Publish at"), (InputRequired(),), render_kw={"type": "datetime-local"})
    which = which_field()
    message = StringField(_("What is new"), (Length(max=500),))


class Planning:
    """The part of the flows' page."""

    instance: str
    plan_actions = (
        Action("plan-change", _("Change"), "edit", row=False, ask=True, form=PlanForm),
        Action("plan-cancel", _("Cancel the planned publishing"), "close", row=False, ask=True, danger=True),
        Action("understood", _("Understood"), "check", ask=False, when=lambda row: row.failure is not None),
    )

    def plan_context(self, key: str) -> dict[str, Any]:
        """For the flow's page: what is planned, and the last ones that are over."""
        found = schedules.plans(rights.store(), rights.actor(), self.instance, key)
        waiting = [item for item in reversed(found) if item.state == "waiting"]
        over = [item for item in found if item.state != "waiting"][:KEPT]
        return {"plans": [*waiting, *over], "plan_states": STATES, "zone": rights.place().timezone,
                "reason_text": reason_text}  # fmt: skip

    def prepare_plan_change(self, form: PlanForm, keys: Sequence[str]) -> None:
        form.at.description = gettext("Time in %(zone)s.", zone=rights.place().timezone)
        if not request.form:
            plan = self._plan(keys[0])
            form.at.data = f"{in_zone(plan.at):%Y-%m-%dT%H:%M}"
            form.message.data = plan.message

    def ask_plan_change(self, keys: Sequence[str]) -> Question:
        plan = self._plan(keys[0])
        text = gettext("What is published stays as it was planned: the draft of revision %(n)s.", n=plan.revision)
        return Question(gettext("Change the time"), text, confirm=gettext("Save"))

    def do_plan_change(self, keys: Sequence[str], form: PlanForm) -> Done:
        name, number = _read(keys[0])
        at = moment_of(form.at.data or "", form.which.data or "")
        text = form.message.data or ""
        plan = schedules.change_plan(rights.store(), rights.actor(), self.instance, name, number, at, text, utc_now())
        return Done(gettext("It will be published %(time)s.", time=moment(plan.at, "yyyy-MM-dd HH:mm")), name)

    def ask_plan_cancel(self, keys: Sequence[str]) -> Question:
        plan = self._plan(keys[0])
        title = gettext("Cancel the publishing planned for %(time)s?", time=moment(plan.at, "yyyy-MM-dd HH:mm"))
        return Question(title, gettext("The draft stays as it is."), [(plan.flow, plan.message)])

    def do_plan_cancel(self, keys: Sequence[str], _form: None) -> Done:
        name, number = _read(keys[0])
        schedules.cancel_plan(rights.store(), rights.actor(), self.instance, name, number, utc_now())
        return Done(gettext("It will not be published."), name)

    def do_understood(self, keys: Sequence[str], _form: None) -> Done:
        publishing.forget_failure(rights.store(), rights.actor(), self.instance, keys[0])
        return Done(gettext("The note is gone; the operation log keeps it."), keys[0])

    def _plan(self, key: str) -> ScheduleRecord:
        name, number = _read(key)
        found = schedules.plans(rights.store(), rights.actor(), self.instance, name)
        plan = next((item for item in found if item.id == number), None)
        if plan is None:
            raise InvalidError(gettext("This names no plan."), field="key")
        return plan


def _read(key: str) -> tuple[str, int]:
    """``flow:number``."""
    name, _colon, number = key.rpartition(":")
    if not number.isdecimal() or len(number) > 8:
        raise InvalidError(gettext("This names no plan."), field="key")
    return name, int(number)
