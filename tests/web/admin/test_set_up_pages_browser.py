"""Trunks, settings, tables, blacklist and deletion in a browser: one walk in Chinese."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from ccc.services import hours
from ccc.services.actor import SYSTEM
from ccc.store import Store
from tests.web.admin.conftest import Admin

pytestmark = pytest.mark.browser
Open = Callable[..., Admin]


def test_a_walk_with_the_mouse_and_the_keyboard(admin_page: Open, store: Store, tmp_path: Path) -> None:
    admin = admin_page("zh-CN")
    page = admin.open("/console/trunks/")
    page.click("summary:has-text('预设')")
    page.click("text=本机（试用）")
    page.click("button.save")
    expect(page.locator("tr[data-key=local]")).to_contain_text("本机")
    page = admin.open("/settings/hours/")
    page.keyboard.press("n")
    page.fill("#f-name", "门店")
    page.fill("#f-day6", "10:00-16:00")
    expect(page.locator("#hours-look .week")).to_be_visible()
    page.fill("#f-exceptions", "明天")
    expect(page.locator("#hours-look .field-error")).to_contain_text("明天")
    page.fill("#f-exceptions", "2027-02-05 ~ 2027-02-12 春节")
    page.keyboard.press("Control+Enter")
    expect(page.locator("tr[data-key='门店']")).to_be_visible()
    assert hours.get_hours(store, SYSTEM, "demo", "门店").schedule.exceptions[0].name == "春节"
    page = admin.open("/settings/screen-pop/demo/edit")
    page.locator("#f-pop_url").fill("https://crm.example/?t=${caller}")
    page.locator("#f-pop_url").press("End")
    expect(page.locator("#live-pop_url")).to_contain_text("t=13800138000")
    file = tmp_path / "c.csv"
    file.write_bytes("号码,姓名\n13800138000,张三\n坏行\n".encode("gb18030"))
    page = admin.open("/tables/")
    page.keyboard.press("n")
    page.fill("#f-name", "customers")
    page.set_input_files("#f-file", str(file))
    page.click("button.save")
    expect(page.locator("#panel")).to_contain_text("1 个单元格，应为 2 个")
    page.click("button.save")
    page.click("tr[data-key=customers] .row-open")
    page.click("tr[data-key] .row-open")
    page.fill("#f-c0", "李四")
    page.click("button.save")
    expect(page.locator("#list-body")).to_contain_text("李四")
    page = admin.open("/blacklist/")
    page.keyboard.press("n")
    page.fill("#f-numbers", "10086\n0755*")
    page.click("button.save")
    page.check("#check-all")
    page.click("[data-bulk*=remove]")
    page.click("#question-dialog .confirm")
    page.click(".note-toast button:has-text('撤销')")
    expect(page.locator("tr[data-key='10086']")).to_be_visible()
    assert admin.problems == []
