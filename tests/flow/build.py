"""Short ways to write flow documents and scripts in tests."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from ccc.api import NodeType
from ccc.api.testkit import TestCase, TestStep
from ccc.flow.document import FlowDocument, parse_document


def text(words: str) -> dict[str, Any]:
    """A spoken prompt."""
    return {"kind": "tts", "text": words}


def node(ident: str, type: str, **config: Any) -> dict[str, Any]:
    return {"id": ident, "type": type, "config": config}


def edges(*lines: str) -> list[dict[str, str]]:
    """``"a.next b"`` is the line from exit ``next`` of ``a`` to ``b``."""
    found = []
    for line in lines:
        source, target = line.split(" ")
        ident, exit_name = source.split(".")
        found.append({"from": ident, "exit": exit_name, "to": target})
    return found


def raw(nodes: list[dict[str, Any]], *lines: str, **rest: Any) -> dict[str, Any]:
    return {"format": 1, "name": "flow", "nodes": nodes, "edges": edges(*lines), **rest}


def document(nodes: list[dict[str, Any]], *lines: str, **rest: Any) -> FlowDocument:
    return parse_document(raw(nodes, *lines, **rest))


def case(*steps: dict[str, Any], **settings: Any) -> TestCase:
    return TestCase(name="case", steps=[TestStep(**step) for step in steps], **settings)


@dataclass(frozen=True)
class Types:
    """A registry made of the given node types."""

    node_types: MappingProxyType[str, NodeType]

    @classmethod
    def of(cls, *types: NodeType) -> Types:
        return cls(MappingProxyType({item.type: item for item in types}))


def start(ident: str = "start") -> dict[str, Any]:
    return node(ident, "start")


def big(count: int) -> dict[str, Any]:
    """A valid flow of ``count`` nodes: plays, conditions, menus in a row, then a hang-up."""
    nodes, lines = [start()], []
    for index in range(count - 2):
        before = f"n{index - 1}" if index else "start"
        way = "next" if index == 0 else ("done", "else", "key_1")[(index - 1) % 3]
        lines.append(f"{before}.{way} n{index}")
        kind = index % 3
        if kind == 0:
            nodes.append(node(f"n{index}", "play", prompts=[text(f"第${{count}}段 {index}")], interruptible=False))
        elif kind == 1:
            nodes.append(node(f"n{index}", "condition", cases=[{"exit": "x", "when": f"count > {index}"}]))
            lines.append(f"n{index}.x end")
        else:
            nodes.append(node(f"n{index}", "menu", prompts=[text("请按键")], keys=[{"key": "1"}]))
            lines += [f"n{index}.timeout end", f"n{index}.wrong end"]
    lines.append(f"n{count - 3}.{('done', 'else', 'key_1')[(count - 3) % 3]} end")
    nodes.append(node("end", "hangup"))
    return raw(nodes, *lines, variables={"count": 1})
