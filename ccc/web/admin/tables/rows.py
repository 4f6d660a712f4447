"""The rows of one lookup table (``?table=NAME``): search, add, edit, delete, versions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import render_template, request
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _
from wtforms import StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from ccc.services import table_rows
from ccc.services.table_rows import Row
from ccc.store.records import TableRecord
from ccc.tables.csv import MAX_CELL, MAX_KEY
from ccc.web.admin.actions import Action, Done, Question, Undo
from ccc.web.admin.crud import EditPage, Empty
from ccc.web.admin.forms import PanelForm
from ccc.web.admin.lists import PAGE_ROWS, Column, Listing, Query
from ccc.web.admin.page import expose
from ccc.web.admin.tables import keys
from ccc.web.auth import rights

SHOWN_COLUMNS = 6


class RowsPage(EditPage):
    """Rows; which table, the address says."""

    endpoint_name, path, title = "table_rows", "/tables/rows", _("Lookup tables")
    readers = ("supervisor",)
    search_hint = _("Any cell")
    cells = "tables/_row_cells.html"
    toolbar = "tables/_row_toolbar.html"
    list_template = "tables/rows.html"
    empty = Empty(_("No rows"), "", "table")
    new_title, edit_title = _("New row"), _("Row")
    actions = (
        Action("delete", _("Delete"), "trash", bulk=True, danger=True, ask=True),
        Action("restore", _("Bring back"), "undo", row=False),
    )

    @property
    def table(self) -> str:
        """The table the address names."""
        return request.args.get("table", "")

    @property
    def columns(self) -> tuple[Column, ...]:  # type: ignore[override]
        """The table's own: the first ones."""
        found = self.record()
        return tuple(Column(name) for name in (found.key, *found.columns[:SHOWN_COLUMNS]))

    def url_for(self, name: str, **values: Any) -> str:
        return super().url_for(name, **{"table": self.table, **values})

    def record(self) -> TableRecord:
        """The table."""
        return table_rows.get_table(rights.store(), rights.actor(), self.instance, self.table)

    def rows(self, query: Query) -> Listing[Row]:
        start = (query.page - 1) * PAGE_ROWS
        actor = rights.actor()
        found = table_rows.find_rows(
            rights.store(), actor, self.instance, self.table, query.q, start=start, size=PAGE_ROWS
        )
        return Listing(found.rows, total=found.total, pages=max(1, -(-found.total // PAGE_ROWS)))

    def key_of(self, row: Row) -> str:
        return keys.written(row.key)

    def name_of(self, row: Row) -> str:
        return row.key

    def context(self) -> dict[str, Any]:
        return {"record": self.record(), "shown_columns": SHOWN_COLUMNS}

    def load(self, key: str) -> Row:
        return table_rows.get_row(rights.store(), rights.actor(), self.instance, self.table, keys.read(key))

    def values(self, record: Row | None) -> dict[str, Any]:
        if record is None:
            return {}
        columns = self.record().columns
        return {"key": record.key, **{f"c{at}": record.values.get(name, "") for at, name in enumerate(columns)}}

    def _form(self, data: Any, record: Any) -> PanelForm:
        table = self.record()
        fields: dict[str, Any] = {
            "key": StringField(table.key, (InputRequired(), Length(max=MAX_KEY)), render_kw={"maxlength": MAX_KEY})
        }
        for at, name in enumerate(table.columns):
            fields[f"c{at}"] = TextAreaField(name, (Length(max=MAX_CELL),), render_kw={"rows": 1})
        form: PanelForm = type("RowForm", (PanelForm,), fields)(data, data=self.values(record))
        return form

    def create(self, form: Any) -> Done:
        row = self._row(form)
        before = table_rows.put_row(rights.store(), rights.actor(), self.instance, self.table, row)
        return Done(gettext("Row %(key)s added.", key=row.key), keys.written(row.key), self._undo(before.revision))

    def save(self, key: str, form: Any, revision: int) -> Done:
        row, actor = self._row(form), rights.actor()
        table_rows.put_row(rights.store(), actor, self.instance, self.table, row, old=keys.read(key), revision=revision)
        return Done(gettext("Row %(key)s saved.", key=row.key), keys.written(row.key))

    def ask_delete(self, chosen: Sequence[str]) -> Question:
        title = ngettext("Delete %(num)d row?", "Delete %(num)d rows?", len(chosen))
        text = gettext("Calls do not find them any more. You can take it back.")
        return Question(title, text, [(keys.read(key), "") for key in chosen[:20]])

    def do_delete(self, chosen: Sequence[str], _form: None) -> Done:
        gone = [keys.read(key) for key in chosen]
        before = table_rows.delete_rows(rights.store(), rights.actor(), self.instance, self.table, gone)
        text = ngettext("%(num)d row deleted.", "%(num)d rows deleted.", len(gone))
        return Done(text, undo=self._undo(before.revision))

    def do_restore(self, chosen: Sequence[str], _form: None) -> Done:
        """``chosen`` is the number of a version."""
        number = int(chosen[0]) if chosen[0].isdecimal() and len(chosen[0]) < 10 else 0
        before = table_rows.restore(rights.store(), rights.actor(), self.instance, self.table, number)
        text = gettext("Version %(number)s is in force again.", number=number)
        return Done(text, undo=self._undo(before.revision))

    @expose("/versions")
    def versions(self) -> str:
        """The versions that are kept, in the panel."""
        found = table_rows.versions(rights.store(), rights.actor(), self.instance, self.table)
        return render_template("tables/_versions.html", page=self, found=found)

    def _row(self, form: Any) -> Row:
        columns = self.record().columns
        values = {name: (form[f"c{at}"].data or "").replace("\r\n", "\n") for at, name in enumerate(columns)}
        return Row((form.key.data or "").strip(), values)

    @staticmethod
    def _undo(revision: int) -> Undo:
        return Undo("restore", [str(revision)])
