"""The real web process in a thread (uvicorn, Flask, pass-through) beside the fake runtime."""

from __future__ import annotations

import threading
import time
from typing import Any

import uvicorn

from ccc.bus.ticket import KEY
from ccc.home import Home
from ccc.settings import load
from ccc.web.main import server_config
from tests.web.fake_rt import FakeRuntime


class Site:
    """``url`` answers after :meth:`start`; ``runtime`` is the fake (None: the telephone side is down)."""

    def __init__(self, home: Home, *, runtime: bool = True, **flags: Any) -> None:
        self.home = home
        self.runtime: FakeRuntime | None = None
        self._with_runtime = runtime
        settings = load(home, {"http": "127.0.0.1:0", **flags})
        self.scheme = "https" if settings.https else "http"
        self._server = uvicorn.Server(server_config(home, settings))
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self.port = 0

    @property
    def url(self) -> str:
        return f"{self.scheme}://localhost:{self.port}"

    def start(self) -> Site:
        if self._with_runtime:
            self.start_runtime()
        self._thread.start()
        deadline = time.monotonic() + 60
        while not self._server.started:
            assert time.monotonic() < deadline and self._thread.is_alive(), "the web process did not start"
            time.sleep(0.01)
        self.port = self._server.servers[0].sockets[0].getsockname()[1]
        return self

    def start_runtime(self) -> FakeRuntime:
        self.runtime = FakeRuntime(
            self.home.socket("rt"), self.home.secret(KEY), bus=self.home.socket("runtime")
        ).start()
        return self.runtime

    def stop_runtime(self) -> None:
        if self.runtime is not None:
            self.runtime.stop()
            self.runtime = None

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(10)
        self.stop_runtime()
