"""The designer beside real calls: published while one is inside, watched live, the web process killed while drawing."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from ccc.services.actor import SYSTEM
from ccc.services.flows import export_flow
from ccc.store import open_store
from tests.browser.desk import Desk
from tests.calls.callers import dial
from tests.calls.system import System, running, wait_for
from tests.web.designer.conftest import Hands

TONE = """() => ccc.studio.run("tone", (edit) => {
    const node = ccc.studio.document.node("menu");
    edit.changeNode("menu", { config: { ...node.config, prompts: [{ kind: "tone", hz: 440, seconds: 30 }] } });
})"""


@pytest.fixture
def system() -> Iterator[System]:
    """One that may be harmed."""
    with running() as started:
        yield started


@pytest.mark.timeout(240)
def test_published_watched_and_drawn_while_the_web_process_dies(system: System, agent: Callable[..., Desk]) -> None:
    desk = agent("admin")
    hands = Hands(desk.page)
    open_page(hands.page, f"{system.http}/designer/menu")
    assert hands.page.evaluate("ccc.studio.readOnly") is False
    hands.page.evaluate(TONE)
    publish(hands)
    running_says(hands, "已发布 v2，生效 v2")
    watch = desk.context.new_page()
    open_page(watch, f"{system.http}/designer/menu/live")
    call = dial(system, "4001", "--keys", ",,,,,,,,,,,,1", "--seconds", "40", "--tone", "0")
    expect(watch.locator('.flow-node.is-live[data-node="menu"] .node-count-text')).to_have_text("1", timeout=15_000)
    watch.mouse.click(*middle(watch, '[data-node="menu"] .node-badge'))
    expect(watch.locator("#live-calls li")).to_contain_text(call.caller)
    shot(watch, "live-here.png")

    publish_in_a_call(hands)
    expect(watch.locator('.flow-node.is-live[data-node="sales"]')).to_be_visible(timeout=30_000)
    shot(watch, "live-moved.png")
    expect(watch.locator('.flow-node.is-live[data-node="menu"]')).to_have_count(0)
    drawn_while_the_web_dies(hands, system)

    call.wait(60)
    record = system.record_of(call.caller)
    assert record["flow_version"] == 2 and [step["node"] for step in record["steps"]][1:4] == [
        "menu",
        "sales-notice",
        "sales",
    ]
    heat(watch, system)
    after_the_kill(desk)


def open_page(page: Page, address: str) -> None:
    page.goto(address)
    page.wait_for_selector("body[data-ready]", state="attached")


def middle(page: Page, target: str) -> tuple[float, float]:
    box = page.locator(target).first.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def shot(page: Page, name: str) -> None:
    """A picture to look at, where somebody asked for it."""
    if folder := os.environ.get("SHOTS"):
        page.screenshot(path=Path(folder) / name, caret="initial")  # hiding it breaks the CSP


def publish(hands: Hands) -> None:
    """Whatever the test cases say of a prompt that whistles."""
    page = hands.page
    page.click('[data-act="publish"]')
    page.wait_for_selector("#publish-dialog[open] .btn-primary")
    if page.locator("#publish-override").count():
        page.fill("#publish-override", "试验")
    shot(page, "publish-dialog.png")
    page.click("#publish-dialog .btn-primary")
    expect(page.locator("#publish-dialog")).to_be_hidden(timeout=10_000)


def running_says(hands: Hands, text: str) -> None:
    expect(hands.page.locator("#live-tag")).to_have_text(text, timeout=20_000)


def publish_in_a_call(hands: Hands) -> None:
    """The dialog tells of the call, which goes on with its version; new calls get the new one."""
    page = hands.page
    page.bring_to_front()
    page.evaluate("ccc.studio.run('', (edit) => edit.setField('title', '新导航'))")
    hands.saved()
    page.click('[data-act="publish"]')
    page.wait_for_selector("#publish-dialog[open]")
    expect(page.locator(".publish-facts")).to_contain_text("4001")
    expect(page.locator(".publish-facts")).to_contain_text("1")
    page.keyboard.press("Escape")
    expect(page.locator("#publish-dialog")).to_be_hidden()
    publish(hands)
    running_says(hands, "已发布 v3，生效 v3 · 1 通电话 (1 通在 v2)")
    shot(page, "running-two-versions.png")


def drawn_while_the_web_dies(hands: Hands, system: System) -> None:
    """SIGKILL between two strokes: moved and typed meanwhile, all of it saved by itself afterwards."""
    page = hands.page
    page.locator("#main").focus()
    page.keyboard.press("0")  # all of it, none of it below the small map
    page.evaluate("ccc.studio.select({ nodes: ['goodbye'] })")
    hands.after("goodbye")
    before = position(hands.document(), "goodbye")
    with system.nobody_restarts():
        system.kill("web")
        hands.drag('[data-node="goodbye"] .node-title', (30, 60))
        moved = position(hands.document(), "goodbye")
        assert moved != before
        field = page.locator('#node-form [name="config.prompts.0.text"]')
        field.fill("停机时写的")
        page.wait_for_selector(".save-state.is-bad")
        page.mouse.click(
            *middle(page, '[data-node="menu"] .node-badge')
        )  # another node while the typed text is not sent yet
        shot(page, "web-killed.png")
        page.wait_for_timeout(500)
    wait_for("the web process is back", lambda: system.healthz()[0] == 200, 30)
    page.wait_for_function("() => !ccc.draft.unsaved && !ccc.draft.saving && !ccc.panel.busy", timeout=40_000)
    hands.after("menu")
    page.wait_for_selector(".save-state:not(.is-bad)")
    store = open_store(system.home)
    stored = export_flow(store, SYSTEM, "demo", "menu").as_dict()
    store.close()
    assert position(stored, "goodbye") == moved
    assert "停机时写的" in str({node["id"]: node for node in stored["nodes"]}["goodbye"]["config"])
    page.locator("#main").focus()
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    hands.saved()
    assert position(hands.document(), "goodbye") == before, "what was done before can still be taken back"


def position(document: dict[str, Any], ident: str) -> Any:
    return {node["id"]: node["position"] for node in document["nodes"]}[ident]


def heat(page: Page, system: System) -> None:
    """The call that was made, on the version it ran."""
    open_page(page, f"{system.http}/designer/menu/heat?days=1&version=2")
    page.mouse.click(*middle(page, '[data-node="menu"] .node-badge'))
    expect(page.locator("#heat-node")).to_contain_text("1 (100%)")
    shot(page, "heat.png")
    seconds = page.evaluate("[...document.querySelectorAll('#heat-node dd')].map((one) => one.textContent)")
    assert seconds[0] == "1" and seconds[1] == "0 (0%)" and seconds[2] != "0:00", seconds


def after_the_kill(desk: Desk) -> None:
    """The console may complain of the server that was not there, of nothing else."""
    expected = (
        "ERR_CONNECTION",
        "ERR_EMPTY",
        "ERR_SOCKET",
        "WebSocket",
        "htmx:",
        "status of 4",
        "status of 5",
        "Status Error",
    )
    assert [text for text in desk.problems if text and not any(one in text for one in expected)] == []
