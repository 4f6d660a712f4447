"""The live board on the real telephone side: a caller appears, waits, gives up and is counted."""

from __future__ import annotations

import subprocess
import sys

from playwright.sync_api import Playwright, expect

from tests.browser.desk import CHROMIUM
from tests.calls.system import ROOT, System


def test_a_caller_on_the_board(system: System, engine: Playwright) -> None:
    browser = engine.chromium.launch(executable_path=CHROMIUM, args=["--headless=new", "--no-sandbox", "--disable-gpu"])
    page = browser.new_page(locale="zh-CN", viewport={"width": 1280, "height": 800})
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(f"{system.http}/login?next=/live")
    page.fill("input[name=username]", "admin")
    page.fill("input[name=password]", system.password("admin"))
    page.press("input[name=password]", "Enter")
    expect(page.locator("#board-state")).to_have_text("实时")
    expect(page.locator("#queue-rows tr").first).to_be_visible()
    command = [sys.executable, "-m", "ccc.cli", "call", "4000", "--from", "13712345678", "--to", system.sip]
    caller = subprocess.Popen([*command, "--seconds", "5", "--home", str(system.home.root)], cwd=ROOT)
    try:
        row = page.locator("#call-rows tr", has_text="13712345678")
        expect(row).to_be_visible(timeout=10_000)
        expect(page.locator("#tile-calls [data-value]")).to_have_text("1")
    finally:
        assert caller.wait(30) == 0
    expect(row).to_be_hidden(timeout=3000)
    expect(page.locator("#plot-calls canvas").first).to_be_visible()
    page.goto(f"{system.http}/live/wall")
    expect(page.locator("#board-state")).to_have_text("实时")
    browser.close()
    assert said == []
