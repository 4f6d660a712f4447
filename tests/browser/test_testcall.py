"""A test call from the numbers' page: an administrator's browser is the caller, and in another tab the agent too."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from ccc.bus import request
from ccc.home import PROJECT
from ccc.loader import load
from ccc.services import flows, users
from ccc.services.actor import SYSTEM
from ccc.snapshot.model import SkillGroup
from ccc.store import open_store
from tests.browser.desk import Desk
from tests.calls.flows import document, node, tone
from tests.calls.publish import put_on_air
from tests.calls.system import System, wait_for

OpenDesk = Callable[..., Desk]
CALLER = "02085550173"
AXE = PROJECT / "node_modules/axe-core/axe.min.js"
MENU = document(
    "t-browser-caller",
    [
        node("start", "start", recording="on"),
        node("menu", "menu", prompts=[tone(440, 30)], keys=[{"key": "1"}, {"key": "2"}], repeat=0),
        node("high", "play", prompts=[tone(700, 4)], interruptible=True),
        node("wait", "queue", skill_group="t-caller", timeout_s=60),
        node("end", "hangup"),
    ],
    "start.next>menu", "menu.key_1>wait", "menu.key_2>high", "menu.wrong>end",
    "high.done>menu", "wait.answered>end", "wait.timeout>end",
)  # fmt: skip
FOLLOW = """() => {
    window.nodes = [];
    document.addEventListener("testcall:enter", (event) => window.nodes.push(event.detail.node));
}"""
DRAFT = document(
    "t-browser-draft",
    [node("start", "start"), node("tone", "play", prompts=[tone(880, 3)]), node("end", "hangup")],
    "start.next>tone", "tone.done>end",
)  # fmt: skip


@pytest.fixture(scope="module")
def numbers(system: System) -> System:
    """The number 4301 with a menu; agents of its queue are the administrator himself. And a draft of a flow."""
    put_on_air(system, {"4301": MENU}, groups={SkillGroup("t-caller", "demo", "试呼组"): ("admin",)})
    store = open_store(system.home)
    flows.import_flow(store, load(), SYSTEM, "demo", DRAFT)
    store.close()
    return system


def hears(page: Page, hz: float) -> None:
    """What the page receives is a tone of this frequency."""

    def there() -> Any:
        heard = page.evaluate("window.hear()")
        return heard if abs(heard["hz"] - hz) < 12 and heard["db"] > -60 else None

    wait_for(f"the caller's page hears {hz} Hz", there)


def call(page: Page, caller: str = CALLER) -> None:
    """Press Call in the panel that is open."""
    page.fill("[data-tc=caller]", caller)
    page.click("[data-tc=call]")
    expect(page.locator("[data-testcall]")).to_have_attribute("data-state", "flow", timeout=10_000)


def today(system: System) -> int:
    return int(request(system.home.socket("runtime"), {"op": "live", "instance": "demo"})["today"]["calls"])


def axe(page: Page) -> list[str]:
    """Serious findings of axe-core in the panel."""
    page.evaluate(AXE.read_text())
    found = page.evaluate("axe.run('#panel-dialog', {resultTypes: ['violations']})")
    return [item["id"] for item in found["violations"] if item["impact"] in ("serious", "critical")]


def test_caller_in_one_tab_and_agent_in_another(numbers: System, agent: OpenDesk) -> None:
    counted = today(numbers)
    desk = agent("admin")
    desk.ready()
    page = desk.context.new_page()
    page.goto(f"{numbers.http}/numbers/")
    page.click("tr[data-key='4301'] button:has-text('试呼')")
    call(page)
    hears(page, 440)
    expect(page.locator(".tc-step.tc-here")).to_have_attribute("data-node", "menu")
    page.keyboard.press("2")
    hears(page, 700)
    expect(page.locator(".tc-step[data-node=menu] .tc-exit").first).to_contain_text("2")
    hears(page, 440)
    page.click(".tc-keys [data-key='1']")
    desk.expect_call("ringing")
    assert desk.call_number() == CALLER
    expect(desk.page.locator("#call-test")).to_be_visible()
    desk.answer()
    desk.expect_tone(1000)
    hears(page, 1000)
    expect(page.locator("[data-testcall]")).to_have_attribute("data-state", "talking")
    expect(page.locator("[data-tc=sent]")).to_have_text("21")
    page.close()
    desk.expect_call("wrap-up", timeout_s=5)
    desk.finish()
    desk.expect_state("ready")
    record = numbers.record_of(CALLER)
    assert (record["direction"], record["cause"], record["agent"]) == ("test", "caller-hangup", "admin")
    assert [step["exit"] for step in record["steps"]] == ["next", "key_2", "done", "key_1", None]
    assert today(numbers) == counted, "a test call counts in no statistics"
    desk.offline()
    assert desk.problems == []


def test_a_draft_is_called_without_being_published(numbers: System, agent: OpenDesk) -> None:
    desk = agent("admin", "en-US")
    page = desk.page
    page.goto(f"{numbers.http}/flows/t-browser-draft")
    page.wait_for_selector("body[data-ready]")
    page.evaluate(FOLLOW)
    page.click("button:has-text('Call this draft')")
    call(page, "02085550174")
    hears(page, 880)
    expect(page.locator("[data-testcall]")).to_have_attribute("data-state", "ended", timeout=10_000)
    assert page.evaluate("window.nodes") == ["start", "tone", "end"]
    assert axe(page) == []
    record = numbers.record_of("02085550174")
    assert (record["direction"], record["flow"], record["flow_version"]) == ("test", "t-browser-draft", None)
    with desk.context.expect_page() as opened:
        page.click("[data-tc=record]")
    expect(opened.value.locator(".detail-title")).to_contain_text("02085550174")
    expect(opened.value.locator(".facts")).to_contain_text("Draft")
    assert desk.problems == []


def test_the_caller_is_disabled_then_signed_out_in_the_middle(numbers: System, agent: OpenDesk) -> None:
    """Both end the call at once, in the page and on the telephone side, and the panel says why."""
    store = open_store(numbers.home)
    users.set_role(store, SYSTEM, "agent2", "demo", "admin")
    desk = agent("agent2")
    page = desk.page
    page.goto(f"{numbers.http}/numbers/")
    page.click("tr[data-key='4301'] button:has-text('试呼')")
    call(page, "02085550175")
    hears(page, 440)
    users.set_active(store, SYSTEM, "agent2", False)
    expect(page.locator("[data-testcall]")).to_have_attribute("data-state", "ended", timeout=3000)
    expect(page.locator("[data-tc=problem]")).to_contain_text("您已没有在此试呼的权限")
    assert numbers.record_of("02085550175")["cause"] == "caller-hangup"

    users.set_active(store, SYSTEM, "agent2", True)
    desk.page.goto(f"{numbers.http}/login")
    desk.sign_in()
    page.goto(f"{numbers.http}/numbers/")
    page.click("tr[data-key='4301'] button:has-text('试呼')")
    call(page, "02085550176")
    other = desk.context.new_page()
    other.goto(f"{numbers.http}/me/")
    other.click("summary.who")
    other.click("text=退出登录")
    expect(page.locator("[data-testcall]")).to_have_attribute("data-state", "ended", timeout=3000)
    expect(page.locator("[data-tc=problem]")).to_contain_text("您已退出登录，通话已结束")
    assert numbers.record_of("02085550176")["cause"] == "caller-hangup"
    users.set_role(store, SYSTEM, "agent2", "demo", "agent")
    store.close()
    assert desk.problems == []
