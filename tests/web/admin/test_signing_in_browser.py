"""From an empty installation: the owner, the second factor, sessions, the own password; axe and the CSP all the way."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from ccc.home import Home
from ccc.services import first_owner, totp
from ccc.store import upgrade
from tests.web.admin.conftest import Admin
from tests.web.conftest import PASSWORD
from tests.web.site import Site

pytestmark = pytest.mark.browser


@pytest.fixture
def empty_site(home: Home) -> Iterator[Site]:
    upgrade(home)
    running = Site(home).start()
    yield running
    running.stop()


def code_for(secret: str, after: str = "") -> str:
    """The app's code now; a later one than ``after`` (each is good once)."""
    step = totp.counter_at(time.time())
    codes = [totp.code_at(secret, step + more) for more in (0, 1)]
    return codes[1] if codes[0] == after else codes[0]


def enter(page: Page, user: str, password: str) -> None:
    page.fill("#username", user)
    page.fill("#password", password)
    page.keyboard.press("Enter")


def test_from_the_first_start_to_a_session_ended(empty_site: Site, window: Browser) -> None:
    first = Admin(window, empty_site, "zh-CN", (1280, 800))
    page = first.page
    page.goto(empty_site.url)
    expect(page.locator("h1")).to_have_text("初始化 CCC")
    assert first.axe() == []
    page.goto(f"{empty_site.url}/setup?code={first_owner.code(empty_site.home)}")
    expect(page.locator("#title")).to_be_focused()
    page.keyboard.type("长风科技")
    page.fill("#username", "boss")
    page.fill("#password", "short")
    page.keyboard.press("Enter")
    expect(page.locator("#password")).to_be_focused()
    page.fill("#password", PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator("#first-steps")).to_contain_text("接通第一通电话")
    assert first.axe() == []

    page.click("summary.who")
    page.click("text=个人设置")
    expect(page.locator("tr[data-key]")).to_have_count(1)
    assert first.axe() == []
    page.click("#me-cards >> text=设置 >> visible=true")
    secret = page.locator("[data-copy]").get_attribute("data-copy") or ""
    expect(page.locator(".qr svg")).to_be_visible()
    assert first.axe() == []
    page.fill("#code", "000000")
    page.fill("#password", PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator("#code-error")).to_contain_text("验证码错误")
    used = code_for(secret)
    page.fill("#code", used)
    page.fill("#password", PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator(".recovery-codes code")).to_have_count(10)
    codes = page.locator(".recovery-codes code").all_inner_texts()
    assert first.axe() == []
    with page.expect_download() as file:
        page.click("text=保存为文件")
    assert codes[0] in file.value.path().read_text()
    page.click("text=我已保存")

    second = Admin(window, empty_site, "en-GB", (1920, 1080))
    other = second.page
    other.goto(empty_site.url)
    assert second.axe() == []
    enter(other, "boss", PASSWORD)
    expect(other.locator("h1")).to_have_text("Enter your code")
    assert second.axe() == []
    other.fill("#code", used)
    other.keyboard.press("Enter")
    expect(other.locator("[role=alert]")).to_contain_text("has been used")
    other.fill("#code", codes[0])
    other.keyboard.press("Enter")
    expect(other).to_have_url(re.compile("/console/instances/"))

    page.goto(f"{empty_site.url}/me/")
    expect(page.locator("tr[data-key]")).to_have_count(2)
    expect(page.locator("#me-cards")).to_contain_text("还剩 9 个恢复码")
    page.click("text=退出其他所有登录")
    page.click("#question .confirm")
    expect(page.locator("tr[data-key]")).to_have_count(1)
    other.reload()
    expect(other).to_have_url(re.compile("/login"))

    page.click("#me-cards >> text=修改密码")
    page.fill("#f-password", PASSWORD)
    page.fill("#f-new", "another horse 8")
    page.fill("#f-again", "another horse 8")
    page.click("button.save")
    expect(page.locator(".note-toast").last).to_contain_text("密码已修改")
    page.click("#me-cards >> text=关闭")
    page.fill("#f-password", "another horse 8")
    assert first.axe() == []
    page.click("button.save")
    expect(page.locator("#me-cards")).to_contain_text("仅凭被盗的密码无法登录")
    other.click("text=Forgot your password?")
    expect(other.locator(".ways")).to_contain_text("ccc user password")
    assert second.axe() == []
    for one in (first, second):
        one.context.close()
        assert one.problems == []
