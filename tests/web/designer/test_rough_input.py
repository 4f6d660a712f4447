"""What files written by hand may bring: wrong types, types nobody installed, scripts in every text, five megabytes."""

from __future__ import annotations

import json
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import expect

from ccc.flow.document import MAX_BYTES
from ccc.loader import load
from ccc.services.actor import SYSTEM
from ccc.services.flows import export_flow, publish_flow
from ccc.store import open_store
from tests.web.admin.conftest import AXE, Htmx
from tests.web.designer.conftest import EMPTY, Hands, put_flow
from tests.web.designer.test_look import add_call
from tests.web.site import Site

pytestmark = pytest.mark.browser
BAD = "<img src=x onerror=window.hit=1>"
SCRIPT = f"<script>window.hit=2</script>{BAD}"
WILD: dict[str, Any] = {
    **EMPTY,
    "title": SCRIPT,
    "description": SCRIPT,
    "nodes": [
        {"id": "start", "type": "start", "name": BAD},
        {"id": "menu", "type": "menu", "name": SCRIPT, "note": SCRIPT,
         "config": {"prompts": [{"kind": "tts", "text": SCRIPT}], "keys": [{"key": "1", "label": BAD}]}},
        {"id": "constructor", "type": "constructor", "name": SCRIPT, "config": {SCRIPT: [1, None, {"a": SCRIPT}]}},
        {"id": "__proto__", "type": "toString", "config": {"__proto__": {"x": 1}}},
        {"id": "end", "type": "hangup"},
    ],
    "edges": [
        {"from": "start", "exit": "next", "to": "menu"},
        {"from": "menu", "exit": "key_1", "to": "constructor"},
        {"from": "constructor", "exit": BAD, "to": "end"},
        {"from": "__proto__", "exit": "toString", "to": "end"},
        {"from": "menu", "exit": "wrong", "to": "gone"},
    ],
    "notes": [5, None, "by hand", {"id": 7, "text": 1}, {"id": "a", "text": SCRIPT, "position": "x"},
              {"id": "a", "text": ["x"], "position": [None, "3"]}, {"id": "b"}],
    "variables": {"constructor": SCRIPT},
    "tests": [{"name": SCRIPT, "steps": [{"press": "1"}]}],
}  # fmt: skip
SCORE = """async () => {
  await Promise.allSettled(document.getAnimations().map((one) => one.finished));
  const { violations } = await axe.run({ resultTypes: ["violations"] });
  const bad = violations.filter((one) => ["serious", "critical"].includes(one.impact));
  return bad.flatMap((one) => one.nodes.map((node) => `${one.id}: ${node.html.slice(0, 160)}`));
}"""


def stored(site: Site, name: str = "fresh") -> dict[str, Any]:
    store = open_store(site.home)
    found = export_flow(store, SYSTEM, "demo", name).as_dict()
    store.close()
    return found


def serious(hands: Hands) -> list[str]:
    """What axe-core finds on what is shown."""
    hands.page.evaluate(AXE.read_text())
    found: list[str] = hands.page.evaluate(SCORE)
    return found


@pytest.mark.parametrize("locale", ["zh-CN", "en-US"])
def test_a_wild_file_is_drawn_kept_and_told_of(designer: Callable[..., Hands], site: Site, locale: str) -> None:
    put_flow(site, WILD)
    before = stored(site)
    hands = designer(locale=locale)
    page = hands.page
    places = [tuple(node["position"]) for node in hands.document()["nodes"]]
    assert len(set(places)) == len(places), "arranged to be seen"
    expect(page.locator("#notice button")).to_have_count(1)
    assert stored(site) == before and not page.evaluate("ccc.draft.unsaved"), "looking changes nothing"
    assert page.locator(".flow-node.cat-unknown").count() == 2
    assert page.locator(".flow-note").count() == 3
    expect(page.locator('[data-node="menu"] .node-title')).to_contain_text("<script>")

    every_panel(hands)
    hands.click("#problems-toggle")
    assert serious(hands) == []
    inside = """[...document.querySelectorAll("#canvas .lf-node *, #canvas .lf-edge *")]
      .flatMap((one) => [...one.attributes].map((it) => it.name))"""
    names = set(page.evaluate(inside))
    assert "class" in names and not [name for name in names if name == "id" or name.startswith(("hx-", "on"))]
    hands.click("[data-mend]")
    assert ("menu", "wrong", "gone") not in hands.lines()
    hands.saved()
    kept = stored(site)
    assert {one["id"]: one["config"] for one in kept["nodes"]} == {one["id"]: one["config"] for one in before["nodes"]}
    assert kept["notes"][:4] == WILD["notes"][:4] and len(kept["notes"]) == 7
    page.locator("#main").focus()
    hands.press("Control+z")
    hands.saved()
    assert {tuple(edge.values()) for edge in stored(site)["edges"]} == {
        tuple(edge.values()) for edge in before["edges"]
    }

    hands.click('[data-act="publish"]')
    page.wait_for_selector("#publish-dialog .publish-problems")
    assert serious(hands) == []
    page.keyboard.press("Escape")
    hands.press("?")
    assert serious(hands) == []
    page.keyboard.press("Escape")
    for address in (
        "/designer/fresh/outline",
        "/designer/fresh/versions",
        "/designer/fresh/heat",
        "/designer/fresh/live",
        "/flows/",
    ):
        page.goto(site.url + address)
        page.wait_for_load_state("networkidle")
        assert page.evaluate("window.hit ?? 0") == 0, address
        assert "<script>window.hit" in page.locator("body").inner_text(), address
    if locale == "zh-CN":
        simulated_replayed_and_compared(hands, site)


SOUND: dict[str, Any] = {
    **EMPTY,
    "name": "sound",
    "title": SCRIPT,
    "nodes": [
        {"id": "start", "type": "start"},
        {"id": "say", "type": "play", "name": SCRIPT, "config": {"prompts": [{"kind": "tts", "text": SCRIPT}]}},
        {"id": "end", "type": "hangup"},
    ],
    "edges": [{"from": "start", "exit": "next", "to": "say"}, {"from": "say", "exit": "done", "to": "end"}],
    "tests": [{"name": SCRIPT, "steps": [{"hears": BAD}]}],
}


def simulated_replayed_and_compared(hands: Hands, site: Site) -> None:
    """The same texts in the transcript, the test cases, a past call and the difference of two versions."""
    put_flow(site, SOUND)
    store = open_store(site.home)
    publish_flow(store, load(), SYSTEM, "demo", "sound", SCRIPT)
    add_call(store, "W1", 1, [("start", "start", 0, 0.1, "next"), ("say", "play", 0.1, None, None)], flow="sound")
    store.close()
    put_flow(site, {**SOUND, "title": BAD})
    page = hands.page
    page.goto(f"{site.url}/designer/sound")
    page.wait_for_selector("body[data-ready]", state="attached")
    page.locator("#main").focus()
    hands.press("t")
    hands.click("[data-sim=start]")
    expect(page.locator(".sim-steps .tc-heard").first).to_contain_text("<script>window.hit")
    hands.click("#tab-cases")
    expect(page.locator(".case").first).to_contain_text("<script>window.hit")
    hands.saved()
    assert page.evaluate("window.hit ?? 0") == 0
    for address in ("replay?call=W1", "versions?a=1&b=draft"):
        page.goto(f"{site.url}/designer/sound/{address}")
        page.wait_for_selector("body[data-ready]", state="attached")
        assert "<script>window.hit" in page.locator("body").inner_text(), address
    assert page.evaluate("window.hit ?? 0") == 0


def every_panel(hands: Hands) -> None:
    """Each node's form opens, with what the file says in it; nothing in it runs."""
    page = hands.page
    for ident in ("start", "menu", "constructor", "__proto__", "end"):
        page.evaluate("id => ccc.studio.select({ nodes: [id] })", ident)
        hands.after(ident)
    page.evaluate("ccc.studio.select({ notes: ['a'] })")
    expect(page.locator("#panel textarea")).to_have_value(SCRIPT)
    page.evaluate("ccc.studio.select({ nodes: ['menu'] })")
    hands.after("menu")
    assert page.evaluate("window.hit ?? 0") == 0


def test_five_megabytes_are_edited_and_more_is_refused_in_words(designer: Callable[..., Hands], site: Site) -> None:
    notes = [{"id": f"n{n}", "text": "好" * 1300, "position": [0, 400 * n]} for n in range(1000)]
    big = {**EMPTY, "nodes": [{"id": "start", "type": "start"}, {"id": "end", "type": "hangup", "position": [300, 0]}],
           "notes": notes, "variables": {"x": "x" * 1_100_000}}  # fmt: skip
    assert 0.95 * MAX_BYTES < len(json.dumps(big, ensure_ascii=False).encode()) < MAX_BYTES
    put_flow(site, big)
    hands = designer()
    page = hands.page
    page.on("dialog", lambda dialog: dialog.accept())
    page.evaluate("ccc.studio.select({ nodes: ['end'] }); document.querySelector('#main').focus()")
    hands.press("ArrowRight")
    hands.saved()
    assert {one["id"]: one["position"] for one in stored(site)["nodes"]}["end"] == [310, 0]
    page.evaluate("ccc.studio.run('', (edit) => edit.setField('variables', { x: 'x'.repeat(1300000) }))")
    expect(page.locator("#save-state.is-bad")).to_contain_text("流程文档最大")
    hands.press("Control+z")
    hands.saved()
    assert page.locator("#save-state.is-bad").count() == 0


def test_a_file_too_large_to_import_is_refused_in_words(app: Flask) -> None:
    client = Htmx(app, "zhao")
    big = json.dumps({**EMPTY, "variables": {"x": "x" * (MAX_BYTES + 10)}}).encode()
    answer = client.post("/flows/import", {"file": (BytesIO(big), f"{BAD}.json")})
    assert answer.status_code == 422 and "sub-flows" in answer.text and BAD not in answer.text
