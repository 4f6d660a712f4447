"""Hypothesis strategies for flow documents: any shape a document may have, sound or not."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from ccc.flow.document import FlowDocument, parse_document

IDS = st.sampled_from(["start", "menu", "a", "b", "end"])
NAMES = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
LEAVES = st.none() | st.booleans() | st.integers(-3, 3) | st.floats(allow_nan=False, allow_infinity=False) | NAMES
VALUES: st.SearchStrategy[Any] = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3), max_leaves=6
)
SPOTS = st.tuples(st.floats(-1e4, 1e4), st.floats(-1e4, 1e4))
TYPES = st.sampled_from(["start", "play", "menu", "queue", "hangup", "not-installed"])
NODES = st.fixed_dictionaries(
    {"id": IDS, "type": TYPES},
    optional={
        "name": NAMES,
        "note": NAMES,
        "position": SPOTS,
        "config": st.dictionaries(NAMES, VALUES, max_size=3),
    },
)
EDGES = st.fixed_dictionaries({"from": IDS, "exit": st.sampled_from(["next", "done", "key_1"]), "to": IDS})
STEPS = st.sampled_from([{"press": "1"}, {"wait": 2.0}, {"hears": "x"}, {"hang_up": True}])
CASES = st.fixed_dictionaries(
    {"name": st.sampled_from(["one", "two"])}, optional={"steps": st.lists(STEPS, max_size=2), "caller": NAMES}
)
RAW = st.fixed_dictionaries(
    {"name": st.sampled_from(["flow", "other"])},
    optional={
        "title": NAMES,
        "description": NAMES,
        "variables": st.dictionaries(st.sampled_from(["x", "y", "z"]), VALUES, max_size=3),
        "tables": st.dictionaries(st.sampled_from(["t", "u"]), st.dictionaries(NAMES, VALUES, max_size=2), max_size=2),
        "nodes": st.lists(NODES, max_size=5),
        "edges": st.lists(EDGES, max_size=5),
        "notes": st.lists(VALUES, max_size=2),
        "tests": st.lists(CASES, max_size=3),
    },
)
DOCUMENTS: st.SearchStrategy[FlowDocument] = RAW.map(parse_document)
