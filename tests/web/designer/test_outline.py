"""The outline without a browser: every edit by a plain form, and what is refused loses nothing."""

from __future__ import annotations

import html
import itertools
import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from ccc.loader import load
from ccc.services import drafts
from ccc.services.actor import SYSTEM
from ccc.services.flows import import_flow
from ccc.store import Store
from ccc.store.base import utc_now
from tests.web.admin.conftest import form_values
from tests.web.conftest import HELLO, sign_in, token

PAGE = "/designer/hello/outline"


class Outline:
    """A user without JavaScript."""

    def __init__(self, app: Flask, store: Store, user: str = "zhao") -> None:
        self.client: FlaskClient = app.test_client()
        assert sign_in(self.client, user).status_code == 302
        self.store, self.csrf = store, token(self.client, "/")
        self.headers = {"Accept-Language": "en"}

    def page(self, path: str = PAGE) -> str:
        return self.client.get(path, headers=self.headers).text

    def post(self, path: str = PAGE, revision: int | None = None, **fields: Any) -> Any:
        values = {"csrf_token": self.csrf, "revision": self.revision() if revision is None else revision, **fields}
        return self.client.post(path, data=values, headers=self.headers)

    def form(self, path: str) -> dict[str, Any]:
        """The only form of the page's main part as a browser would post it."""
        found = re.findall(r"<form\b[^>]*node-form.*?</form>", self.page(path), re.S)
        assert len(found) == 1
        return form_values(found[0])

    def revision(self) -> int:
        return drafts.draft(self.store, SYSTEM, "demo", "hello").revision

    def draft(self) -> dict[str, Any]:
        return drafts.draft(self.store, SYSTEM, "demo", "hello").document

    def lines(self) -> set[tuple[str, str, str]]:
        return {(edge["from"], edge["exit"], edge["to"]) for edge in self.draft()["edges"]}


@pytest.fixture
def outline(app: Flask, store: Store) -> Outline:
    return Outline(app, store)


def test_nodes_in_walking_order_with_their_exits(outline: Outline) -> None:
    page = outline.page()
    assert [page.index(f'id="node-{one}"') for one in ("start", "say", "end")] == sorted(
        page.index(f'id="node-{one}"') for one in ("start", "say", "end")
    )
    assert "您好" in page and 'name="way.done"' in page and "<script>" not in page


def test_add_into_a_line_then_its_settings(outline: Outline) -> None:
    answer = outline.post(op="add", type="menu", behind="start>next")
    assert answer.status_code == 302 and answer.location.endswith("/outline/menu")
    assert ("start", "next", "menu") in outline.lines()
    assert {edge for edge in outline.lines() if edge[0] == "menu"}  # what followed the start follows the menu
    grown = outline.form("/designer/hello/outline/menu") | {"edit": "add:config.keys", "name": "主菜单"}
    shown = outline.client.post("/designer/hello/outline/menu", data=grown, headers=outline.headers)
    assert shown.status_code == 200 and 'name="config.keys.1.key"' in shown.text and "主菜单" in shown.text
    assert len(outline.draft()["nodes"][-1]["config"]["keys"]) == 1  # shown, not saved yet
    form = re.findall(r"<form\b[^>]*node-form.*?</form>", shown.text, re.S)[0]
    values = form_values(form) | {"config.keys.1.key": "2", "config.keys.1.label": "服务"}
    outline.client.post("/designer/hello/outline/menu", data=values, headers=outline.headers)
    menu = outline.draft()["nodes"][-1]
    assert menu["name"] == "主菜单" and [one["key"] for one in menu["config"]["keys"]] == ["1", "2"]


def test_exits_move_and_remove(outline: Outline) -> None:
    outline.post(op="ways", id="start", **{"way.next": "end"})
    assert ("start", "next", "end") in outline.lines()
    outline.post(op="move", id="say", behind="start>next")
    assert outline.lines() >= {("start", "next", "say"), ("say", "done", "end")}
    outline.post(op="remove", id="say")
    assert [node["id"] for node in outline.draft()["nodes"]] == ["start", "end"]
    refused = outline.post(op="remove", id="start")
    assert refused.status_code == 422 and "keeps its start" in refused.text


def test_a_node_that_is_gone(outline: Outline) -> None:
    answer = outline.post(op="ways", id="nobody", **{"way.next": "end"})
    assert answer.status_code == 404 and "nobody" in answer.text and 'id="node-say"' in answer.text


def test_saved_elsewhere_meanwhile_loses_nothing(outline: Outline) -> None:
    before = outline.revision()
    outline.post(op="flow", title="Neu", description="")
    late = outline.post(op="ways", id="start", revision=before, **{"way.next": "end"})
    assert late.status_code == 409 and "after you opened it" in late.text
    assert ("start", "next", "say") in outline.lines()
    kept = form_values(re.findall(r"<form method=\"post\" action=.*?</form>", late.text, re.S)[-1])
    assert outline.client.post(PAGE, data=kept, headers=outline.headers).status_code == 302
    assert ("start", "next", "end") in outline.lines() and outline.draft()["title"] == "Neu"


def test_while_somebody_draws(outline: Outline) -> None:
    drafts.take_lock(outline.store, SYSTEM, "demo", "hello", token="", shown_name="李静", now=utc_now())
    held = outline.post(op="ways", id="start", **{"way.next": "end"})
    assert held.status_code == 409 and "李静" in html.unescape(held.text)
    kept = form_values(re.findall(r"<form method=\"post\" action=.*?</form>", held.text, re.S)[-1])
    assert kept["take_over"] == ["1"]
    assert outline.client.post(PAGE, data=kept, headers=outline.headers).status_code == 302
    assert ("start", "next", "end") in outline.lines()
    assert drafts.holder(outline.store, SYSTEM, "demo", "hello", utc_now()) is None  # free for the canvas


def test_script_in_names_is_text(outline: Outline) -> None:
    values = outline.form("/designer/hello/outline/say") | {"name": "<script>alert(1)</script>"}
    outline.client.post("/designer/hello/outline/say", data=values, headers=outline.headers)
    assert "<script>alert(1)" not in outline.page() and "&lt;script&gt;" in outline.page()


def test_a_large_flow_has_one_list_for_all_exits(outline: Outline) -> None:
    ids = [f"n{n}" for n in range(70)]
    nodes = [{"id": "start", "type": "start"}, *({"id": one, "type": "play"} for one in ids)]
    edges = [{"from": "start", "exit": "next", "to": "n0"}]
    edges += [{"from": one, "exit": "done", "to": other} for one, other in itertools.pairwise(ids)]
    import_flow(outline.store, load(), SYSTEM, "demo", {**HELLO, "nodes": nodes, "edges": edges})
    page = outline.page()
    assert page.count('id="all-nodes"') == 1 and "<select" in page and page.count("<option") < 500
    assert outline.post(op="ways", id="n0", **{"way.done": "n69"}).status_code == 302
    assert ("n0", "done", "n69") in outline.lines()
    assert outline.post(op="ways", id="n0", **{"way.done": "nowhere"}).status_code == 404
    assert ("n0", "done", "n69") in outline.lines()
