"""Flask-Security, CSRF, sessions and login throttling, wired together."""

from __future__ import annotations

import datetime
import ipaddress
from typing import Any
from urllib.parse import urlencode

from flask import Flask, Response, g, redirect, request, session
from flask.sessions import SecureCookieSessionInterface
from flask_limiter import Limiter
from flask_login import user_logged_in
from flask_security import Security
from flask_wtf.csrf import CSRFProtect
from werkzeug.wrappers import Response as BaseResponse

from ccc.errors import CccError, ForbiddenError
from ccc.home import Home
from ccc.store import Store
from ccc.web.auth.accounts import AccountStore
from ccc.web.auth.forms import FAILED, SignInForm

SHIFT = datetime.timedelta(hours=12)
"""A session lasts a long shift after its last request."""
PER_ADDRESS = "20 per minute; 200 per hour"
PER_NAME = "5 per minute; 40 per hour"
"""Failed sign-ins only. Both are counted: one address cannot try many names, nor many addresses one name, for long."""


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
        SECURITY_FRESHNESS=datetime.timedelta(minutes=-1),
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
    user_logged_in.connect(_new_session, app)
    _throttle(app)


def _new_session(_app: Flask, **_: Any) -> None:
    """Nothing of the session from before signing in survives it, its CSRF token included (session fixation)."""
    for name in [name for name in session if not name.startswith(("_", "fs_"))]:
        session.pop(name)
    g.pop("csrf_token", None)
    session.permanent = True


def _throttle(app: Flask) -> None:
    limiter = Limiter(_address, app=app, headers_enabled=False)
    view: Any = app.view_functions["security.login"]
    for rule, key in ((PER_ADDRESS, _address), (PER_NAME, _name)):
        view = limiter.limit(rule, key_func=key, methods=["POST"], deduct_when=_failed)(view)
    app.view_functions["security.login"] = view


def _address() -> str:
    """The client's address; of IPv6 the /64 network, which is what one customer gets."""
    address = request.remote_addr or "local"
    if ":" not in address:
        return address
    try:
        return str(ipaddress.ip_network(f"{address.partition('%')[0]}/64", strict=False))
    except ValueError:
        return address


def _name() -> str:
    name: Any = request.form.get("username", "")
    if request.is_json:  # Flask-Security takes the form as JSON too
        body = request.get_json(silent=True)
        name = body.get("username") if isinstance(body, dict) else ""
        name = name[0] if isinstance(name, list) and name else name
    return "name:" + str(name).strip().casefold()[:64]


def _failed(_response: Response) -> bool:
    """The answer's status says little: 200 is a failure in a form and a success in JSON."""
    return bool(g.get(FAILED, False))


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
