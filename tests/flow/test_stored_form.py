"""A document survives being stored: what ``as_dict`` writes reads back as the same document, tests included."""

from __future__ import annotations

from pathlib import Path

import networkx as nx
import pytest

from ccc.flow.compile import compile_flow, compile_in_steps
from ccc.flow.document import FlowInvalid, content_hash, load_document, parse_document
from ccc.loader import Registry

FLOWS = sorted((Path(__file__).parents[2] / "flows").glob("*.json"))


@pytest.mark.parametrize("path", FLOWS, ids=lambda path: path.stem)
def test_as_dict_reads_back(path: Path) -> None:
    document = load_document(path.read_bytes())
    again = parse_document(document.as_dict())
    assert again == document
    assert content_hash(again) == content_hash(document)


@pytest.mark.parametrize("path", FLOWS, ids=lambda path: path.stem)
def test_compiling_in_steps_gives_the_same_flow(path: Path, registry: Registry) -> None:
    document = load_document(path.read_bytes())
    whole = compile_flow(document, registry)
    steps = compile_in_steps(document, registry, whole.hash)
    with pytest.raises(StopIteration) as done:
        while True:
            next(steps)
    sliced = done.value.value
    assert (sliced.name, sliced.start, sliced.hash, dict(sliced.variables)) == (
        whole.name,
        whole.start,
        whole.hash,
        dict(whole.variables),
    )
    assert sliced.nodes == whole.nodes
    assert nx.utils.graphs_equal(sliced.graph, whole.graph)


def test_compiling_in_steps_refuses_what_cannot_run_here(registry: Registry) -> None:
    unknown = parse_document({"format": 1, "name": "x", "nodes": [{"id": "a", "type": "not-installed"}]})
    with pytest.raises(FlowInvalid, match="not installed"):
        next(compile_in_steps(unknown, registry, "hash"))
    with pytest.raises(FlowInvalid, match="no start"):
        next(compile_in_steps(parse_document({"format": 1, "name": "x"}), registry, "hash"))
