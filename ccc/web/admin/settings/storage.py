"""The page 设置 > 录音存储."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import BooleanField, IntegerField
from wtforms.validators import InputRequired, NumberRange

from ccc.services import recording_settings as recording
from ccc.services.recording_settings import RecordingSettings
from ccc.services.retention import MAX_DAYS
from ccc.web.admin.actions import Done
from ccc.web.admin.forms import PanelForm
from ccc.web.admin.settings.base import OnePage
from ccc.web.auth import rights


def _days(label: Any, description: Any) -> IntegerField:
    look = {"type": "number", "min": 0, "max": MAX_DAYS, "data-unit": _("days")}
    return IntegerField(label, (InputRequired(), NumberRange(0, MAX_DAYS)), description=description, render_kw=look)


class StorageForm(PanelForm):
    """What is recorded and how long it is kept."""

    recording = BooleanField(_("Record calls"), description=_("A flow can still say otherwise for its calls."))
    calls_days = _days(
        _("Keep calls with their recordings"),
        _("Older ones are deleted every night and cannot be brought back. 0: keep for ever."),
    )
    voicemails_days = _days(_("Keep voicemails"), _("0: keep for ever."))


class StoragePage(OnePage):
    """Recording and retention of the instance."""

    endpoint_name, path, title = "storage", "/settings/recordings", _("Settings")
    card = "settings/_storage.html"
    edit_title = _("Recordings")
    form = StorageForm

    def context(self) -> dict[str, Any]:
        return {"usage": recording.usage(rights.store(), rights.actor(), self.instance)}

    def load(self, key: str) -> RecordingSettings:
        return recording.get_recording(rights.store(), rights.actor(), self.record(key).name)

    def values(self, record: RecordingSettings | None) -> dict[str, Any]:
        names = ("recording", "calls_days", "voicemails_days")
        return {name: getattr(record, name) for name in names} if record is not None else {}

    def save(self, key: str, form: StorageForm, revision: int) -> Done:
        wanted = RecordingSettings(
            self.record(key).name,
            bool(form.recording.data),
            int(form.calls_days.data or 0),
            int(form.voicemails_days.data or 0),
        )
        recording.change_recording(rights.store(), rights.actor(), wanted, revision)
        return Done(gettext("Settings saved. They hold for new calls."))
