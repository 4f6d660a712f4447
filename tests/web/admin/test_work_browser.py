"""Voicemail, jobs, messages sent, tags and the operation log as people use them: one walk by mouse and keyboard in each
language, with axe-core on what the walk opens."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from ccc.services import jobs, voicemails
from ccc.services.actor import SYSTEM
from ccc.store import Store
from ccc.store.repos import audit
from tests.web.admin.conftest import Admin
from tests.web.test_calls import ID

pytestmark = pytest.mark.browser
Open = Callable[..., Admin]
CALL = f"/calls/{ID.format(0)}"
WORDS = {
    "zh-CN": {"done": "已处理", "undo": "撤销", "heard": "已听", "again": "重试", "waiting": "排队中", "save": "保存",
              "note": "修改留言备注", "delete": "删除", "yes": "是", "unsent": "待发送"},
    "en-GB": {"done": "Dealt with", "undo": "Undo", "heard": "Heard", "again": "Try again", "waiting": "Waiting",
              "save": "Save", "note": "Note of a voicemail changed", "delete": "Delete", "yes": "yes",
              "unsent": "To be sent"},
}  # fmt: skip


@pytest.mark.parametrize("locale", WORDS)
def test_a_morning_of_work(admin_page: Open, store: Store, locale: str) -> None:
    admin, words = admin_page(locale), WORDS[locale]
    listen_by_keyboard(admin.open("/voicemail/"), admin, words)
    assert voicemails.get_voicemail(store, SYSTEM, "demo", 1).done_by == "zhao"
    delete_and_take_back(admin.page, words)
    try_again(admin.open("/jobs/"), admin, "export:1", words["waiting"], words)
    assert jobs.list_jobs(store, SYSTEM, instance="demo").items[0].state == "waiting"
    try_again(admin.open("/notices/"), admin, "n-1", words["unsent"], words)
    hear_a_call(admin.open(CALL), store)
    tag_a_call(admin.page, admin, words)
    page = admin.open("/console/log/")
    expect(page.locator("#list-body tr", has_text=words["note"]).locator("ins")).to_have_text("called back")
    page.fill("#list-search", words["note"].split()[0])
    expect(page.locator("#list-body tbody tr")).to_have_count(1)


def listen_by_keyboard(page: Page, admin: Admin, words: dict[str, str]) -> None:
    """Open the message, play it, note what was done: no mouse. Playing makes it heard, the number in the menu goes."""
    expect(page.locator("[data-count-url]")).to_have_text("1")
    assert admin.axe() == []
    page.focus("tr[data-key='1'] .row-open")
    page.keyboard.press("Enter")
    expect(page.locator("#panel .wave canvas")).to_have_count(1)
    assert admin.axe() == []
    expect(page.locator("#play")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("tr[data-key='1']")).to_contain_text(words["heard"])
    expect(page.locator("[data-count-url]")).to_be_hidden()
    page.focus("#f-note")
    page.keyboard.type("called back")
    page.keyboard.press("Tab")
    page.keyboard.press(" ")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#panel-dialog")).to_be_hidden()
    expect(page.locator("tr[data-key='1']")).to_contain_text(words["done"])
    expect(page.locator("tr[data-key='1']")).to_contain_text("called back")


def delete_and_take_back(page: Page, words: dict[str, str]) -> None:
    """By mouse: the row's menu, then Undo in the message."""
    page.click("tr[data-key='1'] summary")
    page.click(f"tr[data-key='1'] >> text={words['delete']}")
    expect(page.locator("tr[data-key='1']")).to_have_count(0)
    page.click(f".note-toast >> text={words['undo']}")
    expect(page.locator("tr[data-key='1']")).to_contain_text("13800138000")


def try_again(page: Page, admin: Admin, key: str, state: str, words: dict[str, str]) -> None:
    """A failed row tells why, and waits again after another try."""
    row = page.locator(f"tr[data-key='{key}']")
    expect(row.locator(".why")).to_be_visible()
    assert admin.axe() == []
    row.locator("summary").click()
    row.get_by_role("button", name=words["again"]).click()
    expect(row).to_contain_text(state)
    expect(row.locator(".why")).to_have_count(0)


def hear_a_call(page: Page, store: Store) -> None:
    """Looking at a call is not listening to it: the log names those who did."""

    def listened() -> int:
        with store.read() as session:
            return sum(entry.action == "recording.play" for entry in audit.find(session))

    expect(page.locator(".player .wave canvas")).to_have_count(2)
    expect(page.locator("#play-of")).not_to_have_text("–")
    page.wait_for_load_state("networkidle")
    assert listened() == 0
    with page.expect_response("**/recording"):
        page.click("#play")
    assert listened() == 1


def tag_a_call(page: Page, admin: Admin, words: dict[str, str]) -> None:
    """The picker by keyboard; the tag then leads to its calls."""
    page.focus("#tag-picker summary")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press(" ")
    assert admin.axe() == []
    page.click(f".tag-form >> text={words['save']}")
    page.click(".call-tags a.tag")
    page.wait_for_url("**/calls?tag=*")
    expect(page.locator("tbody tr:not(.day)")).to_have_count(1)
    expect(page.locator("tbody .call-tags")).to_contain_text("回访")
