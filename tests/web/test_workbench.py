"""The workbench in Chromium, against the real web process and the fake runtime."""

from __future__ import annotations

import datetime
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Page, Playwright, expect

from ccc.home import Home
from ccc.services import instances
from ccc.services.actor import SYSTEM
from ccc.services.users import set_active
from ccc.store import open_store
from tests.web.conftest import PASSWORD
from tests.web.fake_rt import FakeRuntime, now_ms
from tests.web.site import Site

pytestmark = pytest.mark.browser
FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-background-networking",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
)


@pytest.fixture(scope="module")
def window(engine: Playwright) -> Iterator[Browser]:
    browser = engine.chromium.launch(executable_path="/usr/bin/chromium", args=list(FLAGS))
    yield browser
    browser.close()


@pytest.fixture
def site(web_home: Home) -> Iterator[Site]:
    site = Site(web_home).start()
    yield site
    site.stop()


@pytest.fixture
def runtime(site: Site) -> FakeRuntime:
    assert site.runtime is not None
    return site.runtime


@pytest.fixture
def complaints() -> Iterator[list[str]]:
    """What the browser complained about; violations of the content policy and script errors fail the test."""
    said: list[str] = []
    yield said
    assert [one for one in said if "Content Security Policy" in one or one.startswith("pageerror")] == []


Open = Callable[..., Page]


@pytest.fixture
def opened(window: Browser, site: Site, complaints: list[str]) -> Iterator[Open]:
    """Opens a page of a signed-in user; further keyword arguments go to the browser context."""
    contexts: list[BrowserContext] = []

    def open_page(username: str = "wang", address: str = "/workbench", **options: Any) -> Page:
        defaults: dict[str, Any] = {"locale": "zh-CN", "permissions": ["microphone"]}
        context = window.new_context(**defaults | options)
        context.set_default_timeout(30_000)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: complaints.append(f"pageerror: {error}"))
        page.goto(f"{site.url}/login?next={address}")
        page.fill("#username", username)
        page.fill("#password", PASSWORD)
        page.click(".sign-in-card .btn-primary")
        page.wait_for_url(f"**{address}")
        return page

    yield open_page
    for context in contexts:
        context.close()


def sent(runtime: FakeRuntime, op: str) -> list[dict[str, Any]]:
    return [message for message in runtime.ops if message["op"] == op]


def until(page: Page, expression: str) -> None:
    """Wait for a JavaScript expression (``wait_for_function`` needs eval, which the content policy forbids)."""
    deadline = time.monotonic() + 10
    while not page.evaluate(expression):
        assert time.monotonic() < deadline, expression
        page.wait_for_timeout(50)


def ready(page: Page) -> None:
    page.click("#none-ready")
    expect(page.locator("#state")).to_have_attribute("data-state", "ready")


def test_a_callback_says_so_and_new_dispositions_come_without_reload(opened: Open, runtime: FakeRuntime) -> None:
    page = opened()
    ready(page)
    callback = {"id": "cb1", "asked_at": 0, "attempt": 2, "attempts": 3, "reason": "busy", "origin": "01J"}
    runtime.ring(direction="outbound", kind="callback", callback=callback, recording=False)
    expect(page.locator("#call-back")).to_have_text("回呼 · 第 2 次，共 3 次 · 上次：忙")
    expect(page.locator("#call-state")).to_have_text("回呼：接听后呼叫客户")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    runtime.ring(direction="outbound", kind="callback", callback=callback, recording=False, state="connecting")
    expect(page.locator("#call-state")).to_have_text("正在呼叫客户…")
    expect(page.locator("#hangup")).to_be_visible()
    agent = {"user": "wang", "name": "王小明", "instance": "demo", "groups": ["support"], "auto_answer": False}
    queue = {"group": "support", "title": "客户服务", "waiting": 0, "longest_since": None, "ready": 1, "callbacks": 2}
    runtime.tell("setup", agent=agent, breaks=["喝茶"], dispositions={"support": ["新小结"]}, queues=[queue])
    expect(page.locator("#disposition-list")).to_have_text("新小结")
    expect(page.locator("#break-list")).to_have_text("喝茶")
    expect(page.locator("#queues")).to_contain_text("2 个回呼")
    runtime.ring(direction="inbound", kind="", callback=None)
    expect(page.locator("#call-back")).to_be_hidden()


def test_the_customers_page_opens_with_the_ring(opened: Open, web_home: Home, runtime: FakeRuntime) -> None:
    """Whatever the caller's number is, it stays a value of the address; the page opened has no hold on ours."""
    store = open_store(web_home)
    old = instances.get_instance(store, SYSTEM, "demo")
    pop = {"pop_url": "https://crm.example/find?tel=${caller}&g=${skill_group}", "pop_when": "ring"}
    instances.change_settings(store, SYSTEM, replace(old, **pop), old.revision)
    store.close()
    page = opened()
    page.context.route("https://crm.example/**", lambda route: route.fulfill(body="<h1>CRM</h1>"))
    ready(page)
    with page.context.expect_page() as popped:
        runtime.ring(caller="+86 138&g=x#")
    customer = popped.value
    customer.wait_for_url("https://crm.example/**")
    assert customer.url == "https://crm.example/find?tel=%2B86%20138%26g%3Dx%23&g=support"
    assert customer.evaluate("window.opener") is None
    page.reload()
    expect(page.locator("#call-number")).to_be_visible()
    assert len(page.context.pages) == 2, "once for a call"


def test_a_call_from_ring_to_done(opened: Open, runtime: FakeRuntime) -> None:
    page = opened()
    expect(page.locator("#state-name")).to_have_text("离线")
    ready(page)
    runtime.ring()
    expect(page.locator("#call-number")).to_have_text("13800138000")
    expect(page.locator("#call-place")).to_have_text("北京")
    expect(page.locator("#call-group")).to_have_text("客户服务")
    expect(page.locator("#call-keys")).to_have_text("1")
    expect(page.locator("#call-path li")).to_have_count(4)
    expect(page.locator("#call-path")).to_contain_text("按键 1")
    expect(page.locator("#call-variables")).to_contain_text("88001234")
    expect(page.locator("#accept")).to_be_focused()
    until(page, "document.title.includes('13800138000')")
    page.click("#accept")
    expect(page.locator("#call-state")).to_have_text("通话中")
    assert "13800138000" not in page.title()
    page.click("#hold")
    expect(page.locator("#state-name")).to_have_text("保持")
    page.click("#hold")
    page.click("#mute")
    expect(page.locator("#mute")).to_have_attribute("aria-pressed", "true")
    page.click("#keypad-toggle")
    page.keyboard.type("12#")
    expect(page.locator("#keypad-sent")).to_have_text("12#")
    page.click("#hangup")
    expect(page.locator("#wrap-left")).to_have_text("0:30")
    page.fill("#note", "客户问账单")
    page.click("#disposition-list button:has-text('需跟进')")
    expect(page.locator("#note-saved")).to_have_text("已保存")
    page.click("#wrap-done")
    expect(page.locator("#none-title")).to_have_text("等待来电")
    ops = [message["op"] for message in runtime.ops if message["op"] not in ("rtc-offer", "note")]
    assert ops == ["state", "accept", "hold", "unhold", "mute", "dtmf", "dtmf", "dtmf", "hangup", "wrap-up-done"]
    assert sent(runtime, "mute")[0]["on"] is True
    assert "".join(message["keys"] for message in sent(runtime, "dtmf")) == "12#"
    done = sent(runtime, "wrap-up-done")[0]
    assert (done["note"], done["disposition"]) == ("客户问账单", "需跟进")
    assert all(message["call"] == "01JCALL0000000000000000001" for message in runtime.ops if "call" in message)


def test_keys_do_what_buttons_do(opened: Open, runtime: FakeRuntime) -> None:
    page = opened()
    expect(page.locator("#none-ready")).to_be_visible()
    page.keyboard.press("Alt+1")
    expect(page.locator("#state")).to_have_attribute("data-state", "ready")
    page.keyboard.press("?")
    expect(page.locator("#help-dialog")).to_be_visible()
    expect(page.locator("#help-list")).to_contain_text("接听来电")
    page.keyboard.press("Escape")
    page.keyboard.press("Alt+2")
    page.keyboard.press("Enter")
    expect(page.locator("#state-reason")).to_have_text("小休")
    page.keyboard.press("Alt+1")
    runtime.ring()
    expect(page.locator("#buttons-ringing")).to_be_visible()
    page.keyboard.press("Alt+r")
    expect(page.locator("#call-none")).to_be_visible()
    runtime.ring()
    expect(page.locator("#buttons-ringing")).to_be_visible()
    page.keyboard.press("Alt+a")
    expect(page.locator("#note")).to_be_focused()
    page.keyboard.type("? typed")
    page.keyboard.press("Alt+m")
    page.keyboard.press("Alt+h")
    expect(page.locator("#state-name")).to_have_text("保持")
    page.keyboard.press("Alt+h")
    page.keyboard.press("Alt+q")
    expect(page.locator("#buttons-wrap-up")).to_be_visible()
    expect(page.locator("#note")).to_have_value("? typed")
    page.keyboard.press("Alt+w")
    expect(page.locator("#call-none")).to_be_visible()
    page.keyboard.press("Alt+0")
    expect(page.locator("#state-name")).to_have_text("离线")
    assert len(sent(runtime, "reject")) == len(sent(runtime, "accept")) == len(sent(runtime, "mute")) == 1


def test_a_refusal_is_said_and_nothing_changes(opened: Open, runtime: FakeRuntime) -> None:
    page = opened()
    ready(page)
    runtime.ring()
    runtime.refuse["accept"] = ("gone", "主叫已挂机")
    page.click("#accept")
    expect(page.locator("#toasts")).to_contain_text("主叫已挂机")
    expect(page.locator("#call-state")).to_have_text("来电")


def test_a_second_window_takes_over_and_gives_back(opened: Open, runtime: FakeRuntime) -> None:
    page = opened()
    ready(page)
    runtime.ring()
    page.click("#accept")
    expect(page.locator("#call-state")).to_have_text("通话中")
    second = page.context.new_page()
    second.goto(page.url)
    expect(second.locator("#call-number")).to_have_text("13800138000")
    expect(second.locator("#call-state")).to_have_text("通话中")
    expect(page.locator("#takeover")).to_be_visible()
    expect(page.locator("#takeover-here")).to_be_focused()
    assert len(runtime._pages) == 1, "the first window does not come back by itself"
    page.click("#takeover-here")
    expect(page.locator("#call-state")).to_have_text("通话中")
    expect(second.locator("#takeover")).to_be_visible()


def test_reload_in_mid_call_keeps_it(opened: Open, runtime: FakeRuntime) -> None:
    page = opened()
    ready(page)
    runtime.ring()
    page.click("#accept")
    expect(page.locator("#call-state")).to_have_text("通话中")
    page.fill("#note", "before")
    expect(page.locator("#note-saved")).to_have_text("已保存")
    page.reload()
    expect(page.locator("#call-state")).to_have_text("通话中")
    expect(page.locator("#note")).to_have_value("before")
    assert runtime.call is not None


def test_a_lost_connection_comes_back_and_saves_what_was_typed(opened: Open, site: Site, runtime: FakeRuntime) -> None:
    page = opened()
    ready(page)
    runtime.ring()
    page.click("#accept")
    expect(page.locator("#call-state")).to_have_text("通话中")
    call, state = runtime.call, runtime.state
    site.stop_runtime()
    expect(page.locator("#banner-lost")).to_be_visible()
    expect(page.locator("[data-set-state=ready]")).to_be_disabled()
    page.fill("#note", "typed while away")
    again = site.start_runtime()
    again.call, again.state = call, state
    expect(page.locator("#banner-lost")).to_be_hidden(timeout=15_000)
    expect(page.locator("#note-saved")).to_have_text("已保存")
    expect(page.locator("#note")).to_have_value("typed while away")
    assert sent(again, "note")[-1]["note"] == "typed while away"
    expect(page.locator("#call-state")).to_have_text("通话中")


def test_a_gap_in_the_sequence_fetches_a_new_snapshot(opened: Open, runtime: FakeRuntime) -> None:
    page = opened()
    ready(page)
    runtime._seq += 5
    runtime.ring()
    expect(page.locator("#call-number")).to_have_text("13800138000")
    assert len(runtime.headers) == 2


def test_a_disabled_user_is_put_out(opened: Open, runtime: FakeRuntime, web_home: Home) -> None:
    page = opened()
    ready(page)
    store = open_store(web_home)
    set_active(store, SYSTEM, "wang", False)
    store.close()
    runtime.drop_pages(4003)
    expect(page.locator("#takeover-title")).to_have_text("账号已停用")
    page.click("#takeover-login")
    page.wait_for_url("**/login**")


def test_an_ended_session_leads_to_the_sign_in(opened: Open, runtime: FakeRuntime) -> None:
    page = opened()
    ready(page)
    page.context.clear_cookies()
    runtime.drop_pages()
    expect(page.locator("#takeover-title")).to_have_text("登录已过期")
    expect(page.locator("#takeover-login")).to_be_visible()


def test_missed_calls_and_reasons(opened: Open, runtime: FakeRuntime) -> None:
    page = opened()
    ready(page)
    runtime.state = {"state": "break", "reason": "ring-timeout", "since": now_ms() - 65_000}
    runtime.push()
    expect(page.locator("#state-reason")).to_have_text("振铃未接")
    expect(page.locator("#none-title")).to_have_text("有来电未接")
    expect(page.locator("#state-timer")).to_have_text("1:05")
    expect(page.locator("#none-ready")).to_have_text("回到空闲")


WHOLE = """() => {
  const strip = document.getElementById("queues").getBoundingClientRect();
  const chips = [...document.querySelectorAll("#queues > .queue:not([hidden])")];
  return chips.length > 1 && chips.every((chip) => chip.getBoundingClientRect().right <= strip.right + 1);
}"""


def test_queues_in_the_header(opened: Open, runtime: FakeRuntime) -> None:
    page = opened()
    expect(page.locator("#queues")).to_contain_text("无人排队")
    runtime.queues[0] |= {"waiting": 3, "longest_since": now_ms() - 95_000, "ready": 2}
    runtime.push()
    expect(page.locator("#queues")).to_contain_text("排队 3")
    expect(page.locator("#queues")).to_contain_text("1:35")
    names = ("售后服务与技术支持", "大客户专线", "English hotline", "夜间值班", "投诉处理", "销售热线")
    runtime.queues += [
        {"group": name, "title": name, "waiting": 0, "longest_since": None, "ready": 1} for name in names
    ]
    runtime.queues[-1] |= {"waiting": 1, "longest_since": now_ms() - 200_000}
    for width in (1920, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        runtime.queues[1]["ready"] += 1
        runtime.push()
        expect(page.locator("#queues > .queue").first).to_contain_text("销售热线"), "who waits longest comes first"
        page.wait_for_timeout(300)
        assert page.evaluate(WHOLE), "no chip is cut off"
        hidden = page.locator("#queues > .queue[hidden]").count()
        assert page.locator("#queues-more").is_visible() == (hidden > 0)
    expect(page.locator("#queues-more summary")).to_have_text(f"另 {hidden} 个队列")
    page.click("#queues-more summary")
    expect(page.locator("#queues-more .queue")).to_have_count(len(runtime.queues))


def test_microphone_meter_and_devices(opened: Open) -> None:
    page = opened()
    page.click("#audio-open")
    expect(page.locator("#microphone option")).not_to_have_count(1)
    until(page, "Number(document.getElementById('mic-meter').getAttribute('aria-valuenow')) > 20")
    page.select_option("#microphone", index=1)
    expect(page.locator("#chip-name")).to_contain_text("Fake")
    page.keyboard.press("Escape")
    expect(page.locator("#audio-dialog")).to_be_hidden()


@pytest.mark.parametrize(
    ("name", "title", "cure"),
    [
        ("NotAllowedError", "浏览器拒绝了麦克风", "请点击地址栏"),
        ("NotFoundError", "没有找到麦克风", "请插好耳麦"),
        ("NotReadableError", "麦克风被占用", "请关闭正在使用麦克风的程序"),
    ],
)
def test_a_missing_microphone_names_the_cure(opened: Open, name: str, title: str, cure: str) -> None:
    page = opened()
    refuse = f"navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('no', '{name}'))"
    page.add_init_script(refuse)
    page.reload()
    expect(page.locator("#banner-mic")).to_contain_text(title)
    expect(page.locator("#banner-mic")).to_contain_text(cure)
    page.click("#none-ready")
    expect(page.locator("#toasts")).to_contain_text("否则对方听不到您")
    expect(page.locator("#state")).to_have_attribute("data-state", "offline")
    page.evaluate("delete navigator.mediaDevices.getUserMedia")
    page.click("#mic-retry")
    expect(page.locator("#banner-mic")).to_be_hidden()
    ready(page)


def test_the_own_history_plays_its_recording(opened: Open) -> None:
    page = opened()
    expect(page.locator(".history-row")).to_have_count(20)
    page.click("#history-more")
    expect(page.locator(".history-row")).to_have_count(22)
    page.click(".history-row:first-child .history-head")
    page.evaluate("document.querySelector('.history-row audio').play()")  # nothing is fetched (and logged) before
    until(page, "Math.abs(document.querySelector('.history-row audio').duration - 4) < 0.1")
    position = page.evaluate(
        """async () => { const a = document.querySelector('.history-row audio'); a.currentTime = 2;
        await new Promise((done) => { a.onseeked = done; }); return a.currentTime; }"""
    )
    assert position == pytest.approx(2, abs=0.1)
    expect(page.locator(".history-row:first-child")).to_contain_text("查询账单")


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (1920, 1080)])
@pytest.mark.parametrize("locale", ["zh-CN", "en-GB"])
def test_everything_fits_the_screen(opened: Open, runtime: FakeRuntime, width: int, height: int, locale: str) -> None:
    page = opened(locale=locale, viewport={"width": width, "height": height})
    ready(page)
    runtime.ring(caller="+8613800138000138", province="黑龙江省", city="齐齐哈尔市")
    page.click("#accept")
    expect(page.locator("#hangup")).to_be_visible()
    for selector in ("#hangup", "#mute", "#hold", "#keypad-toggle", "#note", "#disposition-list", "#audio-open"):
        box = page.locator(selector).bounding_box()
        assert box is not None and box["x"] >= 0 and box["x"] + box["width"] <= width, selector
        assert box["y"] + box["height"] <= height, selector
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "no sideways scrolling"


def test_controls_have_names(opened: Open, runtime: FakeRuntime) -> None:
    page = opened()
    ready(page)
    runtime.ring()
    page.click("#accept")
    page.click(".history-row:first-child .history-head")
    nameless = page.evaluate(
        """() => [...document.querySelectorAll('button, a[href], input:not([type=hidden]), select, textarea')]
        .filter((e) => !(e.innerText.trim() || e.textContent.trim() || e.getAttribute('aria-label')
          || e.labels?.length)).map((e) => e.outerHTML)"""
    )
    assert nameless == []
    ids = page.evaluate("[...document.querySelectorAll('[id]')].map((e) => e.id)")
    assert len(ids) == len(set(ids))


def test_playwright_sees_violations(opened: Open, complaints: list[str]) -> None:
    """The check on the content policy must be able to fail: inline code is refused, and seen."""
    page = opened()
    with pytest.raises(Error, match=r"unsafe-eval|Content Security Policy"):
        page.evaluate("new Promise((a, b) => { setTimeout(() => { try { eval('1'); a(); } catch (e) { b(e); } }); })")
    page.evaluate(
        "document.body.append(Object.assign(document.createElement('script'), {textContent: 'window.x = 1'}))"
    )
    assert page.evaluate("window.x") is None
    assert any("Content Security Policy" in one for one in complaints)
    complaints.clear()


def test_times_are_those_of_the_instance(opened: Open, runtime: FakeRuntime) -> None:
    page = opened(timezone_id="America/New_York")
    ready(page)
    runtime.ring()
    at = datetime.datetime.fromtimestamp(runtime.call["path"][0]["at"] / 1000, datetime.UTC)  # type: ignore[index]
    there = (at + datetime.timedelta(hours=8)).strftime("%H:%M:%S")
    expect(page.locator("#call-path li:first-child time")).to_have_text(there)


def test_sound_held_back_is_one_click_away(opened: Open, runtime: FakeRuntime) -> None:
    page = opened()
    page.add_init_script(
        """const play = HTMLMediaElement.prototype.play;
        let clicked = false;
        document.addEventListener("click", () => { clicked = true; }, true);
        HTMLMediaElement.prototype.play = function () {
          return clicked ? play.call(this) : Promise.reject(new DOMException("no gesture", "NotAllowedError"));
        };"""
    )
    page.reload()
    expect(page.locator("#none-ready")).to_be_visible()
    expect(page.locator("#banner-blocked")).to_contain_text("浏览器在您点击之前不会播放声音")
    page.click("#unblock")
    expect(page.locator("#banner-blocked")).to_be_hidden()


def test_a_call_makes_itself_known(opened: Open, runtime: FakeRuntime) -> None:
    page = opened(permissions=["microphone", "notifications"])
    page.add_init_script(
        """window.notices = [];
        document.hasFocus = () => false;
        window.Notification = class { constructor(title, options) { this.title = title; this.body = options.body;
          window.notices.push(this); } close() { this.closed = true; } };
        Notification.permission = "granted";
        window.rings = [];
        const sink = AudioContext.prototype.createMediaStreamDestination;
        AudioContext.prototype.createMediaStreamDestination = function () {
          const node = sink.call(this); window.rings.push(node.stream); return node; };"""
    )
    page.reload()
    ready(page)
    runtime.ring()
    expect(page.locator("#buttons-ringing")).to_be_visible()
    assert page.evaluate("notices.map((n) => [n.title, n.body])") == [
        ["来电 13800138000", "北京 · 客户服务 · 已等待 0:18"]
    ]
    until(page, "rings.length === 1")
    page.click("#reject")
    expect(page.locator("#call-none")).to_be_visible()
    assert page.evaluate("notices[0].closed") is True
    assert page.title() == "坐席工作台 · CCC"


def test_over_https_with_the_own_certificate(window: Browser, web_home: Home) -> None:
    site = Site(web_home, tls="self").start()
    page = window.new_context(locale="en-GB", ignore_https_errors=True, permissions=["microphone"]).new_page()
    try:
        page.goto(f"{site.url}/login")
        page.fill("#username", "wang")
        page.fill("#password", PASSWORD)
        page.click(".sign-in-card .btn-primary")
        page.wait_for_url("**/workbench")
        ready(page)
        assert site.runtime is not None
        assert site.runtime.headers[-1]["origin"] == site.url
        assert site.runtime.headers[-1]["x-forwarded-proto"] == "https"
        cookies = {cookie["name"]: cookie for cookie in page.context.cookies()}
        assert cookies["ccc_session"]["secure"] and cookies["ccc_session"]["httpOnly"]
    finally:
        page.context.close()
        site.stop()
