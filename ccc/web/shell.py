"""What every page shares: menu, language, instance switch, static addresses, times and durations in words."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

from babel.dates import format_datetime
from flask import Blueprint, Flask, current_app, g, redirect, request, url_for
from flask_babel import gettext as _
from flask_wtf.csrf import generate_csrf
from werkzeug.wrappers import Response

from ccc.errors import ForbiddenError, InvalidError
from ccc.geo.number_list import ANONYMOUS
from ccc.services import sessions, titles
from ccc.services.sessions import Place
from ccc.web import i18n, menu
from ccc.web.auth import rights
from ccc.web.links import is_own_page

blueprint = Blueprint("shell", __name__)
YEAR_S = 365 * 24 * 3600


@blueprint.get("/")
@rights.signed_in
def index() -> Response:
    """Everybody starts at the workbench; who is in no instance but runs the account, in the console."""
    profile = rights.profile()
    console = "" if profile.places else menu.console_url(profile.account_role)
    return redirect(console or url_for("workbench.page"))


@blueprint.post("/language")
@rights.public
def set_language() -> Response:
    """Remember the language: for the user when signed in, else in a cookie."""
    chosen = request.form.get("language", "")
    if chosen not in i18n.LANGUAGES:
        raise InvalidError(f"{chosen!r} is not a language of these pages: zh or en", field="language")
    if rights.profile_or_none() is not None:
        sessions.set_language(rights.store(), rights.actor(), chosen)
    target = request.form.get("next", "")
    response = redirect(target if is_own_page(target) else "/")
    response.set_cookie(i18n.COOKIE, chosen, max_age=YEAR_S, httponly=True, samesite="Lax", secure=request.is_secure)
    return response


@blueprint.post("/instance")
@rights.roles_accepted(*rights.EVERYBODY)
def set_instance() -> Response:
    """Work in another instance."""
    rights.choose(request.form.get("instance", ""))
    return redirect(url_for("workbench.page"))


@blueprint.get("/i/<key>")
@rights.roles_accepted(*rights.EVERYBODY)
def enter(key: str) -> Response:
    """The access address (INS-1): whoever is in the instance comes to its workbench, everybody else is told (ROL-8).

    The same words for an instance that does not exist: nobody learns which addresses are taken.
    """
    mine = {one.instance.lower(): one.instance for one in rights.profile().places}
    if key.lower() not in mine:
        raise ForbiddenError(_("You have no access to this instance. Ask its administrator to bring you in."))
    rights.choose(mine[key.lower()])
    return redirect(url_for("workbench.page"))


@blueprint.get("/favicon.ico")
@rights.public
def favicon() -> Response:
    """Browsers ask for it whatever the page says."""
    return redirect(url_for("static", filename="img/favicon.svg"))


def set_up(app: Flask) -> None:
    """Template helpers."""
    app.jinja_env.globals.update(asset=asset, csrf_token=generate_csrf, languages=i18n.LANGUAGES)
    app.jinja_env.filters.update(moment=moment, duration=duration, clock=clock, person=person, caller=caller)
    app.context_processor(_context)


def asset(name: str) -> str:
    """The address of a static file with its version, so that browsers may keep it for a year."""
    path = Path(current_app.static_folder or "") / name
    try:
        version = f"{path.stat().st_mtime_ns // 1_000_000:x}"
    except FileNotFoundError:
        version = "missing"
    return url_for("static", filename=name, v=version)


def moment(value: datetime.datetime | None, pattern: str = "yyyy-MM-dd HH:mm:ss") -> str:
    """A UTC time on the instance's wall clock; '' for None."""
    return format_datetime(i18n.in_zone(value), pattern, locale=i18n.language()) if value is not None else ""


def duration(seconds: float | None) -> str:
    """``1:05`` or ``1:02:03``; '' for None."""
    if seconds is None:
        return ""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def clock(value: datetime.datetime | None) -> str:
    """Hours, minutes and seconds only."""
    return moment(value, "HH:mm:ss")


def person(username: str) -> str:
    """What people call the user; who has left the account is known by the user name only."""
    if "people" not in g:
        g.people = titles.people(rights.store(), rights.actor())
    return str(g.people.get(username, username))


def caller(number: str) -> str:
    """A caller's number for people: who hides it is anonymous."""
    return _("Anonymous") if number in ("", ANONYMOUS) else number


def _context() -> dict[str, Any]:
    profile, place = rights.profile_or_none(), rights.place_or_none()
    console = profile is not None and bool(profile.account_role) and (place is None or menu.in_console())
    return {
        "language": i18n.language(),
        "menu": _menu(place, console),
        "place": place,
        "console": console,
        "account_title": titles.account(rights.store(), rights.actor()) if console else "",
        "console_url": menu.console_url(profile.account_role) if profile is not None and not console else "",
        "profile": profile,
    }


def _menu(place: Place | None, console: bool) -> list[dict[str, Any]]:
    """Only what exists, and only what the role may open."""
    if console:
        return menu.shown(menu.CONSOLE, rights.profile().account_role)
    return menu.shown(menu.INSTANCE, place.role) if place is not None else []
