"""Reading documents: every mistake names node and field, nothing crashes, nothing is lost."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ccc.flow.document import (
    FlowDocument,
    FlowInvalid,
    content_hash,
    describe,
    dump_document,
    load_document,
    parse_document,
)
from tests.flow.build import node, raw, start

GOOD = raw([start(), node("end", "hangup")], "start.next end", title="标题", variables={"a": 1})


def refused(data: Any) -> FlowInvalid:
    with pytest.raises(FlowInvalid) as caught:
        load_document(data) if isinstance(data, bytes | str) else parse_document(data)
    assert caught.value.status == 422
    assert caught.value.exit_code == 2
    return caught.value


def test_a_document_is_read_and_written_back() -> None:
    document = load_document(json.dumps(GOOD))
    assert [item.id for item in document.nodes] == ["start", "end"]
    assert (document.edges[0].source, document.edges[0].exit, document.edges[0].target) == ("start", "next", "end")
    assert load_document(dump_document(document)) == document
    assert document.as_dict()["edges"] == [{"from": "start", "exit": "next", "to": "end"}]


def test_unknown_node_types_and_their_settings_are_kept() -> None:
    odd = raw(
        [{"id": "x", "type": "from-a-plugin-not-here", "config": {"deep": {"list": [1, None, "é"]}}, "note": "n"}]
    )
    kept = load_document(dump_document(parse_document(odd))).nodes[0]
    assert kept.type == "from-a-plugin-not-here"
    assert kept.config == {"deep": {"list": [1, None, "é"]}}
    assert kept.note == "n"


def test_the_hash_depends_on_content_not_on_layout() -> None:
    shuffled = json.dumps(dict(reversed(GOOD.items())), indent=7, ensure_ascii=True)
    assert content_hash(load_document(shuffled)) == content_hash(parse_document(GOOD))
    assert content_hash(parse_document({**GOOD, "title": "anders"})) != content_hash(parse_document(GOOD))
    assert content_hash(parse_document({**GOOD, "description": ""})) == content_hash(parse_document(GOOD))
    assert len(content_hash(parse_document(GOOD))) == 64


@pytest.mark.parametrize(
    ("change", "where", "node_id", "field"),
    [
        ({"nodes": [{"id": "a b", "type": "x"}]}, "pattern", "#1", "id"),
        ({"nodes": [start(), {"type": "x"}]}, "Field required", "#2", "id"),
        ({"nodes": [{"id": "m", "type": "x", "config": []}]}, "dictionary", "m", "config"),
        ({"nodes": [{"id": "m", "type": "x", "position": [1]}]}, "Field required", "m", "position.1"),
        ({"nodes": [{"id": "m", "type": 5}]}, "valid string", "m", "type"),
        ({"nodes": [{"id": "m", "type": "x", "colour": "red"}]}, "Extra inputs", "m", "colour"),
        ({"nodes": ["start"]}, "dictionary", "#1", None),
        ({"nodes": {}}, "list", None, "nodes"),
        ({"edges": [{"from": "a", "to": "b"}]}, "Field required", None, "edges.0.exit"),
        ({"name": "Has Spaces"}, "pattern", None, "name"),
        ({"name": None}, "valid string", None, "name"),
        ({"nam": "x"}, "Extra inputs", None, "nam"),
        ({"variables": {"1a": 0}}, "is not a name", None, "variables.1a.[key]"),
        ({"variables": {"sys": 0}}, "means something else", None, "variables.sys.[key]"),
        ({"tables": {"t": [1]}}, "dictionary", None, "tables.t"),
        ({"tests": [{"name": "t", "steps": [{"press": "1", "wait": 2}]}]}, "exactly one of", None, "tests.0.steps.0"),
        ({"tests": [{"name": "t", "steps": [{"press": "x"}]}]}, "pattern", None, "tests.0.steps.0.press"),
        ({"language": "中文"}, "pattern", None, "language"),
        ({"format": 2}, "format 2 is not known", None, "format"),
        ({"format": True}, "format True is not known", None, "format"),
        ({"format": "1"}, "is not known", None, "format"),
    ],
)
def test_mistakes_name_node_and_field(
    change: dict[str, Any], where: str, node_id: str | None, field: str | None
) -> None:
    error = refused({**GOOD, **change})
    problem = error.problems[0]
    assert where in problem.message
    assert (problem.node, problem.field) == (node_id, field)
    assert describe(problem) in error.message


@pytest.mark.parametrize(
    ("data", "hint"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b"\xff\xfe\x00", "not JSON"),
        (b"[]", "a flow document is a JSON object"),
        ("null", "a flow document is a JSON object"),
        ('{"name": NaN}', "NaN is not a JSON number"),
        ("[" * 100_000, "nested too deeply"),
        ('{"name": "x", "variables": {"a": ' + "[" * 60 + "]" * 60 + "}}", "nested deeper than 40"),
        ('{"name": "x", "title": "\\ud800"}', "not storable"),
        ('{"name": "x", "variables": {"a": ' + "9" * 5000 + "}}", "not JSON"),
        ('{"name": "x", "variables": {"a": 1e999}}', "not storable"),
        (b" " * (5 * 1024 * 1024 + 1), "at most 5242880 bytes"),
    ],
)
def test_what_is_no_document_is_refused(data: bytes | str, hint: str) -> None:
    assert hint in refused(data).message


def test_a_decoded_object_is_held_to_the_same_limits() -> None:
    assert "at most" in refused({**GOOD, "description": "x" * 6_000_000}).message
    assert "not storable" in refused({**GOOD, "variables": {"a": {1, 2}}}).message
    assert "not storable" in refused({**GOOD, "variables": {"a": float("nan")}}).message
    looped: dict[str, Any] = {**GOOD}
    looped["variables"] = {"a": looped}
    assert "nested deeper" in refused(looped).message


def test_ten_thousand_nodes_are_read_and_more_are_refused() -> None:
    nodes = [node(f"n{index}", "hangup") for index in range(10_000)]
    assert len(parse_document(raw(nodes)).nodes) == 10_000
    assert refused(raw([*nodes, node("one-more", "hangup")])).problems[0].field == "nodes"


def test_many_mistakes_make_a_short_message_and_a_full_list() -> None:
    error = refused(raw([{"id": f"n{index}", "type": 5} for index in range(50)]))
    assert len(error.problems) == 50
    assert "and 30 more" in error.message


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
field_names = st.sampled_from(list(FlowDocument.model_fields))


@settings(max_examples=500)
@given(st.dictionaries(field_names, json_values, max_size=5), st.booleans())
def test_any_json_is_a_document_or_flow_invalid(change: dict[str, Any], keep: bool) -> None:
    candidate = {**GOOD, **change} if keep else change
    try:
        document = parse_document(candidate)
    except FlowInvalid as error:
        assert error.problems
        assert error.message.encode()
    else:
        assert content_hash(load_document(dump_document(document))) == content_hash(document)


@settings(max_examples=500)
@given(st.binary(max_size=60) | st.text(max_size=60))
def test_any_bytes_are_a_document_or_flow_invalid(data: bytes | str) -> None:
    try:
        load_document(data)
    except FlowInvalid as error:
        assert error.problems
