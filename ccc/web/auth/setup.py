"""Flask-Security, CSRF and sessions, wired together."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from flask import Flask, g, redirect, request, session
from flask.sessions import SecureCookieSessionInterface
from flask_login import user_logged_in, user_logged_out
from flask_security import Security
from flask_wtf.csrf import CSRFProtect
from werkzeug.wrappers import Response as BaseResponse

from ccc.errors import CccError, ForbiddenError, UnavailableError, say
from ccc.home import Home
from ccc.services import where_signed_in
from ccc.services.where_signed_in import SHIFT
from ccc.store import Store
from ccc.web.auth import rights
from ccc.web.auth.accounts import SESSION, AccountStore
from ccc.web.auth.forms import SignInForm
from ccc.web.auth.second_step import SecondStep

log = logging.getLogger(__name__)
ENROL = "enrol"
"""Set in the session of who has to set up a second factor before anything else."""
WHILE_ENROLLING = ("static", "two_factor.", "security.logout", "shell.set_language", "shell.favicon")


class UnauthenticatedError(CccError):
    """Nobody is signed in, or the session ended."""

    code = "unauthenticated"
    status = 401


class SessionCookies(SecureCookieSessionInterface):
    """The session cookie is ``Secure`` whenever the page came over HTTPS, directly or through the trusted proxy."""

    def get_cookie_secure(self, app: Flask) -> bool:
        """True on HTTPS."""
        return request.is_secure


def set_up(app: Flask, home: Home, store: Store) -> None:
    """Configure signing in on ``app``."""
    app.config.update(
        SECRET_KEY=home.secret("flask").hex(),
        SECURITY_PASSWORD_SALT=home.secret("password-salt").hex(),
        SECURITY_PASSWORD_HASH="argon2",  # noqa: S106
        SECURITY_PASSWORD_SINGLE_HASH={"argon2"},
        SECURITY_PASSWORD_SCHEMES=["argon2"],
        SECURITY_DEPRECATED_PASSWORD_SCHEMES=[],
        SECURITY_USER_IDENTITY_ATTRIBUTES=[{"username": {"mapper": str}}],
        SECURITY_FRESHNESS=timedelta(minutes=-1),
        SECURITY_STATIC_FOLDER=None,
        SECURITY_FLASH_MESSAGES=False,
        SECURITY_API_ENABLED_METHODS=["session"],
        SECURITY_LOGIN_USER_TEMPLATE="sign_in.html",
        SECURITY_POST_LOGOUT_VIEW="/login",
        SECURITY_LOGOUT_CSRF=True,
        SECURITY_CACHE_CONTROL=None,
        SECURITY_CLI_USERS_NAME=None,
        SECURITY_CLI_ROLES_NAME=None,
        SESSION_COOKIE_NAME="ccc_session",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=SHIFT,
        WTF_CSRF_TIME_LIMIT=None,  # the token lives as long as the session it is bound to
        RATELIMIT_STORAGE_URI="memory://",
    )
    app.session_interface = SessionCookies()
    CSRFProtect(app)
    security = Security(app, AccountStore(store), login_form=SignInForm)
    security.unauthn_handler(_unauthenticated)
    security.unauthz_handler(_unauthorized)
    security.two_factor_plugins = SecondStep()
    user_logged_in.connect(_new_session, app)
    user_logged_out.connect(_session_over, app)
    app.before_request(_enrol_first)


def _new_session(_app: Flask, user: Any, **_: Any) -> None:
    """Nothing of the session from before signing in survives it, its CSRF token included (session fixation)."""
    for name in [name for name in session if not name.startswith(("_", "fs_"))]:
        session.pop(name)
    g.pop("csrf_token", None)
    session.permanent = True
    session[SESSION] = where_signed_in.new_key()
    if user.profile.two_factor_due:
        session[ENROL] = True
    address, browser = request.remote_addr or "", request.user_agent.string
    where_signed_in.touch(rights.store(), user.profile.username, session[SESSION], address, browser)


def _session_over(_app: Flask, user: Any, **_: Any) -> None:
    """Signed out: nobody comes in with a copy of the cookie, and the workbench in another tab closes."""
    try:
        if hasattr(user, "profile"):
            where_signed_in.sign_out(rights.store(), rights.actor_of(user.profile), session.pop(SESSION, ""))
    except UnavailableError as error:
        log.warning("%s has signed out, but it could not be noted: %s", user.profile.username, error.message)


def _enrol_first() -> BaseResponse | None:
    """Who has to have a second factor and has none sets it up before anything else."""
    endpoint = request.endpoint or ""
    if ENROL not in session or endpoint.startswith(WHILE_ENROLLING):
        return None
    profile = rights.profile_or_none()
    if profile is None or not profile.two_factor_due:
        session.pop(ENROL)
        return None
    if wants_json():
        raise ForbiddenError(say("Set up two-factor sign-in first; your account requires it."))
    return redirect("/me/two-factor")


def _unauthenticated(mechanisms: Any = None, headers: Any = None) -> BaseResponse:
    """Pages go to the sign-in form and come back; scripts get 401."""
    if wants_json() or request.method not in ("GET", "HEAD"):
        raise UnauthenticatedError("your session has ended; sign in again")
    target = request.full_path.rstrip("?")
    return redirect("/login" + ("?" + urlencode({"next": target}) if target != "/" else ""))


def _unauthorized(func_name: str = "", params: Any = None) -> BaseResponse:
    raise ForbiddenError("you may not do this")


def wants_json() -> bool:
    """True when a script asks: the answer's shape follows."""
    if "HX-Request" in request.headers:  # a piece of a page: its script shows the message
        return True
    best = request.accept_mimetypes.best_match(["text/html", "application/json"], default="text/html")
    return best == "application/json" or request.is_json
