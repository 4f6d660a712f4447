"""The flow designer with large flows, in Chromium against the real web process."""

from __future__ import annotations

import json
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, Playwright, sync_playwright

from bench.table import Row, at_most
from tests.calls.system import System, running

CHROMIUM = "/usr/bin/chromium"
LIMITS = {300: (1.5, 50.0), 2000: (8.0, 200.0)}
"""Seconds until the canvas can be used; milliseconds of the longest task while a node is dragged."""
OBSERVE = """() => { window.longTasks = []; new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) window.longTasks.push(entry.duration); }).observe({type: "longtask"}); }"""
SAVES = """() => performance.getEntriesByType("resource").filter((one) => one.name.endsWith("/draft"))
  .map((one) => one.duration)"""


def drawn(nodes: int) -> dict[str, Any]:
    """A flow of menus, prompts and queues on a grid, without errors."""
    say = [{"kind": "tts", "text": "请按键。"}]
    kinds: list[tuple[str, dict[str, Any], tuple[str, ...]]] = [
        ("menu", {"prompts": say, "keys": [{"key": "1"}, {"key": "2"}]}, ("key_1", "key_2", "timeout", "wrong")),
        ("play", {"prompts": say}, ("done",)),
        ("queue", {"skill_group": "sales"}, ("timeout", "answered")),
    ]
    made: list[dict[str, Any]] = [{"id": "start", "type": "start", "position": [0, 0]}]
    edges = [{"from": "start", "exit": "next", "to": "n1"}]
    for number in range(1, nodes - 1):
        kind, config, exits = kinds[number % 3]
        place = [number % 40 * 320, number // 40 * 240]
        made.append({"id": f"n{number}", "type": kind, "position": place, "config": config})
        for way, name in enumerate(exits, number + 1):
            edges.append({"from": f"n{number}", "exit": name, "to": f"n{way}" if way < nodes - 1 else "end"})
    made.append({"id": "end", "type": "hangup", "position": [nodes % 40 * 320, nodes // 40 * 240 + 240]})
    return {"format": 1, "name": f"big{nodes}", "title": f"{nodes} nodes", "nodes": made, "edges": edges}


def drawing() -> list[Row]:
    """Open, drag, save and publish flows of 300 and 2,000 nodes."""
    with running() as system, sync_playwright() as engine, tempfile.TemporaryDirectory() as folder:
        for nodes in LIMITS:
            file = Path(folder) / f"{nodes}.json"
            file.write_text(json.dumps(drawn(nodes)))
            done = system.ccc("flows", "import", str(file), "--instance", "demo")
            assert done.returncode == 0, done.stderr
        page = _signed_in(engine, system)
        return [row for nodes in LIMITS for row in _one(page, system, nodes)]


def _signed_in(engine: Playwright, system: System) -> Page:
    browser = engine.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.goto(f"{system.http}/login")
    page.fill("input[name=username]", "admin")
    page.fill("input[name=password]", system.password("admin"))
    page.keyboard.press("Enter")
    page.wait_for_url("**/workbench")
    return page


def _one(page: Page, system: System, nodes: int) -> list[Row]:
    open_s, task_ms = LIMITS[nodes]
    opened = [_open_s(page, system, nodes) for _ in range(3)]
    page.evaluate(OBSERVE)
    longest = _drag(page)
    page.wait_for_function("() => !ccc.draft.unsaved && !ccc.draft.saving")
    saves = page.evaluate(SAVES)
    rows = [
        at_most(f"designer, {nodes:,} nodes: open until usable", statistics.median(opened), open_s, "s"),
        at_most("... longest task of the page while a node is dragged", longest, task_ms, "ms", 0),
    ]
    if nodes == min(LIMITS):
        rows.append(at_most("... save", statistics.median(saves), 150, "ms", 0))
        rows.append(at_most("... publish, until it is live", _publish_ms(page), 500, "ms", 0))
    return rows


def _open_s(page: Page, system: System, nodes: int) -> float:
    began = time.monotonic()
    page.goto(f"{system.http}/designer/big{nodes}")
    page.wait_for_selector("body[data-ready]", state="attached")
    return time.monotonic() - began


def _drag(page: Page) -> float:
    """Drag a node with the mouse for about half a second; the longest task, 0 when none was above 50 ms."""
    page.evaluate("ccc.studio.canvas.zoom({scale: 1}); ccc.studio.canvas.focus('n150')")
    page.wait_for_timeout(1500)
    box = page.locator("[data-node=n150] .node-badge").bounding_box()
    assert box is not None
    x, y = box["x"] + 5, box["y"] + 5
    page.mouse.move(x, y)
    page.mouse.down()
    page.evaluate("window.longTasks.length = 0")
    for step in range(30):
        page.mouse.move(x + step * 4, y + step * 2)
        page.wait_for_timeout(16)
    tasks = page.evaluate("window.longTasks")
    page.mouse.up()
    page.wait_for_timeout(1500)  # saved 0.7 s after the last change
    return float(max(tasks, default=0.0))


def _publish_ms(page: Page) -> float:
    """From the last click of the dialog to the answer that the version is live."""
    page.click("[data-act=publish]")
    form = page.locator("form.publish-form")
    form.wait_for()
    with page.expect_response(
        lambda answer: answer.url.endswith("/publish") and answer.request.method == "POST"
    ) as got:
        form.locator(".sheet-foot .btn-primary").click()
    timing = got.value.request.timing
    assert got.value.ok, got.value.status
    return float(timing["responseStart"] - timing["requestStart"])
