"""The page 中继线路 of the console (SIP-1..4): lines to carriers and gateways."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import g, render_template, request
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _

from ccc.errors import CccError
from ccc.services import trunk_rules, trunks
from ccc.services.trunk_figures import Figures, trunk_figures
from ccc.store.repos.trunks import TrunkRecord
from ccc.web import plugins
from ccc.web.admin.actions import Action, Done, Question, Undo
from ccc.web.admin.changes import changed_by
from ccc.web.admin.crud import EditPage, Empty
from ccc.web.admin.lists import Column, Filter, Listing, Query, alphabetical, arrange
from ccc.web.admin.page import expose, for_changers
from ccc.web.admin.trunks.form import KINDS, TrunkForm, given, shown, wanted
from ccc.web.admin.words import password_once
from ccc.web.auth import rights
from ccc.web.errors import in_words

LIVE = ("name", "addresses", "called_rules", "caller_rules")
"""Fields that are checked while they are typed in."""
WHY = {
    "Unknown number": _("no such number on this trunk"),
    "No flow bound to this number": _("no flow bound"),
    "Flow not published": _("flow not published"),
    "Flow does not exist": _("flow deleted"),
    "Flow cannot run here": _("flow cannot run"),
    "Trunk limit reached": _("all lines of the trunk busy"),
    "Instance limit reached": _("the instance had all its calls"),
    "Shutting down": _("the telephone side was being stopped"),
    "Call records cannot be written": _("call records could not be written"),
    "No media capacity": _("no capacity for audio"),
}
"""What the switchboard says to the line, in words."""


class TrunksPage(EditPage):
    """Trunks of the main account."""

    scope = "console"
    endpoint_name, path, title = "trunks", "/console/trunks", _("Trunks")
    roles = ("owner", "manager")
    columns = (
        Column(_("Name"), "name"),
        Column(_("Calls from it")),
        Column(_("Calls to it")),
        Column(_("Numbers")),
        Column(_("Calls at once"), "", "num right"),
        Column(_("Last call")),
        Column(_("State")),
    )
    filters = (
        Filter("kind", _("Kind"), lambda: list(KINDS.items())),
        Filter("state", _("State"), lambda: [("on", _("Enabled")), ("off", _("Switched off"))]),
    )
    default_sort = "name"
    search_hint = _("Name, address or number")
    cells = "trunks/_cells.html"
    toolbar = "trunks/_toolbar.html"
    empty = Empty(
        _("No trunks yet"),
        _("A trunk is the line calls come in on. To try things out, choose Preset, then This computer."),
        "trunk",
    )
    new_title, edit_title = _("New trunk"), _("Trunk")
    form = TrunkForm
    panel_template = "trunks/_panel.html"
    list_template = "trunks/list.html"
    actions = (
        Action("password", _("New password"), "key", ask=True, when=lambda row: row.kind == "digest"),
        Action("enable", _("Enable"), "check", bulk=True, when=lambda row: not row.enabled),
        Action("disable", _("Switch off"), "power", bulk=True, ask=True, when=lambda row: row.enabled),
        Action("delete", _("Delete"), "trash", bulk=True, danger=True, ask=True),
    )

    def rows(self, query: Query) -> Listing[TrunkRecord]:
        found = trunks.account_trunks(rights.store(), rights.actor(), self.account)
        if kind := query.filters.get("kind"):
            found = [row for row in found if row.kind == kind]
        if state := query.filters.get("state"):
            found = [row for row in found if row.enabled == (state == "on")]
        return arrange(
            found,
            query,
            search=lambda row: (row.name, *row.addresses, row.username, row.host, *row.numbers),
            sort={"name": lambda row: alphabetical(row.name)},
        )

    def figures(self, name: str) -> Figures | None:
        """What the trunk did today; None while the telephone side does not answer, or of one never used."""
        if "trunk_figures" not in g:
            g.trunk_figures = trunk_figures(rights.store(), rights.actor(), self.account)
        found: dict[str, Figures] = g.trunk_figures
        return found.get(name)

    @staticmethod
    def why(reason: str) -> Any:
        """Why a call was refused."""
        return WHY.get(reason, reason)

    def key_of(self, row: TrunkRecord) -> str:
        return row.name

    def load(self, key: str) -> TrunkRecord:
        return trunks.account_trunk(rights.store(), rights.actor(), self.account, key)

    def values(self, record: TrunkRecord | None) -> dict[str, Any]:
        if record is None:
            record = trunks.LOCAL if request.args.get("preset") == "local" else TrunkRecord("", self.account)
        return shown(record)

    def prepare(self, form: TrunkForm, record: TrunkRecord | None) -> None:
        form.name.render_kw = {"spellcheck": "false"}
        if record is None:
            form.name.render_kw |= self._live("name")
        else:
            del form.name
            if record.has_password:
                form.password.description = gettext("Empty: it stays. Never shown again.")
            if record.has_out_password:
                form.out_password.description = gettext("Empty: it stays. Never shown again.")
        for field in LIVE[1:]:
            form[field].render_kw = {**form[field].render_kw, **self._live(field)}

    def create(self, form: TrunkForm) -> Done:
        record = wanted(form, (form.name.data or "").strip(), self.account)
        saved = trunks.create_trunk(rights.store(), rights.actor(), self.account, record, given(form))
        text = gettext("Trunk %(name)s made. Calls from it are taken within two seconds.", name=record.name)
        return self._saved(text, saved)

    def save(self, key: str, form: TrunkForm, revision: int) -> Done:
        record = wanted(form, key, self.account)
        saved = trunks.change_trunk(rights.store(), rights.actor(), self.account, record, given(form), revision)
        return self._saved(gettext("Trunk %(name)s saved.", name=key), saved)

    def stale_note(self, key: str) -> str:
        return changed_by("", key, "trunk.")

    @expose("/check")
    @for_changers
    def check(self) -> str:
        """Whether what is being typed is good: the name, the addresses, the rules."""
        field = next(
            (name for name in ("name", "addresses", "called_rules", "caller_rules") if name in request.args), ""
        )
        value = request.args.get(field, "").strip()
        error, fine = "", ""
        try:
            if field == "name":
                trunks.check_name(rights.store(), rights.actor(), self.account, value)
                fine = gettext("Free")
            elif field == "addresses":
                found = trunk_rules.read_addresses(value.splitlines())
                fine = ngettext("%(num)d address or network", "%(num)d addresses or networks", len(found))
            elif field:
                found_rules = trunk_rules.read_rules(value.splitlines(), field)
                fine = ngettext("%(num)d rule", "%(num)d rules", len(found_rules))
        except CccError as refused:
            error = in_words(refused)
        return render_template(
            "trunks/_live.html", error=error if value.strip() else None, fine=fine if value.strip() else ""
        )

    def ask_password(self, keys: Sequence[str]) -> Question:
        title = gettext("New password for %(name)s", name=self.load(keys[0]).name)
        text = gettext("Calls with the old one are refused from now on. The new one is shown once.")
        return Question(title, text, confirm=gettext("Make a new password"))

    def do_password(self, keys: Sequence[str], _form: None) -> Done:
        item = self.load(keys[0])
        password = trunks.new_password(rights.store(), rights.actor(), self.account, item.name)
        text = gettext("New password for %(name)s", name=item.name)
        return Done(text, item.name, panel=password_once(text, item.username, password))

    def ask_disable(self, keys: Sequence[str]) -> Question:
        items = [(item.name, self._numbers(item)) for item in map(self.load, keys)]
        title = ngettext("Switch %(num)d trunk off?", "Switch %(num)d trunks off?", len(keys))
        return Question(title, gettext("Calls from it and to it are refused; calls in progress go on."), items)

    def do_disable(self, keys: Sequence[str], _form: None) -> Done:
        trunks.set_enabled(rights.store(), rights.actor(), self.account, keys, False)
        text = ngettext("%(num)d trunk switched off.", "%(num)d trunks switched off.", len(keys))
        return Done(text, undo=Undo("enable", keys))

    def do_enable(self, keys: Sequence[str], _form: None) -> Done:
        trunks.set_enabled(rights.store(), rights.actor(), self.account, keys, True)
        return Done(ngettext("%(num)d trunk enabled.", "%(num)d trunks enabled.", len(keys)))

    def ask_delete(self, keys: Sequence[str]) -> Question:
        """Refused while numbers or flows use it."""
        registry = plugins.registry()
        uses = [
            use
            for key in keys
            for use in trunks.trunk_uses(rights.store(), registry, rights.actor(), self.account, key)
        ]
        if uses:
            text = gettext("Take it from these numbers and flows first.")
            items = [(use.what, self._where(use)) for use in uses]
            return Question(gettext("Still used"), text, items, gettext("Used by"), refused=True)
        title = ngettext("Delete %(num)d trunk?", "Delete %(num)d trunks?", len(keys))
        text = gettext("Calls from it are refused; its passwords are lost. Past calls keep its name.")
        return Question(title, text, [(key, "") for key in keys])

    def do_delete(self, keys: Sequence[str], _form: None) -> Done:
        registry = plugins.registry()
        for key in keys:
            trunks.delete_trunk(rights.store(), registry, rights.actor(), self.account, key)
        return Done(ngettext("%(num)d trunk deleted.", "%(num)d trunks deleted.", len(keys)))

    def _live(self, field: str) -> dict[str, str]:
        """Attributes of a field that is checked while it is typed in."""
        return {
            "hx-get": self.url_for("check"),
            "hx-trigger": "input changed delay:350ms",
            "hx-target": f"#live-{field}",
            "hx-swap": "innerHTML",
            "hx-sync": "this:replace",
            "hx-disabled-elt": "unset",
            "hx-include": "this",
        }

    def _saved(self, text: str, saved: trunks.Saved) -> Done:
        item = saved.trunk
        panel = password_once(text, item.username, saved.password) if saved.password else ""
        return Done(text, item.name, panel=panel)

    @staticmethod
    def _where(use: trunks.Use) -> str:
        if not use.node:
            return str(gettext("number, arrives on it"))
        where = gettext("node %(node)s, draft", node=use.node)
        if use.version is not None:
            where = gettext("node %(node)s, live", node=use.node)
        return f"{use.instance}: {where}"

    @staticmethod
    def _numbers(item: TrunkRecord) -> str:
        if not item.numbers:
            return ""
        return str(ngettext("%(num)d number arrives on it", "%(num)d numbers arrive on it", len(item.numbers)))
