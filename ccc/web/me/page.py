"""个人设置: what a user sees and changes of the own sign-in (the services check the rest)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import render_template, request, session
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _

from ccc.errors import CccError, NotFoundError
from ccc.services import two_factor, users, where_signed_in
from ccc.store.records import WebSessionRecord
from ccc.web.admin.actions import Action, Done, Question, answer
from ccc.web.admin.crud import ListPage
from ccc.web.admin.forms import PanelForm
from ccc.web.admin.lists import Column, Listing, Query
from ccc.web.admin.page import expose
from ccc.web.auth import rights
from ccc.web.auth.accounts import SESSION
from ccc.web.auth.throttle import count_wrong
from ccc.web.me.browsers import in_words
from ccc.web.me.forms import ConfirmForm, OwnPasswordForm, SelfForm


class MePage(ListPage):
    """Cards above, the browsers one is signed in with below."""

    scope = "self"
    endpoint_name, path, title = "me", "/me", _("My settings")
    columns = (
        Column(_("Browser")),
        Column(_("Address")),
        Column(_("Signed in at")),
        Column(_("Last seen")),
    )
    searchable = False
    list_template = "me/index.html"
    cells = "me/_cells.html"
    actions = (
        Action("end", _("Sign out"), "sign-out", when=lambda row: row.id != session.get(SESSION)),
        Action("end-others", _("Sign out all others"), "sign-out", row=False, ask=True, danger=True),
    )

    def rows(self, query: Query) -> Listing[WebSessionRecord]:
        """This browser first, then the others, the latest first."""
        found = where_signed_in.mine(rights.store(), rights.actor())
        return Listing(sorted(found, key=lambda row: row.id != session.get(SESSION)), total=len(found))

    def key_of(self, row: WebSessionRecord) -> str:
        return row.id

    def name_of(self, row: WebSessionRecord) -> str:
        return in_words(row.browser) or row.address

    def context(self) -> dict[str, Any]:
        return {**self._about(), "this": session.get(SESSION), "in_words": in_words}

    def _about(self) -> dict[str, Any]:
        left = two_factor.codes_left(rights.store(), rights.actor()) if rights.profile().two_factor else 0
        return {"me": rights.profile(), "codes_left": left}

    @expose("/cards")
    def cards(self) -> str:
        """The cards anew, after something was saved."""
        return render_template("me/_cards.html", page=self, **self._about())

    def do_end(self, keys: Sequence[str], _form: None) -> Done:
        """Sign out one of them."""
        for key in keys:
            where_signed_in.end(rights.store(), rights.actor(), key)
        return Done(gettext("Signed out there."))

    def ask_end_others(self, _keys: Sequence[str]) -> Question:
        """What it means for work in progress."""
        return Question(
            gettext("Sign out everywhere else?"),
            gettext("A workbench open there closes; a call in progress there ends. You stay signed in here."),
        )

    def do_end_others(self, keys: Sequence[str], _form: None) -> Done:
        """Sign out all but this one, which is the key."""
        this = session.get(SESSION, "")
        if list(keys) != [this]:
            raise NotFoundError(gettext("This sign-in has ended already."))
        count = where_signed_in.end_others(rights.store(), rights.actor(), this)
        return Done(ngettext("%(num)d browser signed out.", "%(num)d browsers signed out.", count))

    @expose("/name")
    def name_panel(self) -> str:
        """Name and address."""
        me = rights.profile()
        return self._ask(SelfForm(None, name=me.name, email=me.email))

    @expose("/name", methods=("POST",))
    def save_name(self) -> Any:
        """Save them."""
        form = SelfForm(request.form)
        return self._try(form, lambda: self._save_name(form))

    def _save_name(self, form: SelfForm) -> Done:
        name, email = form.name.data or "", form.email.data or ""
        users.change_self(rights.store(), rights.actor(), name, email, form.password.data or "")
        return Done(gettext("Saved."))

    @expose("/password")
    def password_panel(self) -> str:
        """A new password."""
        return self._ask(OwnPasswordForm())

    @expose("/password", methods=("POST",))
    def save_password(self) -> Any:
        """Set it; this browser stays signed in, all others do not."""
        form = OwnPasswordForm(request.form)
        return self._try(form, lambda: self._save_password(form))

    def _save_password(self, form: OwnPasswordForm) -> Done:
        old, new = form.password.data or "", form.new.data or ""
        key = users.change_password(rights.store(), rights.actor(), old, new, session.get(SESSION, ""))
        session["_user_id"] = key  # Flask-Login's name for whose session it is
        return Done(gettext("Password changed. Every other browser is signed out."))

    @expose("/two-factor-off")
    def off_panel(self) -> str:
        """Ask for the password before the second factor goes."""
        return self._ask(ConfirmForm())

    @expose("/two-factor-off", methods=("POST",))
    def turn_off(self) -> Any:
        """The password alone is enough again."""
        form = ConfirmForm(request.form)
        return self._try(form, lambda: self._turn_off(form))

    def _turn_off(self, form: ConfirmForm) -> Done:
        users.confirm(rights.store(), rights.actor(), form.password.data or "")
        two_factor.turn_off(rights.store(), rights.actor())
        return Done(gettext("Two-factor sign-in is off."))

    @expose("/recovery-codes")
    def codes_panel(self) -> str:
        """Ask for the password before codes are shown."""
        return self._ask(ConfirmForm())

    @expose("/recovery-codes", methods=("POST",))
    def new_codes(self) -> Any:
        """Other recovery codes, shown once; the old ones are of no use any more."""
        form = ConfirmForm(request.form)
        return self._try(form, lambda: self._new_codes(form))

    def _new_codes(self, form: ConfirmForm) -> Done:
        users.confirm(rights.store(), rights.actor(), form.password.data or "")
        codes = two_factor.new_recovery_codes(rights.store(), rights.actor())
        text = gettext("New recovery codes")
        return Done(text, panel=render_template("me/_codes_panel.html", title=text, codes=codes))

    def _ask(self, form: PanelForm) -> str:
        """The panel of this address (GET and POST share it)."""
        name = request.path.rpartition("/")[2]
        title, save = {
            "name": (gettext("Name and e-mail"), gettext("Save")),
            "password": (gettext("Change password"), gettext("Change password")),
            "two-factor-off": (gettext("Turn off two-factor sign-in"), gettext("Turn off")),
            "recovery-codes": (gettext("New recovery codes"), gettext("Make new codes")),
        }[name]
        return self.side(form, request.path, title, save=save)

    def _try(self, form: PanelForm, act: Any) -> Any:
        if form.validate():
            try:
                return answer(act())
            except CccError as error:
                count_wrong(error)
                form.take_error(error)
        return self._ask(form), 422
