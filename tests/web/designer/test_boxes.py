"""Nodes are as large for the layout on the server as they are drawn on the canvas."""

from __future__ import annotations

import re

import pytest

from ccc.flow.document import parse_document
from ccc.home import PROJECT
from ccc.loader import load
from ccc.web.designer import boxes
from tests.web.conftest import HELLO

VIEWS = (PROJECT / "static" / "js" / "designer" / "views.js").read_text("utf-8")


@pytest.mark.parametrize("name", ["WIDTH", "HEAD", "LINE", "ROW", "FOOT"])
def test_sizes_are_those_of_the_script(name: str) -> None:
    (value,) = re.findall(rf"^(?:export )?const {name} = (\d+);", VIEWS, re.MULTILINE)
    assert int(value) == getattr(boxes, name)


def test_no_two_nodes_stand_on_each_other() -> None:
    keys = [{"key": str(n), "label": f"k{n}"} for n in range(9)]
    nodes = [*HELLO["nodes"], {"id": "menu", "type": "menu", "config": {"prompts": [], "keys": keys}}]  # type: ignore[misc]
    edges = [{"from": "start", "exit": "next", "to": "menu"}, {"from": "menu", "exit": "key_1", "to": "say"},
             {"from": "menu", "exit": "key_2", "to": "end"}]  # fmt: skip
    document = parse_document(HELLO | {"nodes": nodes, "edges": edges})
    places = boxes.arranged(document, load(), "zh")
    assert set(places) == {"start", "say", "end", "menu"}
    assert places["start"][0] < places["menu"][0] < places["say"][0] == places["end"][0]
    assert places["end"][1] - places["say"][1] >= boxes.HEAD
