"""An agent at the workbench: a Chromium of his own, driven as a person would drive it."""

from __future__ import annotations

import os
import re
import signal
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Page, Playwright, expect

from tests.calls.system import System, wait_for

CHROMIUM = "/usr/bin/chromium"
# Listens to what the page hears: every RTCPeerConnection's incoming track goes to an analyser.
EARS = """
(() => {
  const Native = window.RTCPeerConnection;
  window.ears = [];
  window.RTCPeerConnection = class extends Native {
    constructor(...args) {
      super(...args);
      this.addEventListener("track", (event) => {
        const context = new AudioContext();
        const analyser = context.createAnalyser();
        analyser.fftSize = 8192;
        context.createMediaStreamSource(new MediaStream([event.track])).connect(analyser);
        window.ears.push({ context, analyser, connection: this });
      });
    }
  };
  window.hear = () => {
    const ear = window.ears.filter((each) => each.connection.connectionState === "connected").at(-1);
    if (!ear) return { hz: 0, db: -200 };
    const bins = new Float32Array(ear.analyser.frequencyBinCount);
    ear.analyser.getFloatFrequencyData(bins);
    let best = 1;
    for (let i = 1; i < bins.length; i += 1) if (bins[i] > bins[best]) best = i;
    return { hz: (best * ear.context.sampleRate) / ear.analyser.fftSize, db: bins[best] };
  };
})();
"""


class Desk:
    """One agent's browser. ``page`` is the tab in front."""

    def __init__(self, engine: Playwright, system: System, user: str, microphone: Path, locale: str) -> None:
        self.system = system
        self.user = user
        self.problems: list[str] = []
        """What the console complained about: a strict CSP and our own code leave nothing here."""
        self._profile = tempfile.TemporaryDirectory(prefix="ccc-chromium-")
        self.context: BrowserContext = engine.chromium.launch_persistent_context(
            self._profile.name,
            executable_path=CHROMIUM,
            locale=locale,
            viewport={"width": 1280, "height": 800},
            reduced_motion="reduce",
            permissions=["microphone", "notifications"],
            args=[
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--use-fake-device-for-media-stream",
                "--use-fake-ui-for-media-stream",
                f"--use-file-for-fake-audio-capture={microphone}",
                "--allow-loopback-in-peer-connection",
                "--autoplay-policy=no-user-gesture-required",
            ],
        )
        self.context.add_init_script(EARS)
        self.context.on("page", self._watch)
        self.page: Page = self.context.pages[0]
        self._watch(self.page)

    def _watch(self, page: Page) -> None:
        page.on("console", lambda message: self.problems.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: self.problems.append(str(error)))

    # As a person -----------------------------------------------------------------------------

    def sign_in(self) -> None:
        """Log in; the workbench opens and its audio is up."""
        self.page.goto(f"{self.system.http}/")
        self.page.fill("input[name=username]", self.user)
        self.page.fill("input[name=password]", self.system.password(self.user))
        self.page.press("input[name=password]", "Enter")
        self.wait_workbench()

    def wait_workbench(self) -> None:
        self.page.wait_for_selector("[data-set-state=ready]:not([disabled])")
        wait_for(
            "the audio path",
            lambda: self.page.evaluate("window.ears.some(e => e.connection.connectionState === 'connected')"),
        )

    def ready(self, then: str = "ready") -> None:
        """Take calls; ``then`` is the state that follows (``ringing`` when a caller waits already)."""
        self.page.click("[data-set-state=ready]")
        self.expect_state(then)

    def offline(self) -> None:
        self.page.click("[data-set-state=offline]")
        self.expect_state("offline")

    def expect_state(self, state: str, timeout_s: float = 30.0) -> None:
        expect(self.page.locator("#state")).to_have_attribute("data-state", state, timeout=timeout_s * 1000)

    def expect_call(self, state: str, timeout_s: float = 30.0) -> None:
        """``ringing``, ``talking``, ``hold``, ``wrap-up`` or ``none``."""
        expect(self.page.locator("#call")).to_have_attribute("data-call", state, timeout=timeout_s * 1000)

    def answer(self) -> None:
        self.expect_call("ringing")
        self.page.click("#accept")
        self.expect_call("talking")

    def finish(self) -> None:
        """End wrap-up."""
        self.expect_call("wrap-up")
        self.page.click("#wrap-done")
        self.expect_call("none")

    def call_number(self) -> str:
        return re.sub(r"\D", "", self.page.inner_text("#call-number"))

    def second_tab(self) -> Page:
        """Open the workbench again in a new tab, which becomes ``page``; returns the old one."""
        old, self.page = self.page, self.context.new_page()
        self.page.goto(f"{self.system.http}/workbench")
        self.wait_workbench()
        return old

    # Ears ------------------------------------------------------------------------------------

    def hear(self) -> dict[str, float]:
        """The strongest frequency (Hz) of what the page receives, and its level (dB)."""
        heard: dict[str, float] = self.page.evaluate("window.hear()")
        return heard

    def expect_tone(self, hz: float, timeout_s: float = 30.0) -> None:
        def there() -> Any:
            heard = self.hear()
            return heard if abs(heard["hz"] - hz) < 12 and heard["db"] > -60 else None

        wait_for(f"{self.user} hears {hz} Hz", there, timeout_s)

    # Ends ------------------------------------------------------------------------------------

    def kill(self) -> None:
        """SIGKILL to the whole browser, as a crash or a pulled plug would end it."""
        for pid in _processes(self._profile.name):
            os.kill(pid, signal.SIGKILL)

    def close(self) -> None:
        try:
            self.context.close()
        except Exception as error:  # the browser may have been killed by the test
            if "closed" not in str(error):
                raise
        self._profile.cleanup()


def _processes(profile: str) -> list[int]:
    """Chromium's processes of this profile."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                words = (folder / "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            if any(profile.encode() in word for word in words) and b"chromium" in words[0]:
                found.append(int(folder.name))
    return found
