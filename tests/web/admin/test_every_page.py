"""Every page the menus can open, in both languages: axe-core, nothing cut off, no word in the console.

Made from the menus and the tabs of the settings, so that a new page is tested unasked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from ccc.services import tables
from ccc.services.actor import SYSTEM
from ccc.store import Store
from ccc.web import menu
from tests.web.admin.conftest import Admin
from tests.web.test_calls import ID

pytestmark = pytest.mark.browser
FURTHER = (
    "/flows/hello",
    f"/calls/{ID.format(0)}",
    "/tables/rows/?table=customers",
    "/settings/screen-pop/demo/edit",
    "/me/",
    "/me/api-keys/",
)
"""Pages no line of a menu opens by itself."""
CUT = """() => [...document.querySelectorAll("main th, main button, main .btn, nav a, .tag, h1, h2")].filter((part) =>
  part.checkVisibility() && part.clientWidth > 4 && part.scrollWidth > part.clientWidth + 1
  && getComputedStyle(part).overflowX !== "visible").map((part) => part.textContent.trim())"""
SIDEWAYS = "document.documentElement.scrollWidth > innerWidth"


def endpoints(tree: Iterable[menu.Entry | menu.Section]) -> Iterator[str]:
    for item in tree:
        yield from endpoints(item.entries) if isinstance(item, menu.Section) else item.endpoints


def addresses(app: Flask) -> list[str]:
    """Of every page of both menus that needs nothing in its address."""
    names = [*endpoints(menu.INSTANCE), *endpoints(menu.CONSOLE)]
    assert set(names) <= set(app.view_functions), "a line of a menu leads nowhere"
    names.remove("table_rows.index")  # of which table, says its query
    return [str(rule) for name in names for rule in app.url_map.iter_rules(name) if not rule.arguments]


@pytest.mark.parametrize(("locale", "size"), [("zh-CN", (1280, 800)), ("en-GB", (1280, 800))])
def test_every_page(
    app: Flask, admin_page: Callable[..., Admin], store: Store, locale: str, size: tuple[int, int]
) -> None:
    tables.import_table(store, SYSTEM, "demo", "customers", "号码,姓名\n13800138000,张三\n".encode())
    admin = admin_page(locale, size)
    pages = (*addresses(app), *FURTHER)
    assert len(pages) > 25
    found = dict[str, list[str]]()
    for path in pages:
        page = admin.open(path)
        page.wait_for_load_state()
        show_more(page)
        problems = admin.axe() + [f"cut: {text}" for text in page.evaluate(CUT)] + admin.problems
        if page.evaluate(SIDEWAYS):
            problems.append("scrolls sideways")
        tools = page.locator("#list-filter")
        if tools.count() and (tools.bounding_box() or {"height": 0})["height"] > 60:
            problems.append("the tools need a second line")
        if panel(page):
            problems += admin.axe()
        page.set_viewport_size({"width": 1920, "height": 1080})
        if page.evaluate(SIDEWAYS):
            problems.append("scrolls sideways at 1920")
        page.set_viewport_size({"width": size[0], "height": size[1]})
        if problems:
            found[path] = problems
        admin.problems.clear()
    assert found == {}


def show_more(page: Page) -> None:
    """Rows marked, so that the bulk actions show, and the menu of a row open."""
    if page.locator("#check-all").count() and page.locator("tr[data-key]").count():
        page.click("#check-all")
    menus = page.locator("tr[data-key] summary")
    if menus.count():
        menus.last.click()


def panel(page: Page) -> bool:
    """Open a panel: of something new by keyboard, else of the first row; False when the page has none."""
    page.keyboard.press("Escape")
    if page.locator("#list-new").count():
        page.keyboard.press("n")
    elif page.locator(".row-open").count():
        page.locator(".row-open").first.click()
    else:
        return False
    expect(page.locator("#panel-title")).to_be_visible()
    if "/agents/" in page.url:  # what is missing is said at the fields
        page.click("button.save")
        expect(page.locator(".field-error").first).to_be_visible()
    return True
