"""A user makes a key by keyboard, uses it and revokes it; a new flow from the gallery; a set comes in."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.web.admin.conftest import Admin
from tests.web.conftest import HELLO

pytestmark = pytest.mark.browser
Open = Callable[..., Admin]


def asked(url: str, key: str) -> int:
    request = urllib.request.Request(f"{url}/api/v1/instances", headers={"Authorization": f"Bearer {key}"})
    try:
        with urllib.request.urlopen(request) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


@pytest.mark.parametrize(("locale", "size"), [("zh-CN", (1280, 800)), ("en-GB", (1920, 1080))])
def test_keys_templates_and_sets(admin_page: Open, locale: str, size: tuple[int, int], tmp_path: Path) -> None:
    admin = admin_page(locale, size)
    page = admin.open("/me/api-keys/")
    assert admin.axe() == []
    page.keyboard.press("n")
    page.locator("#panel input[name=name]").fill("报表")
    page.keyboard.press("Control+Enter")
    key = page.locator("#once-key").inner_text()
    assert admin.axe() == []
    assert page.evaluate("document.querySelector('#panel').scrollWidth <= document.querySelector('#panel').clientWidth")
    assert asked(admin.site.url, key) == 200
    page.keyboard.press("Escape")
    row = page.locator("tbody tr")
    expect(row).to_contain_text("报表")
    assert key not in page.content()
    page.reload()
    expect(row).to_contain_text("127.0.0.1")
    row.locator("summary").click()
    row.locator("button").last.click()
    expect(page.locator("#question-dialog")).to_be_visible()
    page.locator("#question-dialog .btn-bad, #question-dialog button[type=submit]").first.click()
    expect(page.locator("#question-dialog")).to_be_hidden()
    assert asked(admin.site.url, key) == 401

    page = admin.open("/flows/")
    page.keyboard.press("n")
    page.locator("#panel input[name=title]").fill("贵宾")
    page.locator("#panel input[name=name]").fill("vip-line")
    page.locator("#panel input[value=vip]").check()
    assert admin.axe() == []
    page.keyboard.press("Control+Enter")
    expect(page.locator("tr[data-key=vip-line]")).to_contain_text("贵宾")

    file = tmp_path / "set.json"
    file.write_text(json.dumps({"kind": "ccc-flows", "format": 1, "flows": [{**HELLO, "name": "came"}]}))
    page.locator("#list-filter button", has_text="导入" if locale == "zh-CN" else "Import").click()
    page.locator("#panel input[type=file]").set_input_files(file)
    page.locator("#panel button.save").click()
    expect(page.locator("tr[data-key=came]")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
