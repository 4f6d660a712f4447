"""Every exit has a real call that takes it, or a reason why none is needed: a new exit without one fails here."""

from __future__ import annotations

import ast
import functools
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ccc.api import ERROR_EXIT, NodeType
from ccc.loader import load
from tests.plugins.exits import CALLBACK_OUTCOMES, PROOFS

ROOT = Path(__file__).resolve().parent.parent.parent
TYPES = load(entry_points=False).node_types
TEST = re.compile(r"(test_\w+\.py)::(test_\w+)")


def exits_in(node_type: NodeType) -> Iterator[str]:
    """The names its file gives to exits: whatever ``Exit(...)`` is called with; ``*`` where that is worked out."""
    module = sys.modules[type(node_type).__module__]
    assert module.__file__ is not None
    for part in ast.walk(ast.parse(Path(module.__file__).read_text())):
        if not isinstance(part, ast.Call) or not isinstance(part.func, ast.Name):
            continue
        if part.func.id == "error_exit":
            yield ERROR_EXIT
        elif part.func.id == "Exit":
            name = part.args[0]
            if isinstance(name, ast.Constant):
                yield name.value
            else:
                known = getattr(module, name.id, None) if isinstance(name, ast.Name) else None
                yield known if isinstance(known, str) else "*"


@functools.cache
def names_in(file: str) -> frozenset[str]:
    tree = ast.parse((ROOT / "tests" / "calls" / file).read_text())
    return frozenset(part.name for part in tree.body if isinstance(part, ast.FunctionDef))


@pytest.mark.parametrize("name", sorted(TYPES))
def test_every_exit_has_its_proof(name: str) -> None:
    node_type: Any = TYPES[name]
    declared = set(exits_in(node_type))
    shown = {way.name for one in node_type.examples for way in node_type.exits(node_type.Config.model_validate(one))}
    assert "*" in declared or shown <= declared, "exits are made some other way than Exit(...): this test misses them"
    assert set(PROOFS.get(name, {})) == declared, f"say in tests/plugins/exits.py which call takes each exit of {name}"


def test_no_proof_is_of_a_node_type_that_is_gone() -> None:
    assert set(PROOFS) == set(TYPES)


def test_every_outcome_of_a_callback_has_its_proof() -> None:
    text = (ROOT / "docs" / "protocols.md").read_text()
    (line,) = re.findall(r"^Reasons: (.*)$", text, re.MULTILINE)
    assert set(CALLBACK_OUTCOMES) == set(re.findall(r"`([a-z-]+)`", line))


@pytest.mark.parametrize(
    "proof", sorted({*CALLBACK_OUTCOMES.values(), *(p for ways in PROOFS.values() for p in ways.values())})
)
def test_the_proof_exists(proof: str) -> None:
    reason = proof.removeprefix("no call: ")
    if reason != proof:
        assert len(reason) > 20, "say why"
        return
    found = TEST.fullmatch(proof)
    assert found, "neither a test nor a reason"
    assert found[2] in names_in(found[1])
