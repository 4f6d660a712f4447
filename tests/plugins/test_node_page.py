"""``docs/nodes.md`` is what the node types say."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

import pytest

from ccc.loader import load

ROOT = Path(__file__).resolve().parent.parent.parent
PAGE = (ROOT / "docs" / "nodes.md").read_text()


def test_every_node_type_has_a_heading_and_no_other_does() -> None:
    types = load(entry_points=False).node_types
    assert re.findall(r"^## (\w+)$", PAGE, re.MULTILINE) == sorted(types)


@pytest.mark.parametrize("name", sorted(load(entry_points=False).node_types))
def test_its_section_is_up_to_date(name: str) -> None:
    section = runpy.run_path(str(ROOT / "scripts" / "node_docs.py"))["_section"]
    assert section(load(entry_points=False).node_types[name]) in PAGE, "run `python scripts/node_docs.py`"
