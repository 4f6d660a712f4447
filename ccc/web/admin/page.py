"""A page of the administration: Flask-Admin's view with our guard, our blueprint and our look."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, Literal, TypeVar, cast

import flask_admin
from flask import Blueprint, Flask, Response, request
from flask_admin import BaseView

from ccc.web.auth import rights

View = TypeVar("View", bound=Callable[..., Any])
ROLES, CHANGERS, MAX_BYTES = "_ccc_page_roles", "_ccc_page_changers", "_ccc_max_bytes"
MAX_UPLOAD = 6 * 1024 * 1024
"""A 5 MB file with the form around it."""


def expose(url: str = "/", methods: tuple[str, ...] = ("GET",)) -> Callable[[View], View]:
    """This method of a page answers at ``url`` below the page's own."""
    return cast("Callable[[View], View]", flask_admin.expose(url, methods))


def for_roles(*roles: str) -> Callable[[View], View]:
    """This view of a page is for other roles than the page's own."""

    def decorate(view: View) -> View:
        setattr(view, ROLES, roles)
        return view

    return decorate


def for_changers(view: View) -> View:
    """Readers may not open this, although it only reads: it leads to a change."""
    setattr(view, CHANGERS, True)
    return view


def accepts_bytes(most: int) -> Callable[[View], View]:
    """This view takes a request of up to ``most`` bytes (a file); others take MAX_CONTENT_LENGTH."""

    def decorate(view: View) -> View:
        setattr(view, MAX_BYTES, most)
        return view

    return decorate


def allow_files(app: Flask) -> None:
    """Set the limit of each request before anybody reads it (the check of the CSRF token does)."""

    def limit() -> None:
        most = getattr(app.view_functions.get(request.endpoint or ""), MAX_BYTES, None)
        if most is not None:
            request.max_content_length = request.max_form_memory_size = most

    app.before_request_funcs.setdefault(None, []).insert(0, limit)


class AdminPage(BaseView):  # type: ignore[misc]
    """Base of every page. ``endpoint`` and ``url`` name it; the menu (``ccc/web/menu.py``) finds it by its endpoint.

    A page of the ``instance`` scope works in the chosen instance; one of the ``console`` scope in the main account;
    one of the ``self`` scope is about the user, whoever that is.
    """

    scope: ClassVar[Literal["instance", "console", "self"]] = "instance"
    endpoint_name: ClassVar[str] = ""
    path: ClassVar[str] = ""
    """Absolute, e.g. ``/groups``."""
    title: ClassVar[Any] = ""
    roles: ClassVar[tuple[str, ...]] = ("admin",)
    """Who may change something here (and look)."""
    readers: ClassVar[tuple[str, ...]] = ()
    """Who may look only."""
    _default_view: str | None

    def __init__(self) -> None:
        # Flask-Admin insists on a view at "/"; pages of which another page shows pieces have none, so it gets any
        self._default_view = self._default_view or self._urls[0][1]
        super().__init__(name=str(self.endpoint_name), endpoint=self.endpoint_name, url=self.path)

    def create_blueprint(self, admin: Any) -> Blueprint:
        """Our own: guarded views, templates beside the page's module, none of Flask-Admin's templates and files."""
        self.admin = admin
        self.blueprint = Blueprint(
            self.endpoint, type(self).__module__, url_prefix=self.url, template_folder="templates"
        )
        for url, name, methods in self._urls:
            self.blueprint.add_url_rule(url, name, self._guarded(getattr(self, name), methods), methods=methods)
        return self.blueprint

    def _guarded(self, view: Any, methods: Any) -> Any:
        if self.scope == "self":
            return rights.signed_in(_plain(view))
        reading = set(methods) <= {"GET", "HEAD", "OPTIONS"} and not hasattr(view, CHANGERS)
        roles = getattr(view, ROLES, None) or ((*self.roles, *self.readers) if reading else self.roles)
        guard = rights.roles_accepted if self.scope == "instance" else rights.account_roles_accepted
        return guard(*roles)(_plain(view))

    def _run_view(self, fn: Any, *args: Any, **kwargs: Any) -> Any:
        """Flask-Admin would call a view that raised TypeError a second time."""
        return fn(self, *args, **kwargs)

    @property
    def may_change(self) -> bool:
        """Whether the role of this request may change something here."""
        if self.scope == "self":
            return True
        role = rights.place().role if self.scope == "instance" else rights.profile().account_role
        return role in self.roles

    @property
    def instance(self) -> str:
        """The chosen instance's name."""
        return rights.place().instance

    @property
    def account(self) -> str:
        """The user's main account."""
        return rights.profile().account


def _plain(view: Any) -> Any:
    """A function for a bound method: attributes can be set on it."""

    def call(*args: Any, **kwargs: Any) -> Any:
        return view(*args, **kwargs)

    call.__name__, call.__doc__ = view.__name__, view.__doc__
    call.__dict__.update({name: getattr(view, name) for name in (MAX_BYTES,) if hasattr(view, name)})
    return call


def is_fragment() -> bool:
    """Whether htmx asks for a piece of a page."""
    return "HX-Request" in request.headers


def nothing() -> Response:
    """204."""
    return Response(status=204)
