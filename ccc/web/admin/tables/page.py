"""The page 查询表: list, upload with a look at it first, delete."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Response, render_template, request
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _
from wtforms import FileField, StringField
from wtforms.validators import InputRequired, Length

from ccc.errors import CccError
from ccc.services import table_files, table_rows, tables
from ccc.store.records import TableRecord
from ccc.tables.csv import MAX_ROWS, BadRow
from ccc.web import plugins
from ccc.web.admin.actions import Action, Done, Question, answer
from ccc.web.admin.crud import Empty, ListPage
from ccc.web.admin.forms import PanelForm
from ccc.web.admin.lists import Column, Listing, Query, alphabetical, arrange
from ccc.web.admin.page import accepts_bytes, expose, for_changers
from ccc.web.auth import rights

SHOWN = 100


class UploadForm(PanelForm):
    """A file and the name it is to have."""

    wide = True
    multipart = True
    name = StringField(
        _("Name"),
        (InputRequired(), Length(max=64)),
        description=_("Letters, digits and _; flows call the table by it. A name that exists gets the new rows."),
        render_kw={"spellcheck": "false"},
    )
    file = FileField(
        _("CSV file"),
        description=_("UTF-8 or GBK, up to 8 MB and 50,000 rows; the first row names the columns."),
        render_kw={"accept": ".csv,.txt,text/csv"},
    )
    key = StringField(
        _("Column to look up by"),
        (Length(max=128),),
        description=_("Empty: the first."),
        render_kw={"spellcheck": "false"},
    )


def _words(row: BadRow) -> str:
    """Why a row was left out, in the page's language."""
    return str(gettext(row.template)) % dict(row.values)


class TablesPage(ListPage):
    """Lookup tables of the instance."""

    endpoint_name, path, title = "tables", "/tables", _("Lookup tables")
    readers = ("supervisor",)
    columns = (
        Column(_("Name"), "name"),
        Column(_("Column to look up by")),
        Column(_("Columns")),
        Column(_("Rows"), "rows", "num right"),
        Column(_("Changed"), "changed"),
    )
    default_sort = "name"
    search_hint = _("Name or column")
    cells = "tables/_cells.html"
    toolbar = "tables/_toolbar.html"
    empty = Empty(
        _("No lookup tables yet"),
        _("Upload a CSV file, e.g. customers with their level: the node Look up finds a row by the caller's number."),
        "table",
        "upload",
        _("Upload a table"),
    )
    actions = (Action("delete", _("Delete"), "trash", bulk=True, danger=True, ask=True),)

    def rows(self, query: Query) -> Listing[TableRecord]:
        return arrange(
            tables.list_tables(rights.store(), rights.actor(), self.instance),
            query,
            search=lambda row: (row.name, row.key, *row.columns),
            sort={
                "name": lambda row: alphabetical(row.name),
                "rows": lambda row: row.rows,
                "changed": lambda row: row.uploaded_at,
            },
        )

    def key_of(self, row: TableRecord) -> str:
        return row.name

    def ask_delete(self, keys: Sequence[str]) -> Question:
        """Refused while flows look into it."""
        registry = plugins.registry()
        uses = [
            (key, place)
            for key in keys
            for place in tables.table_uses(rights.store(), registry, rights.actor(), self.instance, key)
        ]
        if uses:
            text = gettext("Change these flows first, then delete it.")
            return Question(gettext("Still used"), text, uses, gettext("Used by"), refused=True)
        title = ngettext("Delete %(num)d table?", "Delete %(num)d tables?", len(keys))
        text = gettext("Its rows and earlier versions are lost. Download it first if you need it again.")
        found = [table_rows.get_table(rights.store(), rights.actor(), self.instance, key) for key in keys]
        items = [(item.name, ngettext("%(num)d row", "%(num)d rows", item.rows)) for item in found]
        return Question(title, text, items)

    def do_delete(self, keys: Sequence[str], _form: None) -> Done:
        registry = plugins.registry()
        for key in keys:
            tables.remove_table(rights.store(), registry, rights.actor(), self.instance, key)
        return Done(ngettext("%(num)d table deleted.", "%(num)d tables deleted.", len(keys)))

    @expose("/upload")
    @for_changers
    def upload(self) -> str:
        """Choose a file; ``table`` when a table is to get new rows."""
        return self._upload(UploadForm(data={"name": request.args.get("table", "")}))

    @expose("/upload", methods=("POST",))
    @accepts_bytes(table_files.MAX_UPLOAD + 64 * 1024)
    def preview(self) -> Any:
        """What the file holds, and which rows are left out; nothing is changed yet."""
        form = UploadForm(request.form)
        upload = request.files.get("file")
        if not form.validate():
            return self._upload(form), 422
        name, key = (form.name.data or "").strip(), (form.key.data or "").strip() or None
        try:
            data = upload.read() if upload is not None else b""
            found = table_files.look(rights.store(), rights.actor(), self.instance, name, data, key)
        except CccError as error:
            form.take_error(error)
            return self._upload(form), error.status
        return render_template("tables/_preview.html", page=self, found=found, name=name, shown=SHOWN, words=_words)

    @expose("/upload/<token>", methods=("POST",))
    def confirm(self, token: str) -> Response:
        """Let the name stand for the rows that were looked at."""
        done = table_files.take(rights.store(), rights.actor(), self.instance, token)
        rows = ngettext("%(num)d row", "%(num)d rows", done.table.rows)
        return answer(
            Done(gettext("Table %(name)s has %(rows)s now.", name=done.table.name, rows=rows), done.table.name)
        )

    @expose("/<key>/file")
    def file(self, key: str) -> Response:
        """The whole table as CSV."""
        response = Response(table_rows.as_csv(rights.store(), rights.actor(), self.instance, key), mimetype="text/csv")
        response.headers.set("Content-Disposition", "attachment", filename=f"{key}.csv")
        return response

    def context(self) -> dict[str, Any]:
        return {"most": MAX_ROWS}

    def _upload(self, form: UploadForm) -> str:
        return self.side(form, self.url_for("preview"), gettext("Upload a table"), save=gettext("Look at it"))
