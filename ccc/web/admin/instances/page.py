"""The page 实例管理 of the console (INS-1, INS-2)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import current_app, render_template, request
from flask_babel import gettext, lazy_pgettext, ngettext
from flask_babel import lazy_gettext as _

from ccc.errors import CccError
from ccc.services import accounts, instance_deletion, instances, numbers
from ccc.services.first_steps import first_steps
from ccc.services.instances import Wish
from ccc.store.repos.instances import InstanceRecord
from ccc.web import plugins
from ccc.web.admin.actions import Action, Done, Question
from ccc.web.admin.changes import changed_by
from ccc.web.admin.crud import EditPage, Empty
from ccc.web.admin.instances.form import DeleteForm, EditForm, NewForm, live_check
from ccc.web.admin.lists import Column, Listing, Query, arrange
from ccc.web.admin.numbers.words import KINDS
from ccc.web.admin.page import expose
from ccc.web.auth import rights
from ccc.web.errors import in_words


class InstancesPage(EditPage):
    """Instances of the main account."""

    scope = "console"
    endpoint_name, path, title = "instances", "/console/instances", lazy_pgettext("menu", "Instances")
    roles = ("owner", "manager")
    columns = (
        Column(_("Name"), "title"),
        Column(_("Access address"), "name"),
        Column(_("Numbers of the instance")),
        Column(_("Users"), "users", "num right"),
        Column(_("Administrators")),
        Column(_("Made"), "made"),
        Column(_("Workbench"), hidden=True),
    )
    default_sort = "made"
    search_hint = _("Name, access address or number")
    cells = "instances/_cells.html"
    empty = Empty(
        _("No instances yet"),
        _("An instance is a call centre of its own. One step makes it ready for the first call."),
        "instances",
    )
    new_title, edit_title = _("New instance"), _("Instance")
    panel_template = "instances/_panel.html"
    actions = (Action("delete", _("Delete"), "trash", danger=True, form=DeleteForm),)
    list_template = "instances/list.html"

    def rows(self, query: Query) -> Listing[InstanceRecord]:
        return arrange(
            instances.account_instances(rights.store(), rights.actor(), self.account),
            query,
            search=lambda row: (row.title, row.name, row.description, *row.numbers, *row.admins),
            sort={
                "title": lambda row: row.title.casefold(),
                "name": lambda row: row.name.casefold(),
                "users": lambda row: row.users,
                "made": lambda row: row.created_at,
            },
        )

    def key_of(self, row: InstanceRecord) -> str:
        return row.name

    def name_of(self, row: InstanceRecord) -> str:
        return row.title

    def context(self) -> dict[str, Any]:
        return {"mine": {one.instance for one in rights.profile().places}, **self._guide()}

    def _guide(self) -> dict[str, Any]:
        found = first_steps(rights.store(), rights.actor(), self.account)
        return {"steps": found, "sip_port": current_app.config.get("CCC_SIP_PORT", 5060)}

    @expose("/first-steps")
    def steps(self) -> str:
        """The card with what is still missing, anew after each change."""
        return render_template("instances/_first_steps.html", page=self, **self._guide())

    def load(self, key: str) -> InstanceRecord:
        return instances.account_instance(rights.store(), rights.actor(), self.account, key)

    def values(self, record: InstanceRecord | None) -> dict[str, Any]:
        if record is None:
            return {"recording": True}
        return {"title": record.title, "description": record.description}

    def _form(self, data: Any, record: Any) -> Any:
        form = (NewForm if record is None else EditForm)(data, data=self.values(record))
        but = record.name if record is not None else None
        form.title.render_kw = live_check(self.url_for("check", but=but), "#live-title")
        if record is None:
            form.name.render_kw = live_check(self.url_for("check"), "#live-name")
            free = numbers.account_numbers(rights.store(), rights.actor(), self.account)
            if not free:
                form.numbers.empty = gettext("The account has no numbers yet. You can add some later.")
            form.numbers.choices = [
                (item.number, item.number, KINDS[numbers.kind_of(item.number)]) for item in free if not item.instance
            ]
            people = accounts.list_users(rights.store(), rights.actor(), self.account)
            form.admins.choices = [
                (item.username, item.name, item.username)
                for item in people
                if item.active and item.username != rights.actor().user
            ]
        return form

    def create(self, form: NewForm) -> Done:
        wish = Wish(
            title=(form.title.data or "").strip(),
            name=(form.name.data or "").strip(),
            description=form.description.data or "",
            numbers=tuple(form.numbers.data or ()),
            admins=tuple(form.admins.data or ()),
            recording=bool(form.recording.data),
        )
        registry = plugins.registry()
        made = instances.create_instance(rights.store(), registry, rights.actor(), self.account, wish)
        text = gettext("Instance %(name)s made: skill group and welcome flow are ready.", name=wish.title)
        if wish.numbers:
            text = gettext("Instance %(name)s made: skill group, welcome flow and numbers are ready.", name=wish.title)
        if made.problem is not None:
            text = gettext("Instance %(name)s made. Its welcome flow is not published yet.", name=wish.title)
        return Done(text, wish.name, problems=[in_words(made.problem)] if made.problem is not None else [])

    def save(self, key: str, form: EditForm, revision: int) -> Done:
        title, description = (form.title.data or "").strip(), form.description.data or ""
        wanted = InstanceRecord(key, self.account, title, description)
        saved = instances.change_instance(rights.store(), rights.actor(), self.account, wanted, revision)
        return Done(gettext("Instance %(name)s saved.", name=saved.title), key)

    def stale_note(self, key: str) -> str:
        return changed_by("", key, "instance.")

    def ask_delete(self, keys: Sequence[str]) -> Question:
        """What is lost, line by line; refused while calls are in progress."""
        loss = instance_deletion.what_is_lost(rights.store(), rights.actor(), self.account, keys[0])
        title = gettext("Delete the instance %(name)s?", name=loss.instance.title)
        if loss.calls_now:
            count = ngettext("%(num)d call in progress", "%(num)d calls in progress", loss.calls_now)
            text = gettext("Unbind its numbers and wait until the calls have ended.")
            return Question(title, text, [(count, "")], refused=True)
        items = [
            (gettext("Numbers"), gettext("%(list)s: back to the account", list="、".join(loss.numbers) or "—")),
            (gettext("IVR flows"), gettext("%(num)s with all versions: lost", num=loss.flows)),
            (gettext("Skill groups"), gettext("%(num)s: lost", num=loss.groups)),
            (gettext("Audio"), gettext("%(num)s: lost", num=loss.audio)),
            (
                gettext("Lookup tables, working hours, blacklist"),
                gettext("%(num)s: lost", num=loss.tables + loss.hours + loss.blacklist),
            ),
            (gettext("Users"), gettext("%(num)s leave it; they stay in the account", num=loss.people)),
            (gettext("Call records, recordings, voicemails"), gettext("stay for their retention time")),
        ]
        text = gettext(
            "This cannot be undone. Export call records you need before. The address %(name)s is never used again.",
            name=loss.instance.name,
        )
        return Question(title, text, items, gettext("What happens to"))

    def do_delete(self, keys: Sequence[str], form: DeleteForm) -> Done:
        actor = rights.actor()
        instance_deletion.delete_instance(rights.store(), actor, self.account, keys[0], form.typed.data or "")
        return Done(gettext("Instance %(name)s deleted. Its numbers are free again.", name=keys[0]))

    @expose("/check")
    def check(self) -> str:
        """Whether a name or an access address can be used, while it is typed (``title`` or ``name``)."""
        error = None
        field = "name" if "name" in request.args else "title"
        value = request.args.get(field, "").strip()
        try:
            if field == "name":
                instances.check_address(rights.store(), rights.actor(), self.account, value)
            else:
                but = request.args.get("but", "")
                instances.check_title(rights.store(), rights.actor(), self.account, value, but)
        except CccError as refused:
            error = in_words(refused)
        return render_template("instances/_live.html", error=error if value else None, fine=bool(value) and not error)
