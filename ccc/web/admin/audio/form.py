"""Forms of an audio (AUD-1, AUD-2)."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from flask_babel import lazy_pgettext
from wtforms import DecimalField, FileField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange

from ccc.prompts.wav import MAX_BYTES
from ccc.services.audio import MAX_TEXT, SPEEDS, VOLUMES
from ccc.web.admin.forms import PanelForm

_NAME = _("Flows find it by this name.")
_FILE = _("WAV, at most 5 MB. Any rate and format of WAV; it becomes telephone quality.")

_WAV = {"accept": ".wav,audio/wav,audio/x-wav", "data-record": str(MAX_BYTES)}


class UploadForm(PanelForm):
    """A WAV file."""

    multipart = True
    name = StringField(_("Name"), (InputRequired(), Length(max=128)), description=_NAME)
    file = FileField(_("File"), description=_FILE, render_kw=_WAV)


class SpeakForm(PanelForm):
    """A text that is spoken."""

    name = StringField(_("Name"), (InputRequired(), Length(max=128)), description=_NAME)
    text = TextAreaField(_("Text"), (InputRequired(), Length(max=MAX_TEXT)), render_kw={"rows": 6})
    voice = SelectField(_("Voice"), validate_choice=False)
    speed = DecimalField(
        lazy_pgettext("speech", "Speed"),
        (InputRequired(), NumberRange(*SPEEDS)),
        places=1,
        render_kw={"type": "number", "min": SPEEDS[0], "max": SPEEDS[1], "step": "0.1", "data-unit": "×"},
    )
    volume = IntegerField(
        _("Volume"),
        (InputRequired(), NumberRange(*VOLUMES)),
        description=_("100 is the loudness of all voices on the telephone."),
        render_kw={"type": "number", "min": VOLUMES[0], "max": VOLUMES[1], "step": "5", "data-unit": "%"},
    )


class ReplaceForm(PanelForm):
    """Another file under the same name."""

    multipart = True
    file = FileField(_("File"), description=_FILE, render_kw=_WAV)
