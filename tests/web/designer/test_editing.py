"""Drawing badly and being told; two editors; reloads and a server that goes away."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ccc.services.actor import SYSTEM
from ccc.services.flows import export_flow
from ccc.store import open_store
from tests.web.designer.conftest import Hands, put_flow
from tests.web.site import Site

pytestmark = pytest.mark.browser


def prompt(text: str) -> dict[str, Any]:
    return {"prompts": [{"kind": "tts", "text": text}]}


FLOW: dict[str, Any] = {
    "format": 1,
    "name": "fresh",
    "title": "问候",
    "nodes": [
        {"id": "start", "type": "start", "position": [60, 200]},
        {"id": "menu", "type": "menu", "position": [340, 200], "config": {**prompt("按一"), "keys": [{"key": "1"}]}},
        {"id": "say", "type": "play", "position": [640, 120], "config": prompt("<script>alert(1)</script>")},
        {"id": "odd", "type": "somebody_elses", "position": [640, 420], "config": {"kept": [1, {"a": None}]}},
        {"id": "end", "type": "hangup", "position": [940, 260]},
    ],
    "edges": [
        {"from": "start", "exit": "next", "to": "menu"},
        {"from": "menu", "exit": "key_1", "to": "say"},
        {"from": "menu", "exit": "timeout", "to": "end"},
        {"from": "menu", "exit": "wrong", "to": "odd"},
        {"from": "odd", "exit": "way", "to": "end"},
        {"from": "say", "exit": "done", "to": "end"},
    ],
    "notes": ["written by hand", {"id": "n1", "text": "给同事", "position": [60, 400]}],
}

SAYS = 'edit.changeNode("say", { config: { prompts: [{ kind: "tts", text: "TEXT" }] } })'
WAYS_TO_BREAK = (
    ('edit.removeEdge(ccc.studio.document.edgeFrom("start", "next"))', "open-exit", "connect it"),
    ('edit.changeNode("menu", { config: { ...ccc.studio.document.node("menu").config, '
     'keys: [{ key: "1" }, { key: "1" }] } })', "key-twice", "keep one"),
    (SAYS.replace("TEXT", " "), "empty-prompt", "write one or remove the prompt"),
    ('edit.addNode({ id: "lost", type: "hangup", config: {} })', "unreachable", "connect or remove it"),
    ('edit.addNode({ id: "two", type: "start", config: {} })', "several-starts", "remove one"),
    ('edit.addNode({ id: "q", type: "queue", config: { skill_group: "nobody" } })', "missing-reference",
     "choose another or create it"),
    ('edit.addNode({ id: "a", type: "set_variable", config: { assignments: [{ name: "t", value: "1" }] } });'
     'edit.addEdge({ from: "a", exit: "next", to: "a" })', "busy-loop", "add a wait, a menu or a prompt"),
    ('edit.addEdge({ from: "menu", exit: "key_9", to: "end" })', "unknown-exit", "delete the line or draw it from one"),
    ('edit.addEdge({ from: "menu", exit: "error", to: "gone" })', "dangling-edge", "delete the line"),
    (SAYS.replace("TEXT", "${nobody}"), "undefined-variable", "set it before"),
    ('edit.changeNode("end", { type: "nothing_here" })', "unknown-type", "add its plugin"),
    ('edit.removeNode("start")', "no-start", "add one"),
)  # fmt: skip
"""What is done to the document, the code of the problem, the cure its sentence names."""


def stored(site: Site) -> dict[str, Any]:
    store = open_store(site.home)
    found = export_flow(store, SYSTEM, "demo", "fresh").as_dict()
    store.close()
    return found


def codes(hands: Hands) -> set[tuple[str, str | None]]:
    return {(problem["code"], problem["node"]) for problem in hands.problems()}


def test_breaking_it_shows_the_right_message(designer: Callable[..., Hands], site: Site) -> None:
    put_flow(site, FLOW)
    hands = designer(locale="en-US")
    page = hands.page
    assert codes(hands) == {("unknown-type", "odd")}
    hands.click('[data-node="menu"] .node-badge')
    hands.after("menu")
    field = page.locator('[name="config.keys.0.key"]')
    field.fill("x")
    page.wait_for_selector('[data-path="config.keys.0.key"] [data-error]:not([hidden])')
    assert ("config", "menu") in codes(hands)
    assert ("menu", "key_1", "say") in hands.lines(), "lines stay while settings cannot be read"
    field.fill("1")
    hands.click('.rows[data-path="config.keys"] > .row-add')
    page.wait_for_selector('[name="config.keys.1.key"]')
    page.locator('[name="config.keys.1.key"]').fill("1")
    page.wait_for_selector('[data-path="config.keys.1.key"] [data-error]:not([hidden])')
    assert ("key-twice", "menu") in codes(hands)
    page.locator('[name="config.prompts.0.text"]').fill(" ")
    assert {("empty-prompt", "menu"), ("key-twice", "menu")} <= codes(hands)
    hands.click('[data-node="say"] .node-badge')
    hands.after("say")
    hands.page.locator("#main").focus()
    hands.press("Delete")
    assert ("open-exit", "menu") in codes(hands)
    hands.drag('[data-node="menu"] [data-exit="key_1"]', '[data-node="menu"] .node-badge')
    hands.drag('[data-node="start"] [data-exit="next"]', '[data-node="end"] .node-badge')
    assert {("unreachable", "menu"), ("unreachable", "odd")} <= codes(hands)
    hands.click('[data-act="publish"]')
    page.wait_for_selector("#publish-dialog .publish-problems")
    assert page.locator("#publish-dialog .btn-primary").count() == 0, "errors refuse"
    page.keyboard.press("Escape")
    hands.click("#problems-toggle")
    hands.click(".problem.is-error")
    assert page.evaluate("ccc.studio.selection.nodes.length") == 1
    page.locator(".problems-head").focus()
    while page.evaluate("ccc.studio.stack.past.length"):
        page.keyboard.press("Control+z")
    assert codes(hands) == {("unknown-type", "odd")}
    after = stored(site)
    assert {node["id"]: node["config"] for node in after["nodes"]}["odd"] == {"kept": [1, {"a": None}]}
    assert after["notes"] == FLOW["notes"] and len(after["nodes"]) == 5 and len(after["edges"]) == 6
    for broken, code, cure in WAYS_TO_BREAK:
        page.evaluate(f"ccc.studio.run('break', (edit) => {{ {broken} }})")
        told = [problem["text"] for problem in hands.problems() if problem["code"] == code]
        assert told and all(cure in text for text in told), (code, told)
        page.evaluate("ccc.act.undo()")


def test_two_editors_a_reload_and_a_server_that_restarts(designer: Callable[..., Hands], site: Site) -> None:
    put_flow(site, FLOW)
    first = designer()
    second = designer(user="li")
    assert second.page.evaluate("ccc.studio.readOnly") and "赵敏" in second.page.locator("#notice").inner_text()
    assert second.page.locator('[data-act="publish"]').is_disabled(), "a supervisor edits, an administrator publishes"
    first.drag('[data-node="end"] .node-title', (40, 60))
    first.saved()
    moved = node_at(first, "end")
    assert moved != [940, 260] and position(site, "end") == moved

    second.click("#notice button")
    second.page.wait_for_selector("body:not(.is-read-only)", state="attached")
    assert node_at(second, "end") == moved, "what was saved meanwhile is there"
    second.drag('[data-node="say"] .node-title', (20, 40))
    second.saved()
    taken = node_at(second, "say")
    first.drag('[data-node="say"] .node-title', (-30, -30))
    first.page.wait_for_selector("#notice:not([hidden])")
    assert "李静" in first.page.locator("#notice").inner_text()
    assert first.page.evaluate("ccc.draft.unsaved"), "the first editor's change is kept"
    assert position(site, "say") == taken

    second.page.route("**/draft", lambda route: route.abort())
    second.drag('[data-node="menu"] .node-title', (0, 50))
    second.page.wait_for_selector(".save-state.is-bad")
    second.page.unroute("**/draft")
    moved = node_at(second, "menu")
    assert position(site, "menu") != moved
    second.page.on("dialog", lambda dialog: dialog.accept())
    second.page.reload()
    second.page.wait_for_selector("body[data-ready]", state="attached")
    assert node_at(second, "menu") == moved, "a reload loses nothing"
    second.saved()
    assert position(site, "menu") == moved


def position(site: Site, ident: str) -> Any:
    return {node["id"]: node["position"] for node in stored(site)["nodes"]}[ident]


def node_at(hands: Hands, ident: str) -> Any:
    return {node["id"]: node["position"] for node in hands.document()["nodes"]}[ident]
