"""The page 黑名单 (inbound, WKB-9): add, import, end, reason, search, remove and take back."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from flask import request
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _
from wtforms import DateField, FileField, StringField, TextAreaField
from wtforms.validators import Length, Optional

from ccc.errors import InvalidError, UsageError, say
from ccc.services import blacklist
from ccc.store.records import BlacklistRecord
from ccc.tables.csv import decode
from ccc.web.admin.actions import Action, Done, Question, Undo
from ccc.web.admin.changes import changed_by
from ccc.web.admin.crud import EditPage, Empty
from ccc.web.admin.forms import PanelForm
from ccc.web.admin.lists import Column, Filter, Listing, Query, arrange
from ccc.web.admin.page import accepts_bytes, expose
from ccc.web.auth import rights

MAX_FILE = 2 * 1024 * 1024
_SEPARATOR = re.compile(r"[,;\t]")


class AddForm(PanelForm):
    """Numbers, typed or from a file."""

    multipart = True
    numbers = TextAreaField(
        _("Numbers"),
        (Length(max=1_000_000),),
        description=_(
            "One a line, in any usual form; 0755* or +852* for all that begin so, anonymous for hidden ones."
        ),
        render_kw={"rows": 6, "spellcheck": "false"},
    )
    file = FileField(
        _("Or a file"),
        description=_("Text or CSV, UTF-8 or GBK; the first column counts."),
        render_kw={"accept": ".csv,.txt,text/csv,text/plain"},
    )
    reason = StringField(_("Reason"), (Length(max=blacklist.MAX_REASON),))
    until = DateField(
        _("Valid until"), (Optional(),), description=_("Inclusive, in the instance's time zone. Empty: for good.")
    )


class EntryForm(PanelForm):
    """What can be changed of an entry."""

    reason = StringField(_("Reason"), (Length(max=blacklist.MAX_REASON),))
    until = DateField(
        _("Valid until"), (Optional(),), description=_("Inclusive, in the instance's time zone. Empty: for good.")
    )


@dataclass(frozen=True, slots=True)
class _Shown:
    """An entry for the form."""

    item: BlacklistRecord
    revision: int


class BlacklistPage(EditPage):
    """Unwanted callers of the instance."""

    endpoint_name, path, title = "blacklist", "/blacklist", _("Blacklist")
    roles = ("admin", "supervisor")
    columns = (
        Column(_("Number"), "entry"),
        Column(_("Reason"), "reason"),
        Column(_("Valid until"), "until"),
        Column(_("Added by"), "by"),
        Column(_("Added"), "at"),
    )
    filters = (Filter("state", _("State"), lambda: [("on", _("In force")), ("over", _("Ended"))]),)
    default_sort = "at"
    search_hint = _("Number, reason or who added it")
    cells = "blacklist/_cells.html"
    empty = Empty(
        _("Nobody is on the blacklist"),
        _("Flows with the node Blacklist turn these callers away. Add a number, or many from a file."),
        "block",
    )
    new_title, edit_title = _("Add numbers"), _("Blacklist entry")
    form = EntryForm
    actions = (
        Action("remove", _("Remove"), "trash", bulk=True, ask=True),
        Action("restore", _("Add again"), "undo", row=False),
    )

    def rows(self, query: Query) -> Listing[BlacklistRecord]:
        found = blacklist.list_blacklist(rights.store(), rights.actor(), self.instance)
        if state := query.filters.get("state"):
            found = [item for item in found if self.over(item) == (state == "over")]
        far = datetime.max.replace(tzinfo=UTC)
        if query.sort == "at" and not query.descending:
            found.reverse()
        return arrange(
            found,
            query,
            search=lambda row: (row.entry, row.entry.removeprefix("+86"), row.reason, row.added_by),
            sort={
                "entry": lambda row: row.entry,
                "reason": lambda row: row.reason.casefold(),
                "until": lambda row: row.expires_at or far,
                "by": lambda row: row.added_by,
                "at": lambda row: row.added_at,
            },
        )

    def key_of(self, row: BlacklistRecord | _Shown) -> str:
        return row.item.entry if isinstance(row, _Shown) else row.entry

    def over(self, row: BlacklistRecord) -> bool:
        """Whether it counts no more."""
        return row.expires_at is not None and row.expires_at <= datetime.now(UTC)

    def last_day(self, row: BlacklistRecord) -> date | None:
        """The last day it counts, in the instance's zone."""
        if row.expires_at is None:
            return None
        return date.fromordinal(row.expires_at.astimezone(self._zone()).toordinal() - 1)

    def load(self, key: str) -> _Shown:
        item = blacklist.get_entry(rights.store(), rights.actor(), self.instance, key)
        return _Shown(item, blacklist.revision_of(item))

    def values(self, record: _Shown | None) -> dict[str, Any]:
        return {"reason": record.item.reason, "until": self.last_day(record.item)} if record is not None else {}

    def _form(self, data: Any, record: Any) -> Any:
        return (AddForm if record is None else EntryForm)(data, data=self.values(record))

    @expose("/new", methods=("POST",))
    @accepts_bytes(MAX_FILE + 64 * 1024)
    def make(self) -> Any:
        """Add them; takes a file."""
        return super().make()

    def create(self, form: AddForm) -> Done:
        lines = (form.numbers.data or "").splitlines()
        upload = request.files.get("file")
        if upload is not None and upload.filename:
            text, _encoding = decode(upload.read())
            lines += [
                line.replace("\t", ",").replace(";", ",").split(",")[0].strip(" \"'") for line in text.splitlines()
            ]
        done = blacklist.add_many(
            rights.store(), rights.actor(), self.instance, lines, (form.reason.data or "").strip(), self._end(form)
        )
        problems = [gettext("Line %(line)s: %(text)s is no number.", line=line, text=text) for line, text in done.bad]
        if done.known:
            problems.append(ngettext("%(num)d was there already.", "%(num)d were there already.", done.known))
        text = ngettext("%(num)d number added.", "%(num)d numbers added.", len(done.new))
        return Done(text, done.new[0] if done.new else "", problems=problems[:50])

    def save(self, key: str, form: EntryForm, revision: int) -> Done:
        reason = (form.reason.data or "").strip()
        actor = rights.actor()
        blacklist.change_entry(rights.store(), actor, self.instance, key, reason, self._end(form), revision)
        return Done(gettext("%(number)s saved.", number=key), key)

    def stale_note(self, key: str) -> str:
        return changed_by(self.instance, key, "blacklist.")

    def ask_remove(self, keys: Sequence[str]) -> Question:
        title = ngettext("Remove %(num)d number?", "Remove %(num)d numbers?", len(keys))
        items = [(item.entry, item.reason) for item in (self.load(key).item for key in keys[:20])]
        return Question(title, gettext("Their calls are taken again. You can take it back."), items)

    def do_remove(self, keys: Sequence[str], _form: None) -> Done:
        kept = [self.load(key).item for key in keys]
        blacklist.remove_blacklist(rights.store(), rights.actor(), self.instance, keys)
        told = [[one.entry, one.reason, one.expires_at and one.expires_at.isoformat()] for one in kept]
        text = ngettext("%(num)d number removed.", "%(num)d numbers removed.", len(keys))
        return Done(text, undo=Undo("restore", keys, {"entries": json.dumps(told, ensure_ascii=False)}))

    def do_restore(self, keys: Sequence[str], _form: None) -> Done:
        """What was removed comes back with its reason and end."""
        try:
            told = json.loads(request.form.get("entries", ""))
            entries = [(str(entry), str(reason), end and datetime.fromisoformat(end)) for entry, reason, end in told]
        except (ValueError, TypeError) as error:
            raise UsageError(gettext("The form is incomplete. Close it, then open it again.")) from error
        groups: dict[tuple[str, Any], list[str]] = {}
        for entry, reason, end in entries:
            groups.setdefault((reason, end), []).append(entry)
        for (reason, end), numbers in groups.items():
            blacklist.add_blacklist(rights.store(), rights.actor(), self.instance, numbers, reason, end)
        return Done(ngettext("%(num)d number added.", "%(num)d numbers added.", len(keys)))

    def _end(self, form: Any) -> datetime | None:
        """The first moment after the last day."""
        day = form.until.data
        if day is None:
            return None
        end = datetime.combine(date.fromordinal(day.toordinal() + 1), time(), self._zone())
        if end <= datetime.now(UTC):
            raise InvalidError(say("This day is over already."), field="until")
        return end.astimezone(UTC)

    @staticmethod
    def _zone() -> ZoneInfo:
        return ZoneInfo(rights.place().timezone)
