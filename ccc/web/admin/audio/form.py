"""Forms of an audio (AUD-1, AUD-2)."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import DecimalField, FileField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange

from ccc.services.audio import MAX_TEXT, SPEEDS
from ccc.web.admin.forms import PanelForm

_NAME = _("Flows find it by this name.")
_FILE = _("WAV, at most 5 MB. Any rate and format of WAV; it becomes telephone quality.")


class UploadForm(PanelForm):
    """A WAV file."""

    multipart = True
    name = StringField(_("Name"), (InputRequired(), Length(max=128)), description=_NAME)
    file = FileField(_("File"), description=_FILE, render_kw={"accept": ".wav,audio/wav,audio/x-wav"})


class SpeakForm(PanelForm):
    """A text that is spoken."""

    name = StringField(_("Name"), (InputRequired(), Length(max=128)), description=_NAME)
    text = TextAreaField(_("Text"), (InputRequired(), Length(max=MAX_TEXT)), render_kw={"rows": 6})
    voice = SelectField(_("Voice"), validate_choice=False)
    speed = DecimalField(
        _("Speed"),
        (InputRequired(), NumberRange(*SPEEDS)),
        places=1,
        render_kw={"type": "number", "min": SPEEDS[0], "max": SPEEDS[1], "step": "0.1", "data-unit": "×"},
    )


class ReplaceForm(PanelForm):
    """Another file under the same name."""

    multipart = True
    file = FileField(_("File"), description=_FILE, render_kw={"accept": ".wav,audio/wav,audio/x-wav"})
