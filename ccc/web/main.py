"""The web process: one uvicorn server on the one HTTP port."""

from __future__ import annotations

import datetime
import logging

import uvicorn

from ccc.errors import ConfigError
from ccc.home import Home
from ccc.settings import Settings, join_address
from ccc.web.app import create_app
from ccc.web.asgi import WebApplication
from ccc.web.sockets import WebSocketProtocol
from ccc.web.tls import self_signed

PING_S = 4.0
"""A page that is gone without a word (cable pulled) is noticed within twice this."""


def server_config(home: Home, settings: Settings) -> uvicorn.Config:
    """How uvicorn runs. ConfigError when the certificate cannot be used."""
    certificate, key = settings.tls_cert or None, settings.tls_key or None
    if settings.tls_self:
        made = self_signed(home, datetime.datetime.now(datetime.UTC))
        certificate, key = str(made[0]), str(made[1])
    config = uvicorn.Config(
        WebApplication(create_app(home, settings), home),
        host=settings.http_host,
        port=settings.http_port,
        ws=WebSocketProtocol,
        ws_ping_interval=PING_S,
        ws_ping_timeout=PING_S,
        ws_max_size=1024 * 1024,
        proxy_headers=bool(settings.trusted_proxy),
        forwarded_allow_ips=settings.trusted_proxy or "",
        server_header=False,
        access_log=False,
        log_config=None,
        log_level="warning",  # its "info" writes addresses with tickets in them
        ssl_certfile=certificate,
        ssl_keyfile=key,
        timeout_keep_alive=15,
        timeout_graceful_shutdown=3,
    )
    try:
        config.load()
    except OSError as error:  # ssl.SSLError is one: wrong key, not PEM, no such file
        message = f"the certificate {certificate} with key {key} cannot be used: {error}"
        raise ConfigError(message, field="tls_cert") from error
    return config


def run(home: Home, settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT. ConfigError when the port is taken or the certificate is wrong."""
    server = uvicorn.Server(server_config(home, settings))
    try:
        server.run()
    except SystemExit as error:
        # uvicorn logs why it could not bind and exits; the supervisor and the user want our error.
        address = join_address(settings.http_host, settings.http_port)
        message = f"cannot listen on {address} for HTTP; free the port or choose another with --http HOST:PORT"
        raise ConfigError(message, field="http") from error
    logging.getLogger(__name__).info("web stopped")
