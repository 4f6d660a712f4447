"""Security headers and the request's number, on every answer."""

from __future__ import annotations

import re
import uuid

from flask import Flask, g, request
from werkzeug.wrappers import Response

_HOST = re.compile(r"[A-Za-z0-9.:\[\]\-]+")
HSTS_S = 180 * 24 * 3600


def set_up(app: Flask, *, strict_transport: bool) -> None:
    """``strict_transport``: send HSTS on HTTPS (not with a self-signed certificate: browsers then offer no way in)."""

    def begin() -> None:
        g.request_id = uuid.uuid4().hex[:16]

    def finish(response: Response) -> Response:
        headers = response.headers
        headers["X-Request-ID"] = g.get("request_id", "")
        headers["Content-Security-Policy"] = content_security_policy(request.host)
        headers["X-Content-Type-Options"] = "nosniff"
        headers["X-Frame-Options"] = "DENY"
        headers["Referrer-Policy"] = "same-origin"
        headers["Cross-Origin-Opener-Policy"] = "same-origin"
        headers["Cross-Origin-Resource-Policy"] = "same-origin"
        headers["Permissions-Policy"] = "microphone=(self), speaker-selection=(self), camera=(), geolocation=()"
        if strict_transport and request.is_secure:
            headers["Strict-Transport-Security"] = f"max-age={HSTS_S}"
        if request.endpoint == "static":
            # The address carries the file's version, so a copy never goes stale.
            headers["Cache-Control"] = "public, max-age=31536000" if "v" in request.args else "no-cache"
        else:
            headers["Cache-Control"] = "no-store, private"
        return response

    app.before_request_funcs.setdefault(None, []).insert(0, begin)
    app.after_request(finish)


def content_security_policy(host: str) -> str:
    """No inline script or style anywhere. WebSockets are named: older browsers do not count them as 'self'."""
    sockets = f" ws://{host} wss://{host}" if _HOST.fullmatch(host) else ""
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self' data:",
            "font-src 'self'",
            f"connect-src 'self'{sockets}",
            "media-src 'self' blob:",
            "form-action 'self'",
            "frame-ancestors 'none'",
            "base-uri 'none'",
        )
    )
