"""Testing a draft without a telephone: simulated, kept as a test case that guards publishing, called by voice."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from ccc.home import PROJECT
from ccc.loader import load
from ccc.services import flows
from ccc.services.actor import SYSTEM
from ccc.store import open_store
from tests.browser.desk import Desk
from tests.browser.test_testcall import AXE, call, hears
from tests.calls.system import System
from tests.web.designer.conftest import Hands

NAME = "t-trial-menu"
TONE = """() => ccc.studio.run("tone", (edit) => {
    const node = ccc.studio.document.node("menu");
    edit.changeNode("menu", { config: { ...node.config, prompts: [{ kind: "tone", hz: 440, seconds: 30 }] } });
})"""
LIT = (
    "[...ccc.studio.layers.get('trial')].filter(([id]) => !id.startsWith('line-')).map(([id, mark]) => [id, mark.css])"
)


@pytest.fixture(scope="module")
def menu(system: System) -> System:
    """The demonstration's menu under another name, so that other tests keep theirs."""
    document = json.loads((PROJECT / "flows" / "menu.json").read_text(encoding="utf-8"))
    store = open_store(system.home)
    flows.import_flow(store, load(), SYSTEM, "demo", document | {"name": NAME, "title": "试运行"})
    store.close()
    return system


def lit(page: Page) -> dict[str, str]:
    """Nodes of the way that is shown on the canvas, and how."""
    return dict(page.evaluate(LIT))


def axe(page: Page) -> list[str]:
    page.evaluate(AXE.read_text())
    found = page.evaluate("axe.run('#trial', {resultTypes: ['violations']})")
    return [item["id"] for item in found["violations"] if item["impact"] in ("serious", "critical")]


def test_simulated_kept_broken_refused_and_called(menu: System, agent: Callable[..., Desk]) -> None:
    desk = agent("admin")
    page = desk.page
    page.goto(f"{menu.http}/designer/{NAME}")
    page.wait_for_selector("body[data-ready]", state="attached")
    hands = Hands(page)
    simulate(page)
    keep(page)
    break_it(hands)
    publish_with_reason(hands, menu)
    call_it(hands)
    page.goto("about:blank")  # unlocks
    refused = [text for text in desk.problems if "status of 422" in text]
    assert len(refused) == 1 and desk.problems == refused, "the one refusal is ours, nothing else is complained about"


def simulate(page: Page) -> None:
    """The wrong key, back, the right one, an agent answers."""
    page.locator(".problems-head").focus()
    page.keyboard.press("t")
    page.click("[data-sim=start]")
    expect(page.locator("[data-sim=asked]")).to_have_text("流程正在等待按键。")
    assert lit(page) == {"start": "is-path", "menu": "is-path is-here"}
    assert page.locator("[data-of=agents]").count() == page.locator("[data-of=waiting]").count() == 2
    page.locator(".sim-steps [data-node=menu] .sim-fail").press("Enter")  # its work goes wrong: the exit is open
    expect(page.locator("[data-sim=outcome]")).to_be_visible()
    assert lit(page)["menu"] == "is-path is-failed"
    page.locator(".sim-steps [data-node=menu] .sim-fail").press("Enter")
    expect(page.locator("[data-sim=asked]")).to_have_text("流程正在等待按键。")
    page.click(".sim-keys [data-key='9']")
    expect(page.locator(".sim-steps .tc-heard", has_text="输入有误")).to_be_visible()
    page.click("[data-sim=back]")
    expect(page.locator(".sim-steps .tc-heard", has_text="输入有误")).to_have_count(0)
    page.keyboard.press("2")
    expect(page.locator("[data-sim=asked]")).to_contain_text("service")
    assert lit(page)["service"] == "is-path is-here" and "sales" not in lit(page)
    page.click("[data-sim=silent]")
    expect(page.locator("[data-sim=outcome]")).to_be_visible()
    assert axe(page) == []


def keep(page: Page) -> None:
    page.click("[data-sim=save]")
    page.fill("#case-name", "按 2 有人接")
    page.keyboard.press("Enter")
    page.click("#tab-cases")
    expect(page.locator("[data-cases=summary]")).to_have_text("6 个用例全部通过")
    expect(page.locator(".case", has_text="按 2 有人接")).to_be_visible()
    assert axe(page) == []


def break_it(hands: Hands) -> None:
    """Key 2 leads elsewhere now: two cases fail, and the page shows where."""
    page = hands.page
    hands.click("[data-act=fit]")
    hands.drag('[data-node="menu"] [data-exit="key_2"]', '[data-node="goodbye"] .node-badge')
    assert ("menu", "key_2", "goodbye") in hands.lines()
    page.click("[data-cases=run]")
    expect(page.locator("[data-cases=summary]")).to_have_text("6 个用例中 2 个失败")
    failed = page.locator(".case.is-failed", has_text="按 2 有人接")
    expect(failed.locator(".case-why")).to_contain_text("没有发生")
    failed.locator("[data-case=show]").click()
    assert lit(page)["goodbye"] == "is-path" and "is-failed" in lit(page)["menu"]


def publish_with_reason(hands: Hands, menu: System) -> None:
    page = hands.page
    page.click('[data-act="publish"]')
    expect(page.locator(".publish-failing li")).to_have_count(2)
    page.click("#publish-dialog button.btn-primary")
    expect(page.locator("#publish-dialog")).to_be_visible()  # the reason is required
    page.evaluate("document.querySelector('#publish-override').required = false")
    with page.expect_response(lambda answer: answer.request.method == "POST" and answer.url.endswith("/publish")):
        page.click("#publish-dialog button.btn-primary")  # and the server asks for it, too
    expect(page.locator("#publish-override")).to_have_attribute("required", "")  # the form came anew
    page.fill("#publish-override", "周一恢复")
    page.click("#publish-dialog button.btn-primary")
    expect(page.locator("#publish-dialog")).to_be_hidden(timeout=20_000)
    store = open_store(menu.home)
    assert flows.flow_versions(store, SYSTEM, "demo", NAME)[0].message == "[2 tests fail: 周一恢复]"
    store.close()


def call_it(hands: Hands) -> None:
    """What is on the page is called, also when it is not saved yet."""
    page = hands.page
    page.click("#tab-voice")
    page.wait_for_selector("[data-tc=call]")
    page.evaluate(TONE)
    call(page, "02085550188")
    hears(page, 440)
    expect(page.locator(".voice .tc-step.tc-here")).to_have_attribute("data-node", "menu")
    assert lit(page) == {"start": "is-path", "menu": "is-path is-here"}
    page.keyboard.press("1")
    expect(page.locator(".voice .tc-step[data-node=sales]")).to_be_visible(timeout=10_000)
    assert lit(page)["sales"] == "is-path is-here" and lit(page)["menu"] == "is-path"
    assert axe(page) == []
    page.click("[data-tc=hangup]")
    expect(page.locator("[data-testcall]")).to_have_attribute("data-state", "ended")
    assert "is-here" not in " ".join(lit(page).values())
