"""Audio in Chromium: recorded from the microphone, heard, not lost by a refusal, saved; a renamed MP3 refused."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from ccc.services import audio
from ccc.services.actor import SYSTEM
from ccc.store import open_store
from tests.web.site import Site
from tests.web.test_workbench import Open, complaints, opened, site, until, window

__all__ = ["complaints", "opened", "site", "window"]
pytestmark = pytest.mark.browser
SENT = "document.querySelector('#f-file').files[0]?.size ?? 0"


def test_record_listen_save_and_replace(opened: Open, site: Site) -> None:
    page = opened("zhao", "/audio/", locale="zh-CN")
    page.click("[hx-get*='record=1']")
    page.click("[data-part=button]")
    expect(page.locator("[data-part=button]")).to_contain_text("停止")
    until(page, "document.querySelector('[data-part=level]').value > 0.05")  # Chromium's false microphone beeps
    page.wait_for_timeout(1200)
    page.click("[data-part=button]")
    expect(page.locator("[data-part=sound]")).to_be_visible()
    size = page.evaluate(SENT)
    assert size > 2 * 16_000, "a second at least, 16 kHz, 16 bit"
    page.click("[data-part=sound]")
    expect(page.locator("[data-part=sound]")).to_have_attribute("aria-pressed", "true")
    page.click("button.save")
    expect(page.locator("#f-name-error")).to_be_visible()
    until(page, f"({SENT}) === {size}")  # what was recorded is not lost by a refusal
    expect(page.locator("[data-part=sound]")).to_be_visible()
    page.fill("#f-name", "录的")
    page.click("button.save")
    expect(page.locator("tr[data-key=录的] .sound img")).to_be_visible()
    store = open_store(site.home)
    alaw = audio.audio_bytes(store, SYSTEM, "demo", "录的")
    store.close()
    assert len(alaw) == pytest.approx(size / 4, rel=0.05)
    assert max(audio.shape(alaw)) > 0.05
    page.click("tr[data-key=录的] summary")
    page.click("tr[data-key=录的] .picker-list button >> nth=0")
    mp3 = {"name": "song.wav", "mimeType": "audio/wav", "buffer": b"ID3\x04" + bytes(3000)}
    page.set_input_files("#q-file", mp3)
    page.click("#question-dialog .confirm")
    expect(page.locator("#question-dialog")).to_contain_text("内容是 MP3，不是 WAV")
