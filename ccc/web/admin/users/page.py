"""The page 账号权限 (ROL-1..4)."""

from __future__ import annotations

from typing import Any

from flask import request
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from ccc.services import accounts, passwords, two_factor
from ccc.services.accounts import UserWish
from ccc.store.records import UserRecord
from ccc.web.admin.actions import Action, Done, answer
from ccc.web.admin.changes import changed_by
from ccc.web.admin.crud import EditPage, Empty
from ccc.web.admin.lists import Column, Filter, Listing, Query, alphabetical, arrange
from ccc.web.admin.page import expose, for_roles
from ccc.web.admin.signing_in import SignInActions
from ccc.web.admin.users.forms import RulesForm, UserForm
from ccc.web.admin.words import ACCOUNT_ROLE_NAMES, ROLE_NAMES, PasswordForm, password_once
from ccc.web.auth import rights


def _instances() -> list[tuple[str, str]]:
    found = accounts.list_instances(rights.store(), rights.actor(), rights.profile().account)
    return [(item.name, item.title or item.name) for item in found]


class UsersPage(SignInActions, EditPage):
    """Everybody of the main account."""

    scope = "console"
    roles = ("owner", "manager")
    endpoint_name, path, title = "users", "/console/users", _("Users and rights")
    columns = (
        Column(_("Display name"), "name"),
        Column(_("Role in the account"), "account_role"),
        Column(_("Instances")),
        Column(_("Last sign-in"), "seen"),
        Column(_("State")),
    )
    filters = (
        Filter("account_role", _("Role in the account"), lambda: list(ACCOUNT_ROLE_NAMES.items())),
        Filter("instance", _("Instance"), lambda: [*_instances(), ("-", gettext("In no instance"))]),
        Filter(
            "state",
            _("State"),
            lambda: [
                ("active", _("Active")),
                ("disabled", _("Disabled")),
                ("two-factor", _("With two-factor sign-in")),
                ("no-two-factor", _("Without two-factor sign-in")),
            ],
        ),
    )
    default_sort = "name"
    search_hint = _("Name, user name or e-mail")
    cells = "users/_cells.html"
    toolbar = "users/_toolbar.html"
    empty = Empty(
        _("No users yet"),
        _("Users sign in; in instances they work as agents, supervisors or administrators."),
        "people",
    )
    new_title, edit_title = _("New user"), _("User")
    form = UserForm
    actions = (
        Action("password", _("New password"), "key", form=PasswordForm),
        Action(
            "two-factor-reset",
            _("Reset two-factor sign-in"),
            "lock",
            ask=True,
            when=lambda row: row.two_factor and row.username != rights.profile().username,
        ),
        Action("enable", _("Enable"), "check", bulk=True, when=lambda row: not row.active),
        Action("disable", _("Disable"), "power", bulk=True, ask=True, danger=True, when=lambda row: row.active),
    )

    def rows(self, query: Query) -> Listing[UserRecord]:
        """All of them in memory, some thousands at most."""
        found, wanted = accounts.list_users(rights.store(), rights.actor(), self.account), query.filters
        if role := wanted.get("account_role"):
            found = [row for row in found if row.account_role == role]
        if place := wanted.get("instance"):
            found = [row for row in found if (not row.roles if place == "-" else place in row.roles)]
        if (state := wanted.get("state")) in ("active", "disabled"):
            found = [row for row in found if row.active == (state == "active")]
        elif state:
            found = [row for row in found if row.two_factor == (state == "two-factor")]
        return arrange(
            found,
            query,
            search=lambda row: (row.name, row.username, row.email or ""),
            sort={
                "name": lambda row: alphabetical(row.name or row.username),
                "account_role": lambda row: (row.account_role, row.name),
                "seen": lambda row: row.last_login_at.timestamp() if row.last_login_at else 0.0,
            },
        )

    def key_of(self, row: UserRecord) -> str:
        return row.username

    def name_of(self, row: UserRecord) -> str:
        return row.name or row.username

    def context(self) -> dict[str, Any]:
        names = {"role_names": ROLE_NAMES, "account_role_names": ACCOUNT_ROLE_NAMES}
        return {"titles": dict(_instances()), "me": rights.profile().username, **names}

    def load(self, key: str) -> UserRecord:
        return accounts.get_user(rights.store(), rights.actor(), self.account, key)

    def values(self, record: UserRecord | None) -> dict[str, Any]:
        names = ("name", "username", "email", "account_role", "roles")
        return {name: getattr(record, name) for name in names} if record is not None else {}

    def prepare(self, form: UserForm, record: UserRecord | None) -> None:
        form.roles.places = _instances()
        form.roles.roles = list(reversed(ROLE_NAMES.items()))
        if record is not None:
            del form.username, form.password

    def create(self, form: UserForm) -> Done:
        password = form.password.data or passwords.random_password()
        wish = self._wish(form, form.username.data.strip())
        made = accounts.create_user(rights.store(), rights.actor(), self.account, wish, password)
        text = gettext("User %(name)s made.", name=made.name)
        shown = "" if form.password.data else password_once(text, made.username, password)
        return Done(text, made.username, panel=shown)

    def save(self, key: str, form: UserForm, revision: int) -> Done:
        saved = accounts.change_user(rights.store(), rights.actor(), self.account, self._wish(form, key), revision)
        return Done(gettext("User %(name)s saved.", name=saved.name), key)

    def stale_note(self, key: str) -> str:
        return changed_by("", key, "user.")

    @expose("/sign-in-rules")
    @for_roles("owner")
    def rules_panel(self) -> str:
        """Who must sign in with a second factor."""
        level = two_factor.get_required(rights.store(), rights.actor(), self.account)
        return self._rules(RulesForm(None, two_factor=level))

    @expose("/sign-in-rules", methods=("POST",))
    @for_roles("owner")
    def save_rules(self) -> Any:
        """From each one's next sign-in on."""
        form = RulesForm(request.form)
        if not form.validate():
            return self._rules(form), 422
        two_factor.set_required(rights.store(), rights.actor(), self.account, form.two_factor.data)
        return answer(Done(gettext("Saved. It holds from each one's next sign-in on.")))

    def _rules(self, form: RulesForm) -> str:
        return self.side(form, self.url_for("save_rules"), gettext("Rules for signing in"))

    def _wish(self, form: UserForm, username: str) -> UserWish:
        return UserWish(username, form.name.data or "", form.email.data or "", form.account_role.data, form.roles.data)
