"""What an administrator does in the pages reaches the telephone side while people work."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.desk import Desk
from tests.calls.system import System, wait_for


def test_a_disabled_agent_is_out_at_once_and_back_when_enabled(agent: Callable[..., Desk], system: System) -> None:
    wang = agent("agent1")
    wang.ready()
    admin = agent("admin").page
    admin.goto(f"{system.http}/agents/")
    admin.click("tr[data-key=agent1] summary")
    admin.click("tr[data-key=agent1] >> text=停用")
    admin.click("#question .confirm")
    expect(wang.page.locator("#takeover")).to_be_visible(timeout=3000)
    expect(admin.locator("tr[data-key=agent1]")).to_contain_text("已停用")
    admin.click(".note-toast >> text=撤销")
    expect(admin.locator("tr[data-key=agent1]")).to_contain_text("正常")
    wang.page.goto(f"{system.http}/login")
    wang.sign_in()
    wang.ready()
    wang.offline()


def test_a_change_of_groups_reaches_the_workbench(agent: Callable[..., Desk], system: System) -> None:
    desk = agent("agent2")
    admin = agent("admin").page
    admin.goto(f"{system.http}/groups/")
    admin.click("#list-new")
    admin.fill("#f-title", "夜班")
    admin.fill("#f-name", "night")
    admin.click(".levels-list input[value=agent2]")
    admin.click("button.save")
    expect(admin.locator("tr[data-key=night]")).to_be_visible()
    wait_for("the new queue at the workbench", lambda: "夜班" in desk.page.inner_text("#queues"), 5)
    admin.click("tr[data-key=night] summary")
    admin.click("tr[data-key=night] .danger")
    admin.click("#question .confirm")
    expect(admin.locator("tr[data-key=night]")).to_have_count(0)
