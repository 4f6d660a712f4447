"""How long a large flow takes to read, check and compile."""

from __future__ import annotations

import json
import statistics
import time
from typing import Any

from bench.table import Row, at_most
from ccc.flow.compile import compile_flow
from ccc.flow.document import load_document
from ccc.loader import load

NODES = 300
ROUNDS = 20


def large(nodes: int) -> bytes:
    """A chain of menus, prompts and conditions with a hang-up at its end, as JSON text."""
    made: list[dict[str, Any]] = [{"id": "n0", "type": "start"}]
    edges = [{"from": "n0", "exit": "next", "to": "n1"}]
    for number in range(1, nodes - 1):
        here, following = f"n{number}", f"n{number + 1}"
        say = [{"kind": "tts", "text": f"这是第{number}步，请按键。"}]
        if number % 3 == 0:
            made.append({"id": here, "type": "play", "config": {"prompts": say}})
            edges.append({"from": here, "exit": "done", "to": following})
            continue
        keys = [{"key": "1", "label": "next"}, {"key": "2", "label": "back"}]
        made.append({"id": here, "type": "menu", "config": {"prompts": say, "keys": keys}})
        for way in ("key_1", "timeout", "wrong"):
            edges.append({"from": here, "exit": way, "to": following})
        edges.append({"from": here, "exit": "key_2", "to": f"n{max(1, number - 1)}"})
    made.append({"id": f"n{nodes - 1}", "type": "hangup"})
    return json.dumps({"format": 1, "name": "large", "nodes": made, "edges": edges}).encode()


def compiling() -> list[Row]:
    """Medians of reading and of checking with compiling."""
    registry, text = load(), large(NODES)
    reading, compiled = [], []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        document = load_document(text)
        read = time.perf_counter()
        compile_flow(document, registry)
        reading.append((read - began) * 1000)
        compiled.append((time.perf_counter() - read) * 1000)
    return [
        at_most(f"flow of {NODES} nodes: check and compile", statistics.median(compiled), 50, "ms"),
        Row(f"flow of {NODES} nodes: read", f"{statistics.median(reading):.1f} ms"),
    ]
