"""The page 坐席 (AGT-1)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import request
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _

from ccc.errors import CccError
from ccc.services import agents, groups, passwords
from ccc.store.records import AgentRecord
from ccc.web.admin.actions import Action, Done, Question, Undo, answer
from ccc.web.admin.agents.batch import BatchImport
from ccc.web.admin.agents.forms import AgentForm, GroupsForm, ImportForm
from ccc.web.admin.changes import changed_by
from ccc.web.admin.crud import EditPage, Empty
from ccc.web.admin.forms import options
from ccc.web.admin.lists import Column, Filter, Listing, Query, alphabetical, arrange
from ccc.web.admin.page import expose, for_changers
from ccc.web.admin.signing_in import SignInActions
from ccc.web.admin.words import ROLE_NAMES, PasswordForm, password_once
from ccc.web.auth import rights


def _here(row: AgentRecord) -> bool:
    return not row.past


def _group_titles() -> list[tuple[str, str]]:
    found = groups.list_groups(rights.store(), rights.actor(), rights.place().instance)
    return [(group.name, group.title) for group in found]


def _only_group() -> dict[str, int]:
    """Without a skill group no call reaches an agent: where there is one only, it is meant."""
    found = _group_titles()
    return {found[0][0]: 1} if len(found) == 1 else {}


class AgentsPage(BatchImport, SignInActions, EditPage):
    """Everybody who works in the instance, and who did."""

    endpoint_name, path, title = "agents", "/agents", _("Agents")
    readers = ("supervisor",)
    columns = (
        Column(_("Display name"), "name"),
        Column(_("Role"), "role"),
        Column(_("Skill groups")),
        Column(_("Answers automatically")),
        Column(_("Dedicated customers"), "customers", "num right"),
        Column(_("Last sign-in"), "seen"),
        Column(_("State")),
    )
    filters = (
        Filter("role", _("Role"), lambda: list(ROLE_NAMES.items())),
        Filter("group", _("Skill group"), lambda: [*_group_titles(), ("-", gettext("In no skill group"))]),
        Filter(
            "state",
            _("State"),
            lambda: [("active", _("Active")), ("disabled", _("Disabled")), ("past", _("Former agents"))],
        ),
    )
    default_sort = "name"
    search_hint = _("Name, user name or e-mail")
    cells = "agents/_cells.html"
    toolbar = "agents/_toolbar.html"
    empty = Empty(
        _("No agents yet"),
        _("Agents take the calls at the workbench. Make one, bring in users of the account, or import a file."),
        "agents",
    )
    new_title, edit_title = _("New agent"), _("Agent")
    form = AgentForm
    panel_template = "agents/_panel.html"
    actions = (
        Action("groups", _("Set skill groups"), "people", bulk=True, row=False, form=GroupsForm),
        Action("auto-answer-on", _("Automatic answer on"), "phone", bulk=True, row=False),
        Action("auto-answer-off", _("Automatic answer off"), "", bulk=True, row=False),
        Action("password", _("New password"), "key", form=PasswordForm, when=_here),
        Action("two-factor-reset", _("Reset two-factor sign-in"), "lock", ask=True, when=lambda row: row.two_factor),
        Action("enable", _("Enable"), "check", bulk=True, when=lambda row: _here(row) and not row.active),
        Action("disable", _("Disable"), "power", bulk=True, ask=True, danger=True, when=lambda row: row.active),
        Action("remove", _("Remove from the instance"), "trash", bulk=True, ask=True, danger=True, when=_here),
        Action("restore", _("Bring back"), "undo", when=lambda row: row.past),
    )

    def rows(self, query: Query) -> Listing[AgentRecord]:
        """All of them in memory: an instance has some thousands at most."""
        store, actor, wanted = rights.store(), rights.actor(), query.filters
        if wanted.get("state") == "past":
            found = agents.list_past(store, actor, self.instance)
        else:
            found = agents.list_agents(store, actor, self.instance)
        if wanted.get("state") in ("active", "disabled"):
            found = [row for row in found if row.active == (wanted["state"] == "active")]
        if role := wanted.get("role"):
            found = [row for row in found if row.role == role]
        if group := wanted.get("group"):
            found = [row for row in found if (not row.groups if group == "-" else group in row.groups)]
        return arrange(
            found,
            query,
            search=lambda row: (row.name, row.username, row.email),
            sort={
                "name": lambda row: alphabetical(row.name),
                "role": lambda row: (row.role, row.name),
                "customers": lambda row: row.customers,
                "seen": lambda row: row.last_login_at.timestamp() if row.last_login_at else 0.0,
            },
        )

    def key_of(self, row: AgentRecord) -> str:
        return row.username

    def name_of(self, row: AgentRecord) -> str:
        return row.name

    def context(self) -> dict[str, Any]:
        return {"titles": dict(_group_titles()), "role_names": ROLE_NAMES, "me": rights.profile().username}

    def load(self, key: str) -> AgentRecord:
        return agents.get_agent(rights.store(), rights.actor(), self.instance, key)

    def values(self, record: AgentRecord | None) -> dict[str, Any]:
        if record is None:
            return {"role": "agent", "groups": _only_group()}
        names = ("name", "username", "email", "role", "groups", "auto_answer")
        return {name: getattr(record, name) for name in names}

    def prepare(self, form: AgentForm, record: AgentRecord | None) -> None:
        form.groups.choices = options(_group_titles())
        if record is not None:
            del form.username, form.password, form.email

    def create(self, form: AgentForm) -> Done:
        password = form.password.data or passwords.random_password()
        username = form.username.data.strip()
        made = agents.create_agent(rights.store(), rights.actor(), self._record(form, username), password)
        text = gettext("Agent %(name)s made.", name=made.name)
        shown = "" if form.password.data else password_once(text, made.username, password)
        return Done(text, made.username, panel=shown)

    def save(self, key: str, form: AgentForm, revision: int) -> Done:
        saved = agents.change_agent(rights.store(), rights.actor(), self._record(form, key), revision)
        return Done(gettext("Agent %(name)s saved.", name=saved.name), key)

    def stale_note(self, key: str) -> str:
        return changed_by(self.instance, key, "agent.")

    @expose("/import")
    @for_changers
    def import_panel(self) -> str:
        """Users of the account who are not here yet."""
        return self._import_panel(self._import_form(None))

    @expose("/import", methods=("POST",))
    def import_users(self) -> Any:
        """Bring them into the instance."""
        form = self._import_form(request.form)
        if form.validate():
            try:
                for username in form.users.data:
                    wanted = AgentRecord(self.instance, username, "", form.role.data, groups=form.groups.data)
                    agents.import_agent(rights.store(), rights.actor(), wanted)
                count = len(form.users.data)
                return answer(Done(ngettext("%(num)d user brought in.", "%(num)d users brought in.", count)))
            except CccError as error:
                form.take_error(error)
        return self._import_panel(form), 422

    def _import_panel(self, form: ImportForm) -> str:
        return self.side(form, self.url_for("import_users"), gettext("Bring in users of the account"))

    def _import_form(self, data: Any) -> ImportForm:
        form = ImportForm(data, data={"groups": _only_group()})
        found = agents.candidates(rights.store(), rights.actor(), self.instance)
        form.users.choices = options((user.username, f"{user.name} ({user.username})") for user in found)
        form.groups.choices = options(_group_titles())
        if not found:
            form.messages.append(
                gettext("Everybody of the account is in this instance already: make a new agent instead.")
            )
        return form

    def prepare_groups(self, form: GroupsForm, _keys: Sequence[str]) -> None:
        form.groups.choices = options(_group_titles())

    def ask_groups(self, keys: Sequence[str]) -> Question:
        text = ngettext("For %(num)d agent.", "For %(num)d agents.", len(keys))
        people = [(self.load(key).name, "") for key in keys]
        return Question(gettext("Set skill groups"), text, people, confirm=gettext("Apply"))

    def do_groups(self, keys: Sequence[str], form: GroupsForm) -> Done:
        changed = agents.set_groups(
            rights.store(), rights.actor(), self.instance, keys, form.groups.data, form.mode.data
        )
        return Done(ngettext("%(num)d agent changed.", "%(num)d agents changed.", changed))

    def do_auto_answer_on(self, keys: Sequence[str], _form: None) -> Done:
        return self._auto_answer(keys, True)

    def do_auto_answer_off(self, keys: Sequence[str], _form: None) -> Done:
        return self._auto_answer(keys, False)

    def _auto_answer(self, keys: Sequence[str], on: bool) -> Done:
        changed = agents.set_auto_answer(rights.store(), rights.actor(), self.instance, keys, on)
        undo = Undo("auto-answer-off" if on else "auto-answer-on", keys) if changed == len(keys) else None
        return Done(ngettext("%(num)d agent changed.", "%(num)d agents changed.", changed), undo=undo)

    def ask_remove(self, keys: Sequence[str]) -> Question:
        people = [self.load(key) for key in keys]
        text = gettext("Signed out of this workbench at once. Calls and history stay; the user stays in the account.")
        if count := sum(row.customers for row in people):
            text += " " + ngettext(
                "%(num)d dedicated customer goes to any agent again, and comes back to him when he is brought back.",
                "%(num)d dedicated customers go to any agent again, and come back to them when they are brought back.",
                count,
            )
        return Question(
            ngettext("Remove %(num)d agent from the instance?", "Remove %(num)d agents from the instance?", len(keys)),
            text,
            [(row.name, self._about(row)) for row in people],
            confirm=gettext("Remove"),
        )

    @staticmethod
    def _about(row: AgentRecord) -> str:
        if not row.customers:
            return row.username
        own = ngettext("%(num)d dedicated customer", "%(num)d dedicated customers", row.customers)
        return f"{row.username} · {own}"

    def do_remove(self, keys: Sequence[str], _form: None) -> Done:
        agents.remove_agents(rights.store(), rights.actor(), self.instance, keys)
        return Done(
            ngettext("%(num)d agent removed.", "%(num)d agents removed.", len(keys)), undo=Undo("restore", keys)
        )

    def do_restore(self, keys: Sequence[str], _form: None) -> Done:
        done = agents.restore_agents(rights.store(), rights.actor(), self.instance, keys)
        text = ngettext("%(num)d agent brought back.", "%(num)d agents brought back.", len(keys))
        if done.customers:
            text += " " + ngettext(
                "With %(num)d dedicated customer.", "With %(num)d dedicated customers.", done.customers
            )
        if done.elsewhere:
            text += " " + ngettext(
                "%(num)d customer has another agent by now and stays there.",
                "%(num)d customers have another agent by now and stay there.",
                done.elsewhere,
            )
        return Done(text, keys[0])

    def _record(self, form: AgentForm, username: str) -> AgentRecord:
        return AgentRecord(
            instance=self.instance,
            username=username,
            name=form.name.data or "",
            role=form.role.data,
            auto_answer=form.auto_answer.data,
            groups=form.groups.data,
            email=form.email.data or "" if "email" in form else "",
        )
