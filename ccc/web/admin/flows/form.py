"""Forms of the flows' pages."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import BooleanField, FileField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional, Regexp

from ccc.web.admin.flows.planning import which_field
from ccc.web.admin.forms import CardsField, PanelForm

_NAME = Regexp(r"[a-z0-9][a-z0-9_-]{0,63}\Z", message=_("a-z, 0-9, - and _; a letter or digit first; 64 at most"))
_NAME_HELP = _("Numbers and other flows find it by this: a-z, 0-9, - and _.")


class NewForm(PanelForm):
    """A new flow, from a template of the gallery."""

    wide = True
    title = StringField(_("Name"), (InputRequired(), Length(max=128)))
    name = StringField(_("Reference name"), (InputRequired(), _NAME), description=_NAME_HELP)
    template = CardsField(_("Begin with"), description=_("A copy: change it as you like."), default="empty")


class RenameForm(PanelForm):
    """Other names of a flow."""

    title = StringField(_("Name"), (InputRequired(), Length(max=128)))
    name = StringField(
        _("Reference name"),
        (InputRequired(), _NAME),
        description=_("It can change only while no number and no other flow uses the flow."),
    )


class CopyForm(PanelForm):
    """Names of the copy."""

    title = StringField(_("Name"), (InputRequired(), Length(max=128)))
    name = StringField(_("Reference name"), (InputRequired(), _NAME), description=_NAME_HELP)


class ImportForm(PanelForm):
    """A flow, a set of flows, or a flow of the vendor's format, as a file or as text."""

    multipart = True
    file = FileField(
        _("File"),
        description=_("JSON: a flow or a set of flows from CCC, or a flow of the vendor's format (activities)."),
        render_kw={"accept": ".json,application/json"},
    )
    text = TextAreaField(_("Or its text"), render_kw={"rows": 8, "spellcheck": "false", "data-code": ""})
    name = StringField(
        _("Reference name"),
        (Optional(), _NAME),
        description=_("Only for the vendor's format, which has none: a-z, 0-9, - and _."),
    )
    replace = BooleanField(_("Replace the draft when there is such a flow already"))


class RollbackForm(PanelForm):
    """Why it is published again."""

    message = StringField(
        _("What is new"), (Length(max=500),), description=_("For the history of versions; may stay empty.")
    )


class PublishForm(PanelForm):
    """Why it is published, and when."""

    message = StringField(
        _("What is new"), (Length(max=500),), description=_("For the history of versions; may stay empty.")
    )
    at = StringField(_("Publish at"), render_kw={"type": "datetime-local"})
    which = which_field()
    override = StringField(
        _("Why, if test cases fail"), (Length(max=200),),
        description=_("A flow whose test cases fail is published only with a reason, kept in the history."),
    )  # fmt: skip
