"""Everything the canvas offers, with mouse and keyboard, in one long walk."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.web.designer.conftest import EMPTY, Hands, put_flow
from tests.web.site import Site

pytestmark = pytest.mark.browser
FLOW: dict[str, Any] = {
    "format": 1,
    "name": "fresh",
    "title": "问候",
    "nodes": [
        {"id": "start", "type": "start", "position": [0, 0]},
        {"id": "menu", "type": "menu", "position": [300, 0], "config": {
            "prompts": [{"kind": "tts", "text": "销售请按一"}], "keys": [{"key": "1"}, {"key": "2"}]}},
        {"id": "hi", "type": "play", "name": "致谢", "position": [620, 10],
         "config": {"prompts": [{"kind": "tts", "text": "谢谢 \"来电\""}]}},
        {"id": "out", "type": "transfer_external", "position": [630, 200], "config": {"number": "02085550123"}},
        {"id": "end", "type": "hangup", "position": [950, 60]},
    ],
    "edges": [
        {"from": "start", "exit": "next", "to": "menu"},
        {"from": "menu", "exit": "key_1", "to": "hi"},
        {"from": "menu", "exit": "key_2", "to": "out"},
        {"from": "hi", "exit": "done", "to": "end"},
    ],
}  # fmt: skip
PLACES = "ccc.studio.document.nodes.map((node) => node.position)"


def selection(hands: Hands) -> dict[str, list[str]]:
    """Ids of what is selected."""
    found: dict[str, list[str]] = hands.page.evaluate(
        "({nodes, notes}) => ({nodes, notes})", hands.page.evaluate("ccc.studio.selection")
    )
    return found


def positions(hands: Hands) -> dict[str, tuple[float, float]]:
    return {node["id"]: tuple(node["position"]) for node in hands.document()["nodes"]}


def touch(hands: Hands, ident: str) -> None:
    hands.page.mouse.click(*hands.middle(f'[data-node="{ident}"] .node-badge'))


def undo(hands: Hands) -> None:
    hands.page.locator("#main").focus()
    hands.press("Control+z")


def test_every_tool_of_the_canvas(designer: Callable[..., Hands], site: Site) -> None:
    put_flow(site, FLOW)
    put_flow(site, {**EMPTY, "name": "second", "title": "另一个"})
    hands = designer()
    select_many(hands)
    align(hands)
    duplicate(hands)
    notes(hands)
    find(hands)
    zoom(hands)
    lines(hands)
    arrange(hands)
    help_sheet(hands)
    hands.page.locator("#main").focus()
    while hands.page.evaluate("ccc.studio.stack.past.length"):
        hands.press("Control+z")
    assert hands.document()["nodes"] == [*map(full, FLOW["nodes"])] and hands.lines() == edges(FLOW)
    hands.saved()
    across(hands, site)


def full(node: dict[str, Any]) -> dict[str, Any]:
    return {"name": "", "config": {}, "note": ""} | node


def edges(flow: dict[str, Any]) -> set[tuple[str, str, str]]:
    return {(edge["from"], edge["exit"], edge["to"]) for edge in flow["edges"]}


def select_many(hands: Hands) -> None:
    """A rubber band over two, a third with Shift, one less with Shift, one more with Ctrl."""
    mouse, page = hands.page.mouse, hands.page
    top, low = (
        page.locator('[data-node="hi"] .node-card').bounding_box(),
        page.locator('[data-node="out"] .node-card').bounding_box(),
    )
    assert top is not None and low is not None
    page.keyboard.down("Shift")
    mouse.move(top["x"] - 12, top["y"] - 12)
    mouse.down()
    mouse.move(low["x"] + 60, low["y"] + 30, steps=4)
    assert page.locator("#band").is_visible()
    mouse.up()
    page.keyboard.up("Shift")
    assert page.locator("#band").is_hidden() and selection(hands)["nodes"] == ["hi", "out"]
    page.locator('[data-node="end"] .node-title').click(modifiers=["Shift"], force=True)
    assert sorted(selection(hands)["nodes"]) == ["end", "hi", "out"]
    page.locator('[data-node="out"] .node-badge').click(modifiers=["Shift"], force=True)
    assert sorted(selection(hands)["nodes"]) == ["end", "hi"]
    page.locator('[data-node="out"] .node-badge').click(modifiers=["Control"], force=True)
    assert sorted(selection(hands)["nodes"]) == ["end", "hi", "out"]
    expect(page.locator("#align")).to_be_visible()


def align(hands: Hands) -> None:
    """Left edges in one line, then spread, then tops; moved together by dragging one and by the arrows."""
    hands.click("[data-act=align-left]")
    at = positions(hands)
    assert at["hi"][0] == at["out"][0] == at["end"][0] == 620
    hands.click("[data-act=spread-y]")
    ys = sorted(positions(hands)[one][1] for one in ("hi", "out", "end"))
    assert ys[0] < ys[1] < ys[2]
    hands.click("[data-act=align-top]")
    assert len({positions(hands)[one][1] for one in ("hi", "out", "end")}) == 1
    for _ in range(3):
        undo(hands)
    before = positions(hands)
    assert before["end"] == (950, 60) and sorted(selection(hands)["nodes"]) == ["end", "hi", "out"]
    hands.press("Shift+ArrowDown")
    hands.press("ArrowRight")
    after = positions(hands)
    assert all(after[one] == (before[one][0] + 10, before[one][1] + 50) for one in ("end", "hi", "out"))
    undo(hands)
    assert positions(hands) == before, "one command for all steps of the arrows"
    hands.drag('[data-node="hi"] .node-title', (40, 30))
    after = positions(hands)
    moved = (after["hi"][0] - before["hi"][0], after["hi"][1] - before["hi"][1])
    assert moved != (0, 0) and after["start"] == before["start"]
    assert all((after[one][0] - before[one][0], after[one][1] - before[one][1]) == moved for one in ("out", "end"))
    undo(hands)


def duplicate(hands: Hands) -> None:
    """With the lines between; a start is never doubled."""
    hands.press("Control+d")
    assert {"hi_2", "out_2", "end_2"} <= set(positions(hands)) and ("hi_2", "done", "end_2") in hands.lines()
    assert sorted(selection(hands)["nodes"]) == ["end_2", "hi_2", "out_2"]
    undo(hands)
    touch(hands, "start")
    hands.page.locator("#main").focus()
    hands.press("Control+d")
    expect(hands.page.locator(".note-toast", has_text="只能有一个开始节点")).to_be_visible()
    hands.press("Delete")
    assert "start" in positions(hands)


def notes(hands: Hands) -> None:
    """Written, moved, copied, deleted, taken back."""
    page = hands.page
    hands.press("n")
    hands.type("周一改回 <b>粗</b>")
    assert hands.document()["notes"][0]["text"] == "周一改回 <b>粗</b>"
    expect(page.locator(".flow-note .note-line").first).to_contain_text("周一改回 <b>粗</b>")
    before = hands.document()["notes"][0]["position"]
    page.locator("#main").focus()
    hands.press("ArrowDown")
    hands.drag(".flow-note .note-card", (30, 60))
    after = hands.document()["notes"][0]["position"]
    assert after[1] > before[1] + 10 and after[0] > before[0]
    page.locator("#main").focus()
    hands.press("Control+c")
    hands.press("Control+v")
    assert [note["text"] for note in hands.document()["notes"]] == ["周一改回 <b>粗</b>"] * 2
    assert len({note["id"] for note in hands.document()["notes"]}) == 2 and len(selection(hands)["notes"]) == 1
    hands.press("Delete")
    assert len(hands.document()["notes"]) == 1


def find(hands: Hands) -> None:
    """By name, type in both languages, number, text, note; Enter goes on, Escape closes."""
    page = hands.page
    hands.press("Control+f")
    for wanted, found in (
        ("致谢", ["hi"]),
        ("按键导航", ["menu"]),
        ("menu", ["menu"]),
        ("5550123", ["out"]),
        ('"来电', ["hi"]),
    ):
        page.fill("#find-text", wanted)
        assert selection(hands)["nodes"] == found, wanted
    page.fill("#find-text", "<b>粗")
    assert len(selection(hands)["notes"]) == 1
    page.fill("#find-text", "prompts")
    assert page.locator("#find-count").inner_text() == "没有找到", "names of settings are nobody's business"
    page.fill("#find-text", "e")
    first = selection(hands)
    hands.press("Enter")
    assert selection(hands) != first
    hands.press("Escape")
    expect(page.locator("#find")).to_be_hidden()


def zoom(hands: Hands) -> None:
    """Keys, buttons, wheel, the small map."""
    page = hands.page
    level = "ccc.studio.canvas.zoomLevel()"
    hands.press("1")
    assert page.evaluate(level) == 1 and page.locator("#zoom-level").inner_text() == "100%"
    hands.press("+")
    larger = page.evaluate(level)
    hands.press("-")
    assert larger > 1 >= page.evaluate(level)
    page.mouse.move(*hands.middle("#canvas"))
    page.keyboard.down("Control")
    page.mouse.wheel(0, 240)
    page.keyboard.up("Control")
    page.wait_for_function(f"{level} < 0.99")
    hands.press("1")
    before = page.evaluate("ccc.studio.canvas.seen().x")
    box = page.locator("#minimap").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] - 6, box["y"] + box["height"] / 2)
    assert page.evaluate("ccc.studio.canvas.seen().x") > before + 50
    hands.press("0")
    seen, bounds = page.evaluate("ccc.studio.canvas.seen()"), page.evaluate("ccc.studio.canvas.bounds()")
    assert seen["x"] <= bounds["x"] and seen["x"] + seen["width"] >= bounds["x"] + bounds["width"]


def lines(hands: Hands) -> None:
    """A line is chosen, led elsewhere by its end, deleted, drawn again; a node goes with its lines."""
    page, mouse = hands.page, hands.page.mouse
    point = page.evaluate("""() => {
      const path = document.querySelectorAll(".lf-edge .line-path")[3];
      const at = path.getPointAtLength(path.getTotalLength() / 2).matrixTransform(path.getScreenCTM());
      return [at.x, at.y];
    }""")
    mouse.click(*point)
    assert page.evaluate("ccc.studio.selectedEdges().map((edge) => edge.from)") == ["hi"]
    expect(page.locator(".side-way")).to_contain_text("致谢")
    end = hands.middle('[data-node="end"] .node-entry')
    mouse.move(*end)
    mouse.down()
    mouse.move(end[0] - 20, end[1] + 10, steps=3)
    mouse.move(*hands.middle('[data-node="out"] .node-badge'), steps=5)
    mouse.up()
    assert ("hi", "done", "out") in hands.lines() and ("hi", "done", "end") not in hands.lines()
    undo(hands)
    assert ("hi", "done", "end") in hands.lines()
    mouse.click(*point)
    hands.press("Delete")
    assert ("hi", "done", "end") not in hands.lines()
    hands.drag('[data-node="hi"] [data-exit="done"]', '[data-node="end"] .node-badge')
    assert ("hi", "done", "end") in hands.lines()
    touch(hands, "hi")
    page.locator("#main").focus()
    hands.press("Delete")
    assert "hi" not in positions(hands) and len(hands.lines()) == 2
    undo(hands)
    assert hands.lines() == edges(FLOW)


def arrange(hands: Hands) -> None:
    """Left to right, nothing on anything, as one command."""
    before = positions(hands)
    hands.press("Control+l")
    hands.page.wait_for_function(
        f"before => JSON.stringify({PLACES}) !== before", arg=json.dumps(list(before.values()), separators=(",", ":"))
    )
    boxes = hands.page.evaluate("ccc.studio.canvas.views().filter((view) => !view.note)")
    for one, other in combinations(boxes, 2):
        beside = one["x"] + one["width"] <= other["x"] or other["x"] + other["width"] <= one["x"]
        assert beside or one["y"] + one["height"] <= other["y"] or other["y"] + other["height"] <= one["y"]
    assert positions(hands)["start"][0] < positions(hands)["menu"][0] < positions(hands)["hi"][0]
    undo(hands)
    assert positions(hands) == before


def help_sheet(hands: Hands) -> None:
    """Every key of the page stands in it; keys of the canvas sleep while it is open."""
    page = hands.page
    hands.press("?")
    sheet = page.locator("#keys-dialog")
    expect(sheet).to_be_visible()
    for key in ("/", "Z", "Y", "S", "F", "A", "C", "X", "V", "D", "Del", "L", "N", "F8", "T", "Esc", "?"):
        assert sheet.locator("kbd", has_text=key).count(), key
    count = len(hands.document()["notes"])
    hands.press("n")
    assert len(hands.document()["notes"]) == count
    hands.press("Escape")
    expect(sheet).to_be_hidden()


def across(hands: Hands, site: Site) -> None:
    """Copied here, pasted into another flow, cut back again."""
    page = hands.page
    page.locator("#main").focus()
    hands.press("Control+a")
    hands.press("Control+c")
    page.goto(f"{site.url}/designer/second")
    page.wait_for_selector("body[data-ready]", state="attached")
    hands.press("Control+v")
    assert hands.lines() == edges(FLOW) and set(positions(hands)) == {"start", "menu", "hi", "out", "end"}
    hands.press("Control+v")
    assert len(positions(hands)) == 9, "the second start is left out"
    hands.press("Control+x")
    assert len(positions(hands)) == 5
    undo(hands)
    hands.saved()
    if folder := os.environ.get("SHOTS"):
        page.screenshot(path=Path(folder) / "across.png")
