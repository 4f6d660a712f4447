"""What one may say of a message."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import BooleanField, TextAreaField
from wtforms.validators import Length

from ccc.services.voicemails import NOTE_LENGTH
from ccc.web.admin.forms import PanelForm


class VoicemailForm(PanelForm):
    """A note, and whether it is dealt with."""

    note = TextAreaField(
        _("Note"), (Length(max=NOTE_LENGTH),), render_kw={"rows": 3, "placeholder": _("What was done about it?")}
    )
    done = BooleanField(_("Dealt with"), description=_("Others see who dealt with it, and need not call back again."))
