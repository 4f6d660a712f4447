"""The flow of the issue, from an empty canvas to the air, with mouse and keyboard."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ccc.services.actor import SYSTEM
from ccc.services.flows import export_flow, flow_versions
from ccc.store import open_store
from tests.web.designer.conftest import EMPTY, Hands, put_flow
from tests.web.site import Site

pytestmark = pytest.mark.browser
MOST_ACTIONS = 40


def test_press_1_for_sales_from_nothing_to_the_air(designer: Callable[..., Hands], site: Site) -> None:
    put_flow(site, EMPTY)
    hands = designer()
    build(hands)
    hands.click('[data-act="publish"]')
    hands.click("#publish-dialog button.btn-primary")
    hands.page.wait_for_selector("#live-tag.tag-good")
    assert hands.actions <= MOST_ACTIONS, hands.actions

    store = open_store(site.home)
    live = export_flow(store, SYSTEM, "demo", "fresh", flow_versions(store, SYSTEM, "demo", "fresh")[0].version)
    store.close()
    lines = {(edge.source, edge.exit, edge.target) for edge in live.edges}
    assert lines >= {
        ("hours", "open", "menu"), ("hours", "closed", "play"), ("hours", "holiday", "play"),
        ("menu", "key_1", "queue"), ("menu", "key_2", "queue_2"), ("menu", "wrong", "queue_2"),
        ("menu", "timeout", "queue_2"), ("play", "done", "hangup"),
    }  # fmt: skip
    groups = {node.id: node.config["skill_group"] for node in live.nodes if node.type == "queue"}
    assert groups == {"queue": "sales", "queue_2": "support"}
    undo_all(hands)


def build(hands: Hands) -> None:
    """Start, hours, menu, two queues, an announcement, hang-up."""
    follow(hands, "start", first="/")
    follow(hands, "hours")
    follow(hands, "menu")
    hands.type("销售请按一，服务请按二")
    hands.click('.rows[data-path="config.keys"] > .row-add')
    hands.page.wait_for_selector('[name="config.keys.1.key"]')
    follow(hands, "queue")
    hands.choose('[name="config.skill_group"]', "sales")
    drop(hands, "menu", "key_2", "queue", "queue_2")
    hands.choose('[name="config.skill_group"]', "support")
    for way in ("wrong", "timeout"):
        hands.drag(f'[data-node="menu"] [data-exit="{way}"]', '[data-node="queue_2"] .node-badge')
    drop(hands, "hours", "closed", "play", "play")
    hands.type("现在是下班时间，再见。")
    follow(hands, "hangup")
    hands.drag('[data-node="hours"] [data-exit="holiday"]', '[data-node="play"] .node-badge')
    for queue in ("queue", "queue_2"):
        hands.drag(f'[data-node="{queue}"] [data-exit="timeout"]', '[data-node="hangup"] .node-badge')
    assert [one for one in hands.problems() if one["severity"] == "error"] == []


def follow(hands: Hands, kind: str, first: str = "Control+Enter") -> None:
    """The next node on the first open exit."""
    hands.press(first)
    hands.type(kind)
    hands.press("Enter")
    hands.after(kind)


def drop(hands: Hands, source: str, way: str, kind: str, ident: str) -> None:
    """Draw a line to nowhere and choose what stands there."""
    hands.drag(f'[data-node="{source}"] [data-exit="{way}"]', (150, 130))
    hands.type(kind)
    hands.press("Enter")
    hands.after(ident)


def undo_all(hands: Hands) -> None:
    """Everything can be taken back, one step after another, until the canvas is empty again."""
    hands.page.locator(".problems-head").focus()
    while hands.page.evaluate("ccc.studio.stack.past.length"):
        hands.press("Control+z")
    document = hands.document()
    assert document["nodes"] == [] and document["edges"] == []
    hands.press("Control+y")
    assert len(hands.document()["nodes"]) == 1
    hands.saved()
