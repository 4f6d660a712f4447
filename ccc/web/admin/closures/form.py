"""How numbers are closed: the form, from and to the service."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from ccc.flow.closing import DEFAULT_TEXT
from ccc.services import drafts, flows, wall_clock
from ccc.services.closures import MAX_REASON, MAX_TEXT, Closing
from ccc.store.repos.closures import ClosureRecord
from ccc.web.admin.forms import PanelForm, options
from ccc.web.auth import rights
from ccc.web.plugins import registry


class CloseForm(PanelForm):
    """Why, until when, and what callers get meanwhile. Fields of other ways than the chosen one are hidden (CSS)."""

    reason = StringField(
        _("Why"), (InputRequired(), Length(max=MAX_REASON)), description=_("Shown on the pages, kept in the log.")
    )
    until = StringField(_("Until"), render_kw={"type": "datetime-local"})
    which = SelectField(
        _("This time comes twice"),
        choices=options([("", _("Choose")), ("0", _("The first time")), ("1", _("The second time"))]),
        validate_choice=False,
    )
    says = RadioField(_("Callers get"), default="default", validate_choice=False)
    text = TextAreaField(_("Text"), (Length(max=MAX_TEXT),), render_kw={"rows": 3})
    voice = SelectField(_("Voice"), validate_choice=False)
    audio = SelectField(_("Audio"), validate_choice=False)
    flow = SelectField(_("Flow"), validate_choice=False)

    def fill(self, instance: str) -> None:
        """What there is to choose from."""
        self.until.description = gettext(
            "Time in %(zone)s; then the number opens by itself. Empty: until somebody opens it.",
            zone=rights.place().timezone,
        )
        self.says.description = gettext("Our announcement: %(text)s", text=DEFAULT_TEXT)
        names = drafts.names(rights.store(), registry(), rights.actor(), instance)
        self.says.choices = options(
            [
                ("default", gettext("Our announcement")),
                ("text", gettext("A text of your own")),
                ("audio", gettext("An audio")),
                ("flow", gettext("Another flow")),
            ]
        )
        self.voice.choices = options([("", gettext("Default")), *names["voice"]])
        self.audio.choices = options(names["audio"] or [("", gettext("There is none yet"))])
        self.flow.choices = options(_published(instance) or [("", gettext("There is none yet"))])

    def closing(self, instance: str) -> Closing:
        """For the service. InvalidError at ``until``, TwiceError at ``which``."""
        until = self.until.data or ""
        end = wall_clock.moment(rights.store(), instance, until, self.which.data or "", "until") if until else None
        names = ("reason", "says", "text", "voice", "audio", "flow")
        given: dict[str, Any] = {name: getattr(self, name).data or "" for name in names}
        return Closing(until=end, **given)


def values_of(closure: ClosureRecord) -> dict[str, str]:
    """A closure as the form posts it."""
    names = ("reason", "says", "text", "voice", "audio", "flow")
    found = {name: str(getattr(closure, name)) for name in names}
    return found | {"until": closure.until.isoformat() if closure.until is not None else ""}


def _published(instance: str) -> list[tuple[str, str]]:
    found = flows.list_flows(rights.store(), rights.actor(), instance)
    return [(item.name, item.title or item.name) for item in found if item.live_version is not None]
