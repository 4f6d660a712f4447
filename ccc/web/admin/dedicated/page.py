"""The page 专属坐席 (AGT-1): customers whose calls go to an agent of their own first."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any

from flask import Response, request
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _

from ccc.errors import CccError, InvalidError, say
from ccc.geo import normalise
from ccc.services import agents, dedicated, places
from ccc.store.records import DedicatedRecord
from ccc.tables.csv import guarded
from ccc.web.admin.actions import Action, Done, Question, answer
from ccc.web.admin.changes import changed_by
from ccc.web.admin.crud import EditPage, Empty
from ccc.web.admin.dedicated.form import DedicatedForm, FileForm
from ccc.web.admin.forms import options
from ccc.web.admin.lists import Column, Filter, Listing, Query, arrange
from ccc.web.admin.page import accepts_bytes, expose, for_changers
from ccc.web.auth import rights
from ccc.web.errors import in_words

SHOWN_PROBLEMS = 50


def _agents() -> list[tuple[str, str]]:
    people = agents.list_agents(rights.store(), rights.actor(), rights.place().instance)
    return [(item.username, f"{item.name} ({item.username})") for item in people]


class DedicatedPage(EditPage):
    """Customers with an agent of their own."""

    endpoint_name, path, title = "dedicated", "/dedicated", _("Dedicated agents")
    readers = ("supervisor",)
    columns = (
        Column(_("Customer number"), "number"),
        Column(_("Customer"), "customer"),
        Column(_("Agent"), "agent"),
        Column(_("Wait for the agent"), "", "num right"),
        Column(_("Changed"), "changed"),
    )
    filters = (Filter("agent", _("Agent"), _agents),)
    default_sort = "number"
    search_hint = _("Number, customer or agent")
    cells = "dedicated/_cells.html"
    toolbar = "dedicated/_toolbar.html"
    empty = Empty(
        _("No dedicated agents yet"),
        _("A customer whose number is here gets his own agent first, in every queue. Add one, or import a list."),
        "people",
    )
    new_title, edit_title = _("New customer"), _("Dedicated agent")
    form = DedicatedForm
    actions = (Action("delete", _("Delete"), "trash", bulk=True, danger=True, ask=True),)

    def rows(self, query: Query) -> Listing[DedicatedRecord]:
        """All of them in memory, 50,000 at most."""
        found = dedicated.list_dedicated(rights.store(), rights.actor(), self.instance)
        if wanted := query.filters.get("agent"):
            found = [item for item in found if item.agent == wanted]
        return arrange(
            found,
            query,
            search=lambda row: (row.number, self.shown(row.number), row.customer, row.agent, row.name),
            sort={
                "number": lambda row: row.number,
                "customer": lambda row: row.customer.casefold(),
                "agent": lambda row: row.name.casefold(),
                "changed": lambda row: row.changed_at,
            },
        )

    def key_of(self, row: DedicatedRecord) -> str:
        return row.number

    def name_of(self, row: DedicatedRecord) -> str:
        return self.shown(row.number)

    def load(self, key: str) -> DedicatedRecord:
        return dedicated.get_dedicated(rights.store(), rights.actor(), self.instance, key)

    def values(self, record: DedicatedRecord | None) -> dict[str, Any]:
        shown = record or DedicatedRecord(self.instance, "", request.args.get("agent", ""), wait_s=30)
        return {
            "number": shown.number,
            "agent": shown.agent,
            "wait_s": round(shown.wait_s),
            "customer": shown.customer,
        }

    def prepare(self, form: DedicatedForm, record: DedicatedRecord | None) -> None:
        form.agent.choices = options(_agents())
        if record is not None:
            del form.number

    def create(self, form: DedicatedForm) -> Done:
        made = dedicated.add_dedicated(rights.store(), rights.actor(), self._record(form, form.number.data or ""))
        return self._done(made)

    def save(self, key: str, form: DedicatedForm, revision: int) -> Done:
        saved = dedicated.change_dedicated(rights.store(), rights.actor(), self._record(form, key), revision)
        return self._done(saved)

    def _done(self, saved: DedicatedRecord) -> Done:
        words = gettext("%(number)s goes to %(name)s first.", number=self.shown(saved.number), name=saved.name)
        return Done(words, saved.number)

    def stale_note(self, key: str) -> str:
        return changed_by(self.instance, key, "dedicated.")

    def ask_delete(self, keys: Sequence[str]) -> Question:
        found = [self.load(key) for key in keys]
        title = ngettext("Delete %(num)d dedicated agent?", "Delete %(num)d dedicated agents?", len(found))
        text = gettext("The calls of these customers go to any agent of the queue again.")
        return Question(title, text, [(self.shown(row.number), row.name) for row in found])

    def do_delete(self, keys: Sequence[str], _form: None) -> Done:
        dedicated.remove_dedicated(rights.store(), rights.actor(), self.instance, list(keys))
        return Done(ngettext("%(num)d dedicated agent deleted.", "%(num)d dedicated agents deleted.", len(keys)))

    @expose("/import")
    @for_changers
    def import_panel(self) -> str:
        """Customers from a file."""
        return self._import_panel(FileForm())

    @expose("/import", methods=("POST",))
    @for_changers
    @accepts_bytes(dedicated.MAX_BYTES + 64 * 1024)
    def import_file(self) -> Any:
        """Take the good rows; the others are named."""
        form = FileForm(request.form)
        file = request.files.get("file")
        try:
            if file is None or not file.filename:
                raise InvalidError(say("Choose a file."), field="file")
            done = dedicated.import_dedicated(rights.store(), rights.actor(), self.instance, file.read())
        except CccError as error:
            form.take_error(error)
            return self._import_panel(form), 422
        problems = [f"{item.text}: {in_words(item.error)}" for item in done.bad[:SHOWN_PROBLEMS]]
        if (more := len(done.bad) - len(problems)) > 0:
            problems.append(ngettext("and %(num)d more row", "and %(num)d more rows", more))
        text = ngettext("%(num)d customer taken over.", "%(num)d customers taken over.", done.count)
        return answer(Done(text, problems=problems))

    @expose("/export")
    def export(self) -> Response:
        """All of them as CSV, in the columns the import reads."""
        out = io.StringIO()
        writer = csv.writer(out)
        writer.writerow(["客户号码", "坐席账号", "客户名称", "等待秒数"])
        for row in dedicated.list_dedicated(rights.store(), rights.actor(), self.instance):
            writer.writerow([self.shown(row.number), row.agent, guarded(row.customer), round(row.wait_s)])
        headers = {"Content-Disposition": 'attachment; filename="dedicated-agents.csv"'}
        return Response("\ufeff" + out.getvalue(), content_type="text/csv; charset=utf-8", headers=headers)

    def place_of(self, number: str) -> str:
        """Province and city."""
        return places.place_of(rights.store().home, number)

    @staticmethod
    def shown(number: str) -> str:
        """As it is dialled."""
        return normalise(number).national

    def _import_panel(self, form: FileForm) -> str:
        return self.side(form, self.url_for("import_file"), gettext("Import customers"), save=gettext("Import"))

    def _record(self, form: DedicatedForm, number: str) -> DedicatedRecord:
        return DedicatedRecord(
            self.instance,
            number,
            form.agent.data or "",
            customer=form.customer.data or "",
            wait_s=float(form.wait_s.data or 0),
        )
