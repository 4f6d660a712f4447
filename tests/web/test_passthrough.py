"""/rt/* through the real web process to a runtime on its Unix socket."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from ccc.bus import ticket
from ccc.errors import ConfigError
from ccc.home import Home
from ccc.settings import load
from ccc.web.main import run
from tests.web.site import Site


@pytest.fixture
def site(web_home: Home) -> Iterator[Site]:
    site = Site(web_home).start()
    yield site
    site.stop()


def open_socket(site: Site, path: str = "/rt/echo", **kwargs: Any) -> ClientConnection:
    return connect(f"ws://localhost:{site.port}{path}", proxy=None, **kwargs)


def agent_path(site: Site) -> str:
    key = site.home.secret(ticket.KEY)
    text = ticket.issue(key, user="wang", instance="demo", role="agent", scope="agent", now=time.time())
    return f"/rt/agent?ticket={text}"


def closed(connection: ClientConnection) -> tuple[int, str]:
    with pytest.raises(ConnectionClosed) as caught:
        for _ in range(10):
            connection.recv(timeout=30)
    assert caught.value.rcvd is not None
    return caught.value.rcvd.code, caught.value.rcvd.reason


def test_messages_go_through_unchanged_both_ways(site: Site) -> None:
    with open_socket(site) as connection:
        for message in ("", "文字 \u2028 and 'quotes'", "x" * 300_000, b"\x00\xff\x00", b""):
            connection.send(message)
            assert connection.recv(timeout=30) == message


def test_the_runtime_sees_origin_host_and_address(site: Site) -> None:
    forged = {"X-Forwarded-For": "6.6.6.6", "Cookie": "secret=1"}
    with open_socket(site, origin=f"http://localhost:{site.port}", additional_headers=forged) as connection:
        connection.send("x")
        connection.recv(timeout=30)
    assert site.runtime is not None
    seen = site.runtime.headers[-1]
    assert (seen["host"], seen["origin"]) == (f"localhost:{site.port}", f"http://localhost:{site.port}")
    assert seen["x-forwarded-for"] in ("127.0.0.1", "::1") and seen["x-forwarded-proto"] == "http"
    assert "cookie" not in seen, "the page's session is no business of the runtime"


def test_a_trusted_proxy_names_the_client(web_home: Home) -> None:
    site = Site(web_home, trusted_proxy="127.0.0.1").start()
    try:
        with connect(
            f"ws://127.0.0.1:{site.port}/rt/echo",
            proxy=None,
            additional_headers={"X-Forwarded-For": "203.0.113.7", "X-Forwarded-Proto": "https"},
        ) as connection:
            connection.send("x")
            connection.recv(timeout=30)
        assert site.runtime is not None
        seen = site.runtime.headers[-1]
        assert (seen["x-forwarded-for"], seen["x-forwarded-proto"]) == ("203.0.113.7", "https")
    finally:
        site.stop()


def test_the_close_code_of_the_runtime_reaches_the_page(site: Site) -> None:
    with open_socket(site, "/rt/agent?ticket=forged") as connection:
        assert closed(connection)[0] == 4403
    with open_socket(site, agent_path(site)) as first:
        assert json.loads(first.recv(timeout=30))["t"] == "hello"
        with open_socket(site, agent_path(site)) as second:
            assert json.loads(second.recv(timeout=30))["t"] == "hello"
            assert closed(first)[0] == 4001


def test_the_page_going_is_seen_at_once(site: Site) -> None:
    assert site.runtime is not None
    with open_socket(site, agent_path(site)) as connection:
        connection.recv(timeout=30)
        assert len(site.runtime._pages) == 1
        connection.socket.shutdown(socket.SHUT_RDWR)  # a killed tab: no close frame
        deadline = time.monotonic() + 5
        while site.runtime._pages:
            assert time.monotonic() < deadline, "the runtime still believes in the page"
            time.sleep(0.01)


def test_no_runtime_is_try_again_later(site: Site) -> None:
    site.stop_runtime()
    with open_socket(site) as connection:
        assert closed(connection)[0] == 1013


def test_a_runtime_that_dies_closes_the_page(site: Site) -> None:
    with open_socket(site, agent_path(site)) as connection:
        connection.recv(timeout=30)
        site.stop_runtime()
        assert closed(connection)[0] in (1001, 1013)
    site.start_runtime()
    with open_socket(site, agent_path(site)) as again:
        assert json.loads(again.recv(timeout=30))["t"] == "hello"


def test_other_sockets_are_refused(site: Site) -> None:
    with pytest.raises(Exception, match="403"):
        open_socket(site, "/elsewhere")


def test_a_port_in_use_is_one_clear_line(web_home: Home) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ConfigError, match=f"cannot listen on 127.0.0.1:{port}"):
            run(web_home, load(web_home, {"http": f"127.0.0.1:{port}"}))
