"""The page 插件 of the console: what was loaded, what was refused and why."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from flask import current_app
from flask_babel import lazy_gettext as _

from ccc.home import PROJECT
from ccc.web.admin.crud import Empty, ListPage
from ccc.web.admin.lists import Column, Filter, Listing, Query, arrange

STATES = {"loaded": _("In use"), "refused": _("Refused")}


@dataclass(frozen=True, slots=True)
class Plugin:
    """A line of the load report; ``reason`` '' is in use."""

    name: str
    origin: str
    provides: tuple[str, ...]
    reason: str


class PluginsPage(ListPage):
    """The load report of this process."""

    scope = "console"
    endpoint_name, path, title = "plugins", "/console/plugins", _("Plugins")
    roles = ("owner", "manager")
    columns = (
        Column(_("Name"), "name"),
        Column(_("State"), "state"),
        Column(_("Brings")),
        Column(_("File of the plugin")),
    )
    filters = (Filter("state", _("State"), STATES.items),)
    default_sort = "state"
    search_hint = _("Name or what it brings")
    cells = "system/_plugin_cells.html"
    empty = Empty(_("No plugins"), _("Put a plugin into the folder plugins/ and start again."), "plugin")

    def rows(self, query: Query) -> Listing[Plugin]:
        report = current_app.extensions["ccc_registry"].report
        found = [Plugin(item.name, _short(item.origin), item.provides, "") for item in report.loaded]
        found += [Plugin(item.name, _short(item.origin), (), item.reason) for item in report.refused]
        if state := query.filters.get("state"):
            found = [item for item in found if bool(item.reason) == (state == "refused")]
        return arrange(
            found,
            query,
            search=lambda row: (row.name, row.reason, *row.provides),
            sort={
                "name": lambda row: row.name.casefold(),
                "state": lambda row: (not row.reason, row.name.casefold()),
            },
        )

    def key_of(self, row: Plugin) -> str:
        return row.name.replace("/", ":")


def _short(origin: str) -> str:
    """Inside the installation: relative to it."""
    path = Path(origin)
    return str(path.relative_to(PROJECT)) if path.is_relative_to(PROJECT) else origin
