"""The operation log: every action has words, before and after read as a difference."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import ccc
from ccc.web.admin.system.difference import Line, difference
from ccc.web.admin.system.words import ACTIONS

ROOT = Path(ccc.__file__).parent
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


def written_down() -> set[str]:
    """The actions services write into the log: texts like ``flow.publish`` given to whoever writes them."""
    found = set()
    writers = {"note", "note_down", "_note", "_change", "add", "order", "store_version"}
    for path in [*ROOT.glob("services/**/*.py"), *ROOT.glob("jobs/**/*.py")]:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call):
                name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                texts = [part.value for part in node.args if isinstance(part, ast.Constant)]
                if name in writers:
                    found |= {one for one in texts if isinstance(one, str) and re.fullmatch(r"[a-z]+(\.[a-z-]+)+", one)}
    return found


def test_every_action_has_words() -> None:
    actions = written_down()
    assert len(actions) > 50, "the way actions are written down has changed: this test sees none"
    assert sorted(actions - set(ACTIONS)) == []


@pytest.mark.parametrize(
    ("before", "after", "lines"),
    [
        ({"title": "a"}, {"title": "b"}, [Line("title", ("a",), ("b",))]),
        ({"x": [1, 2]}, {"x": [2, 3]}, [Line("x", (1,), (3,))]),
        ({"members": {"ann": 1, "bob": 2}}, {"members": {"ann": 3, "bob": 2}},
         [Line("members", ("ann: 1",), ("ann: 3",))]),
        (None, {"a": 0, "b": "", "c": []}, [Line("a", (), (0,))]),
        ({"on": True, "n": None}, {"on": False, "n": None}, [Line("on", (True,), (False,))]),
        ({"a": "x"}, None, [Line("a", ("x",))]),
    ],
)  # fmt: skip
def test_lines(before: Any, after: Any, lines: list[Line]) -> None:
    assert difference(before, after, {}) == lines


def test_what_is_only_told_comes_last() -> None:
    assert difference(None, {"a": 1}, {"rows": 3, "why": ""}) == [Line("a", (), (1,)), Line("rows", told=3)]


@given(st.dictionaries(st.text(max_size=3), JSON, max_size=4), st.dictionaries(st.text(max_size=3), JSON, max_size=4))
def test_the_same_is_no_difference_and_anything_is_shown(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert difference(one, one, {}) == []
    assert {line.field for line in difference(one, other, {})} <= {*one, *other}
