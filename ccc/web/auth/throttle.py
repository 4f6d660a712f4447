"""Guessing is slow: wrong passwords, codes and set-up codes are counted by address and by name."""

from __future__ import annotations

import ipaddress
import math
import time
from collections.abc import Callable
from typing import Any

from flask import Flask, Response, current_app, g, request, session
from flask_limiter import Limiter

from ccc.errors import CccError
from ccc.services.users import WrongPasswordError
from ccc.web.auth import rights

_LIMITER = "ccc_limiter"
FAILED = "ccc_sign_in_failed"
"""Set in ``flask.g`` when a password or code was wrong: what throttling counts."""
PENDING = "second_step"
"""In the session between a right password and the code: ``{key, username, at}``."""
PER_ADDRESS = "20 per minute; 200 per hour"
PER_NAME = "5 per minute; 40 per hour"
"""Failures only. Both are counted: one address cannot try many names, nor many addresses one name, for long."""
MAILS = "5 per minute; 30 per hour"
"""Requests for a mail with a code, whatever becomes of them."""
TRIES = "20 per minute; 200 per hour"
"""Requests to other servers somebody tries from the designer."""
CODES = "30 per day"
"""Wrong codes after a right password, by name: three of a million are right at any time, so nobody gets to try many."""
OWN = ("me.save_name", "me.save_password", "me.turn_off", "me.new_codes", "two_factor.page")
"""Where somebody signed in proves who he is: a stolen session is no place to guess the password at leisure."""
BY_NAME = ("security.login", "second_step.page", *OWN)
BY_ADDRESS = (*BY_NAME, "first_run.page", "forgotten.new_password")


def set_up(app: Flask) -> None:
    """Wrap the views named here; they must be registered already."""
    limiter = Limiter(network, app=app, headers_enabled=False)
    for endpoint in BY_ADDRESS:
        _limit(app, limiter, endpoint, PER_ADDRESS, network, "sign-in", deduct_when=_failed)
    for endpoint in BY_NAME:
        _limit(app, limiter, endpoint, PER_NAME, _name, "sign-in", deduct_when=_failed)
    _limit(app, limiter, "second_step.page", CODES, _name, "codes", deduct_when=_failed)
    _limit(app, limiter, "forgotten.ask", MAILS, network, "mails")
    _limit(app, limiter, "designer_widgets.send", TRIES, _signed_in, "tries")
    app.extensions[_LIMITER] = limiter


def count_wrong(error: CccError) -> None:
    """Count the request when it was refused for a wrong password of one's own."""
    if isinstance(error, WrongPasswordError):
        setattr(g, FAILED, True)


def wait_s() -> int:
    """For how long the limit that refused this request refuses more."""
    limit = current_app.extensions[_LIMITER].current_limit
    if limit is None:
        return 60
    left_s: int = math.ceil(limit.window[0] - time.time())  # rounded up twice, here and by the limiter: 61 of 60 s else
    return max(1, min(left_s, int(limit.limit.get_expiry())))


def _limit(
    app: Flask, limiter: Limiter, endpoint: str, rule: str, key: Callable[[], str], scope: str, **kwargs: Any
) -> None:
    view: Any = app.view_functions[endpoint]
    # shared: five wrong passwords and five wrong codes are not two budgets
    app.view_functions[endpoint] = limiter.shared_limit(rule, scope=scope, key_func=key, methods=["POST"], **kwargs)(
        view
    )


def network() -> str:
    """The client's address; of IPv6 the /64 network, which is what one customer gets."""
    address = request.remote_addr or "local"
    if ":" not in address:
        return address
    try:
        return str(ipaddress.ip_network(f"{address.partition('%')[0]}/64", strict=False))
    except ValueError:
        return address


def _signed_in() -> str:
    who = rights.profile_or_none()
    return f"user:{who.username}" if who is not None else network()


def _name() -> str:
    if request.endpoint == "second_step.page":
        pending = session.get(PENDING)
        name: Any = pending.get("username", "") if isinstance(pending, dict) else ""
    elif request.endpoint in OWN:
        who = rights.profile_or_none()
        name = who.username if who is not None else ""
    elif request.is_json:  # Flask-Security takes the form as JSON too
        body = request.get_json(silent=True)
        name = body.get("username") if isinstance(body, dict) else ""
        name = name[0] if isinstance(name, list) and name else name
    else:
        name = request.form.get("username", "")
    return "name:" + str(name).strip().casefold()[:64]


def _failed(_response: Response) -> bool:
    """The answer's status says little: 200 is a failure in a form and a success in JSON."""
    return bool(g.get(FAILED, False))
