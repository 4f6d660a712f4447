"""Flows, audio, numbers, instances, settings, log and plugins in a browser."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from ccc.services import numbers
from ccc.services.actor import SYSTEM
from ccc.services.audio import as_wav
from ccc.store import Store
from tests.web.admin.conftest import Admin

pytestmark = pytest.mark.browser
Open = Callable[..., Admin]


def test_publish_then_bind_in_chinese(admin_page: Open, store: Store) -> None:
    admin = admin_page("zh-CN")
    page = admin.open("/flows/")
    page.click("tr[data-key=hello] .row-open")
    page.get_by_role("button", name="发布", exact=True).click()
    expect(page.locator("#question-dialog")).to_contain_text("两秒内")
    page.click("#question-dialog .confirm")
    expect(page.locator(".note-toast")).to_contain_text("版本 1 已上线")
    expect(page.locator("#list-body")).to_contain_text("已发布 · v1")
    page.click("nav >> text=号码管理")
    page.click("tr[data-key='4001'] .row-open")
    page.select_option("#f-flow", "hello")
    page.click("button.save")
    expect(page.locator("tr[data-key='4001']")).to_contain_text("问候")
    assert numbers.instance_number(store, SYSTEM, "demo", "4001").flow == "hello"
    assert admin.problems == []


def test_upload_in_english(admin_page: Open, tmp_path: Path) -> None:
    file = tmp_path / "a.wav"
    file.write_bytes(as_wav(b"\xd5" * 16000))
    admin = admin_page("en-GB")
    page = admin.open("/audio/")
    page.click("#list-new")
    page.fill("#f-name", "hello")
    page.set_input_files("#f-file", str(file))
    page.click("button.save")
    expect(page.locator("tr[data-key=hello]")).to_contain_text("2.0")
    page.click("[data-play]")
    assert admin.problems == []


def test_the_address_is_checked_while_it_is_typed(admin_page: Open) -> None:
    admin = admin_page("zh-CN")
    page = admin.open("/console/instances/")
    page.click("#list-new")
    page.locator("#f-name").press_sequentially("demo")
    expect(page.locator("#live-name")).to_contain_text("您填写的域名已经存在")
    page.locator("#f-name").press_sequentially("2")
    expect(page.locator("#live-name")).to_contain_text("可以使用")
    assert admin.problems == []
