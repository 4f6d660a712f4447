"""Import of a file of agents in the panel: choose, look, go."""

from __future__ import annotations

from typing import Any

from flask import Response, render_template, request
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _
from wtforms import FileField

from ccc.errors import CccError
from ccc.services import agent_files, agent_import, titles
from ccc.web.admin.actions import Done, answer
from ccc.web.admin.agents import template
from ccc.web.admin.forms import PanelForm
from ccc.web.admin.page import accepts_bytes, expose, for_changers
from ccc.web.auth import rights
from ccc.web.errors import in_words

SHOWN = 200
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class FileForm(PanelForm):
    """A workbook or a CSV file."""

    file = FileField(_("Excel or CSV file"), render_kw={"accept": f".xlsx,.csv,.txt,text/csv,{XLSX}"})
    wide = True


class BatchImport:
    """The views; mixed into the page of agents."""

    url_for: Any
    instance: str

    @expose("/file")
    @for_changers
    def file_panel(self) -> str:
        """Choose a file."""
        return self._file_panel(FileForm())

    @expose("/file", methods=("POST",))
    @accepts_bytes(agent_files.MAX_BYTES + 64 * 1024)
    def file_preview(self) -> Any:
        """What the import would do, row by row where it cannot."""
        form = FileForm()
        upload = request.files.get("file")
        try:
            data = upload.read() if upload is not None else b""
            found = agent_import.preview(rights.store(), rights.actor(), self.instance, data)
        except CccError as error:
            form.take_error(error)
            return self._file_panel(form), error.status
        return render_template(
            "agents/_preview.html",
            page=self,
            found=found,
            words=in_words,
            shown=SHOWN,
            titles=titles.groups_of(rights.store(), rights.actor(), self.instance),
        )

    @expose("/file/example.xlsx")
    @for_changers
    def file_example(self) -> Response:
        """An example to fill in."""
        return _download(template.as_workbook(), "agents.xlsx", XLSX)

    @expose("/file/example.csv")
    @for_changers
    def file_example_csv(self) -> Response:
        """The same as CSV."""
        return _download(template.as_csv(), "agents.csv")

    @expose("/file/<token>/step", methods=("POST",))
    def file_step(self, token: str) -> Any:
        """Some more rows; the answer asks for the next ones."""
        progress = agent_import.step(rights.store(), rights.actor(), self.instance, token)
        page = render_template("agents/_progress.html", page=self, progress=progress)
        if not progress.finished:
            return page
        text = ngettext("%(num)d agent imported.", "%(num)d agents imported.", progress.made)
        return answer(Done(text, panel=page))

    @expose("/file/<token>/passwords", methods=("POST",))
    def file_passwords(self, token: str) -> Response:
        """The passwords that were made up, once."""
        data = agent_import.made_up_passwords(rights.store(), rights.actor(), self.instance, token)
        return _download(data, "passwords.csv")

    def _file_panel(self, form: FileForm) -> str:
        return render_template(
            "agents/_file.html",
            page=self,
            form=form,
            url=self.url_for("file_preview"),
            title=gettext("Import a file"),
            columns=template.columns(),
        )


def _download(data: bytes, name: str, kind: str = "text/csv") -> Response:
    response = Response(data, mimetype=kind)
    response.headers["Content-Disposition"] = f"attachment; filename={name}"
    return response
