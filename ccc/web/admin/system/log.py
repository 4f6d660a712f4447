"""The page 操作日志 of the console: who, when, from where, what, before and after."""

from __future__ import annotations

import json
from typing import Any

from flask_babel import lazy_gettext as _

from ccc.services import accounts
from ccc.services.audit_log import search_log
from ccc.store.records import AuditRecord
from ccc.web.admin.crud import Empty, ListPage
from ccc.web.admin.lists import Column, Filter, Listing, Query
from ccc.web.auth import rights

KINDS = {
    "user.sign-in": _("Signing in"),
    "user.": _("Users"),
    "account.": _("Main account"),
    "plugin.": _("Plugins"),
    "agent": _("Agents"),
    "group.": _("Skill groups"),
    "flow.": _("IVR flows"),
    "number.": _("Numbers"),
    "audio.": _("Audio"),
    "instance.": _("Instances"),
    "recording.": _("Recordings"),
    "call.": _("Calls"),
}


def _instances() -> list[tuple[str, str]]:
    found = accounts.list_instances(rights.store(), rights.actor(), rights.profile().account)
    return [(item.name, item.title or item.name) for item in found]


class LogPage(ListPage):
    """The account's operation log; nobody can change it."""

    scope = "console"
    endpoint_name, path, title = "audit", "/console/log", _("Audit log")
    roles = ("owner", "manager")
    columns = (
        Column(_("Time")),
        Column(_("User")),
        Column(_("What")),
        Column(_("Object")),
        Column(_("Instance")),
        Column(_("From address")),
        Column(_("What changed")),
    )
    filters = (Filter("kind", _("Kind"), KINDS.items), Filter("instance", _("Instance"), _instances))
    search_hint = _("User, object, action or address")
    cells = "system/_log_cells.html"
    empty = Empty(_("Nothing happened yet"), _("Everything people change is written down here."), "history")

    def rows(self, query: Query) -> Listing[AuditRecord]:
        found = search_log(
            rights.store(),
            rights.actor(),
            self.account,
            text=query.q,
            action=query.filters.get("kind", ""),
            instance=query.filters.get("instance", ""),
            after=query.after,
        )
        return Listing(found.items, after=found.after)

    def key_of(self, row: AuditRecord) -> str:
        return str(row.id)

    def context(self) -> dict[str, Any]:
        return {"told": told}


def told(row: AuditRecord) -> list[tuple[str, str, str]]:
    """``(field, before, after)`` of what changed; further details with '' before."""
    before, after = row.before or {}, row.after or {}
    fields = list(dict.fromkeys([*before, *after]))
    lines = [(name, _text(before.get(name)), _text(after.get(name))) for name in fields]
    return [*lines, *((name, "", _text(value)) for name, value in row.detail.items() if value not in ("", None))]


def _text(value: Any) -> str:
    if value is None:
        return ""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 200 else text[:200] + "…"
