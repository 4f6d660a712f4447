"""Compiling: a frozen graph, parsed settings, or all problems in one error."""

from __future__ import annotations

import networkx as nx
import pytest

from ccc.flow.compile import compile_flow
from ccc.flow.document import FlowInvalid, content_hash, parse_document
from ccc.loader import Registry
from tests.flow.build import big, document, node, start, text


def test_a_compiled_flow_has_everything_a_call_needs(registry: Registry) -> None:
    made = document(
        [
            start(),
            node("m", "menu", prompts=[text("a"), text("${x}")], keys=[{"key": "1"}, {"key": "#"}]),
            node("q", "queue", skill_group="sales"),
            node("end", "hangup"),
        ],
        *["start.next m", "m.key_1 q", "m.key_hash end", "m.timeout end", "m.wrong m", "q.timeout end"],
        variables={"x": 1},
        tables={"t": {"a": 1}},
        title="标题",
    )
    flow = compile_flow(made, registry)
    assert (flow.name, flow.title, flow.language, flow.start) == ("flow", "标题", "zh-CN", "start")
    assert flow.hash == content_hash(made)
    menu = flow.nodes["m"]
    assert dict(menu.exits) == {"key_1": "q", "key_hash": "end", "timeout": "end", "wrong": "m"}
    assert menu.declared == {"key_1", "key_hash", "timeout", "wrong", "error"}
    assert menu.config.retries == 2  # type: ignore[attr-defined]
    assert nx.is_frozen(flow.graph)
    assert set(flow.graph.edges["m", "end"]["exits"]) == {"key_hash", "timeout"}
    assert [prompt.text for prompt in flow.static_texts()] == ["a"]
    assert [ident for ident, _ in flow.prompts()] == ["m", "m"]
    assert flow.uses() == {("skill-group", "sales")}


def test_a_compiled_flow_cannot_be_changed(registry: Registry) -> None:
    flow = compile_flow(document([start(), node("end", "hangup")], "start.next end"), registry)
    with pytest.raises(nx.NetworkXError):
        flow.graph.add_edge("end", "start")
    with pytest.raises(TypeError):
        flow.nodes["x"] = flow.nodes["end"]  # type: ignore[index]
    with pytest.raises(AttributeError):
        flow.start = "end"  # type: ignore[misc]


def test_errors_are_listed_and_warnings_do_not_stop(registry: Registry) -> None:
    with pytest.raises(FlowInvalid) as caught:
        compile_flow(document([start(), node("w", "wait", seconds=0), node("x", "nope")], "start.next w"), registry)
    assert {problem.code for problem in caught.value.problems if problem.severity == "error"} == {
        "config",
        "unknown-type",
    }
    assert "node w, field config.seconds" in caught.value.message
    assert compile_flow(document([start(), node("w", "wait")], "start.next w"), registry).nodes["w"].exits == {}


def test_ten_thousand_nodes_compile(registry: Registry) -> None:
    assert len(compile_flow(parse_document(big(10_000)), registry).nodes) == 10_000
