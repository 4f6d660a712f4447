"""A worker's event loop in a thread, and Chromium with a microphone that plays 1000 Hz."""

from __future__ import annotations

import os
import queue
import threading
import wave
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, Playwright, Route

from ccc.media.poller import Poller
from ccc.media.webrtc import WebRtcMux

ROOT = Path(__file__).resolve().parents[3]
ORIGIN = "https://agent.test"
PAGE = """<!doctype html><title>audio</title><script type="module" src="/probe.js"></script>"""
CSP = "default-src 'none'; script-src 'self'"
FLAGS = [
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--allow-loopback-in-peer-connection",
    "--disable-background-networking",
    "--autoplay-policy=no-user-gesture-required",
]
T = TypeVar("T")


class Worker:
    """A Poller in a thread with a mux on it; `ask` runs a function there and returns its result."""

    def __init__(self) -> None:
        self.poller = Poller()
        self.mux = WebRtcMux(self.poller, "127.0.0.1", 0)
        self._wake = os.eventfd(0, os.EFD_NONBLOCK)
        self._jobs: queue.SimpleQueue[tuple[Callable[[], Any], queue.SimpleQueue[Any]]] = queue.SimpleQueue()
        self.poller.add(self._wake, self._run_jobs)
        self.thread = threading.Thread(target=self.poller.run, daemon=True)
        self.thread.start()

    def ask(self, function: Callable[[], T]) -> T:
        answer: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._jobs.put((function, answer))
        os.eventfd_write(self._wake, 1)
        result = answer.get(timeout=20)
        if isinstance(result, Exception):
            raise result
        return result

    def _run_jobs(self) -> None:
        os.eventfd_read(self._wake)
        while not self._jobs.empty():
            function, answer = self._jobs.get()
            try:
                answer.put(function())
            except Exception as error:
                answer.put(error)

    def stop(self) -> None:
        self.ask(self.mux.shutdown)
        self.ask(self.poller.stop)
        self.thread.join(5)
        self.poller.close()
        os.close(self._wake)


@pytest.fixture
def worker() -> Iterator[Worker]:
    worker = Worker()
    yield worker
    worker.stop()


@pytest.fixture(scope="session")
def microphone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten seconds of 1000 Hz at 48 kHz, whole periods, so that Chromium's loop has no click."""
    path = tmp_path_factory.mktemp("mic") / "1000hz.wav"
    t = np.arange(480_000) / 48_000
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 48_000, 0, "NONE", ""))
        file.writeframes((np.sin(2 * np.pi * 1000 * t) * 12_000).astype("<i2").tobytes())
    return path


@pytest.fixture(scope="module")
def browser(engine: Playwright, microphone: Path) -> Iterator[Browser]:
    flags = ["--headless=new", "--no-sandbox", *FLAGS, f"--use-file-for-fake-audio-capture={microphone}"]
    browser = engine.chromium.launch(executable_path="/usr/bin/chromium", args=flags)
    yield browser
    browser.close()


def serve_module(page: Page, origin: str = ORIGIN) -> None:
    """Open a blank page of a strict content policy with our module and the probe of `probe.js`."""
    files = {
        "/": ("text/html", PAGE.encode()),
        "/probe.js": ("text/javascript", (Path(__file__).parent / "probe.js").read_bytes()),
    }
    for name in ("audio.js", "audio_devices.js", "ring.js"):
        files[f"/{name}"] = ("text/javascript", (ROOT / "static" / "js" / name).read_bytes())

    def serve(route: Route) -> None:
        kind, body = files[route.request.url.removeprefix(origin)]
        route.fulfill(body=body, headers={"content-type": kind, "content-security-policy": CSP})

    page.route(f"{origin}/**", serve)
    page.goto(f"{origin}/")
    wait_ready(page)


def wait_ready(page: Page) -> None:
    """Until the module has run. (`wait_for_function` needs `eval`, which the policy forbids.)"""
    while not page.evaluate("window.ready === true"):
        page.wait_for_timeout(20)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context()
    page = context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    serve_module(page)
    yield page
    context.close()
    assert problems == []
