"""Makes the API and puts it beside the pages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from apiflask import APIFlask
from flask import Flask, request
from flask.json.provider import DefaultJSONProvider
from flask_babel import Babel
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from ccc import __version__
from ccc.flow.document import MAX_BYTES
from ccc.web import headers, i18n
from ccc.web.api import auth, calls, centre, errors, numbers, spec
from ccc.web.api.flows import drafts, schedules, sets, versions

PREFIX = "/api/v1"
MAX_BODY = MAX_BYTES + 64 * 1024
SHARED = ("ccc_home", "ccc_store", "ccc_registry")
BLUEPRINTS = (
    drafts.blueprint,
    versions.blueprint,
    schedules.blueprint,
    sets.blueprint,
    calls.blueprint,
    centre.blueprint,
    numbers.blueprint,
)


def mount(app: Flask, *, strict_transport: bool) -> None:
    """Answer everything under ``/api/v1`` by the API; the rest stays with ``app``, whose parts it shares."""
    api = create_api({name: app.extensions[name] for name in SHARED}, strict_transport=strict_transport)
    api.config["TESTING"] = app.config["TESTING"]
    app.extensions["ccc_api"] = api
    app.wsgi_app = DispatcherMiddleware(app.wsgi_app, {PREFIX: _Chunks(api.wsgi_app)})  # type: ignore[method-assign]


class _Chunks:
    """Bodies without a length: the server ends them, so they may be read to their end."""

    def __init__(self, application: Any) -> None:
        self._application = application

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        """One request."""
        if "HTTP_TRANSFER_ENCODING" in environ:
            environ["wsgi.input_terminated"] = True
        return self._application(environ, start_response)


def create_api(parts: dict[str, Any], *, strict_transport: bool = False) -> APIFlask:
    """The API's application. It knows no session: nothing a browser sends by itself means anything here."""
    api = APIFlask("ccc.web.api", title="CCC", version=__version__, docs_path=None, static_folder=None)  # type: ignore[arg-type]
    api.config.update(MAX_CONTENT_LENGTH=MAX_BODY, PROPAGATE_EXCEPTIONS=False, SECRET_KEY=None)
    api.extensions.update(parts)
    api.json = _Json(api)
    headers.set_up(api, strict_transport=strict_transport)
    api.config["BABEL_DEFAULT_LOCALE"] = i18n.FALLBACK
    api.config["BABEL_TRANSLATION_DIRECTORIES"] = str(Path(i18n.__file__).parent / "translations")
    Babel(api, locale_selector=_language)
    auth.set_up(api)
    errors.set_up(api)
    for blueprint in BLUEPRINTS:
        api.register_blueprint(blueprint)
    spec.set_up(api, PREFIX)
    return api


def _language() -> str:
    return request.accept_languages.best_match(list(i18n.LANGUAGES)) or i18n.FALLBACK


class _Json(DefaultJSONProvider):
    """JSON whose keys keep their order and whose texts stay readable; bad input is a ValueError, always."""

    ensure_ascii = False
    sort_keys = False

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        """Decode; NaN is no JSON, and nesting without end is no crash."""
        try:
            return super().loads(s, parse_constant=_no_constant, **kwargs)
        except RecursionError as error:
            raise ValueError("nested too deeply") from error


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a JSON number")
