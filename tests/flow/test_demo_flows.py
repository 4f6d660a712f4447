"""The documents in ``flows/``: without problems, canvas positions apart, tests pass, demo contract kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from ccc.api.testkit import TestCase
from ccc.flow.check import check_flow
from ccc.flow.compile import compile_flow
from ccc.flow.document import FlowDocument, dump_document, load_document
from ccc.flow.simulator import run_test
from ccc.loader import Registry

FOLDER = Path(__file__).resolve().parent.parent.parent / "flows"
DOCUMENTS = {path.stem: load_document(path.read_bytes()) for path in sorted(FOLDER.glob("*.json"))}
BY_DATE = "calendar-ends"
"""Told when the calendar's last year is near: a matter of the day the test runs, not of the document."""
TESTS = [(name, case) for name, document in DOCUMENTS.items() for case in document.tests]


def test_the_demo_flows_are_there() -> None:
    assert {"welcome", "menu", "self-service", "bench"} <= set(DOCUMENTS)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_document(registry: Registry, name: str) -> None:
    document: FlowDocument = DOCUMENTS[name]
    assert document.name == name
    assert [found for found in check_flow(document, registry) if found.code != BY_DATE] == []
    assert len({node.position for node in document.nodes}) == len(document.nodes)
    assert document.tests
    assert load_document(dump_document(document)) == document


@pytest.mark.parametrize(("name", "case"), TESTS, ids=[f"{name}: {case.name}" for name, case in TESTS])
def test_stored_test(registry: Registry, name: str, case: TestCase) -> None:
    assert run_test(compile_flow(DOCUMENTS[name], registry), case).failure is None


@pytest.mark.parametrize("name", sorted(set(DOCUMENTS) - {"bench"}))
def test_every_node_of_a_template_is_visited_by_its_tests(registry: Registry, name: str) -> None:
    flow = compile_flow(DOCUMENTS[name], registry)
    visited = {step.node for case in DOCUMENTS[name].tests for step in run_test(flow, case).simulation.steps}
    assert visited == set(flow.nodes)


def test_the_benchmark_flow_plays_what_the_benchmark_measures(registry: Registry) -> None:
    flow = compile_flow(DOCUMENTS["bench"], registry)
    tones = {ident: (prompt.hz, prompt.seconds) for ident, prompt in flow.prompts() if prompt.kind == "tone"}
    assert tones == {"menu": (440, 8.0), "tone": (1000, 14.0)}
    assert flow.nodes["start"].config.ring_s == 0  # type: ignore[attr-defined]
    assert flow.nodes["menu"].config.repeat == 0  # type: ignore[attr-defined]
