"""The application factory."""

from __future__ import annotations

from flask import Flask

from ccc.fetch.guard import parse_allowed
from ccc.home import PROJECT, Home
from ccc.loader import load
from ccc.settings import Settings
from ccc.store import Store, open_store
from ccc.web import board, calls, errors, first_run, forgotten, headers, i18n, shell, tabs, testcall, workbench
from ccc.web.admin import site as admin
from ccc.web.api import app as api
from ccc.web.auth import second_step, throttle
from ccc.web.auth import setup as auth
from ccc.web.me import two_factor

MAX_FORM = 1024 * 1024


def create_app(
    home: Home, settings: Settings | None = None, *, store: Store | None = None, testing: bool = False
) -> Flask:
    """The pages of one installation. ``store`` is opened when not given; ``settings`` matter for HTTPS and for what
    requests may be tried."""
    app = Flask("ccc.web", static_folder=str(PROJECT / "static"), template_folder="templates")
    app.config.update(TESTING=testing, MAX_CONTENT_LENGTH=MAX_FORM, MAX_FORM_MEMORY_SIZE=MAX_FORM)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    if settings is not None:
        app.config["CCC_SIP_PORT"] = settings.sip_port
    app.jinja_options = {"autoescape": True, "trim_blocks": True, "lstrip_blocks": True}
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.extensions["ccc_home"] = home
    app.extensions["ccc_store"] = store if store is not None else open_store(home)
    app.extensions["ccc_registry"] = load()
    app.extensions["ccc_http_allow"] = parse_allowed(settings.http_allow if settings is not None else "")
    https = settings is not None and bool(settings.tls_cert or settings.trusted_proxy)
    headers.set_up(app, strict_transport=https)
    auth.set_up(app, home, app.extensions["ccc_store"])
    i18n.set_up(app)
    errors.set_up(app)
    shell.set_up(app)
    tabs.set_up(app)
    for blueprint in (shell.blueprint, workbench.blueprint, board.blueprint, calls.blueprint, testcall.blueprint):
        app.register_blueprint(blueprint)
    for blueprint in (second_step.blueprint, two_factor.blueprint, forgotten.blueprint):
        app.register_blueprint(blueprint)
    first_run.set_up(app)
    admin.set_up(app)
    throttle.set_up(app)
    api.mount(app, strict_transport=https)
    return app
