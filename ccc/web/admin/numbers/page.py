"""The page 号码管理 of an instance (NUM-2, IVR-1, IVR-2, NUM-10)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext, lazy_pgettext, ngettext
from flask_babel import lazy_gettext as _

from ccc.geo import inbound_only
from ccc.services import closures, flows, groups, numbers
from ccc.store.base import utc_now
from ccc.store.repos.numbers import NumberRecord
from ccc.web import testcall
from ccc.web.admin.actions import Action, Done, Question, Undo
from ccc.web.admin.changes import changed_by
from ccc.web.admin.closures.form import CloseForm, values_of
from ccc.web.admin.crud import EditPage, Empty
from ccc.web.admin.lists import Column, Filter, Listing, Query, arrange
from ccc.web.admin.numbers.form import BindForm, TakeForm
from ccc.web.admin.numbers.words import KINDS
from ccc.web.auth import rights
from ccc.web.plugins import registry

BOUND = {
    "bound": _("Bound to a flow"),
    "unbound": _("Not bound"),
    "off": _("Flow not live"),
    "closed": _("Closed (emergency)"),
}


class NumbersPage(EditPage):
    """Numbers of the instance."""

    endpoint_name, path, title = "numbers", "/numbers", lazy_pgettext("menu", "Numbers")
    readers = ("supervisor",)
    columns = (
        Column(_("Number"), "number"),
        Column(_("Type"), "kind"),
        Column(_("Inbound: flow"), "flow"),
        Column(_("Outbound: skill groups")),
        Column(_("Trunk")),
        Column(_("Test call"), hidden=True),
    )
    list_template = "numbers/list.html"
    filters = (
        Filter("kind", _("Type"), KINDS.items),
        Filter("bound", _("Binding"), BOUND.items),
    )
    default_sort = "number"
    search_hint = _("Number, flow or skill group")
    cells = "numbers/_cells.html"
    empty = Empty(
        _("No numbers yet"),
        _("Add a number of the account, bind a published flow to it, and calls to it are answered."),
        "phone",
    )
    new_title, edit_title = _("Add numbers"), _("Bind number")
    form = BindForm
    actions = (
        Action("close", _("Emergency closure"), "power", bulk=True, danger=True, ask=True, form=CloseForm),
        Action("open", _("Open again"), "check", bulk=True, ask=True, when=lambda row: row.closed(utc_now())),
        Action("unbind", _("Unbind the flow"), "undo", ask=True, when=lambda row: bool(row.flow)),
        Action("release", _("Take out of the instance"), "trash", bulk=True, danger=True, ask=True),
    )

    def rows(self, query: Query) -> Listing[NumberRecord]:
        found = numbers.instance_numbers(rights.store(), rights.actor(), self.instance)
        if kind := query.filters.get("kind"):
            found = [item for item in found if numbers.kind_of(item.number) == kind]
        if bound := query.filters.get("bound"):
            found = [
                item for item in found if (item.closed(utc_now()) if bound == "closed" else binding(item) == bound)
            ]
        return arrange(
            found,
            query,
            search=lambda row: (row.number, row.flow_title, row.flow, *row.groups, *self._groups(row)),
            sort={
                "number": lambda row: row.number,
                "kind": lambda row: numbers.kind_of(row.number),
                "flow": lambda row: row.flow_title.casefold(),
            },
        )

    def key_of(self, row: NumberRecord) -> str:
        return row.number

    def context(self) -> dict[str, Any]:
        return {
            "kinds": KINDS,
            "kind_of": numbers.kind_of,
            "binding": binding,
            "group_titles": self._titles(),
            "testcall_start": testcall.start,
            "now": utc_now(),
        }

    def load(self, key: str) -> NumberRecord:
        return numbers.instance_number(rights.store(), rights.actor(), self.instance, key)

    def values(self, record: NumberRecord | None) -> dict[str, Any]:
        return {"flow": record.flow, "groups": list(record.groups)} if record is not None else {}

    def _form(self, data: Any, record: Any) -> Any:
        form = (TakeForm if record is None else BindForm)(data, data=self.values(record))
        form.flow.choices = self._flows(record)
        if record is None:
            free = numbers.free_numbers(rights.store(), rights.actor(), self.instance)
            form.numbers.choices = [(item.number, item.number, KINDS[numbers.kind_of(item.number)]) for item in free]
        elif inbound_only(record.number):
            form.groups.choices = []
            form.groups.empty = gettext("A 400 number only takes calls: it can never be shown to the person called.")
        else:
            form.groups.choices = [(name, title) for name, title in self._titles().items()]
        return form

    def create(self, form: TakeForm) -> Done:
        wanted = form.numbers.data or []
        numbers.take_numbers(rights.store(), rights.actor(), self.instance, wanted, form.flow.data or "")
        return Done(ngettext("%(num)d number added.", "%(num)d numbers added.", len(wanted)), wanted[0])

    def save(self, key: str, form: BindForm, revision: int) -> Done:
        flow, used_by = form.flow.data or "", form.groups.data or []
        numbers.set_binding(rights.store(), rights.actor(), self.instance, key, flow, used_by, revision)
        return Done(gettext("Number %(number)s saved.", number=key), key)

    def stale_note(self, key: str) -> str:
        return changed_by(self.instance, key, "number.")

    def ask_unbind(self, keys: Sequence[str]) -> Question:
        item = self.load(keys[0])
        text = gettext("Calls to it are refused until a flow is bound again.")
        title = gettext("Unbind %(number)s?", number=item.number)
        return Question(title, text, [(item.flow_title, gettext("takes its calls now"))])

    def do_unbind(self, keys: Sequence[str], _form: None) -> Done:
        item = self.load(keys[0])
        actor = rights.actor()
        numbers.set_binding(rights.store(), actor, self.instance, item.number, "", item.groups, item.revision)
        return Done(gettext("No flow takes calls to %(number)s now.", number=item.number), item.number)

    def ask_release(self, keys: Sequence[str]) -> Question:
        """Names what is lost."""
        titles = self._titles()
        found = [self.load(key) for key in keys]
        items = [
            (item.number, "、".join(filter(None, (item.flow_title, *(titles.get(name, name) for name in item.groups)))))
            for item in found
        ]
        title = ngettext("Take %(num)d number out?", "Take %(num)d numbers out?", len(keys))
        text = gettext("They stay in the account. Their bindings are lost, and calls to them are refused.")
        return Question(title, text, items)

    def do_release(self, keys: Sequence[str], _form: None) -> Done:
        numbers.release_numbers(rights.store(), rights.actor(), self.instance, keys)
        return Done(ngettext("%(num)d number taken out.", "%(num)d numbers taken out.", len(keys)))

    def ask_close(self, keys: Sequence[str]) -> Question:
        """Names the numbers, and what takes their calls now."""
        found = [self.load(key) for key in keys]
        title = ngettext("Close %(numbers)s to new calls?", "Close %(numbers)s to new calls?", len(keys),
                         numbers=", ".join(keys))  # fmt: skip
        text = gettext("It works at once. Calls in progress go on. You can take it back.")
        items = [(item.number, item.flow_title or gettext("Not bound")) for item in found]
        return Question(title, text, items, confirm=gettext("Close now"))

    def prepare_close(self, form: CloseForm, keys: Sequence[str]) -> None:
        form.fill(self.instance)

    def do_close(self, keys: Sequence[str], form: CloseForm) -> Done:
        how = form.closing(self.instance)
        closures.close_numbers(rights.store(), registry(), rights.actor(), self.instance, keys, how, utc_now())
        text = ngettext("%(numbers)s is closed to new calls.", "%(numbers)s are closed to new calls.", len(keys),
                        numbers=", ".join(keys))  # fmt: skip
        return Done(text, keys[0], undo=Undo("open", keys))

    def ask_open(self, keys: Sequence[str]) -> Question:
        """Names who closed them and why."""
        found = [self.load(key) for key in keys]
        items = [(item.number, f"{item.closure.by} · {item.closure.reason}" if item.closure else "") for item in found]
        title = ngettext("Open %(numbers)s again?", "Open %(numbers)s again?", len(keys), numbers=", ".join(keys))
        return Question(title, gettext("New calls run the bound flow at once."), items)

    def do_open(self, keys: Sequence[str], _form: None) -> Done:
        before = [self.load(key) for key in keys]
        opened = closures.open_numbers(rights.store(), rights.actor(), self.instance, keys, utc_now())
        text = ngettext("%(numbers)s is open again.", "%(numbers)s are open again.", len(keys),
                        numbers=", ".join(keys))  # fmt: skip
        again = [item.closure for item in before if item.closure is not None and item.number in opened]
        undo = Undo("close", opened, values_of(again[0])) if len(again) == 1 else None
        return Done(text, keys[0], undo=undo)

    def _titles(self) -> dict[str, str]:
        found = groups.list_groups(rights.store(), rights.actor(), self.instance)
        return {item.name: item.title or item.name for item in found}

    def _groups(self, row: NumberRecord) -> list[str]:
        titles = self._titles() if row.groups else {}
        return [titles.get(name, name) for name in row.groups]

    def _flows(self, record: NumberRecord | None) -> list[tuple[str, str]]:
        """Published ones; those not published come last, and choosing one is refused with the reason."""
        found = flows.list_flows(rights.store(), rights.actor(), self.instance)
        live = [(item.name, item.title or item.name) for item in found if item.live_version is not None]
        rest = [
            (item.name, gettext("%(name)s (not published)", name=item.title or item.name))
            for item in found
            if item.live_version is None
        ]
        known = {item.name for item in found}
        lost = [(record.flow, record.flow)] if record is not None and record.flow and record.flow not in known else []
        return [("", gettext("None: calls are refused")), *live, *rest, *lost]


def binding(item: NumberRecord) -> str:
    """``bound``, ``unbound`` or ``off`` (the flow is not live)."""
    return "unbound" if not item.flow else "bound" if item.flow_live is not None else "off"
