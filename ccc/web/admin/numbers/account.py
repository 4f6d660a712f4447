"""The page 我的号码管理 of the console."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _

from ccc.services import instances, numbers
from ccc.store.repos.numbers import NumberRecord
from ccc.web.admin.actions import Action, Done, Question
from ccc.web.admin.crud import EditPage, Empty
from ccc.web.admin.lists import Column, Filter, Listing, Query, arrange
from ccc.web.admin.numbers.form import AccountForm
from ccc.web.admin.numbers.page import binding
from ccc.web.admin.numbers.words import KINDS
from ccc.web.auth import rights


class AccountNumbersPage(EditPage):
    """Numbers of the main account."""

    scope = "console"
    endpoint_name, path, title = "account_numbers", "/console/numbers", _("My numbers")
    roles = ("owner", "manager")
    columns = (
        Column(_("Number"), "number"),
        Column(_("Type"), "kind"),
        Column(_("Instance"), "instance"),
        Column(_("Used by")),
        Column(_("Trunk")),
        Column(_("Added"), "added"),
    )
    filters = (Filter("kind", _("Type"), KINDS.items),)
    default_sort = "number"
    search_hint = _("Number, instance or flow")
    cells = "numbers/_account_cells.html"
    empty = Empty(
        _("No numbers yet"),
        _("Add the numbers your carrier sends to you. Then an instance can take them."),
        "phone",
    )
    new_title, edit_title = _("Add number"), _("Number")
    form = AccountForm
    actions = (Action("delete", _("Delete"), "trash", bulk=True, danger=True, ask=True),)

    def rows(self, query: Query) -> Listing[NumberRecord]:
        found = numbers.account_numbers(rights.store(), rights.actor(), self.account)
        if kind := query.filters.get("kind"):
            found = [item for item in found if numbers.kind_of(item.number) == kind]
        return arrange(
            found,
            query,
            search=lambda row: (row.number, row.instance, row.instance_title, row.flow_title),
            sort={
                "number": lambda row: row.number,
                "kind": lambda row: numbers.kind_of(row.number),
                "instance": lambda row: row.instance_title.casefold(),
                "added": lambda row: row.created_at,
            },
        )

    def key_of(self, row: NumberRecord) -> str:
        return row.number

    def name_of(self, row: NumberRecord) -> str:
        return row.number

    def context(self) -> dict[str, Any]:
        return {"kinds": KINDS, "kind_of": numbers.kind_of, "binding": binding}

    def load(self, key: str) -> NumberRecord:
        return numbers.account_number(rights.store(), rights.actor(), self.account, key)

    def values(self, record: NumberRecord | None) -> dict[str, Any]:
        if record is None:
            return {}
        return {"number": record.number, "instance": record.instance, "trunks": list(record.trunks)}

    def prepare(self, form: AccountForm, record: NumberRecord | None) -> None:
        places = instances.account_instances(rights.store(), rights.actor(), self.account)
        form.instance.choices = [("", gettext("None yet")), *((item.name, item.title) for item in places)]
        lines = numbers.account_trunks(rights.store(), rights.actor(), self.account)
        form.trunks.choices = [(line.name, line.name, line.host) for line in lines]
        if record is not None:
            del form.number
            form.instance.description = gettext("Moved to another instance, its bindings end.")

    def create(self, form: AccountForm) -> Done:
        made = numbers.add_account_numbers(
            rights.store(),
            rights.actor(),
            self.account,
            (form.number.data or "").splitlines(),
            form.trunks.data or (),
            form.instance.data or "",
        )
        if len(made) > 1:
            return Done(ngettext("%(num)d number added.", "%(num)d numbers added.", len(made)), made[0].number)
        return Done(gettext("Number %(number)s added.", number=made[0].number), made[0].number)

    def save(self, key: str, form: AccountForm, revision: int) -> Done:
        numbers.change_account_number(
            rights.store(),
            rights.actor(),
            self.account,
            key,
            form.trunks.data or (),
            form.instance.data or "",
            revision,
        )
        return Done(gettext("Number %(number)s saved.", number=key), key)

    def ask_delete(self, keys: Sequence[str]) -> Question:
        """Refused while an instance has it."""
        found = [self.load(key) for key in keys]
        used = [
            (item.number, "、".join(filter(None, (item.instance_title, item.flow_title))))
            for item in found
            if item.instance
        ]
        if used:
            text = gettext("Take these numbers out of their instance first.")
            return Question(gettext("Still used"), text, used, gettext("Used by"), refused=True)
        title = ngettext("Delete %(num)d number?", "Delete %(num)d numbers?", len(keys))
        text = gettext("Calls to them are refused. Past calls stay.")
        return Question(title, text, [(item.number, "") for item in found])

    def do_delete(self, keys: Sequence[str], _form: None) -> Done:
        numbers.remove_account_numbers(rights.store(), rights.actor(), self.account, keys)
        return Done(ngettext("%(num)d number deleted.", "%(num)d numbers deleted.", len(keys)))
