"""Other names in a flow that moves."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ccc.flow.document import FlowDocument, parse_document
from ccc.flow.mapping import mappable, mapped
from ccc.flow.uses import names_used
from ccc.loader import load

PLUGINS = load()


def flow(*nodes: dict[str, Any]) -> FlowDocument:
    return parse_document({"name": "moving", "nodes": [{"id": "start", "type": "start"}, *nodes]})


ALL = flow(
    {"id": "q", "type": "queue", "config": {"skill_group": "sales", "music": "waltz",
                                            "prompts": [{"kind": "audio", "name": "waltz"}]}},
    {"id": "x", "type": "transfer_external", "config": {"number": "10086", "trunk": "carrier"}},
    {"id": "l", "type": "lookup", "config": {"table": "vip", "key": "sys.caller"}},
    {"id": "s", "type": "subflow", "config": {"flow": "night"}},
    {"id": "p", "type": "play", "config": {"prompts": [{"kind": "tts", "text": "您好", "voice": "zh-1"}]}},
    {"id": "h", "type": "hours", "config": {"named": "week"}},
)  # fmt: skip
NAMES = sorted(mappable(ALL, PLUGINS) & {(use.kind, use.name) for use in names_used(ALL, PLUGINS)})


def test_every_kind_of_name_can_be_changed() -> None:
    used = {(use.kind, use.name) for use in names_used(ALL, PLUGINS)}
    assert {kind for kind, _ in NAMES} == {"skill-group", "audio", "trunk", "table", "flow", "voice", "hours"}
    assert used == set(NAMES)


@given(st.sets(st.sampled_from(NAMES)))
def test_exactly_the_chosen_names_change(chosen: set[tuple[str, str]]) -> None:
    moved = mapped(ALL, PLUGINS, {one: f"new_{one[1]}" for one in chosen})
    used = {(use.kind, use.name) for use in names_used(moved, PLUGINS)}
    assert used == {(kind, f"new_{name}") if (kind, name) in chosen else (kind, name) for kind, name in NAMES}
    back = mapped(moved, PLUGINS, {(kind, f"new_{name}"): name for kind, name in chosen})
    assert back == ALL


def test_a_type_that_is_not_here_becomes_another_and_loses_nothing() -> None:
    before = flow({"id": "n", "type": "vendor:SMART", "note": "old", "config": {"bot": "b-1"}})
    (node,) = [one for one in mapped(before, PLUGINS, {("node-type", "vendor:SMART"): "queue"}).nodes if one.id == "n"]
    assert node.type == "queue" and node.config == {} and node.note == "old\n[vendor:SMART]\nbot: 'b-1'"
