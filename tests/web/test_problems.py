"""Every sentence the checks of this project write is known to the pages, so that it is said in their language."""

from __future__ import annotations

from ccc.flow.check import check_flow
from ccc.flow.document import parse_document
from ccc.loader import load
from ccc.web.problems import recognised

REGISTRY = load(entry_points=False)
SAY = {"prompts": [{"kind": "tts", "text": " "}]}
TWICE = [{"key": "1"}, {"key": "1"}]


class NothingThere:
    """An instance without any audio, group or flow."""

    def has(self, kind: str, name: str) -> bool:
        return False


def test_what_is_found_in_a_flow_full_of_mistakes() -> None:
    nodes = [
        {"id": "start", "type": "start", "config": {"recording": "after-announcement"}},
        {"id": "start2", "type": "start"},
        {"id": "menu", "type": "menu", "config": SAY | {"keys": TWICE, "repeat": 0, "interruptible": False}},
        {"id": "bad", "type": "menu", "config": {"prompts": [], "keys": [{"key": "x"}], "retries": 99, "odd": 1}},
        {"id": "queue", "type": "queue", "config": {"skill_group": "", "priority": -1, "timeout_s": "soon"}},
        {"id": "q2", "type": "queue", "config": {"skill_group": "none"}},
        {"id": "a", "type": "condition", "config": {"cases": [{"exit": "else", "when": "x == sys.nobody"}]}},
        {"id": "b", "type": "set_variable", "config": {"assignments": [{"name": "t", "value": "x"}]}},
        {"id": "digits", "type": "collect", "config": {"variable": "v", "min_digits": 9, "max_digits": 2}},
        {"id": "odd", "type": "somebody_elses"},
        {"id": "odd", "type": "hangup"},
    ]  # fmt: skip
    edges = [
        {"from": "a", "exit": "else", "to": "b"}, {"from": "b", "exit": "next", "to": "a"},
        {"from": "menu", "exit": "key_1", "to": "a"}, {"from": "menu", "exit": "key_1", "to": "b"},
        {"from": "menu", "exit": "nowhere", "to": "gone"},
    ]  # fmt: skip
    unique = [node for node in nodes if node["type"] != "hangup"]
    for some in (nodes, unique, []):
        flow = parse_document({"name": "x", "nodes": some, "edges": edges if some else []})
        problems = check_flow(flow, REGISTRY, NothingThere())
        unknown = [problem.message for problem in problems if recognised(problem.message) is None]
        assert problems and unknown == []


def test_the_names_in_a_sentence_are_found() -> None:
    assert recognised("exit 'key_1' leads nowhere; connect it") == (
        "exit '%(exit)s' leads nowhere; connect it",
        {"exit": "key_1"},
    )
    assert recognised("something of a plugin of somebody else") is None
