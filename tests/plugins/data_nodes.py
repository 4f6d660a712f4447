"""Running one node of a data plugin in the test kit."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from ccc.api import FlowFailed, NodeType
from ccc.api.testkit import ScriptedCall, TestCase
from ccc.loader import load_path

PLUGINS = Path(__file__).resolve().parent.parent.parent / "plugins"


def node_type(name: str) -> NodeType:
    """The node type of ``plugins/NAME.py``."""
    found = load_path(PLUGINS / f"{name}.py")
    assert not found.report.refused
    return next(iter(found.node_types.values()))


def run(node: NodeType, config: dict[str, Any], **case: Any) -> tuple[str, ScriptedCall]:
    """(the exit, ``error: why`` when it failed, the call behind)."""
    call = ScriptedCall(TestCase(name="one node", **case))
    try:
        way = asyncio.run(node.run(call, node.Config.model_validate(config)))
    except FlowFailed as error:
        way = f"error: {error.message}"
    return way, call


def lines(call: ScriptedCall, what: str) -> list[str]:
    """The transcript's texts of one kind."""
    return [item.text for item in call.transcript if item.what == what]
