"""The page API密钥: a user's own keys of the REST API (IVR-7)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import render_template, request
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _

from ccc.errors import CccError
from ccc.services import api_keys
from ccc.store.base import utc_now
from ccc.store.records import ApiKeyRecord
from ccc.web.admin.actions import Action, Done, Question, answer
from ccc.web.admin.api_keys.form import KeyForm
from ccc.web.admin.crud import Empty, ListPage
from ccc.web.admin.lists import Column, Listing, Query, alphabetical, arrange
from ccc.web.admin.page import expose
from ccc.web.auth import rights


def _usable(row: ApiKeyRecord) -> bool:
    return row.usable(utc_now())


class ApiKeysPage(ListPage):
    """The keys, usable ones first; made in a panel that shows the key once."""

    scope = "self"
    endpoint_name, path, title = "api_keys", "/me/api-keys", _("API keys")
    columns = (
        Column(_("What it is for"), "name"),
        Column(_("State")),
        Column(_("Made"), "made"),
        Column(_("Expires")),
        Column(_("Last used"), "used"),
    )
    search_hint = _("What it is for, or its number")
    list_template = "api_keys/index.html"
    cells = "api_keys/_cells.html"
    empty = Empty(
        _("No API keys yet"),
        _("A program signs in with a key of yours and may do what you may. Make one for each program."),
        "key",
    )
    can_make, can_edit = True, False
    new_title = _("New key")
    actions = (Action("revoke", _("Revoke"), "power", bulk=True, ask=True, danger=True, when=_usable),)

    def rows(self, query: Query) -> Listing[ApiKeyRecord]:
        found = sorted(api_keys.list_keys(rights.store(), rights.actor()), key=lambda row: not _usable(row))
        return arrange(
            found,
            query,
            search=lambda row: (row.name, row.id),
            sort={
                "name": lambda row: alphabetical(row.name),
                "made": lambda row: row.created_at,
                "used": lambda row: row.used_at.timestamp() if row.used_at else 0.0,
            },
        )

    def key_of(self, row: ApiKeyRecord) -> str:
        return row.id

    def name_of(self, row: ApiKeyRecord) -> str:
        return row.name

    def context(self) -> dict[str, Any]:
        return {"usable": _usable, "address": f"{request.host_url}api/v1"}

    @expose("/new")
    def new(self) -> str:
        """The form."""
        return self._panel(KeyForm())

    @expose("/new", methods=("POST",))
    def make(self) -> Any:
        """Make the key and show it, once."""
        form = KeyForm(request.form)
        if not form.validate():
            return self._panel(form), 422
        days = int(form.days.data) if form.days.data else None
        try:
            made = api_keys.create_key(rights.store(), rights.actor(), form.name.data or "", days)
        except CccError as error:
            form.take_error(error)
            return self._panel(form), error.status
        text = gettext("Key %(name)s made.", name=made.record.name)
        shown = render_template(
            "api_keys/_once.html", title=text, secret=made.secret, address=f"{request.host_url}api/v1"
        )
        return answer(Done(text, made.record.id, panel=shown))

    def _panel(self, form: KeyForm) -> str:
        return self.side(form, self.url_for("make"), gettext("New key"), save=gettext("Make the key"))

    def ask_revoke(self, keys: Sequence[str]) -> Question:
        """It cannot be undone."""
        mine = {row.id: row for row in api_keys.list_keys(rights.store(), rights.actor())}
        found = [mine[key] for key in keys if key in mine]
        title = ngettext("Revoke %(num)d key?", "Revoke %(num)d keys?", len(found))
        text = gettext("Programs that use it are refused at once. This cannot be undone; make a new key instead.")
        return Question(title, text, [(row.name, row.id) for row in found])

    def do_revoke(self, keys: Sequence[str], _form: None) -> Done:
        """Revoke them."""
        for key in keys:
            api_keys.revoke_key(rights.store(), rights.actor(), key)
        return Done(ngettext("%(num)d key revoked.", "%(num)d keys revoked.", len(keys)))
