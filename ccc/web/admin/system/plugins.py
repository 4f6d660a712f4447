"""The page 插件 of the console: what was loaded, what was refused and why, settings of those that send."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import request
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from ccc.api.notice import Notifier
from ccc.errors import InvalidError, NotFoundError
from ccc.home import PROJECT
from ccc.loader import LoadedPlugin
from ccc.services import notifiers
from ccc.web import plugins
from ccc.web.admin.actions import Action, Done, Question, answer
from ccc.web.admin.crud import Empty, ListPage
from ccc.web.admin.forms import PanelForm
from ccc.web.admin.lists import Column, Filter, Listing, Query, arrange
from ccc.web.admin.page import expose, for_roles
from ccc.web.admin.system.plugin_settings import TestForm, form_class, values
from ccc.web.auth import rights

STATES = {"loaded": _("In use"), "refused": _("Refused")}
KINDS = {"node type ": _("Node type"), "TTS engine ": _("Text-to-speech engine"), "notifier ": _("Sender of messages")}
"""The beginnings of what the loader says a plugin brings."""


@dataclass(frozen=True, slots=True)
class Plugin:
    """A line of the load report; ``reason`` '' is in use."""

    name: str
    origin: str
    provides: tuple[str, ...]
    reason: str
    notifier: str = ""
    """The notifier with settings it brings."""
    ready: bool = False
    """They are there."""


def _ready(row: Plugin) -> bool:
    return row.ready


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
    actions = (
        Action("test", _("Send a test message"), "check", roles=("owner",), when=_ready, form=TestForm),
        Action("forget", _("Remove the settings"), "trash", roles=("owner",), when=_ready, ask=True, danger=True),
    )

    def rows(self, query: Query) -> Listing[Plugin]:
        report = plugins.registry().report
        found = [self._in_use(item) for item in report.loaded]
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

    def context(self) -> dict[str, Any]:
        return {"may_set_up": notifiers.may_set_up(rights.store(), rights.actor())}

    @staticmethod
    def provided(text: str) -> str:
        """What a plugin brings, in words: ``node type play``."""
        for beginning, words in KINDS.items():
            if text.startswith(beginning):
                return f"{words} {text.removeprefix(beginning)}"
        return text

    def _in_use(self, item: LoadedPlugin) -> Plugin:
        known = plugins.registry().notifiers
        names = [label.partition(" ")[2] for label in item.provides if label.startswith("notifier ")]
        with_settings = [name for name in names if notifiers.config_of(known[name]) is not None]
        name = with_settings[0] if with_settings else ""
        ready = bool(name) and notifiers.sends(rights.store(), {name: known[name]}, known[name].channels[0])
        return Plugin(item.name, _short(item.origin), item.provides, "", name, ready)

    @expose("/settings/<key>")
    @for_roles("owner")
    def settings_panel(self, key: str) -> str:
        """The settings a notifier declares, without its secrets."""
        notifier = self._notifier(key)
        kept = notifiers.get_settings(rights.store(), rights.actor(), notifier)
        return self._settings(key, form_class(notifier)(None, data=kept or {}))

    @expose("/settings/<key>", methods=("POST",))
    @for_roles("owner")
    def save_settings(self, key: str) -> Any:
        """Keep them; they hold for the next message."""
        notifier = self._notifier(key)
        form = form_class(notifier)(request.form)
        if form.validate():
            try:
                notifiers.save_settings(rights.store(), rights.actor(), notifier, values(form))
                return answer(Done(gettext("Settings saved. Send a test message to see whether they work.")))
            except InvalidError as error:
                form.take_error(error)
        return self._settings(key, form), 422

    def _settings(self, key: str, form: PanelForm) -> str:
        return self.side(
            form, self.url_for("save_settings", key=key), gettext("Settings of %(name)s", name=key.replace(":", "/"))
        )

    def do_test(self, keys: Sequence[str], form: TestForm) -> Done:
        """Have jobs send one now; what the server says comes back into the dialog."""
        notifier = self._notifier(keys[0])
        subject, text = gettext("CCC: test message"), gettext("It works: CCC can send mail.")
        notifiers.send_test(rights.store(), rights.actor(), notifier, form.to.data or "", subject, text)
        return Done(gettext("Sent to %(to)s.", to=form.to.data))

    def ask_forget(self, keys: Sequence[str]) -> Question:
        """What does not work without them."""
        text = gettext("No more mail is sent: codes for forgotten passwords and messages of flows are only logged.")
        return Question(gettext("Remove the settings of %(name)s?", name=keys[0].replace(":", "/")), text)

    def do_forget(self, keys: Sequence[str], _form: None) -> Done:
        """Send no more."""
        notifiers.forget_settings(rights.store(), rights.actor(), self._notifier(keys[0]))
        return Done(gettext("Settings removed."))

    def _may(self, action: Action) -> bool:
        return notifiers.may_set_up(rights.store(), rights.actor()) and super()._may(action)

    def _notifier(self, key: str) -> Notifier:
        """The notifier with settings of a plugin."""
        report = plugins.registry().report
        row = next((item for item in map(self._in_use, report.loaded) if self.key_of(item) == key), None)
        if row is None or not row.notifier:
            raise NotFoundError(gettext("There is no such plugin."))
        found: Notifier = plugins.registry().notifiers[row.notifier]
        return found

    def key_of(self, row: Plugin) -> str:
        return row.name.replace("/", ":")


def _short(origin: str) -> str:
    """Inside the installation: relative to it."""
    path = Path(origin)
    return str(path.relative_to(PROJECT)) if path.is_relative_to(PROJECT) else origin
