"""Sets of flows: the same file each time, read back as they were, and what is missing where they go."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccc.flow.document import FlowDocument, FlowInvalid, content_hash, dump_document, load_document
from ccc.flow.sets import dump_set, load_set, missing, pack, parse_set, set_hash
from ccc.loader import Registry
from tests.flow.build import document, node, start, text
from tests.flow.documents import DOCUMENTS

SETS = st.lists(DOCUMENTS, min_size=1, max_size=2, unique_by=lambda flow: flow.name)
MENU = document(
    [
        start(),
        node("say", "play", prompts=[{"kind": "audio", "name": "hello"}, text("${table.vip.x}")]),
        node("ask", "lookup", table="vip"),
        node("go", "queue", skill_group="sales"),
        node("sub", "subflow", flow="hours"),
        node("odd", "from-a-plugin"),
    ],
    name="menu",
)
HOURS = document([start(), node("end", "hangup")], "start.next end", name="hours")


class Have:
    """References of a place that has these."""

    def __init__(self, *names: tuple[str, str]) -> None:
        self._names = names

    def has(self, kind: str, name: str) -> bool:
        return (kind, name) in self._names


@given(SETS)
def test_export_then_import_is_the_identity(registry: Registry, flows: list[FlowDocument]) -> None:
    found = load_set(dump_set(pack(flows, registry)))
    assert found.intact is True
    assert {flow.name: content_hash(flow) for flow in found.flows} == {flow.name: content_hash(flow) for flow in flows}
    assert dump_set(pack(found.flows, registry)) == dump_set(pack(reversed(flows), registry))


@given(DOCUMENTS)
def test_a_single_document_is_a_set_of_one(flow: FlowDocument) -> None:
    found = load_set(dump_document(flow))
    assert found.flows == (flow,) and found.intact is None
    assert load_document(dump_document(flow)) == flow


def test_a_changed_file_is_told(registry: Registry) -> None:
    packed = pack([MENU, HOURS], registry)
    assert [flow["name"] for flow in packed["flows"]] == ["hours", "menu"]
    packed["flows"][0]["title"] = "by hand"
    assert parse_set(packed).intact is False
    assert set_hash([MENU, HOURS]) == set_hash([HOURS, MENU])


def test_what_is_missing_is_named_with_its_users(registry: Registry) -> None:
    packed = pack([MENU], registry)
    assert packed["references"]["skill-group"] == ["sales"]
    found = {(each.kind, each.name): each.used_by for each in missing([MENU], registry, Have(("audio", "hello")))}
    assert found[("skill-group", "sales")] == (("menu", "go"),)
    assert found[("table", "vip")] == (("menu", "ask"),)
    assert found[("node-type", "from-a-plugin")] == (("menu", "odd"),)
    assert ("flow", "hours") in found and ("audio", "hello") not in found
    together = {(each.kind, each.name) for each in missing([MENU, HOURS], registry, Have())}
    assert ("flow", "hours") not in together and ("audio", "hello") in together


def test_tables_a_flow_brings_and_voices(registry: Registry) -> None:
    words = {"kind": "tts", "text": "x", "voice": "nobody"}
    flow = document([start(), node("a", "lookup", table="own"), node("b", "play", prompts=[words])], tables={"own": {}})
    assert [(each.kind, each.name) for each in missing([flow], registry, Have())] == [("voice", "nobody")]


@pytest.mark.parametrize(
    "raw",
    [
        [],
        "x",
        {"kind": "ccc-flows"},
        {"kind": "ccc-flows", "format": 2, "flows": []},
        {"kind": "ccc-flows", "format": True, "flows": [HOURS.as_dict()]},
        {"kind": "ccc-flows", "format": 1, "flows": []},
        {"kind": "ccc-flows", "format": 1, "flows": [HOURS.as_dict()] * 2},
        {"kind": "ccc-flows", "format": 1, "flows": [HOURS.as_dict()], "extra": 1},
        {"kind": "ccc-flows", "format": 1, "flows": [{"name": "x", "nodes": 5}]},
    ],
)
def test_what_is_no_set_is_refused(raw: Any) -> None:
    with pytest.raises(FlowInvalid):
        load_set(json.dumps(raw))


def test_text_that_is_no_json_or_too_long() -> None:
    for data in (b"{", b"[" * 100_000, b'{"x": NaN}', b" " * (20 * 1024 * 1024 + 1)):
        with pytest.raises(FlowInvalid):
            load_set(data)
