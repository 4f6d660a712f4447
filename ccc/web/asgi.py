"""The one ASGI application of the web process: pages through Flask, ``/rt/*`` through to the runtime, ``/healthz``."""

from __future__ import annotations

from typing import Any

from a2wsgi import WSGIMiddleware
from flask import Flask

from ccc.home import Home
from ccc.web import health
from ccc.web.passthrough import Passthrough, Receive, Scope, Send

POLICY_VIOLATION = 1008
FLASK_THREADS = 16


class WebApplication:
    """ASGI: lifespan and HTTP go to Flask but for ``/healthz``; WebSockets under ``/rt/`` go to the runtime."""

    def __init__(self, app: Flask, home: Home) -> None:
        wsgi: Any = app.wsgi_app  # a2wsgi spells the types of PEP 3333 differently from werkzeug
        self._pages: Any = WSGIMiddleware(wsgi, workers=FLASK_THREADS)
        self._sockets = Passthrough(home.socket("rt"))
        self._health = health.Health(home, app.extensions["ccc_store"])

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One connection or request."""
        if scope["type"] == "http" and scope["path"] == health.PATH:
            await self._health(scope, receive, send)
        elif scope["type"] != "websocket":
            await self._pages(scope, receive, send)
        elif scope["path"].startswith("/rt/"):
            await self._sockets(scope, receive, send)
        else:
            await receive()
            await send({"type": "websocket.close", "code": POLICY_VIOLATION})
