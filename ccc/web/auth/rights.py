"""Who is asking, in which instance, with which role; the decorators pages are guarded with."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar

from flask import g, session
from flask_security import auth_required, current_user

from ccc.errors import ForbiddenError, NotFoundError
from ccc.web.data import Account, Membership

View = TypeVar("View", bound=Callable[..., Any])
PUBLIC = "_ccc_public"
ACCEPTED = "_ccc_roles"


def account() -> Account:
    """The signed-in user of this request."""
    return current_user.account


def memberships() -> tuple[Membership, ...]:
    """The instances the signed-in user works in; () when nobody is signed in."""
    return account().memberships if current_user.is_authenticated else ()


def membership() -> Membership:
    """The instance chosen in the page's header (the first one when none was). ForbiddenError when the user has none."""
    if "membership" not in g:
        mine = memberships()
        if not mine:
            raise ForbiddenError("you are not a member of any call centre instance; ask an administrator to add you")
        chosen = [one for one in mine if one.instance == session.get("instance")]
        g.membership = chosen[0] if chosen else mine[0]
    return g.membership


def choose(instance: str) -> None:
    """Work in another instance from now on. NotFoundError when the user is not in it."""
    if instance not in {one.instance for one in memberships()}:
        raise NotFoundError(f"there is no instance {instance!r} for you", field="instance")
    session["instance"] = instance


def roles_accepted(*roles: str) -> Callable[[View], View]:
    """Only signed-in users with one of ``roles`` in the chosen instance."""

    def decorate(view: View) -> View:
        @functools.wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            if membership().role not in roles:
                raise ForbiddenError(f"this needs the role {' or '.join(roles)} in {membership().title}")
            return view(*args, **kwargs)

        protected: Any = auth_required("session")(guarded)
        setattr(protected, ACCEPTED, roles)
        return protected

    return decorate


def public(view: View) -> View:
    """Marks a view that needs no sign-in (a test knows every other view is guarded)."""
    setattr(view, PUBLIC, True)
    return view
