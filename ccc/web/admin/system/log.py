"""The page 操作日志 of the console: who, when, from where, what, before and after."""

from __future__ import annotations

import datetime
import re
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _

from ccc.services import accounts
from ccc.services.audit_log import search_log
from ccc.store.records import AuditRecord
from ccc.web.admin.crud import Empty, ListPage
from ccc.web.admin.lists import Column, Filter, Listing, Query
from ccc.web.admin.system import words
from ccc.web.admin.system.difference import difference, plain
from ccc.web.admin.words import ACCOUNT_ROLE_NAMES, ROLE_NAMES
from ccc.web.auth import rights
from ccc.web.shell import moment

ROLES = {**ROLE_NAMES, **ACCOUNT_ROLE_NAMES}
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d.*(?:Z|[+-]\d\d:\d\d)$")

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
    "calls.": _("Exports and clean-up"),
    "callback.": _("Callbacks"),
    "dedicated.": _("Dedicated agents"),
    "voicemail.": _("Voicemail"),
    "tag.": _("Call tags"),
    "hours.": _("Working hours"),
    "table.": _("Lookup tables"),
    "blacklist.": _("Blacklist"),
    "trunk.": _("Trunks"),
    "key.": _("API keys"),
    "retention.": _("Keeping"),
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
            named=_named(query.q),
            action=query.filters.get("kind", ""),
            instance=query.filters.get("instance", ""),
            after=query.after,
        )
        return Listing(found.items, after=found.after)

    def key_of(self, row: AuditRecord) -> str:
        return str(row.id)

    def context(self) -> dict[str, Any]:
        titles = {"action_title": action_title, "field_title": field_title, "value_title": value_title}
        return {"difference": difference, "places": dict(_instances()), **titles}


def action_title(action: str) -> Any:
    """The action in words; a plugin's own as it is."""
    return words.ACTIONS.get(action, action)


def field_title(name: str) -> Any:
    """The field in words; one nobody named as it is."""
    return words.FIELDS.get(name, name)


def value_title(value: Any) -> str:
    """A value for people: roles, yes and no, times on their wall clock; the rest as it is."""
    if isinstance(value, bool):
        return str(gettext("yes") if value else gettext("no"))
    if isinstance(value, str):
        if value in ROLES:
            return str(ROLES[value])
        if value in words.VALUES:
            return str(words.VALUES[value])
        if _TIME.match(value):
            try:
                return moment(datetime.datetime.fromisoformat(value))
            except ValueError:
                return value
    return plain(value)


def _named(text: str) -> dict[str, list[str]]:
    """Word searched for -> the actions whose words contain it."""
    titles = {code: str(title).casefold() for code, title in words.ACTIONS.items()}
    return {word: [code for code, title in titles.items() if word.casefold() in title] for word in text.split()}
