"""A designer in a real browser; every click, drag, text and key is counted as one action of the user."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from ccc.loader import load
from ccc.services.actor import SYSTEM
from ccc.services.flows import import_flow
from ccc.store import open_store
from tests.web.admin.conftest import Admin, site, window  # noqa: F401 - fixtures
from tests.web.site import Site

EMPTY = {"format": 1, "name": "fresh", "title": "新流程", "nodes": [], "edges": []}


def put_flow(site: Site, document: dict[str, Any]) -> None:  # noqa: F811
    """Make the document a draft."""
    store = open_store(site.home)
    import_flow(store, load(), SYSTEM, "demo", document)
    store.close()


class Hands:
    """A user's hands on the page. ``actions`` counts what they did."""

    def __init__(self, page: Page) -> None:
        self.page, self.actions = page, 0

    def click(self, target: str) -> None:
        self.actions += 1
        self.page.locator(target).first.click()

    def type(self, text: str) -> None:
        """Into whatever has the focus."""
        self.actions += 1
        self.page.keyboard.type(text)

    def press(self, key: str) -> None:
        self.actions += 1
        self.page.keyboard.press(key)

    def choose(self, target: str, value: str) -> None:
        self.actions += 1
        self.page.locator(target).first.select_option(value)

    def drag(self, source: str, target: str | tuple[float, float]) -> None:
        """From the middle of one thing to another, or by so many pixels."""
        self.actions += 1
        mouse, start = self.page.mouse, self.middle(source)
        end = self.middle(target) if isinstance(target, str) else (start[0] + target[0], start[1] + target[1])
        mouse.move(*start)
        mouse.move(start[0] + 1, start[1])
        self.page.wait_for_timeout(80)  # nobody's hand is quicker than the next frame
        mouse.down()
        mouse.move((start[0] + end[0]) / 2, (start[1] + end[1]) / 2, steps=3)
        mouse.move(*end, steps=3)
        mouse.up()

    def middle(self, target: str) -> tuple[float, float]:
        box = self.page.locator(target).first.bounding_box()
        assert box is not None, f"{target} is not shown"
        return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    # What the page knows ---------------------------------------------------------------------

    def document(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.page.evaluate("JSON.stringify(ccc.studio.document.raw)"))
        return found

    def lines(self) -> set[tuple[str, str, str]]:
        return {(edge["from"], edge["exit"], edge["to"]) for edge in self.document()["edges"]}

    def saved(self) -> None:
        """Wait until nothing is left to save."""
        self.page.wait_for_function("() => !ccc.draft.unsaved && !ccc.draft.saving && !ccc.panel.busy")

    def problems(self) -> list[dict[str, Any]]:
        """The list below the canvas, after everything was checked."""
        self.saved()
        found: list[dict[str, Any]] = self.page.evaluate("ccc.problems.all")
        return found

    def after(self, ident: str) -> None:
        """Wait until the side asks for the settings of a node."""
        self.page.wait_for_selector(f'#node-form[data-node="{ident}"] [data-settings]', state="attached")


@pytest.fixture
def designer(window: Browser, site: Site) -> Iterator[Callable[..., Hands]]:  # noqa: F811
    """Opens a flow in a signed-in browser; at the end nothing may stand in its console (the CSP among it)."""
    opened: list[Admin] = []

    def make(
        flow: str = "fresh", locale: str = "zh-CN", size: tuple[int, int] = (1280, 800), user: str = "zhao"
    ) -> Hands:
        opened.append(Admin(window, site, locale, size).sign_in(user))
        page = opened[-1].open(f"/designer/{flow}")
        page.wait_for_selector("body[data-ready]", state="attached")
        return Hands(page)

    yield make
    for one in opened:
        one.context.close()
        # where the test cut the line or took the session away, Chromium and htmx say so
        ours = re.compile(r"^$|net::ERR_FAILED|htmx:|Status Error|status of 40[01]")
        assert [text for text in one.problems if not ours.search(text)] == []
