"""The application factory."""

from __future__ import annotations

from flask import Flask

from ccc.home import PROJECT, Home
from ccc.settings import Settings
from ccc.web import calls, errors, headers, health, i18n, shell, workbench
from ccc.web.auth import setup as auth
from ccc.web.data import Data
from ccc.web.services_data import ServicesData

MAX_FORM = 1024 * 1024


def create_app(
    home: Home, settings: Settings | None = None, *, data: Data | None = None, testing: bool = False
) -> Flask:
    """The pages of one installation. ``data`` replaces the services (tests); ``settings`` matter for HTTPS only."""
    app = Flask("ccc.web", static_folder=str(PROJECT / "static"), template_folder="templates")
    app.config.update(TESTING=testing, MAX_CONTENT_LENGTH=MAX_FORM, MAX_FORM_MEMORY_SIZE=MAX_FORM)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    app.jinja_options = {"autoescape": True, "trim_blocks": True, "lstrip_blocks": True}
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.extensions["ccc_home"] = home
    app.extensions["ccc_data"] = data if data is not None else ServicesData(home)
    headers.set_up(app, strict_transport=settings is not None and bool(settings.tls_cert or settings.trusted_proxy))
    auth.set_up(app, home, app.extensions["ccc_data"])
    i18n.set_up(app)
    errors.set_up(app)
    shell.set_up(app)
    for blueprint in (health.blueprint, shell.blueprint, workbench.blueprint, calls.blueprint):
        app.register_blueprint(blueprint)
    return app
