"""Callbacks, dedicated agents and the queue's defaults as people use them, in each language, with axe-core."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from ccc.services import dedicated, groups
from ccc.services.actor import SYSTEM
from ccc.store import Store
from tests.web.admin.conftest import Admin

pytestmark = pytest.mark.browser
Open = Callable[..., Admin]
SHOTS = os.environ.get("SHOTS", "")
WORDS = {
    "zh-CN": {"waiting": "排队中", "busy": "忙", "cancelled": "已取消 1 个回呼", "first": "13900139000 的来电优先转"},
    "en-GB": {
        "waiting": "Waiting",
        "busy": "busy",
        "cancelled": "1 callback cancelled",
        "first": "13900139000 goes to",
    },
}
FILE = "客户号码,坐席账号,客户名称,等待秒数\n0755-8888 6666,chen,李四,10\n13700137000,nobody,,\n110x,chen,,\n"


def shot(page: Page, name: str) -> None:
    """For people to look at, when they ask for it: ``SHOTS=folder``."""
    if SHOTS:
        page.wait_for_timeout(250)
        page.screenshot(path=f"{SHOTS}/{name}-{page.viewport_size['width']}.png")  # type: ignore[index]


@pytest.mark.parametrize("locale", WORDS)
def test_customers(admin_page: Open, store: Store, tmp_path: Path, locale: str) -> None:
    admin, words = admin_page(locale), WORDS[locale]
    look_and_cancel(admin.open("/callbacks/"), admin, words, locale)
    give_a_customer_his_agent(admin.open("/dedicated/"), admin, words, locale)
    assert dedicated.get_dedicated(store, SYSTEM, "demo", "+8613900139000").wait_s == 45
    import_customers(admin, tmp_path, locale)
    assert dedicated.get_dedicated(store, SYSTEM, "demo", "+8675588886666").customer == "李四"
    take_the_agent_out_and_bring_him_back(admin.open("/agents/"), admin, locale)
    set_the_queues_defaults(admin.open("/groups/"), admin, locale)
    group = groups.get_group(store, SYSTEM, "demo", "support")
    assert (group.queue_timeout_s, group.max_waiting, group.familiar, group.announce_wait) == (90, 7, "on", True)


def look_and_cancel(page: Page, admin: Admin, words: dict[str, str], locale: str) -> None:
    """The list tells what is going on; the telephone side is asked to cancel."""
    row = page.locator("tr[data-key='cb1']")
    expect(row).to_contain_text(words["waiting"])
    expect(row).to_contain_text(words["busy"])
    assert admin.axe() == []
    shot(page, f"callbacks-{locale}")
    row.locator("details summary").click()
    row.locator("[hx-get*='/ask/cancel']").click()
    expect(page.locator("dialog[open]")).to_contain_text("13800138000")
    shot(page, f"callbacks-cancel-{locale}")
    page.locator("dialog[open] .confirm").click()
    expect(page.locator("body")).to_contain_text(words["cancelled"])


def give_a_customer_his_agent(page: Page, admin: Admin, words: dict[str, str], locale: str) -> None:
    """By keyboard: n opens the panel."""
    expect(page.locator("tr[data-key='+8613800138000']")).to_contain_text("张三")
    assert admin.axe() == []
    page.keyboard.press("n")
    page.fill("#f-number", "139 0013 9000")
    page.select_option("#f-agent", "chen")
    page.fill("#f-wait_s", "45")
    shot(page, f"dedicated-new-{locale}")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#panel-dialog")).to_be_hidden()
    expect(page.locator("body")).to_contain_text(words["first"])
    shot(page, f"dedicated-{locale}")


def take_the_agent_out_and_bring_him_back(page: Page, admin: Admin, locale: str) -> None:
    """The question says what goes with him; undo brings it back."""
    row = page.locator("tr[data-key='chen']")
    expect(row.locator("a[href*='/dedicated/?agent=chen']")).to_have_text(re.compile(r"^\s*2\s.*陈晨"))
    row.locator(".row-open").click()
    expect(page.locator("#panel a[href*='/dedicated/new?agent=chen']")).to_be_visible()
    assert admin.axe() == []
    shot(page, f"agent-{locale}")
    page.keyboard.press("Escape")
    row.locator("details summary").click()
    row.locator("[hx-get*='/ask/remove']").click()
    expect(page.locator("dialog[open]")).to_contain_text(
        "2 个专属客户" if locale == "zh-CN" else "2 dedicated customers"
    )
    shot(page, f"agent-remove-{locale}")
    page.locator("dialog[open] .confirm").click()
    expect(row).to_have_count(0)
    page.locator(".note-toast button", has_text="撤销" if locale == "zh-CN" else "Undo").click()
    expect(row.locator("a[href*='/dedicated/?agent=chen']")).to_have_text(re.compile(r"^\s*2\s.*陈晨"))
    expect(page.locator("body")).to_contain_text(
        "连同 2 个专属客户" if locale == "zh-CN" else "With 2 dedicated customers"
    )
    shot(page, f"agents-{locale}")
    row.locator("a[href*='/dedicated/?agent=chen']").click()
    expect(page.locator("tbody tr[data-key]")).to_have_count(2)


def import_customers(admin: Admin, folder: Path, locale: str) -> None:
    """GBK, as Excel writes it; bad rows are named, the good one is taken."""
    page = admin.open("/dedicated/")
    file = folder / "customers.csv"
    file.write_bytes(FILE.encode("gbk"))
    page.locator("[hx-get$='/dedicated/import']").click()
    page.set_input_files("#panel input[type=file]", str(file))
    shot(page, f"dedicated-import-{locale}")
    page.keyboard.press("Control+Enter")
    expect(page.locator("body")).to_contain_text("nobody")
    expect(page.locator("body")).to_contain_text("110x")
    expect(page.locator("tr[data-key='+8675588886666']")).to_contain_text("李四")


def set_the_queues_defaults(page: Page, admin: Admin, locale: str) -> None:
    page.locator("tr[data-key='support'] .row-open").click()
    page.fill("#f-queue_timeout_s", "90")
    page.fill("#f-max_waiting", "7")
    page.focus("#f-announce_wait")
    page.keyboard.press(" ")
    page.select_option("#f-familiar", "on")
    page.locator("#f-queue_timeout_s").scroll_into_view_if_needed()
    assert admin.axe() == []
    shot(page, f"group-{locale}")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#panel-dialog")).to_be_hidden()
