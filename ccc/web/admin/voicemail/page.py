"""The page 语音信箱: messages callers left; agents have those of their skill groups."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from flask import Response, jsonify, redirect, request
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _
from werkzeug.wrappers import Response as BaseResponse

from ccc.errors import NotFoundError
from ccc.services import places, voicemails
from ccc.store.records import VoicemailFilter, VoicemailRecord
from ccc.web import keeping
from ccc.web.admin.actions import Action, Done, Undo
from ccc.web.admin.changes import changed_by
from ccc.web.admin.crud import EditPage, Empty
from ccc.web.admin.lists import Column, Filter, Listing, Query
from ccc.web.admin.page import expose, for_roles
from ccc.web.admin.voicemail.form import VoicemailForm
from ccc.web.auth import rights
from ccc.web.calls.recordings import is_first_part, send_recording
from ccc.web.calls.texts import texts
from ccc.web.counts import new_voicemails

STATES = {"new": _("Not heard"), "heard": _("Heard"), "done": _("Dealt with"), "deleted": _("Deleted")}
TONES = {"new": "tag-info", "heard": "tag-warn", "done": "tag-good", "deleted": ""}
SPANS = {"1": _("Today"), "7": _("7 days"), "30": _("30 days")}


def _states() -> list[tuple[str, Any]]:
    """Who may not delete has no use for what is deleted."""
    may = rights.place().role in voicemails.MAY_DELETE
    return [(name, title) for name, title in STATES.items() if may or name != "deleted"]


def _groups() -> list[tuple[str, str]]:
    found = voicemails.skill_groups(rights.store(), rights.actor(), rights.place().instance)
    return [(group.name, group.title or group.name) for group in found]


class VoicemailPage(EditPage):
    """Messages of the instance's skill groups."""

    endpoint_name, path, title = "voicemail", "/voicemail", _("Voicemail")
    roles = rights.EVERYBODY
    can_make = False
    columns = (
        Column(_("State")),
        Column(_("Left at")),
        Column(_("Caller")),
        Column(_("Called")),
        Column(_("Skill group")),
        Column(_("Length"), css="num right"),
        Column(_("Dealt with by")),
        Column(_("Note")),
    )
    filters = (
        Filter("state", _("State"), _states),
        Filter("group", _("Skill group"), _groups),
        Filter("days", _("Time"), SPANS.items),
    )
    search_hint = _("Part of a number")
    cells = "voicemail/_cells.html"
    list_template = "voicemail/list.html"
    panel_template = "voicemail/_panel.html"
    edit_title = _("Message")
    form = VoicemailForm
    empty = Empty(
        _("No messages"),
        _("A flow with the step “voicemail” lets callers leave one for a skill group. It appears here at once."),
        "voicemail",
    )
    actions = (
        Action("done", _("Dealt with"), "check", bulk=True, when=lambda row: row.state in ("new", "heard")),
        Action("heard", _("Not dealt with"), "undo", when=lambda row: row.state == "done"),
        Action("new", _("Mark as not heard"), "bell", when=lambda row: row.state == "heard"),
        Action(
            "delete",
            _("Delete"),
            "trash",
            bulk=True,
            danger=True,
            roles=voicemails.MAY_DELETE,
            when=lambda row: row.deleted_at is None,
        ),
        Action(
            "restore", _("Restore"), "undo", roles=voicemails.MAY_DELETE, when=lambda row: row.deleted_at is not None
        ),
    )

    def rows(self, query: Query) -> Listing[VoicemailRecord]:
        wanted = VoicemailFilter(
            state=query.filters.get("state", ""),
            skill_group=query.filters.get("group", ""),
            number=query.q.replace(" ", ""),
            since=_since(query.filters.get("days", "")),
        )
        found = voicemails.list_voicemails(
            rights.store(), rights.actor(), self.instance, wanted, after=query.after or None
        )
        return Listing(found.items, after=found.after)

    def key_of(self, row: VoicemailRecord) -> str:
        return str(row.id)

    def name_of(self, row: VoicemailRecord) -> str:
        return row.caller or gettext("Anonymous")

    def context(self) -> dict[str, Any]:
        start = {"texts": texts(), "timezone": rights.place().timezone}
        return {"groups": dict(_groups()), "keep_days": keeping.days("voicemails"), "start": start}

    def load(self, key: str) -> VoicemailRecord:
        return voicemails.get_voicemail(rights.store(), rights.actor(), self.instance, _number(key))

    def values(self, record: VoicemailRecord | None) -> dict[str, Any]:
        return {} if record is None else {"note": record.note, "done": record.done_at is not None}

    def save(self, key: str, form: VoicemailForm, revision: int) -> Done:
        place = (rights.store(), rights.actor(), self.instance, _number(key))
        saved = voicemails.set_note(*place, (form.note.data or "").replace("\r\n", "\n"), revision)
        if form.done.data is not (saved.done_at is not None):
            voicemails.mark_voicemail(*place, "done" if form.done.data else "heard")
        return Done(gettext("Message saved."), key)

    def stale_note(self, key: str) -> str:
        return changed_by(self.instance, key, "voicemail.") if rights.place().role != "agent" else ""

    def do_done(self, keys: Sequence[str], _form: None) -> Done:
        self._mark(keys, "done")
        undo = Undo("heard", keys)
        return Done(ngettext("%(num)d message dealt with.", "%(num)d messages dealt with.", len(keys)), undo=undo)

    def do_heard(self, keys: Sequence[str], _form: None) -> Done:
        self._mark(keys, "heard")
        return Done(gettext("Open again."), keys[0])

    def do_new(self, keys: Sequence[str], _form: None) -> Done:
        self._mark(keys, "new")
        return Done(gettext("Marked as not heard."), keys[0])

    def do_delete(self, keys: Sequence[str], _form: None) -> Done:
        for key in keys:
            voicemails.delete_voicemail(rights.store(), rights.actor(), self.instance, _number(key))
        text = ngettext("%(num)d message deleted.", "%(num)d messages deleted.", len(keys))
        return Done(text, undo=Undo("restore", keys))

    def do_restore(self, keys: Sequence[str], _form: None) -> Done:
        for key in keys:
            voicemails.restore_voicemail(rights.store(), rights.actor(), self.instance, _number(key))
        return Done(ngettext("%(num)d message is back.", "%(num)d messages are back.", len(keys)), keys[0])

    @expose("/count")
    def count(self) -> Response:
        """``{count}``: new messages, for the menu."""
        return jsonify({"count": new_voicemails()})

    @expose("/<key>/recording")
    def recording(self, key: str) -> Response:
        """The message as WAV. Each play or download is written to the audit log once, and makes it heard."""
        place = (rights.store(), rights.actor(), self.instance, _number(key))
        path = voicemails.voicemail_file(*place, further=not is_first_part())
        return send_recording(path, f"voicemail-{key}.wav", download="download" in request.args)

    @expose("/<key>/peaks")
    def peaks(self, key: str) -> Response:
        """``{seconds, channels}``: the waveform."""
        return jsonify(voicemails.voicemail_peaks(rights.store(), rights.actor(), self.instance, _number(key)))

    @expose("/retention", methods=("POST",))
    @for_roles("admin")
    def retention(self) -> BaseResponse:
        """Keep messages for ``days`` (0: for ever)."""
        keeping.change("voicemails")
        return redirect(self.url_for("index"))

    def place_of(self, number: str) -> str:
        """Province and city."""
        return places.place_of(rights.store().home, number)

    @staticmethod
    def state_title(row: VoicemailRecord) -> Any:
        """The state in words."""
        return STATES[row.state]

    @staticmethod
    def state_tone(row: VoicemailRecord) -> str:
        """The CSS class of its mark."""
        return TONES[row.state]

    def _mark(self, keys: Sequence[str], state: voicemails.State) -> None:
        for key in keys:
            voicemails.mark_voicemail(rights.store(), rights.actor(), self.instance, _number(key), state)


def _number(key: str) -> int:
    if not key.isdecimal() or len(key) > 15:
        raise NotFoundError(gettext("There is nothing at this address."))
    return int(key)


def _since(days: str) -> datetime.datetime | None:
    """The beginning of the first of the last ``days`` days on the instance's wall clock."""
    if days not in SPANS:
        return None
    zone = ZoneInfo(rights.place().timezone)
    first = datetime.datetime.now(zone).date() - datetime.timedelta(days=int(days) - 1)
    return datetime.datetime.combine(first, datetime.time(), zone).astimezone(datetime.UTC)
