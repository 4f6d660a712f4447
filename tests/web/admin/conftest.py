"""A signed-in client that asks as htmx does, and a browser on the real pages."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page, Playwright

from ccc.home import PROJECT, Home
from ccc.services import agents, groups
from ccc.services.actor import SYSTEM
from ccc.store import open_store
from ccc.store.records import GroupRecord
from ccc.store.repos import users
from tests.web.conftest import PASSWORD, sign_in
from tests.web.site import Site

AXE = PROJECT / "node_modules/axe-core/axe.min.js"


class Htmx:
    """A signed-in user whose requests carry htmx's header and the CSRF token."""

    def __init__(self, app: Flask, user: str) -> None:
        self.client: FlaskClient = app.test_client()
        assert sign_in(self.client, user).status_code == 302
        page = self.client.get("/", follow_redirects=True).text
        found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
        assert found is not None
        self.headers = {"HX-Request": "true", "X-CSRFToken": found[1], "Accept-Language": "en"}

    def get(self, address: str) -> Any:
        return self.client.get(address, headers=self.headers)

    def post(self, address: str, data: dict[str, Any] | None = None) -> Any:
        return self.client.post(address, data=data or {}, headers=self.headers)

    def form(self, address: str) -> dict[str, Any]:
        """The form at the address as a browser would post it."""
        return form_values(self.get(address).text)


def form_values(page: str) -> dict[str, Any]:
    """Names and values of a form's controls."""
    values: dict[str, Any] = {}
    for tag in re.findall(r"<input\b[^>]*>", page):
        name, kind = _attribute(tag, "name"), _attribute(tag, "type")
        if not name or (kind in ("checkbox", "radio") and " checked" not in tag) or kind == "search":
            continue
        values.setdefault(name, []).append(_attribute(tag, "value"))
    for attributes, inner in re.findall(r"<textarea\b([^>]*)>(.*?)</textarea>", page, re.S):
        values[_attribute(attributes, "name")] = html.unescape(inner).lstrip("\r\n")
    for attributes, inner in re.findall(r"<select\b([^>]*)>(.*?)</select>", page, re.S):
        chosen = re.search(r"<option([^>]* selected[^>]*)>(.*?)</option>", inner)
        if chosen and " disabled" not in attributes:
            own = ' value="' in chosen[1]
            values[_attribute(attributes, "name")] = _attribute(chosen[1], "value") if own else chosen[2]
    return values


def _attribute(tag: str, name: str) -> str:
    found = re.search(rf'\b{name}="([^"]*)"', tag)
    return html.unescape(found[1]) if found else ""


def told(answer: Any) -> dict[str, Any]:
    """What the page's script is told of a thing done."""
    assert answer.status_code in (200, 204), (answer.status_code, answer.text)
    shape: dict[str, Any] = json.loads(answer.headers["HX-Trigger"])["ccc:done"]
    return shape


@pytest.fixture
def as_user(app: Flask) -> Callable[[str], Htmx]:
    """Sign somebody in."""
    return lambda user: Htmx(app, user)


# A browser -----------------------------------------------------------------------------------


def furnish(home: Home) -> None:
    """Some groups, and an owner who is the instance's administrator, too."""
    store = open_store(home)
    groups.create_group(store, SYSTEM, GroupRecord("demo", "sales", "销售热线", dispositions=("有意向",)))
    agents.set_groups(store, SYSTEM, "demo", ["wang", "chen"], {"sales": 2}, "add")
    with store.write() as session:
        users.set_account_role(session, "zhao", "owner")
    store.close()


@pytest.fixture
def site(web_home: Home) -> Iterator[Site]:
    furnish(web_home)
    running = Site(web_home).start()
    yield running
    running.stop()


@pytest.fixture(scope="module")
def window(engine: Playwright) -> Iterator[Browser]:
    flags = ["--no-sandbox", "--disable-gpu"]
    browser = engine.chromium.launch(executable_path="/usr/bin/chromium", args=flags)
    yield browser
    browser.close()


class Admin:
    """An administrator's browser. ``problems``: what the console complained about (the CSP among it)."""

    def __init__(self, window: Browser, site: Site, locale: str, size: tuple[int, int]) -> None:
        self.site, self.problems = site, list[str]()
        self.context = window.new_context(
            locale=locale, viewport={"width": size[0], "height": size[1]}, reduced_motion="reduce"
        )  # colours in the middle of a transition are no finding of axe-core
        self.page: Page = self.context.new_page()
        self.page.on("console", lambda message: self._note(message.type, message.text))
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))

    def _note(self, kind: str, text: str) -> None:
        # a refusal of ours (409, 422) is an answer, although Chromium writes it to the console
        if kind == "error" and not re.search(r"status of (409|422)", text):
            self.problems.append(text)

    def sign_in(self, user: str = "zhao") -> Admin:
        self.page.goto(f"{self.site.url}/")
        self.page.fill("input[name=username]", user)
        self.page.fill("input[name=password]", PASSWORD)
        self.page.press("input[name=password]", "Enter")
        self.page.wait_for_url(re.compile("workbench|console"))
        return self

    def open(self, path: str) -> Page:
        self.page.goto(self.site.url + path)
        return self.page

    def axe(self) -> list[str]:
        """Serious findings of axe-core on what is shown."""
        self.page.evaluate("Promise.allSettled(document.getAnimations().map((one) => one.finished))")
        self.page.evaluate(AXE.read_text())
        found = self.page.evaluate("axe.run({resultTypes: ['violations']})")
        return [
            f"{item['id']}: {node['html'][:160]}"
            for item in found["violations"]
            if item["impact"] in ("serious", "critical")
            for node in item["nodes"]
        ]


@pytest.fixture
def admin_page(window: Browser, site: Site) -> Iterator[Callable[..., Admin]]:
    """Opens a signed-in browser; at the end nothing may stand in its console."""
    opened: list[Admin] = []

    def make(locale: str = "zh-CN", size: tuple[int, int] = (1280, 800), user: str = "zhao") -> Admin:
        opened.append(Admin(window, site, locale, size).sign_in(user))
        return opened[-1]

    yield make
    for one in opened:
        one.context.close()
        assert one.problems == []
