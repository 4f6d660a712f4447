"""`static/js/audio.js` in Chromium: errors with a cure, choices that are kept, meters, ring tone, mute."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Playwright

from .conftest import Worker, serve_module, wait_ready
from .test_chromium import assert_two_way, begin, eventually

pytestmark = pytest.mark.browser
TRY_MICROPHONE = "(async () => { start(); try { await audio.openMicrophone(); return 'open'; }\
 catch (error) { return [error.name, error.code, error.message]; } })()"


@pytest.fixture(scope="module")
def plain_browser(engine: Playwright) -> Iterator[Browser]:
    """Chromium without any fake device: this machine may have no microphone, and nobody answers the prompt."""
    browser = engine.chromium.launch(executable_path="/usr/bin/chromium", args=["--headless=new", "--no-sandbox"])
    yield browser
    browser.close()


def try_microphone(browser: Browser, origin: str, permissions: list[str]) -> Any:
    context = browser.new_context(permissions=permissions)
    page = context.new_page()
    serve_module(page, origin)
    result = page.evaluate(TRY_MICROPHONE)
    context.close()
    return result


def test_troubles_have_a_code_for_their_cure(plain_browser: Browser) -> None:
    assert try_microphone(plain_browser, "http://agent.test", [])[:2] == ["AudioError", "insecure-context"]
    refused = try_microphone(plain_browser, "https://agent.test", [])
    assert refused[:2] in (["AudioError", "microphone-refused"], ["AudioError", "microphone-absent"])


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("NotAllowedError", "microphone-refused"),
        ("NotFoundError", "microphone-absent"),
        ("NotReadableError", "microphone-busy"),
        ("TypeError", "microphone-failed"),
    ],
)
def test_each_refusal_of_the_browser_has_its_code(page: Page, name: str, code: str) -> None:
    page.evaluate(
        "(name) => { navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('no', name)); }", name
    )
    result = page.evaluate(TRY_MICROPHONE)
    assert result[:2] == ["AudioError", code]
    assert name in result[2]


def test_choices_are_kept_and_a_missing_device_yields_to_the_default(page: Page) -> None:
    page.evaluate("start()")
    page.evaluate("audio.openMicrophone()")
    devices = page.evaluate("audio.devices()")
    assert len(devices["microphones"]) >= 2, "Chromium's fake microphones"
    assert devices["microphone"] == ""
    wanted = devices["microphones"][-1]
    page.evaluate("(id) => audio.chooseMicrophone(id)", wanted["id"])
    assert page.evaluate("audio.microphoneLabel") == wanted["label"]
    speaker = devices["speakers"][-1]
    page.evaluate("(id) => audio.chooseSpeaker(id)", speaker["id"])
    assert page.evaluate("audio.element.sinkId") == speaker["id"]
    page.evaluate("(id) => audio.chooseRingDevice(id)", speaker["id"])

    page.reload()
    wait_ready(page)
    page.evaluate("start()")
    page.evaluate("audio.openMicrophone()")
    assert page.evaluate("audio.microphoneLabel") == wanted["label"]
    kept = page.evaluate("audio.devices()")
    assert (kept["microphone"], kept["speaker"], kept["ring"]) == (wanted["id"], speaker["id"], speaker["id"])

    page.evaluate("localStorage.setItem('ccc.audio.microphone', 'unplugged')")
    page.evaluate("audio.openMicrophone()")
    states = [detail["state"] for name, detail in page.evaluate("events") if name == "microphone"]
    assert states == ["open", "fallback"]


def test_a_microphone_that_is_lost_is_replaced(worker: Worker, page: Page) -> None:
    leg = begin(worker, page)
    page.evaluate("audio.setTalking(true)")
    leg.sending = True
    # What the browser does when the cable is pulled: the track ends by itself.
    page.evaluate("""() => {
      const sender = RTCRtpSender.prototype, original = sender.replaceTrack;
      window.replaced = 0;
      sender.replaceTrack = function (track) { window.replaced += 1; return original.call(this, track); };
      const track = window.lastTrack;
      track.stop();
      track.dispatchEvent(new Event('ended'));
    }""")
    eventually(lambda: page.evaluate("window.replaced") == 1, page, "another track is sent")
    states = [detail["state"] for name, detail in page.evaluate("events") if name == "microphone"]
    assert states == ["open", "lost", "open"]
    assert_two_way(leg, page)


def test_the_ring_tone_sounds_one_second_in_three_and_stops(page: Page) -> None:
    page.evaluate("start()")
    page.evaluate("audio.ring(true); audio.ring(true)")
    levels = []
    for _ in range(24):
        levels.append(page.evaluate("ringLevel()"))
        page.wait_for_timeout(100)
    loud = [level > 0.02 for level in levels]
    assert any(loud)
    assert not all(loud)
    page.evaluate("audio.ring(false)")
    assert page.evaluate("audio.ringElement.srcObject") is None
    page.evaluate("audio.ring(true)")
    eventually(lambda: page.evaluate("ringLevel()") > 0.02, page, "it rings again")


def test_mute_is_silence_and_survives_a_change_of_microphone(worker: Worker, page: Page) -> None:
    leg = begin(worker, page)
    page.evaluate("audio.setTalking(true)")
    leg.sending = True
    assert_two_way(leg, page)
    page.evaluate("audio.mute(true)")
    page.evaluate("audio.chooseMicrophone('')")
    page.wait_for_timeout(400)
    leg.heard.clear()
    eventually(lambda: len(leg.heard) >= 20, page, "packets while muted")
    assert leg.loudness() < 50
    page.evaluate("audio.mute(false)")
    eventually(lambda: leg.loudness() > 1000, page, "the voice is back")


def test_a_connection_that_cannot_be_made_says_so_and_the_old_one_stays(worker: Worker, page: Page) -> None:
    leg = begin(worker, page)
    page.evaluate("audio.setTalking(true)")
    leg.sending = True
    error = page.evaluate("""async () => {
      try { await audio.connect(() => Promise.reject(new Error('socket closed'))); return ''; }
      catch (error) { return error.code + ' ' + error.cause.message; }
    }""")
    assert error == "connect-failed socket closed"
    assert page.evaluate("audio.state") == "up"
    assert_two_way(leg, page)


def test_statistics(worker: Worker, page: Page) -> None:
    leg = begin(worker, page)
    page.evaluate("audio.setTalking(true)")
    leg.sending = True
    assert_two_way(leg, page)
    stats = page.evaluate("audio.stats()")
    assert stats["state"] == "up"
    assert stats["packets_in"] > 40
    assert stats["packets_out"] > 40
    assert 0 <= stats["lost_in"] < stats["packets_in"] / 10
    assert 0 <= stats["rtt_ms"] < 1000
