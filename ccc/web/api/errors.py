"""Every error of the API in one shape: ``{code, message, field?, request_id}`` with the right status."""

from __future__ import annotations

import logging
from typing import Any

from apiflask import APIFlask
from apiflask.exceptions import HTTPError
from flask import g
from flask_babel import gettext as _
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from ccc.errors import CccError
from ccc.web.api.auth import TooManyError
from ccc.web.errors import CODES, in_words, json_error, say_allowed

log = logging.getLogger(__name__)


def set_up(api: APIFlask) -> None:
    """Register the handlers."""
    api.register_error_handler(CccError, _known)
    api.register_error_handler(HTTPError, _invalid)
    api.register_error_handler(HTTPException, _http)
    api.register_error_handler(Exception, _unknown)


def _known(error: CccError) -> Response:
    if error.status >= 500:
        log.warning("%s: %s", error.code, error.message)
    response = json_error(error.status, error.code, in_words(error), error.field)
    if isinstance(error, TooManyError):
        response.headers["Retry-After"] = str(error.retry_s)
    return response


def _invalid(error: HTTPError) -> Response:
    """What APIFlask found in body or query: ``detail`` is ``{location: {field: [message]}}``; the first is told."""
    detail: Any = error.detail
    for fields in detail.values() if isinstance(detail, dict) else ():
        for field, messages in fields.items():
            return json_error(422, "invalid", f"{field}: {messages[0]}", field)
    return json_error(error.status_code, CODES.get(error.status_code, "error"), str(error.message))


def _http(error: HTTPException) -> Response:
    status = error.code or 500
    if status < 400:  # redirects raised by the router
        return error.get_response()
    messages = {
        400: _("The body is not JSON."),
        404: _("There is nothing at this address."),
        405: _("This address does not take that kind of request."),
        413: _("The body is too large."),
        415: _("Send the body as JSON with Content-Type: application/json."),
    }
    response = json_error(status, CODES.get(status, "error"), messages.get(status, error.description or ""))
    return say_allowed(response, error)


def _unknown(error: Exception) -> Response:
    log.exception("request %s failed", g.get("request_id"))
    return json_error(
        500, "internal", _("Something went wrong on our side. The log has the details under this number.")
    )
