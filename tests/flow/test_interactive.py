"""The simulated call that stops: whatever is decided, its script calls again in just that way."""

from __future__ import annotations

import json
from datetime import datetime
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ccc.api.script import TestCase, TestStep
from ccc.flow.compile import CompiledFlow, compile_flow
from ccc.flow.document import load_document, parse_document
from ccc.flow.interactive import Rehearsal, in_order, rehearse
from ccc.flow.simulator import run_test
from ccc.home import PROJECT
from ccc.loader import Registry, load

DECISIONS = st.lists(
    st.one_of(
        st.sampled_from("0123459*#").map(lambda key: TestStep(press=key)),
        st.text("0129#", min_size=2, max_size=6).map(lambda keys: TestStep(press=keys)),
        st.sampled_from([0.7, 3.0, 10_000.0]).map(lambda seconds: TestStep(wait=seconds)),
        st.just(TestStep(hang_up=True)),
        st.just(TestStep(speak=4)),
    ),
    max_size=12,
)
DEMOS = ("menu", "menu-levels", "satisfaction", "voicemail-hours", "bilingual")


@cache
def registry() -> Registry:
    return load(entry_points=False)


@cache
def demo(name: str) -> CompiledFlow:
    return compile_flow(load_document((PROJECT / "flows" / f"{name}.json").read_bytes()), registry())


def flow_of(*nodes: dict[str, Any], edges: list[tuple[str, str, str]]) -> CompiledFlow:
    lines = [{"from": source, "exit": way, "to": target} for source, way, target in edges]
    return compile_flow(parse_document({"format": 1, "name": "x", "nodes": list(nodes), "edges": lines}), registry())


def ran(flow: CompiledFlow, *decisions: TestStep, **case: Any) -> Rehearsal:
    return rehearse(flow, TestCase(name="x", **case), in_order(decisions))


@settings(max_examples=150, deadline=None)
@given(name=st.sampled_from(DEMOS), decisions=DECISIONS, agents=st.sampled_from(["ready", "busy", "none"]))
def test_the_script_of_a_call_repeats_it(name: str, decisions: list[TestStep], agents: Any) -> None:
    groups = {group: agents for kind, group in demo(name).uses() if kind == "skill-group"}
    case = TestCase(name="x", agents=groups)
    run = rehearse(demo(name), case, in_order(decisions))
    if run.asked is not None:
        return
    again = run_test(demo(name), case.model_copy(update={"steps": list(run.script)}))
    assert again.failure is None
    assert [(step.node, step.exit) for step in again.simulation.steps] == [(one.node, one.exit) for one in run.stays]


@settings(max_examples=60, deadline=None)
@given(name=st.sampled_from(DEMOS), decisions=DECISIONS)
def test_one_decision_more_changes_nothing_of_what_was(name: str, decisions: list[TestStep]) -> None:
    whole = ran(demo(name), *decisions)
    for count in range(len(decisions)):
        part = ran(demo(name), *decisions[:count])
        assert whole.transcript[: len(part.transcript)] == part.transcript


def test_it_stops_where_a_key_is_wanted_and_goes_on_without_one() -> None:
    asked = ran(demo("menu")).asked
    assert asked is not None and (asked.kind, asked.n) == ("key", 2)
    assert asked.until == pytest.approx(asked.at + 5)
    twice = ran(demo("menu"), TestStep(wait=1)).asked
    assert twice is not None and twice.at == pytest.approx(asked.at + 1)
    later = ran(demo("menu"), TestStep(wait=5)).asked
    assert later is not None and later.at > asked.at + 5


def test_typed_ahead_and_who_is_there_and_when() -> None:
    run = ran(demo("menu"), TestStep(wait=500), steps=[TestStep(press="2")], agents={"service": "busy"})
    assert [stay.node for stay in run.stays][-2:] == ["busy", "end"] and run.cause == "normal"
    night = ran(demo("menu"), at=datetime(2026, 1, 5, 23, 0))
    assert night.stays[0].node == "start"


def test_a_server_and_a_table_are_asked_for() -> None:
    looks = flow_of(
        {"id": "start", "type": "start"},
        {"id": "look", "type": "lookup", "config": {"table": "customers", "key": "caller", "columns": []}},
        {"id": "end", "type": "hangup"},
        edges=[("start", "next", "look"), ("look", "found", "end"), ("look", "not_found", "end")],
    )
    run = ran(looks)
    assert run.asked is not None and (run.asked.kind, run.asked.text) == ("table", "customers")
    assert ran(looks, tables={"customers": {}}).cause == "normal"


def test_a_node_that_fails_is_named() -> None:
    fails = flow_of(
        {"id": "start", "type": "start"},
        {"id": "set", "type": "set_variable", "config": {"assignments": [{"name": "x", "value": "1 / 0"}]}},
        {"id": "end", "type": "hangup"},
        edges=[("start", "next", "set"), ("set", "next", "end")],
    )
    run = ran(fails)
    assert run.cause == "flow-error" and run.failure and run.stays[-1].node == "set" and run.stays[-1].failure


def test_what_it_says_is_json() -> None:
    run = ran(demo("menu"), TestStep(press="1"))
    json.dumps([step.model_dump(mode="json") for step in run.script])
