"""Who is asking, in which instance, with which role; the decorators pages are guarded with."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar, cast

from flask import current_app, g, request, session
from flask_babel import gettext as _
from flask_security import auth_required, current_user

from ccc.errors import ForbiddenError, NotFoundError, UnavailableError
from ccc.services.actor import ACCOUNT_ROLES, Actor
from ccc.services.sessions import Place, Profile
from ccc.store import Store

View = TypeVar("View", bound=Callable[..., Any])
PUBLIC = "_ccc_public"
ACCEPTED = "_ccc_roles"
EVERYBODY = ("admin", "supervisor", "agent")


def store() -> Store:
    """The store of this application."""
    return cast(Store, current_app.extensions["ccc_store"])


def profile() -> Profile:
    """The signed-in user of this request (views behind :func:`roles_accepted`)."""
    return cast(Profile, current_user.profile)


def profile_or_none() -> Profile | None:
    """The signed-in user; None when nobody is, or the store cannot say (error pages must not fail again)."""
    try:
        return profile() if current_user and current_user.is_authenticated else None
    except UnavailableError:
        return None


def actor() -> Actor:
    """The signed-in user for the services, with the address the request came from."""
    return actor_of(profile())


def actor_of(who: Profile) -> Actor:
    """Somebody for the services, with the address the request came from."""
    return replace(who.actor, address=request.remote_addr or "")


def place() -> Place:
    """The instance chosen in the page (the user's first one when none was). ForbiddenError when the user has none."""
    found = place_or_none()
    if found is None:
        raise ForbiddenError(_("You are not in any call centre instance yet. Ask an administrator to add you."))
    return found


def place_or_none() -> Place | None:
    """The instance chosen in the page, None without one."""
    if "place" not in g:
        mine = profile_or_none()
        places = mine.places if mine is not None else ()
        chosen = [one for one in places if one.instance == session.get("instance")] or places
        g.place = chosen[0] if chosen else None
    return cast("Place | None", g.place)


def choose(instance: str) -> None:
    """Work in another instance from now on. NotFoundError when the user is not in it."""
    if instance not in {one.instance for one in profile().places}:
        raise NotFoundError(_("There is no such instance for you."), field="instance")
    session["instance"] = instance


def roles_accepted(*roles: str) -> Callable[[View], View]:
    """Only signed-in users with one of ``roles`` in the chosen instance."""

    def decorate(view: View) -> View:
        @functools.wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            if place().role not in roles:
                raise ForbiddenError(_("Your role in %(instance)s does not allow this.", instance=place().title))
            return view(*args, **kwargs)

        protected: Any = auth_required("session")(guarded)
        setattr(protected, ACCEPTED, roles)
        return cast(View, protected)

    return decorate


def account_roles_accepted(*roles: str) -> Callable[[View], View]:
    """Only signed-in users with one of ``roles`` (``owner``, ``manager``) in their main account: console pages."""

    def decorate(view: View) -> View:
        @functools.wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            if profile().account_role not in roles:
                raise ForbiddenError(_("The console needs the owner or a console manager of the account."))
            return view(*args, **kwargs)

        protected: Any = auth_required("session")(guarded)
        setattr(protected, ACCEPTED, roles)
        return cast(View, protected)

    return decorate


def signed_in(view: View) -> View:
    """Anybody who is signed in, in an instance or not."""
    protected: Any = auth_required("session")(view)
    setattr(protected, ACCEPTED, (*EVERYBODY, *ACCOUNT_ROLES))
    return cast(View, protected)


def public(view: View) -> View:
    """Marks a view that needs no sign-in (a test knows every other view is guarded)."""
    setattr(view, PUBLIC, True)
    return view
