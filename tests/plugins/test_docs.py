"""The docs keep up: hooks, members of the node contract, functions and system variables have their place."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ccc.api import SYSTEM_VARIABLES, CallControl, NodeType
from ccc.api.expr import FUNCTIONS
from ccc.api.script import TestCase, TestStep
from ccc.commands.plugins import run_checks
from ccc.loader import HOOKS, load_path

DOCS = Path(__file__).resolve().parent.parent.parent / "docs"
NODE = (DOCS / "write-a-node.md").read_text()
FORMULAS = (DOCS / "expressions.md").read_text()
MEMBERS = sorted(set(NodeType.__annotations__) | {name for name in vars(NodeType) if not name.startswith("_")})


def section(name: str) -> str:
    found = re.search(rf"^## {name}\n(.*?)(?=^## |\Z)", NODE, re.MULTILINE | re.DOTALL)
    assert found, f"write-a-node.md has no section {name}"
    return found[1]


def headings(name: str) -> list[str]:
    return re.findall(r"^### (\w+)$", section(name), re.MULTILINE)


def test_every_hook_has_a_heading_and_no_other_does() -> None:
    assert sorted(headings("Hooks")) == sorted(HOOKS)


def test_every_member_of_the_contract_has_a_heading_and_no_other_does() -> None:
    assert sorted(headings("The class") + headings("The methods")) == MEMBERS


@pytest.mark.parametrize("name", sorted(name for name in vars(CallControl) if not name.startswith("_")))
def test_every_member_of_call_control_is_named(name: str) -> None:
    assert f"`{name}`" in section("The methods")


@pytest.mark.parametrize("name", sorted({*TestStep.model_fields, *TestCase.model_fields} - {"name", "steps"}))
def test_every_word_of_a_test_case_is_named(name: str) -> None:
    assert f"`{name}`" in section("Tests")


def test_the_example_is_a_plugin_that_passes(tmp_path: Path) -> None:
    path = tmp_path / "beep.py"
    path.write_text(re.findall(r"```python\n(.*?)```", NODE, re.DOTALL)[0])
    registry = load_path(path)
    assert registry.report.refused == []
    results = list(run_checks(registry, path))
    assert len(results) > 4
    assert [item for item in results if item.failure] == []


def test_every_function_and_system_variable_has_a_row() -> None:
    functions = re.findall(r"^\| `(\w+)\(", FORMULAS, re.MULTILINE)
    assert sorted(functions) == sorted([*FUNCTIONS, "lookup", "if"])
    rows = dict(re.findall(r"^\| `(sys\.\w+)` \| (.*?) \|$", FORMULAS, re.MULTILINE))
    assert rows == {name: meaning for name, (_, meaning, _) in SYSTEM_VARIABLES.items()}
    for name, function in FUNCTIONS.items():
        assert f"\n| `{function.signature}` | {function.help} |\n" in FORMULAS, name
