"""The live board and the wallboard in Chromium: mouse, keyboard, Chinese and English, nothing the policy forbids."""

from __future__ import annotations

import random
import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Page, expect

from tests.web.conftest import sign_in
from tests.web.fake_rt import FakeRuntime, now_ms
from tests.web.test_workbench import Open, complaints, opened, runtime, site, until, window

__all__ = ["complaints", "opened", "runtime", "site", "window"]
browser = pytest.mark.browser
STATES = ("talking", "ready", "break", "wrap-up", "ringing", "hold", "offline")


def call(number: int, at: int, **facts: Any) -> dict[str, Any]:
    return {
        "id": f"c{number}", "direction": "inbound", "caller": f"138001380{number:02}", "callee": "4001", "flow": "menu",
        "flow_version": 3, "node": "q", "node_name": "转人工", "node_since": at - 18_000, "agent": "wang",
        "skill_group": "support", "started_at": at - 88_000, "answered_at": at - 87_000, "state": "talking", **facts,
    }  # fmt: skip


def agent(number: int, at: int, state: str, group: str = "support") -> dict[str, Any]:
    busy = state in ("talking", "hold", "ringing", "wrap-up")
    return {
        "user": f"a{number:02}", "name": f"坐席{number:02}", "state": state, "since": at - 65_000, "until": None,
        "reason": "用餐" if state == "break" else "", "groups": [group],
        "call": {"id": f"c{number}", "caller": "13800138000", "state": state} if busy else None,
    }  # fmt: skip


def busy_day(runtime: FakeRuntime) -> None:
    """Two queues, twelve agents, five calls, a morning of calls."""
    at, chance = now_ms(), random.Random(3)
    runtime.queues = [
        {
            "group": "support",
            "title": "客户服务",
            "waiting": 2,
            "longest_since": at - 35_000,
            "ready": 0,
            "callbacks": 7,
        },
        {"group": "sales", "title": "销售热线", "waiting": 0, "longest_since": None, "ready": 2},
    ]
    groups = ("support", "sales")
    runtime.agents = [agent(n, at, STATES[n % 7], groups[n % 2]) for n in range(12)]
    runtime.calls = [call(n, at) for n in range(3)]
    runtime.calls += [call(8, at, state="queued", agent=None), call(9, at, state="flow", agent=None, skill_group=None)]
    runtime.charts = {
        "day": "2026-11-20",
        "bucket_s": 300,
        "buckets": [[n, chance.randint(0, 6), chance.randint(0, 2), chance.randint(0, 3)] for n in range(96, 168)],
        "waiting": [[at - (180 - n) * 10_000, chance.randint(0, 4)] for n in range(180)],
    }
    runtime.push()


def test_only_supervisors_and_administrators(client: FlaskClient) -> None:
    sign_in(client, "wang")
    assert client.get("/live").status_code == client.get("/live/wall").status_code == 403
    assert "/live" not in client.get("/workbench").text


@browser
def test_an_empty_board_says_so(opened: Open, runtime: FakeRuntime) -> None:
    page = opened("li", "/live", locale="en-GB")
    expect(page.locator("#board-state")).to_have_text("Live")
    expect(page.locator("#calls-empty")).to_contain_text("No calls in progress")
    expect(page.locator("#agents-empty")).to_be_visible()
    expect(page.locator("#tile-waiting [data-value]")).to_have_text("0")
    expect(page.locator("#refusing")).to_be_hidden()
    runtime.refusing = "journal"
    runtime.push()
    expect(page.locator("#refusing")).to_contain_text("call records cannot be written")


@browser
def test_agents_queues_calls_and_their_timers(opened: Open, runtime: FakeRuntime) -> None:
    page = opened("li", "/live", locale="en-GB")
    busy_day(runtime)
    expect(page.locator("#tile-waiting [data-value]")).to_have_text("2")
    expect(page.locator("#tile-ready [data-value]")).to_have_text("2")
    expect(page.locator("#tile-level [data-value]")).to_have_text("82%")
    row = page.locator("#queue-rows tr").first
    assert row.locator("td").all_inner_texts()[:1] == ["客户服务"]
    expect(row.locator("td").nth(3)).to_have_text("7")  # callbacks that are open
    expect(row.locator("td").nth(6)).to_have_text("41")
    talking = page.locator(".agent[data-state=talking]").first
    expect(talking).to_contain_text("13800138000")
    expect(page.locator(".agent[data-state=break]").first).to_contain_text("On break · 用餐")
    expect(page.locator("#call-rows tr")).to_have_count(5)
    first = page.locator("#call-rows tr").first
    expect(first).to_contain_text("转人工 · menu v3")
    expect(first).to_contain_text("王小明")
    expect(first).to_contain_text("1:3")
    expect(talking.locator(".agent-timer")).to_have_text("1:08")  # timers run without a message
    for plot in ("calls", "waiting", "agents"):
        until(page, f"document.querySelectorAll('#plot-{plot} canvas').length > 0")
    expect(page.locator("#plot-calls")).to_have_attribute("aria-label", re.compile("calls today"))


@browser
def test_a_supervisor_chooses_an_agents_state(opened: Open, runtime: FakeRuntime) -> None:
    page = opened("li", "/live", locale="zh-CN")
    runtime.agents = [agent(0, now_ms(), "ready") | {"user": "chen", "name": "陈晨"}]
    runtime.push()
    page.get_by_role("button", name="陈晨").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#agent-title")).to_have_text("陈晨")
    page.click("#agent-choices [data-state=break] >> nth=1")
    expect(page.locator("#board-said")).to_contain_text("陈晨")
    [question] = [one for one in runtime.asked if one["op"] == "agent-state"]
    assert (question["user"], question["state"], question["by"]) == ("chen", "break", "li")
    runtime.answers["agent-state"] = {"error": {"code": "away", "message": "away"}}
    page.get_by_role("button", name="陈晨").click()
    page.click("#agent-choices [data-state=offline]")
    expect(page.locator("#board-said")).to_contain_text("不在坐席工作台")
    page.get_by_role("button", name="陈晨").click()
    page.keyboard.press("Escape")
    expect(page.locator("#agent-dialog")).to_be_hidden()


@browser
def test_signed_out_elsewhere_or_disabled_is_said(opened: Open, runtime: FakeRuntime) -> None:
    page = opened("li", "/live")
    for why, words in (("signed-out", "您已退出登录"), ("disabled", "不再有权监控")):
        expect(page.locator("#board-state")).to_have_text("实时")
        runtime.tell("bye", why=why)
        expect(page.locator("#board-state")).to_contain_text(words)
        expect(page.locator("[data-stale]")).to_be_visible()
        page.reload()


@browser
def test_a_change_is_there_within_a_second_and_names_are_text(opened: Open, runtime: FakeRuntime) -> None:
    page = opened("li", "/live")
    expect(page.locator("#board-state")).to_have_text("实时")
    runtime.calls = [call(1, now_ms(), caller="<b>138</b>")]
    runtime.push()
    expect(page.locator("#call-rows tr")).to_contain_text("<b>138</b>", timeout=1000)
    runtime.calls = []
    runtime.push()
    expect(page.locator("#calls-empty")).to_be_visible(timeout=1000)


@browser
def test_the_page_changes_at_most_once_a_second(opened: Open, runtime: FakeRuntime) -> None:
    page = opened("li", "/live")
    busy_day(runtime)
    expect(page.locator("#call-rows tr")).to_have_count(5)
    page.evaluate("""() => { window.turns = 0;
        new MutationObserver(() => { window.turns += 1; }).observe(document.querySelector("#board"),
          { subtree: true, childList: true, characterData: true }); }""")
    page.wait_for_timeout(3000)
    assert 2 <= page.evaluate("window.turns") <= 4


@browser
def test_one_skill_group_by_keyboard(opened: Open, runtime: FakeRuntime) -> None:
    page = opened("li", "/live")
    busy_day(runtime)
    expect(page.locator("#group option")).to_have_count(3)
    page.focus("#group")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(page.locator("#queue-rows tr")).to_have_count(1)
    expect(page.locator("#queue-rows tr")).to_contain_text("销售热线")
    expect(page.locator(".agent")).to_have_count(6)
    expect(page.locator("#calls-empty")).to_be_visible()


@browser
def test_old_figures_look_old_until_the_connection_is_back(opened: Open, site: Any) -> None:
    page = opened("li", "/live")
    expect(page.locator("#board-state")).to_have_text("实时")
    site.stop_runtime()
    expect(page.locator("#board-state")).to_contain_text("连接已断开")
    expect(page.locator("#board")).to_have_attribute("data-stale", "")
    site.start_runtime()
    expect(page.locator("#board-state")).to_have_text("实时", timeout=15_000)
    expect(page.locator("[data-stale]")).to_have_count(0)


def fits(page: Page) -> bool:
    return bool(
        page.evaluate(
            """() => { const e = document.scrollingElement, m = document.querySelector(".wall-main");
            return e.scrollWidth <= innerWidth && e.scrollHeight <= innerHeight && m.scrollHeight <= innerHeight; }"""
        )
    )


@browser
@pytest.mark.parametrize(("width", "height"), [(1280, 800), (1920, 1080)])
@pytest.mark.parametrize("locale", ["zh-CN", "en-GB"])
def test_the_wallboard(opened: Open, runtime: FakeRuntime, width: int, height: int, locale: str) -> None:
    page = opened("li", "/live/wall", locale=locale, viewport={"width": width, "height": height})
    busy_day(runtime)
    expect(page.locator("#tile-waiting [data-value]")).to_have_text("2")
    assert fits(page)
    size = page.evaluate("parseFloat(getComputedStyle(document.querySelector('#tile-waiting b')).fontSize)")
    assert size >= 0.07 * height  # read from 5 m
    for tile in page.locator(".tile b").all():
        assert tile.evaluate("e => e.scrollWidth <= e.clientWidth")
    expect(page.locator(".agent[data-state=offline]")).to_have_count(0)
    assert "13800138000" not in page.inner_text("body")  # no numbers for everybody in the room
    page.keyboard.press("f")
    until(page, "document.fullscreenElement !== null")
    expect(page.locator("#full-screen")).to_contain_text("Leave" if locale == "en-GB" else "退出")
    page.keyboard.press("f")
    until(page, "document.fullscreenElement === null")
    page.click("#leave-wall")
    page.wait_for_url("**/live")


@browser
@pytest.mark.parametrize(("width", "height"), [(1280, 800), (1920, 1080)])
def test_the_board_needs_no_sideways_scrolling(opened: Open, runtime: FakeRuntime, width: int, height: int) -> None:
    page = opened("li", "/live", viewport={"width": width, "height": height})
    busy_day(runtime)
    expect(page.locator("#call-rows tr")).to_have_count(5)
    assert page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")
