"""The page IVR流程 (IVR-1, IVR-2, STM-4)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import render_template, request
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _

from ccc.errors import InvalidError
from ccc.flow.document import dump_document, parse_document
from ccc.services import flow_admin, flow_tests, flows, schedules, templates
from ccc.services.flow_admin import FlowItem
from ccc.store.base import utc_now
from ccc.web import testcall
from ccc.web.admin.actions import Action, Done, Question, Undo
from ccc.web.admin.changes import changed_by
from ccc.web.admin.crud import EditPage, Empty
from ccc.web.admin.flows.form import CopyForm, NewForm, PublishForm, RenameForm, RollbackForm
from ccc.web.admin.flows.gallery import EMPTY, cards, start_only
from ccc.web.admin.flows.mistakes import cure, problem_items, problem_lines, where
from ccc.web.admin.flows.moving import Moving
from ccc.web.admin.flows.outline import outline
from ccc.web.admin.flows.planning import Planning, moment_of, reason_text
from ccc.web.admin.lists import Column, Filter, Listing, Query, arrange
from ccc.web.admin.page import expose, is_fragment
from ccc.web.auth import rights
from ccc.web.i18n import language
from ccc.web.nodes import node_names
from ccc.web.plugins import registry
from ccc.web.problems import in_words
from ccc.web.shell import moment

STATES = {
    "unpublished": (_("Not published"), ""),
    "publishing": (_("Publishing…"), "tag-info"),
    "published": (_("Published"), "tag-good"),
    "editing": (_("Being edited"), "tag-info"),
    "updated_unpublished": (_("Changed, not published"), "tag-warn"),
    "publish_failed": (_("Publishing failed"), "tag-bad"),
}
SHOWN = 20
"""Problems in a dialog."""


class FlowsPage(Moving, Planning, EditPage):
    """Flows of the instance."""

    endpoint_name, path, title = "flows", "/flows", _("IVR flows")
    readers = ("supervisor",)
    columns = (
        Column(_("Name"), "title"),
        Column(_("State"), "state"),
        Column(_("Bound numbers"), "numbers"),
        Column(_("Versions"), "versions", "num right"),
        Column(_("Edited"), "edited"),
    )
    filters = (Filter("state", _("State"), lambda: [(name, text) for name, (text, _css) in STATES.items()]),)
    default_sort = "title"
    search_hint = _("Name, number or editor")
    cells = "flows/_cells.html"
    toolbar = "flows/_tools.html"
    list_template = "flows/list.html"
    empty = Empty(
        _("No flows yet"),
        _("A flow says what callers hear and where they go. Begin with a template, or import one."),
        "flow",
    )
    new_title, edit_title = _("New flow"), _("Rename flow")
    actions = (
        Action("publish", _("Publish"), "check", ask=True, form=PublishForm),
        Action("copy", _("Copy"), "copy", ask=True, form=CopyForm),
        Action("unpublish", _("Take off the air"), "power", ask=True, when=lambda row: row.live_version is not None),
        Action("delete", _("Delete"), "trash", bulk=True, danger=True, ask=True),
        Action("rollback", _("Publish this version again"), "undo", row=False, ask=True, form=RollbackForm),
        *Planning.plan_actions,
    )

    def rows(self, query: Query) -> Listing[FlowItem]:
        found = flow_admin.flow_items(rights.store(), registry(), rights.actor(), self.instance)
        if state := query.filters.get("state"):
            found = [item for item in found if item.state == state]
        return arrange(
            found,
            query,
            search=lambda row: (row.title, row.name, *row.numbers, row.edited_by),
            sort={
                "title": lambda row: row.title.casefold(),
                "state": lambda row: row.state,
                "numbers": lambda row: len(row.numbers),
                "versions": lambda row: row.versions,
                "edited": lambda row: row.edited_at,
            },
        )

    def key_of(self, row: FlowItem) -> str:
        return row.name

    def name_of(self, row: FlowItem) -> str:
        return row.title

    def context(self) -> dict[str, Any]:
        return {"states": STATES, "reason_text": reason_text}

    def load(self, key: str) -> FlowItem:
        return flow_admin.flow_item(rights.store(), registry(), rights.actor(), self.instance, key)

    def values(self, record: FlowItem | None) -> dict[str, Any]:
        return {"title": record.title, "name": record.name} if record is not None else {}

    def _form(self, data: Any, record: Any) -> Any:
        form = (NewForm if record is None else RenameForm)(data, data=self.values(record))
        if record is None:
            form.template.fill(cards(rights.store(), registry(), self.instance))
        return form

    def create(self, form: NewForm) -> Done:
        chosen = form.template.data
        first = start_only(form.name.data) if chosen == EMPTY else templates.template(chosen)
        values = first.as_dict() | {"name": form.name.data, "title": form.title.data}
        made, problems = flows.import_flow(
            rights.store(), registry(), rights.actor(), self.instance, values, replace_draft=False
        )
        return Done(gettext("Flow %(name)s made.", name=made.title), made.name, problems=problem_lines(problems, first))

    def save(self, key: str, form: RenameForm, revision: int) -> Done:
        new = form.name.data
        saved = flow_admin.rename_flow(
            rights.store(), registry(), rights.actor(), self.instance, key, new, form.title.data, revision
        )
        return Done(gettext("Flow %(name)s saved.", name=saved.title), new)

    def stale_note(self, key: str) -> str:
        return changed_by(self.instance, key, "flow.")

    @expose("/<key>")
    def show(self, key: str) -> str:
        """What the flow does: its nodes, problems, versions and who uses it."""
        item = self.load(key)
        number = request.args.get("version", "")
        version = int(number) if number.isdecimal() and len(number) < 9 else None
        document = flows.export_flow(rights.store(), rights.actor(), self.instance, key, version)
        problems = [] if version else flows.check_draft(rights.store(), registry(), rights.actor(), self.instance, key)
        return render_template(
            "flows/_flow.html" if is_fragment() else "flows/show.html",
            page=self,
            testcall_start=testcall.start,
            item=item,
            version=version,
            versions=flows.flow_versions(rights.store(), rights.actor(), self.instance, key),
            steps=outline(document, registry(), node_names(registry(), language()), language()),
            document_text=dump_document(document),
            document=document,
            problems=problems,
            problem_text=in_words,
            problem_where=where,
            problem_cure=cure,
            states=STATES,
            **self.plan_context(key),
        )

    def ask_publish(self, keys: Sequence[str]) -> Question:
        """Refused with the list while there are errors; warnings are shown and may be taken."""
        item = self.load(keys[0])
        found = flows.check_draft(rights.store(), registry(), rights.actor(), self.instance, item.name)
        document = flows.export_flow(rights.store(), rights.actor(), self.instance, item.name)
        errors = [problem for problem in found if problem.severity == "error"]
        title = gettext("Publish %(name)s", name=item.title)
        if errors:
            text = gettext("It cannot be published like this. The live version goes on.")
            return Question(title, text, problem_items(errors, document), gettext("To be mended"), refused=True)
        if item.release == "published":
            text = gettext("Version %(version)s is live and says the same.", version=item.live_version)
            return Question(title, text, refused=True)
        text = gettext("New calls run it within two seconds; running calls end with the version they began with.")
        confirm = gettext("Publish all the same") if found else gettext("Publish")
        return Question(title, text, problem_items(found, document), gettext("Warnings") if found else "", confirm)

    def prepare_publish(self, form: PublishForm, keys: Sequence[str]) -> None:
        form.at.description = gettext("Time in %(zone)s. Empty: now.", zone=rights.place().timezone)

    def do_publish(self, keys: Sequence[str], form: PublishForm) -> Done:
        if form.at.data:
            plan = schedules.plan_publishing(
                rights.store(), registry(), rights.actor(), self.instance, keys[0],
                moment_of(form.at.data, form.which.data or ""), form.message.data or "",
                override=form.override.data or "", now=utc_now(),
            )  # fmt: skip
            text = gettext("It will be published %(time)s.", time=moment(plan.at, "yyyy-MM-dd HH:mm"))
            return Done(text, keys[0], undo=Undo("plan-cancel", [f"{keys[0]}:{plan.id}"]))
        done = flow_tests.publish_tested(
            rights.store(), registry(), rights.actor(), self.instance, keys[0], form.message.data or "",
            override=form.override.data or "",
        )  # fmt: skip
        return Done(gettext("Version %(version)s is live.", version=done.version.version), keys[0])

    def prepare_copy(self, form: CopyForm, keys: Sequence[str]) -> None:
        if not request.form:
            item = self.load(keys[0])
            form.title.data, form.name.data = (
                gettext("%(name)s (copy)", name=item.title)[:128],
                f"{item.name[:58]}-copy",
            )

    def do_copy(self, keys: Sequence[str], form: CopyForm) -> Done:
        made = flow_admin.copy_flow(
            rights.store(),
            registry(),
            rights.actor(),
            self.instance,
            keys[0],
            form.name.data or "",
            form.title.data or "",
        )
        return Done(gettext("Flow %(name)s made.", name=made.title), made.name)

    def ask_unpublish(self, keys: Sequence[str]) -> Question:
        item = self.load(keys[0])
        text = gettext("New calls to it are refused until a version is published again. Running calls go on.")
        return Question(gettext("Take %(name)s off the air?", name=item.title), text, _places(item), gettext("Used by"))

    def do_unpublish(self, keys: Sequence[str], _form: None) -> Done:
        flows.unpublish_flow(rights.store(), rights.actor(), self.instance, keys[0])
        return Done(gettext("It takes no more calls."), keys[0])

    def ask_delete(self, keys: Sequence[str]) -> Question:
        """Refused while numbers or other flows use it."""
        found = [self.load(key) for key in keys]
        places = [place for item in found for place in _places(item)]
        if places:
            text = gettext("Bind these numbers to another flow, or change these flows, then delete it.")
            return Question(gettext("Still used"), text, places, gettext("Used by"), refused=True)
        title = ngettext("Delete %(num)d flow?", "Delete %(num)d flows?", len(found))
        items = [(item.title, ngettext("%(num)d version", "%(num)d versions", item.versions)) for item in found]
        return Question(title, gettext("Its draft and all its versions are lost. Past calls keep its name."), items)

    def do_delete(self, keys: Sequence[str], _form: None) -> Done:
        for key in keys:
            flow_admin.delete_flow(rights.store(), registry(), rights.actor(), self.instance, key)
        return Done(ngettext("%(num)d flow deleted.", "%(num)d flows deleted.", len(keys)))

    def ask_rollback(self, keys: Sequence[str]) -> Question:
        name, version = _version_key(keys[0])
        found = flow_admin.version_of(rights.store(), rights.actor(), self.instance, name, version)
        item = self.load(name)
        kept = item.release == "updated_unpublished"
        text = gettext("It becomes the next version and takes new calls.")
        if kept:
            text += " " + gettext("The draft with its changes stays as it is.")
        title = gettext("Back to version %(version)s of %(name)s", version=version, name=item.title)
        nodes = len(parse_document(found.document).nodes)
        about = ngettext("%(num)d node", "%(num)d nodes", nodes)
        return Question(title, text, [(f"v{version}", f"{about} · {found.author} · {found.message}".strip(" ·"))])

    def do_rollback(self, keys: Sequence[str], form: RollbackForm) -> Done:
        name, version = _version_key(keys[0])
        message = form.message.data or gettext("Version %(version)s again", version=version)
        done = flow_admin.rollback_flow(
            rights.store(), registry(), rights.actor(), self.instance, name, version, message
        )
        if not done.changed:
            return Done(gettext("Version %(version)s is live and says the same.", version=done.version.version))
        return Done(gettext("Version %(version)s is live.", version=done.version.version))


def _names(form: CopyForm) -> tuple[str, str]:
    return form.name.data or "", form.title.data or ""


def _version_key(key: str) -> tuple[str, int]:
    name, _colon, number = key.rpartition(":")
    if not number.isdecimal() or len(number) > 8:
        raise InvalidError(gettext("This names no version."), field="key")
    return name, int(number)


def _places(item: FlowItem) -> list[tuple[str, str]]:
    numbers = [(number, gettext("number bound to it")) for number in item.numbers]
    callers = [
        (
            caller.title,
            gettext("node %(node)s, live", node=caller.node)
            if caller.version
            else gettext("node %(node)s, draft", node=caller.node),
        )
        for caller in item.used_by
    ]
    return numbers + callers
