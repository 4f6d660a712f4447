"""Flow documents: JSON text to a compiled flow."""

import json
from pathlib import Path

from ccc.errors import InvalidError
from ccc.flow.check import check_flow
from ccc.flow.compile import compile_flow
from ccc.flow.document import load_document
from ccc.loader import load
from tests.fuzz.mutate import mutate_json

_MENU = {
    "format": 1,
    "name": "menu",
    "title": "菜单",
    "variables": {"tries": 0, "名": "x"},
    "tables": {"accounts": {"1001": {"name": "Li", "balance": 12.5}}},
    "nodes": [
        {"id": "start", "type": "start", "config": {}, "position": [0, 0]},
        {
            "id": "m",
            "type": "menu",
            "name": "Main",
            "config": {"keys": [{"key": "1"}], "timeout_s": 5},
            "position": [9, 9],
        },
        {"id": "bye", "type": "hangup", "note": "the end"},
    ],
    "edges": [{"from": "start", "exit": "next", "to": "m"}, {"from": "m", "exit": "1", "to": "bye"}],
}
SEEDS = [json.dumps(_MENU, ensure_ascii=False).encode()] + [
    path.read_bytes() for path in sorted((Path(__file__).parent.parent.parent / "flows").glob("**/*.json"))
]
EXPECTED = (InvalidError,)
MUTATE = mutate_json
_REGISTRY = load()


def feed(data: bytes) -> None:
    """Read it, list its problems, compile it."""
    document = load_document(data)
    check_flow(document, _REGISTRY)
    compile_flow(document, _REGISTRY)
