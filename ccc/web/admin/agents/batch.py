"""Import of a file of agents in the panel: choose, look, go."""

from __future__ import annotations

from typing import Any

from flask import Response, render_template, request
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _
from wtforms import FileField

from ccc.errors import CccError
from ccc.services import agent_files, agent_import
from ccc.web.admin.actions import Done, answer
from ccc.web.admin.forms import PanelForm
from ccc.web.admin.page import accepts_bytes, expose, for_changers
from ccc.web.auth import rights
from ccc.web.errors import in_words

SHOWN = 200
TEMPLATE = "\ufeff登录名,姓名,邮箱,角色,技能组,自动接听,密码\r\nzhangsan,张三,,坐席,default:1,否,\r\n"


class FileForm(PanelForm):
    """A CSV file."""

    file = FileField(_("CSV file"), render_kw={"accept": ".csv,.txt,text/csv"})
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
        return render_template("agents/_preview.html", page=self, found=found, words=in_words, shown=SHOWN)

    @expose("/file/template")
    @for_changers
    def file_template(self) -> Response:
        """An example to fill in."""
        return _csv(TEMPLATE.encode(), "agents.csv")

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
        return _csv(data, "passwords.csv")

    def _file_panel(self, form: FileForm) -> str:
        return render_template(
            "agents/_file.html", page=self, form=form, url=self.url_for("file_preview"), title=gettext("Import a file")
        )


def _csv(data: bytes, name: str) -> Response:
    response = Response(data, mimetype="text/csv")
    response.headers["Content-Disposition"] = f"attachment; filename={name}"
    return response
