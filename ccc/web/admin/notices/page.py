"""The page 短信与邮件: what flows had sent, what became of it, another try."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import redirect
from flask_babel import lazy_gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from ccc.services import notices
from ccc.store.records import NoticeRecord
from ccc.web import keeping
from ccc.web.admin.actions import Action, Done, each
from ccc.web.admin.crud import Empty, ListPage
from ccc.web.admin.lists import Column, Filter, Listing, Query
from ccc.web.admin.page import expose, for_roles
from ccc.web.auth import rights

STATES = {"waiting": _("To be sent"), "sent": _("Sent"), "failed": _("Given up")}
TONES = {"waiting": "tag-warn", "sent": "tag-good", "failed": "tag-bad"}
CHANNELS = {"sms": _("SMS"), "mail": _("Mail")}


class NoticesPage(ListPage):
    """Messages of the instance's flows."""

    endpoint_name, path, title = "notices", "/notices", _("Messages sent")
    roles = notices.MAY
    columns = (
        Column(_("Time")),
        Column(_("Kind")),
        Column(_("Receiver")),
        Column(_("Text")),
        Column(_("State")),
        Column(_("Tries"), css="num right"),
        Column(_("Sent by")),
        Column(_("Call")),
    )
    filters = (Filter("state", _("State"), STATES.items), Filter("channel", _("Kind"), CHANNELS.items))
    search_hint = _("Receiver, or a whole call id")
    cells = "notices/_cells.html"
    list_template = "notices/list.html"
    empty = Empty(
        _("No messages sent yet"),
        _("A flow with the step “send a message” sends SMS and mail; each is listed here with what became of it."),
        "bell",
    )
    actions = (Action("retry", _("Try again"), "undo", bulk=True, when=lambda row: row.state == "failed"),)

    def rows(self, query: Query) -> Listing[NoticeRecord]:
        found = notices.list_notices(
            rights.store(),
            rights.actor(),
            self.instance,
            state=query.filters.get("state", ""),
            channel=query.filters.get("channel", ""),
            text=query.q,
            after=query.after or None,
        )
        return Listing(found.items, after=found.after)

    def key_of(self, row: NoticeRecord) -> str:
        return row.id

    def name_of(self, row: NoticeRecord) -> str:
        return row.to

    def context(self) -> dict[str, Any]:
        words = {"states": STATES, "tones": TONES, "channels": CHANNELS}
        return words | {"keep_days": keeping.days("notifications")}

    def do_retry(self, keys: Sequence[str], _form: None) -> Done:
        """Each that was given up; the others are named."""
        problems = each(keys, lambda key: notices.retry_notice(rights.store(), rights.actor(), self.instance, key))
        count = len(keys) - len(problems)
        text = ngettext("%(num)d message is sent again.", "%(num)d messages are sent again.", count)
        return Done(text, keys[0], problems=problems)

    @expose("/retention", methods=("POST",))
    @for_roles("admin")
    def retention(self) -> Response:
        """Keep messages for ``days`` (0: for ever)."""
        keeping.change("notifications")
        return redirect(self.url_for("index"))
