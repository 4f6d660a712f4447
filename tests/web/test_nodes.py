"""Node types and exits in words, taken from the plugins."""

from __future__ import annotations

import pytest

from ccc.loader import load
from ccc.web.nodes import exit_name, node_names, type_name


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_node_type_has_a_name(language: str) -> None:
    registry = load()
    names = node_names(registry, language)
    assert set(names) == set(registry.node_types) and len(names) >= 9
    assert all(names[name]["label"] for name in names)


def test_exits_in_words() -> None:
    names = node_names(load(), "zh")
    assert exit_name(names, "menu", "timeout") == "超时"
    assert [exit_name(names, "menu", f"key_{n}") for n in (0, 7)] == ["按键 0", "按键 7"]
    assert exit_name(names, "start", "next") == "", "the only way on tells nothing"
    assert exit_name(names, "queue", None) == ""


def test_a_plugin_that_is_gone_leaves_its_own_words() -> None:
    names = node_names(load(), "en")
    assert (type_name(names, "vanished"), exit_name(names, "vanished", "left")) == ("vanished", "left")
