"""Errors as people and scripts should see them: a friendly page, or ``{code, message, field?, request_id}``."""

from __future__ import annotations

import logging
import math
from datetime import timedelta

from flask import Flask, g, jsonify, render_template
from flask_babel import format_timedelta, gettext
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, MethodNotAllowed, TooManyRequests
from werkzeug.wrappers import Response

from ccc.errors import CccError
from ccc.web.auth import throttle
from ccc.web.auth.setup import wants_json

log = logging.getLogger(__name__)
CODES = {400: "usage", 401: "unauthenticated", 403: "forbidden", 404: "not-found", 405: "method-not-allowed"}
CODES |= {409: "conflict", 412: "stale", 413: "too-large", 415: "unsupported-media-type", 416: "range", 422: "invalid"}
CODES |= {428: "precondition-required", 429: "too-many-requests", 503: "unavailable"}


def set_up(app: Flask) -> None:
    """Register the handlers."""
    app.register_error_handler(CccError, _known)
    app.register_error_handler(CSRFError, _csrf)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unknown)


def _known(error: CccError) -> Response:
    if error.status >= 500:
        log.warning("%s: %s", error.code, error.message)
    return _answer(error.status, error.code, in_words(error), error.field)


def in_words(error: CccError) -> str:
    """The message in the page's language, when its template is translated."""
    text = str(gettext(error.template))
    return text % error.values if error.values else text


def _csrf(error: CSRFError) -> Response:
    return _answer(400, "csrf", _("The form is out of date. Go back, reload the page and try again."))


def _http(error: HTTPException) -> Response:
    status = error.code or 500
    if status < 400:  # redirects raised by the router
        return error.get_response()
    if isinstance(error, TooManyRequests):
        return _too_many()
    messages = {
        404: _("There is nothing at this address."),
        405: _("This address does not take that kind of request."),
    }
    response = _answer(status, CODES.get(status, "error"), messages.get(status, error.description or ""))
    return say_allowed(response, error)


def say_allowed(response: Response, error: HTTPException) -> Response:
    """With 405 the methods the address takes (RFC 9110 15.5.6)."""
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        response.headers["Allow"] = ", ".join(error.valid_methods)
    return response


def _too_many() -> Response:
    wait_s = throttle.wait_s()
    wait = format_timedelta(timedelta(minutes=math.ceil(wait_s / 60)), threshold=1)
    response = _answer(429, CODES[429], _("Too many attempts. Try again in %(time)s.", time=wait))
    response.headers["Retry-After"] = str(wait_s)
    return response


def _unknown(error: Exception) -> Response:
    log.exception("request %s failed", g.get("request_id"))
    return _answer(500, "internal", _("Something went wrong on our side. The log has the details under this number."))


def _answer(status: int, code: str, message: str, field: str | None = None) -> Response:
    if wants_json():
        return json_error(status, code, message, field)
    number = g.get("request_id", "")
    page = render_template("error.html", status=status, title=_title(status), message=message, number=number)
    return Response(page, status, mimetype="text/html")


def json_error(status: int, code: str, message: str, field: str | None = None) -> Response:
    """The one shape for scripts and the API: ``{code, message, field?, request_id}``."""
    named = {} if field is None else {"field": field}
    response: Response = jsonify({"code": code, "message": message, **named, "request_id": g.get("request_id", "")})
    response.status_code = status
    return response


def _title(status: int) -> str:
    titles: dict[int, str] = {
        400: _("That did not work"),
        403: _("You may not see this"),
        404: _("Page not found"),
        429: _("A moment, please"),
        503: _("Not available right now"),
    }
    other: str = _("Something went wrong") if status >= 500 else _("That did not work")
    return titles.get(status, other)
