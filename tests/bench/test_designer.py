"""The flows the designer is measured with."""

from __future__ import annotations

import json

import pytest

from bench.designer import LIMITS, drawn
from ccc.flow.check import check_flow
from ccc.flow.document import load_document
from ccc.loader import load


@pytest.mark.parametrize("nodes", LIMITS)
def test_a_drawn_flow_has_its_nodes_and_can_be_published(nodes: int) -> None:
    document = load_document(json.dumps(drawn(nodes)).encode())
    assert len(document.nodes) == nodes
    assert [problem for problem in check_flow(document, load()) if problem.severity == "error"] == []
