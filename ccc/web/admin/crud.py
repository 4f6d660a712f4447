"""List pages and, on top of them, pages whose rows are made and edited in a panel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from flask import Response, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from ccc.errors import CccError, ForbiddenError, NotFoundError, StaleError, UsageError
from ccc.web.admin.actions import Action, Done, Question, answer
from ccc.web.admin.forms import BASE, REVISION, PanelForm, settle
from ccc.web.admin.lists import Column, Filter, Listing, Query, read_query
from ccc.web.admin.page import AdminPage, expose, for_changers, is_fragment
from ccc.web.auth import rights
from ccc.web.links import is_own_page

MAX_KEYS = 1000


@dataclass(frozen=True, slots=True)
class Empty:
    """What an empty list says: what is missing and what to do next."""

    title: Any
    text: Any
    icon: str = "list"
    opens: str = ""
    """The view of the page whose panel makes the first one, where it is not ``new``; ``button`` says what it does."""
    button: Any = ""


class ListPage(AdminPage):
    """A list with search, filters, sort, pages, a menu per row and bulk actions.

    Subclasses give ``rows`` and ``key_of`` and a template of cells (the ``<td>`` of ``row``).
    """

    columns: ClassVar[tuple[Column, ...]] = ()
    filters: ClassVar[tuple[Filter, ...]] = ()
    actions: ClassVar[tuple[Action, ...]] = ()
    searchable: ClassVar[bool] = True
    search_hint: ClassVar[Any] = ""
    default_sort: ClassVar[str] = ""
    cells: ClassVar[str] = ""
    """Template name of one row's cells; sees ``row``, ``key``, ``page`` (this) and the macros of admin/macros.html."""
    toolbar: ClassVar[str] = ""
    """Template name of further buttons beside 新建."""
    empty: ClassVar[Empty] = Empty("", "")
    list_template: ClassVar[str] = "admin/list.html"
    can_make: ClassVar[bool] = False
    can_edit: ClassVar[bool] = True
    """With ``can_make``: rows open in a panel; False: they never change."""
    new_title: ClassVar[Any] = ""

    def rows(self, query: Query) -> Listing[Any]:
        """The rows the query asks for."""
        raise NotImplementedError

    def key_of(self, row: Any) -> str:
        """What names the row in addresses; without ``/``."""
        raise NotImplementedError

    def name_of(self, row: Any) -> str:
        """What people call the row (labels of its buttons)."""
        return self.key_of(row)

    def context(self) -> dict[str, Any]:
        """More for the templates of the list."""
        return {}

    def row_actions(self, row: Any) -> list[Action]:
        """The actions in the row's menu."""
        return [item for item in self._actions_here() if item.row and item.when(row)]

    def bulk_actions(self) -> list[Action]:
        """The actions above the list once rows are checked."""
        return [item for item in self._actions_here() if item.bulk]

    def _actions_here(self) -> list[Action]:
        return [item for item in self.actions if self._may(item)]

    def _may(self, action: Action) -> bool:
        if action.roles is None:
            return self.may_change
        role = rights.place().role if self.scope == "instance" else rights.profile().account_role
        return role in action.roles

    @expose("/")
    def index(self) -> str:
        """The page; for htmx only its rows."""
        query = read_query(self.filters, self.default_sort)
        listing = self.rows(query)
        fragment = is_fragment() and "HX-History-Restore-Request" not in request.headers
        opened = request.args.get("open", "")
        return render_template(
            "admin/_rows.html" if fragment else self.list_template,
            page=self,
            query=query,
            listing=listing,
            index_url=self.url_for("index"),
            opened=opened if is_own_page(opened) else "",
            **self.context(),
        )

    @expose("/ask/<action>")
    @for_changers
    def ask(self, action: str) -> str:
        """The dialog before an action: what is lost, who uses it, values it needs."""
        found, keys = self._action(action), _keys(request.args.getlist("key"))
        if not found.ask and found.form is None:
            raise NotFoundError(f"{action!r} asks nothing")
        return self._question(found, keys, self._action_form(found, None, keys))

    @expose("/do/<action>", methods=("POST",))
    def do(self, action: str) -> BaseResponse | tuple[str, int]:
        """Do it. A refusal comes back into the dialog."""
        found, keys = self._action(action), _keys(request.form.getlist("key"))
        form = self._action_form(found, request.form, keys)
        if form is not None and not form.validate():
            return self._question(found, keys, form), 422
        try:
            done: Done = getattr(self, f"do_{found.name.replace('-', '_')}")(keys, form)
        except CccError as error:
            if form is None or error.status in (403, 404):
                raise
            form.take_error(error)
            return self._question(found, keys, form), error.status
        undo = self.url_for("do", action=done.undo.action) if done.undo is not None else ""
        return answer(done, undo)

    def side(
        self, form: PanelForm, url: str, title: Any, *, save: Any = "", template: str = "admin/_panel.html"
    ) -> str:
        """A panel of another kind: its form is posted to ``url``; ``save`` labels the button."""
        return render_template(
            template,
            page=self,
            form=form,
            record=None,
            key="",
            url=url,
            title=title,
            subject="",
            revision=0,
            base="{}",
            stale="",
            read_only=False,
            save=save,
        )

    def url_for(self, name: str, **values: Any) -> str:
        """The address of another view of this page."""
        return url_for(f"{self.endpoint}.{name}", **values)

    def _action(self, name: str) -> Action:
        found = next((item for item in self.actions if item.name == name), None)
        if found is None:
            raise NotFoundError(f"no action {name!r}")
        if not self._may(found):
            raise ForbiddenError(_("Your role does not allow this."))
        return found

    def _action_form(self, action: Action, data: Any, keys: Sequence[str]) -> PanelForm | None:
        if action.form is None:
            return None
        form = action.form(data)
        prepare = getattr(self, f"prepare_{action.name.replace('-', '_')}", None)
        if prepare is not None:
            prepare(form, keys)
        return form

    def _question(self, action: Action, keys: Sequence[str], form: PanelForm | None) -> str:
        asked = getattr(self, f"ask_{action.name.replace('-', '_')}", None)
        question = asked(keys) if asked is not None else Question(action.title)
        return render_template(
            "admin/_question.html",
            page=self,
            action=action,
            question=question,
            keys=keys,
            form=form,
            url=self.url_for("do", action=action.name),
        )


class EditPage(ListPage):
    """A list whose rows are made (新建) and edited in a panel. Subclasses give the hooks below."""

    form: ClassVar[type[PanelForm]] = PanelForm
    can_make: ClassVar[bool] = True
    panel_template: ClassVar[str] = "admin/_panel.html"
    edit_title: ClassVar[Any] = ""

    def load(self, key: str) -> Any:
        """The record as it is now; it has a ``revision``. NotFoundError when there is none for this user."""
        raise NotImplementedError

    def values(self, record: Any) -> dict[str, Any]:
        """The record as the form's data; for a new one (None) the defaults."""
        raise NotImplementedError

    def prepare(self, form: Any, record: Any) -> None:
        """Set choices; take away fields that do not fit a new (``record`` None) or an existing thing."""

    def create(self, form: Any) -> Done:
        """Make it. CccErrors appear at their fields."""
        raise NotImplementedError

    def save(self, key: str, form: Any, revision: int) -> Done:
        """Change it, when it still has this revision; StaleError otherwise (the panel then shows both)."""
        raise NotImplementedError

    def stale_note(self, key: str) -> str:
        """Who changed it meanwhile, in words; '' when unknown."""
        return ""

    @expose("/new")
    @for_changers
    def new(self) -> Any:
        """The empty form."""
        self._only_if_made_here()
        return self._panel(self._form(None, None), None) if is_fragment() else self._on_page()

    @expose("/new", methods=("POST",))
    def make(self) -> Any:
        """Make the thing."""
        self._only_if_made_here()
        form = self._form(request.form, None)
        if not form.validate():
            return self._panel(form, None), 422
        try:
            return answer(self.create(form), self.url_for("do", action="undo"))
        except CccError as error:
            form.take_error(error)
            return self._panel(form, None), error.status

    @expose("/<key>/edit")
    def edit(self, key: str) -> Any:
        """The form of one thing; readers see it without a way to save."""
        record = self.load(key)
        return self._panel(self._form(None, record), record, key) if is_fragment() else self._on_page()

    @expose("/<key>/edit", methods=("POST",))
    def change(self, key: str) -> Any:
        """Save it; 409 with both values when somebody else saved first."""
        record = self.load(key)
        form = self._form(request.form, record)
        revision = request.form.get(REVISION, "")
        if not revision.isdecimal():
            raise UsageError(_("The form is incomplete. Close it, then open it again."), field=REVISION)
        if not form.validate():
            return self._panel(form, record, key, revision=int(revision)), 422
        try:
            return answer(self.save(key, form, int(revision)))
        except StaleError:
            return self._conflict(key, form)
        except CccError as error:
            form.take_error(error)
            return self._panel(form, record, key, revision=int(revision)), error.status

    def _only_if_made_here(self) -> None:
        if not self.can_make:
            raise NotFoundError(_("There is nothing at this address."))

    def _conflict(self, key: str, form: PanelForm) -> tuple[str, int]:
        record = self.load(key)
        theirs = self._form(None, record)
        settle(form, theirs, request.form)
        return self._panel(form, record, key, base=theirs.base(), stale=self.stale_note(key) or " "), 409

    def _form(self, data: Any, record: Any) -> PanelForm:
        form = self.form(data, data=self.values(record))
        self.prepare(form, record)
        return form

    def _panel(
        self,
        form: PanelForm,
        record: Any,
        key: str = "",
        *,
        revision: int | None = None,
        base: str | None = None,
        stale: str = "",
    ) -> str:
        """``base`` and ``revision`` are kept as posted while a form comes back with errors."""
        kept = request.form.get(BASE) if revision is not None else None
        return render_template(
            self.panel_template,
            page=self,
            form=form,
            record=record,
            key=key,
            url=self.url_for("change", key=key) if key else self.url_for("make"),
            title=self.edit_title if key else self.new_title,
            subject=self.name_of(record) if key else "",
            revision=revision if revision is not None else getattr(record, "revision", 0),
            base=base or kept or form.base(),
            stale=stale,
            read_only=not self.may_change,
        )

    def _on_page(self) -> Response:
        """A panel's address opened as a page: the list with the panel open."""
        return Response(status=302, headers={"Location": self.url_for("index", open=request.path)})


def _keys(keys: list[str]) -> list[str]:
    if not 1 <= len(keys) <= MAX_KEYS:
        raise UsageError(_("Choose something first."), field="key")
    return keys
