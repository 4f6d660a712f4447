"""Flows between installations: import of a flow, a set or the vendor's format; export of one or all."""

from __future__ import annotations

from typing import Any

from flask import Response, render_template, request
from flask_babel import gettext, ngettext

from ccc.errors import CccError, InvalidError
from ccc.flow.document import FlowInvalid, dump_document
from ccc.flow.mapping import Names
from ccc.flow.sets import dump_set
from ccc.services import drafts, flow_sets, flows
from ccc.services.flow_sets import Report
from ccc.web.admin.actions import Done, answer
from ccc.web.admin.flows import review
from ccc.web.admin.flows.form import ImportForm
from ccc.web.admin.flows.mistakes import problem_lines
from ccc.web.admin.page import MAX_UPLOAD, accepts_bytes, expose, is_fragment
from ccc.web.auth import rights
from ccc.web.plugins import registry
from ccc.web.problems import reference_kinds


class Moving:
    """The part of the flows' page that moves flows in and out."""

    @expose("/import", methods=("GET", "POST"))
    @accepts_bytes(MAX_UPLOAD)
    def import_flow(self) -> Any:
        """Panel: a file or text becomes drafts."""
        page: Any = self
        if not is_fragment() and request.method == "GET":
            return page._on_page()
        form = ImportForm(request.form if request.method == "POST" else None)
        if request.method == "GET":
            return self._import_panel(form)
        if not form.validate():
            return self._import_panel(form), 422
        sent = request.files.get("file")
        data = (sent.read() if sent is not None else b"") or (form.text.data or "").encode()
        try:
            if not data.strip():
                raise InvalidError(gettext("Choose a file or paste the text of a flow."), field="file")
            if "confirmed" not in request.form:
                trial = self._imported(data, form, trial=True)
                if review.needed(trial):
                    return self._review(form, data, trial)
            report = self._imported(data, form, names=review.chosen(request.form))
        except FlowInvalid as error:
            form.messages = [gettext("This is not a flow document."), *problem_lines(error.problems)]
            return self._import_panel(form), error.status
        except CccError as error:
            form.take_error(error)
            return self._import_panel(form), error.status
        return answer(_told(report))

    def _imported(self, data: bytes, form: ImportForm, *, trial: bool = False, names: Names | None = None) -> Report:
        page: Any = self
        return flow_sets.import_any(
            rights.store(), registry(), rights.actor(), page.instance, data,
            name=form.name.data or "", replace=bool(form.replace.data), trial=trial, names=names,
        )  # fmt: skip

    def _review(self, form: ImportForm, data: bytes, trial: Report) -> str:
        """What the import would do, what is missing here and what may stand for it; then it is done."""
        page: Any = self
        known = drafts.names(rights.store(), registry(), rights.actor(), page.instance)
        about = review.review(trial, known, registry())
        return render_template(
            "flows/_review.html", page=page, form=form, url=page.url_for("import_flow"), about=about,
            in_words=review.in_words, text=data.decode("utf-8", "replace"), title=gettext("Import flows"),
        )  # fmt: skip

    def _import_panel(self, form: ImportForm) -> str:
        page: Any = self
        panel: str = page.side(form, page.url_for("import_flow"), gettext("Import flows"), save=gettext("Import"))
        return panel

    @expose("/export")
    def export_all(self) -> Response:
        """All drafts as one set, as a file."""
        page: Any = self
        packed = flow_sets.export_set(rights.store(), registry(), rights.actor(), page.instance)
        return _file(dump_set(packed), f"{page.instance}-flows.json")

    @expose("/<key>/export")
    def export(self, key: str) -> Response:
        """The draft, or with ``?version=N`` a published version, as a file."""
        page: Any = self
        number = request.args.get("version", "")
        version = int(number) if number.isdecimal() and len(number) < 9 else None
        document = flows.export_flow(rights.store(), rights.actor(), page.instance, key, version)
        return _file(dump_document(document), f"{key}-v{version}.json" if version else f"{key}.json")


def _told(report: Report) -> Done:
    """What came, then what is missing here, what has no counterpart, what must be mended."""
    first = report.flows[0]
    text = gettext("Draft of %(name)s saved.", name=first.title or first.name)
    if len(report.flows) > 1:
        text = ngettext("Draft of %(num)d flow saved.", "Drafts of %(num)d flows saved.", len(report.flows))
    if all(each.done == "unchanged" for each in report.flows):
        text = gettext("Nothing changed: the drafts say the same already.")
    lines = [gettext("The file was changed after it was exported.")] if report.intact is False else []
    kinds = reference_kinds() | {"node-type": gettext("node type")}
    for each in report.missing:
        users = ", ".join(f"{flow} · {node}" for flow, node in each.used_by[:5])
        kind = kinds.get(each.kind, each.kind)
        lines.append(gettext("Missing here: %(what)s", what=f"{kind} {each.name} ({users})"))
    for found in report.findings:
        if found.fate == "kept":
            what = f"{found.name} ({found.activity}): {review.in_words(found)}"
            lines.append(gettext("No counterpart here: %(what)s", what=what))
    for flow in report.flows:
        mark = f"{flow.name}, " if len(report.flows) > 1 else ""
        lines += [f"{mark}{line}" for line in problem_lines(flow.problems)]
    return Done(text, first.name, problems=lines)


def _file(text: str, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(text, mimetype="application/json", headers=headers)
