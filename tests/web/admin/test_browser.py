"""The pages as people use them: mouse, keyboard, both languages, two administrators, axe, no CSP breach."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from ccc.services import agents, groups
from ccc.services.actor import SYSTEM
from ccc.store import Store
from tests.web.admin.conftest import Admin

pytestmark = pytest.mark.browser
Open = Callable[..., Admin]
ENTER_AT_ONCE = """() => document.addEventListener("focusin", function quick(event) {
  if (!event.target.matches("tr[data-key=ann] .row-open")) return;
  document.removeEventListener("focusin", quick);
  event.target.click();
})"""
"""Somebody quick presses Enter in the very moment the new row has the focus."""


def rows(page: Page) -> list[str]:
    return page.eval_on_selector_all("#list-body tr[data-key]", "rows => rows.map(row => row.dataset.key)")


def test_a_group_by_mouse_in_chinese(admin_page: Open, store: Store) -> None:
    admin = admin_page("zh-CN")
    page = admin.open("/agents/")
    page.click("nav >> text=技能组")
    page.click("text=新建技能组")
    page.get_by_label("名称").first.fill("售后")
    page.get_by_label("引用名").fill("after-sales")
    page.click(".levels-list input[value=wang]")
    page.get_by_label("王小明 的级别").select_option("3")
    expect(page.locator("[data-count]")).to_have_text("1 / 4")
    page.click("button.save")
    expect(page.locator("#panel-dialog")).to_be_hidden()
    expect(page.locator(".note-toast")).to_contain_text("技能组“售后”已创建")
    expect(page.locator("tr[data-key=after-sales]")).to_contain_text("售后")
    assert groups.get_group(store, SYSTEM, "demo", "after-sales").members == {"wang": 3}
    page.click("tr[data-key=after-sales] summary")
    page.click("tr[data-key=after-sales] .danger")
    expect(page.locator("#question-dialog")).to_contain_text("1 位坐席将失去该技能组")
    page.click("#question-dialog .confirm")
    expect(page.locator("tr[data-key=after-sales]")).to_have_count(0)


def test_an_agent_by_keyboard_in_english(admin_page: Open, store: Store) -> None:
    page = admin_page("en-GB").open("/agents/")
    page.keyboard.press("n")
    expect(page.locator("#f-name")).to_be_focused()
    page.keyboard.type("Ann")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#f-username-error")).to_contain_text("This field is required.")
    expect(page.locator("#f-username")).to_be_focused()
    page.keyboard.type("ann")
    page.keyboard.press("Tab")
    page.keyboard.type("a long password")
    page.evaluate(ENTER_AT_ONCE)
    page.keyboard.press("Control+Enter")
    expect(page.locator("#panel-title")).to_have_text("Agent")
    assert "open=" not in page.url, "the panel, not its address as a page"
    page.keyboard.press("Escape")
    expect(page.locator("#panel-dialog")).to_be_hidden()
    expect(page.locator("tr[data-key=ann] .row-open")).to_be_focused()
    assert agents.get_agent(store, SYSTEM, "demo", "ann").name == "Ann"
    page.keyboard.press("Enter")
    expect(page.locator("#panel-title")).to_have_text("Agent")
    page.keyboard.press("Escape")
    expect(page.locator("#panel-dialog")).to_be_hidden()
    expect(page.locator("tr[data-key=ann] .row-open")).to_be_focused()
    page.keyboard.press("/")
    expect(page.locator("#list-search")).to_be_focused()
    page.keyboard.type("li")
    expect(page.locator("#list-body tr[data-key]")).to_have_count(1)
    expect(page).to_have_url(re.compile("q=li"))  # comes a moment after the rows; "l" alone finds the same one
    page.keyboard.press("ArrowDown")
    page.keyboard.press("x")
    expect(page.locator("#bulk-count")).to_have_text("1 checked")
    page.keyboard.press("?")
    expect(page.locator("#keys-dialog")).to_be_visible()
    page.keyboard.press("Escape")
    page.reload()
    assert rows(page) == ["li"]


def test_what_was_entered_is_not_lost_without_a_question(admin_page: Open) -> None:
    page = admin_page().open("/groups/")
    page.click("text=销售热线")
    page.fill("#f-title", "改了")
    page.keyboard.press("Escape")
    expect(page.locator("#leave-dialog")).to_be_visible()
    page.click("[data-stay]")
    expect(page.locator("#f-title")).to_have_value("改了")
    page.mouse.click(100, 400)  # beside the panel
    expect(page.locator("#leave-dialog")).to_be_visible()
    page.click("[data-discard]")
    expect(page.locator("#panel-dialog")).to_be_hidden()
    page.click("text=销售热线")
    page.keyboard.press("Escape")
    expect(page.locator("#panel-dialog")).to_be_hidden(), "unchanged: no question"


def test_two_administrators_edit_the_same(admin_page: Open, store: Store) -> None:
    one, two = admin_page("zh-CN"), admin_page("en-GB", user="zhao")
    mine, theirs = one.open("/groups/"), two.open("/groups/")
    for page in (mine, theirs):
        page.click("text=销售热线")
        expect(page.locator("#f-title")).to_be_visible()
    theirs.fill("#f-title", "电话销售")
    theirs.fill("#f-wrap_up_s", "77")
    theirs.click("button.save")
    expect(theirs.locator("#panel-dialog")).to_be_hidden()
    mine.fill("#f-title", "销售一组")
    mine.fill("#f-ring_timeout_s", "44")
    mine.click("button.save")
    expect(mine.locator(".banner-warn")).to_contain_text("已有其他人保存了修改")
    expect(mine.locator("[data-field=title] .theirs")).to_contain_text("电话销售")
    expect(mine.locator("#f-title")).to_have_value("销售一组")
    expect(mine.locator("#f-wrap_up_s")).to_have_value("77")
    assert one.axe() == []
    mine.click("[data-field=title] [data-theirs]")
    expect(mine.locator("#f-title")).to_have_value("电话销售")
    mine.click("button.save")
    expect(mine.locator("#panel-dialog")).to_be_hidden()
    saved = groups.get_group(store, SYSTEM, "demo", "sales")
    assert (saved.title, saved.wrap_up_s, saved.ring_timeout_s) == ("电话销售", 77, 44)


def test_remove_several_and_undo(admin_page: Open, store: Store) -> None:
    page = admin_page().open("/agents/")
    for key in ("wang", "chen"):
        page.click(f"tr[data-key={key}] input[name=key]")
    expect(page.locator("#bulk-count")).to_have_text("已选 2 项")
    page.click("#bulk >> text=从实例移除")
    expect(page.locator(".question-items")).to_contain_text("王小明")
    expect(page.locator("#question-dialog [data-close]").last).to_be_focused()
    page.click("#question-dialog .confirm")
    expect(page.locator("tr[data-key=wang]")).to_have_count(0)
    page.click(".note-toast >> text=撤销")
    expect(page.locator("tr[data-key=wang]")).to_have_count(1)
    assert agents.get_agent(store, SYSTEM, "demo", "wang").groups == {"sales": 2}


def test_skill_groups_of_several(admin_page: Open, store: Store) -> None:
    page = admin_page("en-GB").open("/agents/")
    page.click("#check-all")
    page.click("#bulk >> text=Set skill groups")
    page.click("#question input[value=support]")
    page.click("#question .confirm")
    expect(page.locator(".note-toast")).to_contain_text("4 agents changed")
    assert all("support" in item.groups for item in agents.list_agents(store, SYSTEM, "demo"))


def test_people_come_from_a_file_from_the_account_and_on_the_spot(admin_page: Open, store: Store) -> None:
    """ROL-8 and its cure: who is not in the instance is told, then brought in, then comes in by its address."""
    outside = admin_page(user="guan")
    outside.page.goto(outside.site.url + "/i/demo")
    expect(outside.page.locator("main")).to_contain_text("您没有访问当前实例权限，请联系呼叫中心管理员")
    outside.problems.clear()  # the refusal is in the console
    page = admin_page().open("/agents/")
    page.click("text=导入 >> visible=true")
    page.click("text=批量导入")
    text = "用户名,姓名,技能组\nn1,新一,销售热线:2\nn2,新二,没有的组\n"
    page.set_input_files("#f-file", {"name": "a.csv", "mimeType": "text/csv", "buffer": text.encode("gbk")})
    page.click("button.save")
    expect(page.locator(".counts")).to_contain_text("跳过的行")
    expect(page.locator(".why")).to_contain_text("没有技能组“没有的组”")
    page.click("text=导入 1 行")
    with page.expect_download() as file:
        page.click("text=下载密码")
    assert "n1," in file.value.path().read_text("utf-8-sig")
    page.click(".panel-foot [data-close]")
    expect(page.locator("tr[data-key=n1]")).to_contain_text("销售热线")
    assert agents.get_agent(store, SYSTEM, "demo", "n1").groups == {"sales": 2}

    page.click("text=导入 >> visible=true")
    page.click("text=导入主账号用户")
    expect(page.locator("#panel-title")).to_have_text("导入主账号用户")
    page.click("#panel label:has-text('管台')")
    page.click("#panel label:has-text('班长')")
    page.click("#panel input[value=support]")
    page.click("button.save")
    expect(page.locator("tr[data-key=guan]")).to_contain_text("客户服务")
    assert agents.get_agent(store, SYSTEM, "demo", "guan").role == "supervisor"
    outside.page.goto(outside.site.url + "/i/demo")
    expect(outside.page).to_have_url(re.compile("/workbench"))

    page.keyboard.press("n")
    page.fill("#f-name", "现场建")
    page.fill("#f-username", "on-the-spot")
    page.keyboard.press("Control+Enter")
    password = page.locator("#once-password").inner_text()
    page.click(".panel-foot [data-close]")
    expect(page.locator("tr[data-key=on-the-spot]")).to_contain_text("不在任何技能组")
    outside.context.clear_cookies()
    outside.page.goto(outside.site.url + "/i/demo")
    outside.page.fill("input[name=username]", "on-the-spot")
    outside.page.fill("input[name=password]", password)
    outside.page.keyboard.press("Enter")
    expect(outside.page).to_have_url(re.compile("/workbench"))


def test_what_ends_in_the_console_ends_in_the_pages(admin_page: Open) -> None:
    """A user is disabled; an instance is deleted under a supervisor whose export is being made."""
    victim = admin_page(user="chen")
    waiting = admin_page(user="li")
    waiting.open("/calls")
    waiting.page.click("#export-menu summary")
    waiting.page.click("[data-export=csv]")  # nobody writes it here: it waits
    expect(waiting.page.locator("#exports progress").first).to_be_visible()
    page = admin_page().open("/console/users/")
    page.click("tr[data-key=chen] summary")
    page.click("tr[data-key=chen] >> text=停用")
    page.click("#question .confirm")
    expect(page.locator("tr[data-key=chen]")).to_contain_text("已停用")
    victim.page.goto(victim.site.url + "/workbench")
    expect(victim.page).to_have_url(re.compile("/login"))

    page.goto(victim.site.url + "/console/instances/")
    page.click("tr[data-key=demo] summary")
    page.click("tr[data-key=demo] >> text=删除")
    page.fill("#q-typed", "demo")
    page.click("#question .confirm")
    expect(page.locator("tr[data-key=demo]")).to_have_count(0)
    expect(waiting.page.locator(".export-problem")).to_contain_text("您已不在实例 demo 中")
    expect(waiting.page.locator("#exports progress").first).to_be_hidden()
    waiting.page.reload()
    expect(waiting.page.locator("main")).to_contain_text("您没有访问当前实例权限，请联系呼叫中心管理员")
    waiting.problems.clear()  # the refusal is in the console


def test_an_answer_that_does_not_come_loses_nothing(admin_page: Open) -> None:
    admin = admin_page()
    page = admin.open("/groups/")
    page.click("text=销售热线")
    page.fill("#f-title", "改了")
    page.route("**/edit", lambda route: route.abort())
    page.click("button.save")
    expect(page.locator(".note-toast")).to_contain_text("服务器没有响应")
    expect(page.locator("#f-title")).to_have_value("改了")
    page.unroute("**/edit")
    page.click("button.save")
    expect(page.locator("tr[data-key=sales]")).to_contain_text("改了")
    admin.problems.clear()  # the aborted request is in the console
