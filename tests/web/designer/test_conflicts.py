"""Saved elsewhere, taken over, signed out, asleep, without a network: nothing that was drawn or typed is lost."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from ccc.services.actor import SYSTEM
from ccc.services.flows import export_flow
from ccc.store import open_store
from ccc.store.base import utc_now
from ccc.store.repos import flow_locks
from tests.web.conftest import PASSWORD
from tests.web.designer.conftest import EMPTY, Hands, put_flow
from tests.web.site import Site

pytestmark = pytest.mark.browser
FLOW: dict[str, Any] = {
    **EMPTY,
    "nodes": [
        {"id": "start", "type": "start", "position": [0, 0]},
        {"id": "say", "type": "play", "position": [300, 0], "config": {"prompts": [{"kind": "tts", "text": "您好"}]}},
        {"id": "end", "type": "hangup", "position": [620, 0]},
    ],
    "edges": [{"from": "start", "exit": "next", "to": "say"}, {"from": "say", "exit": "done", "to": "end"}],
}


def stored(site: Site) -> dict[str, Any]:
    store = open_store(site.home)
    found = export_flow(store, SYSTEM, "demo", "fresh").as_dict()
    store.close()
    return found


def text_of(document: dict[str, Any]) -> str:
    """What the prompt says."""
    found: str = {node["id"]: node for node in document["nodes"]}["say"]["config"]["prompts"][0]["text"]
    return found


def nodes_of(document: dict[str, Any]) -> set[str]:
    return {node["id"] for node in document["nodes"]}


def notice(hands: Hands, text: str) -> None:
    expect(hands.page.locator("#notice")).to_contain_text(text)


def test_nothing_is_lost(designer: Callable[..., Hands], site: Site, tmp_path: Path) -> None:
    put_flow(site, FLOW)
    hands = designer()
    saved_elsewhere(hands, site, tmp_path)
    asleep(hands, site)
    without_a_server(hands, site)
    signed_out(hands, site)
    taken_over(hands, designer(user="li"), site)


def elsewhere(site: Site, *more: str) -> None:
    """A program saves the flow with more nodes."""
    extra = [{"id": one, "type": "play", "position": [300, 300]} for one in more]
    put_flow(site, {**FLOW, "nodes": [*FLOW["nodes"], *extra]})


def add(hands: Hands, kind: str) -> None:
    hands.page.locator("#main").focus()
    hands.press("Escape")
    hands.press("/")
    hands.type(kind)
    hands.press("Enter")


def saved_elsewhere(hands: Hands, site: Site, folder: Path) -> None:
    """409: mine as a file, theirs and back to mine with one undo; then mine in place of theirs."""
    page = hands.page
    elsewhere(site, "theirs")
    add(hands, "wait")
    notice(hands, "保存")
    assert "wait" not in nodes_of(stored(site)) and page.evaluate("ccc.draft.unsaved")
    assert [button.inner_text() for button in page.locator("#notice button").all()] == [
        "查看对方的版本",
        "用我的版本覆盖",
        "下载我的版本",
    ]
    with page.expect_download() as loaded:
        page.click("#notice button >> nth=2")
    loaded.value.save_as(folder / "mine.json")
    assert "wait" in nodes_of(json.loads((folder / "mine.json").read_text()))
    page.click("#notice button >> nth=0")
    page.wait_for_function("() => ccc.studio.document.node('theirs') && !ccc.studio.document.node('wait')")
    expect(page.locator(".note-toast", has_text="Ctrl+Z")).to_be_visible()
    assert page.locator("#notice").is_hidden() and not page.evaluate("ccc.draft.unsaved")
    page.locator("#main").focus()
    hands.press("Control+z")
    hands.saved()
    assert nodes_of(stored(site)) == {"start", "say", "end", "wait"}
    elsewhere(site, "again")
    add(hands, "hangup")
    notice(hands, "保存")
    page.click("#notice button >> nth=1")
    hands.saved()
    assert nodes_of(stored(site)) == {"start", "say", "end", "wait", "hangup"}


def asleep(hands: Hands, site: Site) -> None:
    """The computer slept, the lock ran out, a program saved: the page shows it and goes on."""
    _age_lock(site)
    elsewhere(site, "night")
    hands.page.evaluate("ccc.draft.beat()")
    hands.page.wait_for_function("() => ccc.studio.document.node('night')")
    add(hands, "wait")
    hands.saved()
    assert {"night", "wait"} <= nodes_of(stored(site))
    _age_lock(site)
    hands.page.evaluate("ccc.draft.beat()")
    add(hands, "record")
    hands.saved()
    assert "record" in nodes_of(stored(site)) and hands.page.locator("#notice").is_hidden()


def _age_lock(site: Site) -> None:
    store = open_store(site.home)
    with store.write() as session:
        flow_locks.touch(session, "demo", "fresh", utc_now() - timedelta(hours=1))
    store.close()


def without_a_server(hands: Hands, site: Site) -> None:
    """Typed, then another node chosen, while nothing answers."""
    page = hands.page
    page.evaluate("ccc.studio.select({ nodes: ['say'] })")
    hands.after("say")
    page.route(re.compile("/designer/fresh/"), lambda route: route.abort())
    page.locator('[name="config.prompts.0.text"]').fill("断网时写的")
    page.wait_for_selector(".save-state.is-bad")
    page.evaluate("ccc.studio.select({ nodes: ['end'] })")
    page.wait_for_timeout(300)
    assert text_of(stored(site)) == "您好" and page.evaluate("ccc.panel.busy")
    page.click("[data-act=publish]")
    expect(page.locator(".note-toast", has_text="暂不能发布")).to_be_visible()
    assert page.locator("#publish-dialog").is_hidden()
    page.unroute(re.compile("/designer/fresh/"))
    hands.after("end")
    page.wait_for_function("() => !ccc.panel.busy", timeout=15_000)
    hands.saved()
    assert text_of(stored(site)) == "断网时写的"
    page.wait_for_selector(".save-state:not(.is-bad)")


def signed_out(hands: Hands, site: Site) -> None:
    """The page says so, keeps all, and goes on when the user has signed in again in another tab."""
    page = hands.page
    page.context.clear_cookies()
    add(hands, "menu")
    expect(page.locator("#save-state")).to_contain_text("登录")
    assert "menu" not in nodes_of(stored(site))
    other: Page = page.context.new_page()
    other.goto(f"{site.url}/")
    other.fill("input[name=username]", "zhao")
    other.fill("input[name=password]", PASSWORD)
    other.press("input[name=password]", "Enter")
    other.wait_for_url(re.compile("workbench|console"))
    other.close()
    page.wait_for_function("() => !ccc.draft.unsaved && !ccc.draft.saving", timeout=20_000)
    assert "menu" in nodes_of(stored(site))


def taken_over(hands: Hands, other: Hands, site: Site) -> None:
    """What was drawn while somebody took over is saved after taking back."""
    other.click("#notice button")
    other.page.wait_for_selector("body:not(.is-read-only)", state="attached")
    add(hands, "collect")
    notice(hands, "李静")
    assert "collect" not in nodes_of(stored(site))
    hands.click("#notice button")
    hands.page.wait_for_selector("body:not(.is-read-only)", state="attached")
    hands.saved()
    assert "collect" in nodes_of(stored(site))
