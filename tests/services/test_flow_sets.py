"""Sets of flows and the vendor's format: all or nothing, who may, what is told."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ccc.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from ccc.flow.document import FlowInvalid
from ccc.flow.sets import dump_set, parse_set
from ccc.loader import Registry, load
from ccc.services import flow_sets, flow_tests
from ccc.services.actor import SYSTEM, Actor
from ccc.services.flows import list_flows, publish_flow
from ccc.store import Store
from ccc.store.repos import audit
from tests.flow.build import node, raw, start

ONE = raw([start(), node("end", "hangup")], "start.next end", name="one")
CASE = {"name": "ends", "steps": [{"ends": "normal"}]}
NODES = [start(), node("sub", "subflow", flow="one"), node("end", "hangup")]
TWO = raw(NODES, "start.next sub", "sub.done end", name="two", tests=[CASE])
LOOKS, AGENT = Actor("sophie", {"demo": "supervisor"}), Actor("anna", {"demo": "agent"})
VENDOR = Path(__file__).resolve().parents[1] / "flow" / "foreign" / "announcement.json"


@pytest.fixture(scope="module")
def registry() -> Iterator[Registry]:
    yield load(entry_points=False)


def pack(*flows: dict[str, Any]) -> Any:
    return parse_set({"kind": "ccc-flows", "format": 1, "flows": list(flows)})


def test_all_or_nothing(store: Store, registry: Registry) -> None:
    report = flow_sets.import_set(store, registry, SYSTEM, "demo", pack(ONE, TWO))
    assert [(flow.name, flow.done) for flow in report.flows] == [("one", "created"), ("two", "created")]
    assert [flow.revision for flow in report.flows] == [1, 1]
    assert report.missing == () and report.flows[1].problems == ()
    other, new = {**ONE, "title": "anders"}, {**ONE, "name": "zzz"}
    with pytest.raises(ConflictError, match="one"):
        flow_sets.import_set(store, registry, SYSTEM, "demo", pack(other, new))
    assert [flow.name for flow in list_flows(store, SYSTEM, "demo")] == ["one", "two"]
    trial = flow_sets.import_set(store, registry, SYSTEM, "demo", pack(other, new), trial=True)
    assert [(flow.done, flow.revision) for flow in trial.flows] == [("replaced", 1), ("created", 0)]
    done = flow_sets.import_set(store, registry, SYSTEM, "demo", pack(other, TWO), replace=True)
    assert [flow.done for flow in done.flows] == ["replaced", "unchanged"]
    with store.read() as session:
        assert [each.object for each in audit.find(session) if each.action == "flow.import"] == ["one", "two", "one"]


def test_what_was_exported_comes_back_unchanged(store: Store, registry: Registry) -> None:
    flow_sets.import_set(store, registry, SYSTEM, "demo", pack(TWO, ONE))
    text = dump_set(flow_sets.export_set(store, registry, LOOKS, "demo"))
    report = flow_sets.import_any(store, registry, SYSTEM, "demo", text)
    assert report.intact is True and {flow.done for flow in report.flows} == {"unchanged"}
    only = flow_sets.export_set(store, registry, LOOKS, "demo", ["two"])
    assert only["references"] == {"flow": ["one"]}


def test_who_may_and_what_is_no_set(store: Store, registry: Registry) -> None:
    with pytest.raises(ForbiddenError):
        flow_sets.import_set(store, registry, LOOKS, "demo", pack(ONE))
    with pytest.raises(ForbiddenError):
        flow_sets.export_set(store, registry, AGENT, "demo")
    with pytest.raises(NotFoundError):
        flow_sets.export_set(store, registry, SYSTEM, "demo")
    with pytest.raises(FlowInvalid):
        flow_sets.import_any(store, registry, SYSTEM, "demo", "[]")
    with pytest.raises(InvalidError) as refused:
        flow_sets.import_any(store, registry, SYSTEM, "demo", VENDOR.read_bytes())
    assert refused.value.field == "name"


def test_the_vendors_flow_goes_on_the_air(store: Store, registry: Registry) -> None:
    report = flow_sets.import_any(store, registry, SYSTEM, "demo", VENDOR.read_bytes(), name="night")
    assert {found.fate for found in report.findings} == {"left-out"} and report.flows[0].problems == ()
    assert json.loads(VENDOR.read_text("utf-8"))["description"]


def test_tests_run_with_the_live_sub_flow(store: Store, registry: Registry) -> None:
    flow_sets.import_set(store, registry, SYSTEM, "demo", pack(ONE, TWO))
    assert flow_tests.run_tests(store, registry, LOOKS, "demo", "two").passed
    publish_flow(store, registry, SYSTEM, "demo", "one")
    endless = raw([start(), node("wait", "wait", seconds=None)], "start.next wait", name="one")
    flow_sets.import_set(store, registry, SYSTEM, "demo", pack(endless), replace=True)
    assert flow_tests.run_tests(store, registry, LOOKS, "demo", "two").passed, "the draft is not what calls run"
    with pytest.raises(ForbiddenError):
        flow_tests.run_tests(store, registry, AGENT, "demo", "two")
