"""One walk in a browser: outline without JavaScript, versions, rollback, into the draft, replay, live, heat."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from ccc.services import drafts
from ccc.services.actor import SYSTEM
from ccc.store import open_store
from tests.web.admin.conftest import Admin, admin_page  # noqa: F401 - a fixture
from tests.web.conftest import PASSWORD
from tests.web.designer.test_look import add_call, publish_three
from tests.web.site import Site

pytestmark = pytest.mark.browser


def test_a_walk(admin_page: Callable[..., Admin], window: Browser, site: Site) -> None:  # noqa: F811
    store = open_store(site.home)
    publish_three(store)
    walk: list[Any] = [
        ("start", "start", 1, 1.2, "next"),
        ("say", "play", 1.2, 2.5, "done"),
        ("extra", "play", 2.5, None, None),
    ]
    add_call(store, "R1", 2, walk, recording="demo/r.wav")

    outline_without_script(window, site)
    assert {(edge["from"], edge["to"]) for edge in drafts.draft(store, SYSTEM, "demo", "hello").document["edges"]} == {
        ("start", "menu"), ("menu", "say"), ("say", "end"),
    }  # fmt: skip
    for locale in ("zh-CN", "en"):
        admin = admin_page(locale=locale)
        for page in ("outline", "outline/menu", "outline-cases", "outline-publish"):
            admin.open(f"/designer/hello/{page}")
            assert admin.axe() == [], (locale, page)
    versions(admin)
    assert drafts.draft(store, SYSTEM, "demo", "hello").live_version == 4
    into_the_draft(admin)
    replay(admin)
    live(admin, site)
    heat(admin)
    store.close()


def outline_without_script(window: Browser, site: Site) -> None:
    """A node into a line, its settings, an exit: forms and links only."""
    context = window.new_context(java_script_enabled=False, locale="en", viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.goto(f"{site.url}/designer/hello/outline")
    page.fill("input[name=username]", "zhao")
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.goto(f"{site.url}/designer/hello/outline")
    page.get_by_label("Node", exact=True).select_option("menu")
    page.get_by_label("Follows").select_option("start>next")
    page.get_by_role("button", name="Add", exact=True).click()
    page.get_by_label("Name").fill("Main menu")
    page.locator('[data-path="config.keys"] > .row-add').click()
    page.locator('[name="config.keys.1.key"]').fill("2")
    page.get_by_label("Name").press("Enter")  # Enter saves; it does not press a row's button
    page.wait_for_url(re.compile("/outline/menu$|/outline#node-menu$"))
    page.goto(f"{site.url}/designer/hello/outline")
    assert page.locator("#node-menu h3").inner_text() == "Main menu"
    assert page.locator('#node-menu [name^="way.key_"]').count() == 2
    take_back(page)
    context.close()


def take_back(page: Page) -> None:
    """Duplicate, a note, a removal with the keyboard: all taken back, one done again and taken back."""
    page.get_by_role("button", name="Duplicate Main menu").press("Enter")
    assert page.locator("#node-menu_2 h3").inner_text() == "Main menu"
    page.get_by_label("New note").fill("ask the sales team")
    page.get_by_role("button", name="Add a note").press("Enter")
    assert page.locator("#note-note_1 textarea").input_value() == "ask the sales team"
    page.locator("#node-menu summary", has_text="Remove").press("Enter")
    page.get_by_role("button", name="Remove Main menu").first.press("Enter")
    assert page.locator("#node-menu").count() == 0
    for _ in range(3):
        page.get_by_role("button", name=re.compile("^Undo")).press("Enter")
    assert page.get_by_role("status").inner_text() == "Undone: Duplicate: Main menu"
    assert page.locator("#node-menu").count() == 1 and page.locator("#node-menu_2").count() == 0
    page.get_by_role("button", name=re.compile("^Redo")).press("Enter")
    assert page.locator("#node-menu_2").count() == 1
    page.get_by_role("button", name=re.compile("^Undo")).press("Enter")
    assert page.locator("#node-menu_2, #note-note_1").count() == 0
    page.get_by_role("link", name="Publish…").press("Enter")
    assert page.get_by_role("button", name="Publish").count() == 1 or page.get_by_text("To be mended").count() == 1
    page.get_by_role("link", name="Outline").press("Enter")


def versions(admin: Admin) -> None:
    """v1 and v2 on one canvas; back to v1 after a question."""
    page = admin.open("/designer/hello/versions?a=1&b=2")
    page.wait_for_selector("body[data-ready]", state="attached")
    assert page.locator('.flow-node.is-added[data-node="extra"]').count() == 1
    assert page.locator('.flow-node.is-changed[data-node="say"]').count() == 1
    assert page.locator(".flow-line.is-removed").count() == 1 and page.locator(".flow-line.is-added").count() == 2
    assert page.locator("del").inner_text() == "您好" and page.locator("ins").inner_text() == "<b>欢迎</b>"
    page.locator('.look-change[data-node="say"]').first.click()
    assert page.evaluate("ccc.studio.selection.nodes") == ["say"]
    assert admin.axe() == []
    page.get_by_role("link", name="Roll back v1").click()
    page.get_by_role("button", name="Publish v1").press("Enter")  # it has the focus
    page.wait_for_selector("text=Version 4 is live.")
    assert admin.axe() == []


def into_the_draft(admin: Admin) -> None:
    """v2 into the draft, taken back with one key."""
    page = admin.page
    page.get_by_role("link", name="Into the draft v2").click()
    page.wait_for_selector("body[data-ready]", state="attached")
    page.wait_for_function("() => ccc.studio.document.node('extra') && !ccc.studio.document.node('menu')")
    page.keyboard.press("Control+z")
    page.wait_for_function("() => !ccc.studio.document.node('extra') && ccc.studio.document.node('menu')")
    page.wait_for_function("() => !ccc.draft.unsaved && !ccc.draft.saving")


def replay(admin: Admin) -> None:
    """From the call record; the arrow keys walk, the recording follows."""
    page = admin.open("/calls/R1")
    page.get_by_role("link", name="Show on the flow").click()
    page.wait_for_selector("body[data-ready]", state="attached")
    assert page.locator("#step-at").inner_text() == "Step 1 of 3"
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    assert page.locator('.flow-node.is-here[data-node="extra"]').count() == 1
    assert page.locator(".flow-line.is-path").count() == 2
    assert page.evaluate("document.getElementById('audio').currentTime") == pytest.approx(1.5, abs=0.2)
    assert page.locator("#play-at").inner_text() == "0:01"
    page.keyboard.press("ArrowLeft")
    assert page.locator('.flow-node.is-here[data-node="say"]').count() == 1
    assert admin.axe() == []


def live(admin: Admin, site: Site) -> None:
    """A call appears on its node; a click on the node says who it is."""
    page = admin.open("/designer/hello/live")
    page.wait_for_selector("body[data-ready]", state="attached")
    page.wait_for_selector("#live-state.tag-good")
    show_call(page, site, "start")
    page.wait_for_selector('.flow-node.is-live[data-node="start"]')
    show_call(page, site, "say")
    page.wait_for_selector('.flow-node.is-live[data-node="say"]')
    assert page.locator("#live-calls li").count() == 1
    page.locator('[data-node="say"] .node-card').click()
    page.wait_for_selector("text=13900001111")
    assert admin.axe() == []


def show_call(page: Page, site: Site, node: str) -> None:
    at = [
        {"flow": "front", "flow_version": 1, "node": "say", "since": 0},  # it began there and is in hello now
        {"flow": "hello", "flow_version": 4, "node": node, "since": 0},
    ]
    call = {"id": "c1", "flow": "front", "flow_version": 1, "state": "flow", "at": at, "caller": "13900001111",
            "agent": None, "started_at": 0}  # fmt: skip
    assert site.runtime is not None
    site.runtime.calls = [call]
    site.runtime.push()


def heat(admin: Admin) -> None:
    page = admin.open("/designer/hello/heat?days=30&version=2")
    page.wait_for_selector("body[data-ready]", state="attached")
    assert page.locator('.flow-node.heat-5[data-node="say"]').count() == 1
    page.locator('.look-link[data-node="say"]').click()
    page.wait_for_selector("#heat-node >> text=1 (100%)")
    assert admin.axe() == []
