"""Every kind of problem is found, at its node and field, and a good flow has none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from pydantic import BaseModel

from ccc.api import CONFIG, CallControl, Exit, NodeType, Problem, References
from ccc.flow.check import check_flow
from ccc.loader import Registry
from tests.flow.build import Types, big, document, node, start, text

MENU = {"prompts": [text("请按 1")], "keys": [{"key": "1"}]}
END = node("end", "hangup")


class World:
    """Knows exactly the names given."""

    def __init__(self, *names: tuple[str, str]) -> None:
        self.names = names

    def has(self, kind: str, name: str) -> bool:
        return (kind, name) in self.names


def found(
    registry: Registry, nodes: list[dict[str, Any]], *lines: str, refs: References | None = None, **rest: Any
) -> set[Any]:
    problems = check_flow(document(nodes, *lines, **rest), registry, refs)
    return {(problem.severity, problem.code, problem.node, problem.field) for problem in problems}


def test_a_good_flow_has_no_problems(registry: Registry) -> None:
    assert found(registry, [start(), END], "start.next end") == set()


CASES: list[tuple[str, list[dict[str, Any]], list[str], dict[str, Any], tuple[str, str, str | None, str | None]]] = [
    ("unknown type", [start(), node("x", "teleport")], ["start.next x"], {}, ("error", "unknown-type", "x", "type")),
    ("setting of the wrong type", [start(), node("w", "wait", seconds="long")], ["start.next w"], {},
     ("error", "config", "w", "config.seconds")),
    ("setting out of range", [start(), node("w", "wait", seconds=-1)], ["start.next w"], {},
     ("error", "config", "w", "config.seconds")),
    ("misspelt setting", [start(), node("w", "wait", secs=1)], ["start.next w"], {},
     ("error", "config", "w", "config.secs")),
    ("prompt of the wrong shape", [start(), node("p", "play", prompts=[{"kind": "tone", "hz": 5, "seconds": 1}])],
     ["start.next p"], {}, ("error", "config", "p", "config.prompts.0.hz")),
    ("missing setting", [start(), node("m", "menu", keys=[{"key": "1"}])], ["start.next m"], {},
     ("error", "config", "m", "config.prompts")),
    ("setting deep inside", [start(), node("m", "menu", prompts=[text("x")], keys=[{"key": "1"}, {"key": "12"}])],
     ["start.next m"], {}, ("error", "config", "m", "config.keys.1.key")),
    ("formula with a mistake", [start(), node("c", "condition", cases=[{"exit": "a", "when": "x ="}])],
     ["start.next c"], {}, ("error", "config", "c", "config.cases.0.when")),
    ("edge to nowhere", [start()], ["start.next ghost"], {}, ("error", "dangling-edge", "start", "edges.0.to")),
    ("edge from nowhere", [start(), END], ["start.next end", "ghost.next end"], {},
     ("error", "dangling-edge", None, "edges.1.from")),
    ("id used twice", [start(), END, END], ["start.next end"], {}, ("error", "duplicate-id", "end", "id")),
    ("exit used twice", [start(), END, node("e2", "hangup")], ["start.next end", "start.next e2"], {},
     ("error", "exit-used-twice", "start", "edges.1.exit")),
    ("exit that is not there", [start(), END], ["start.next end", "start.sideways end"], {},
     ("error", "unknown-exit", "start", "edges.1.exit")),
    ("exit left open", [start(), node("m", "menu", **MENU), END], ["start.next m", "m.key_1 end", "m.wrong end"], {},
     ("error", "open-exit", "m", "exits.timeout")),
    ("end without hang-up", [start(), node("p", "play", prompts=[text("x")])], ["start.next p"], {},
     ("warning", "dead-end", "p", "exits.done")),
    ("node nobody reaches", [start(), END, node("lone", "wait", seconds=None)], ["start.next end"], {},
     ("warning", "unreachable", "lone", None)),
    ("no start", [END], [], {}, ("error", "no-start", None, None)),
    ("two starts", [start(), start("s2"), END], ["start.next end", "s2.next end"], {},
     ("error", "several-starts", "s2", None)),
    ("circle of formulas", [start(), node("a", "set_variable", assignments=[{"name": "x", "value": "1"}]),
     node("b", "condition", cases=[{"exit": "y", "when": "x == 1"}]), END],
     ["start.next a", "a.next b", "b.y a", "b.else end"], {}, ("error", "busy-loop", "a", None)),
    ("node that leads to itself", [start(), node("c", "condition", cases=[{"exit": "y", "when": "true"}]), END],
     ["start.next c", "c.y c", "c.else end"], {}, ("error", "busy-loop", "c", None)),
    ("interruptible prompts in a circle", [start(), node("p", "play", prompts=[text("x")])],
     ["start.next p", "p.done p"], {}, ("error", "busy-loop", "p", None)),
    ("queue nobody serves in a circle", [start(), node("q", "queue", skill_group="g", exit_when_no_agent=True), END],
     ["start.next q", "q.no_agent q", "q.timeout end", "q.answered end"], {}, ("error", "busy-loop", "q", None)),
    ("prompt without text", [start(), node("p", "play", prompts=[text("  ")]), END], ["start.next p", "p.done end"], {},
     ("error", "empty-prompt", "p", "config.prompts.0.text")),
    ("key bound twice", [start(), node("m", "menu", prompts=[text("x")], keys=[{"key": "1"}, {"key": "1"}]), END],
     ["start.next m"], {}, ("error", "key-twice", "m", "config.keys.1.key")),
    ("menu without end", [start(), node("m", "menu", **MENU, repeat=0, interruptible=False), END], ["start.next m"], {},
     ("error", "endless-menu", "m", "config.repeat")),
    ("variable nobody sets", [start(), node("p", "play", prompts=[text("${balance}")]), END],
     ["start.next p", "p.done end"], {}, ("warning", "undefined-variable", "p", "config.prompts.0.text")),
    ("system variable that is not there", [start(), node("p", "play", prompts=[text("${sys.moon}")]), END],
     ["start.next p", "p.done end"], {}, ("error", "unknown-variable", "p", "config.prompts.0.text")),
    ("template with a mistake", [start(), node("p", "play", prompts=[text("${balance")]), END],
     ["start.next p", "p.done end"], {}, ("error", "expression", "p", "config.prompts.0.text")),
    ("table that is not there", [start(), node("p", "play", prompts=[text("${lookup(accounts, sys.caller)}")]), END],
     ["start.next p", "p.done end"], {}, ("warning", "missing-reference", "p", "config.prompts.0.text")),
    ("formula that never works", [start(), node("c", "condition", cases=[{"exit": "y", "when": 'n == "5"'}]), END],
     ["start.next c", "c.y end", "c.else end"], {"variables": {"n": 5}}, ("error", "kind", "c", "config.cases.0.when")),
    ("condition that is a number", [start(), node("c", "condition", cases=[{"exit": "y", "when": "n + 5"}]), END],
     ["start.next c", "c.y end", "c.else end"], {"variables": {"n": 5}}, ("error", "kind", "c", "config.cases.0.when")),
    ("digits are text", [start(), node("c", "collect", variable="pin", valid="pin > 5"), END],
     ["start.next c", "c.ok end", "c.timeout end", "c.invalid end"], {}, ("error", "kind", "c", "config.valid")),
    ("more at least than at most", [start(), node("c", "collect", variable="pin", min_digits=9, max_digits=3), END],
     ["start.next c"], {}, ("error", "digits", "c", "config.min_digits")),
    ("two cases with one exit", [start(), node("c", "condition", cases=[{"exit": "y", "when": "true"}] * 2), END],
     ["start.next c", "c.y end", "c.else end"], {}, ("error", "exit-twice", "c", "config.cases.1.exit")),
    ("announcement missing", [node("start", "start", recording="after-announcement"), END], ["start.next end"], {},
     ("error", "no-announcement", "start", "config.announcement")),
]  # fmt: skip


@pytest.mark.parametrize(
    ("nodes", "lines", "rest", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_problem(registry: Registry, nodes: Any, lines: list[str], rest: dict[str, Any], expected: Any) -> None:
    assert expected in found(registry, nodes, *lines, **rest)


def test_circles_with_input_or_waiting_are_fine(registry: Registry) -> None:
    nodes = [start(), node("m", "menu", **MENU), node("p", "play", prompts=[text("x")]), node("w", "wait")]
    lines = ["start.next m", "m.key_1 p", "m.wrong m", "m.timeout w", "p.done m", "w.done m"]
    assert found(registry, nodes, *lines) == set()


def test_names_of_the_world_outside_are_looked_up(registry: Registry) -> None:
    nodes = [
        start(),
        node("p", "play", prompts=[{"kind": "audio", "name": "jingle"}, {**text("x"), "voice": "li"}]),
        node("q", "queue", skill_group="sales", music="jazz"),
        node("s", "subflow", flow="survey"),
        END,
    ]
    lines = ["start.next p", "p.done q", "q.answered s", "q.timeout end", "s.done end"]
    known = [("audio", "jingle"), ("audio", "jazz"), ("voice", "li"), ("skill-group", "sales"), ("flow", "survey")]
    assert found(registry, nodes, *lines, refs=World(*known)) == set()
    assert found(registry, nodes, *lines, refs=World()) == {
        ("error", "missing-reference", "p", "config.prompts.0.name"),
        ("error", "missing-reference", "p", "config.prompts.1.voice"),
        ("error", "missing-reference", "q", "config.skill_group"),
        ("error", "missing-reference", "q", "config.music"),
        ("error", "missing-reference", "s", "config.flow"),
    }


def test_variables_set_by_nodes_are_known(registry: Registry) -> None:
    nodes = [
        start(),
        node("c", "collect", variable="账号", valid="len(账号) == 5"),
        node("v", "set_variable", assignments=[{"name": "x", "value": "账号 & 1"}]),
        node("p", "play", prompts=[text("${x} ${账号} ${given}")]),
        END,
    ]
    lines = ["start.next c", "c.ok v", "c.timeout end", "c.invalid end", "v.next p", "p.done end"]
    assert found(registry, nodes, *lines, variables={"given": None}) == set()


def test_problems_read_like_sentences_and_come_in_document_order(registry: Registry) -> None:
    problems = check_flow(
        document([start(), node("b", "wait", seconds=0), node("a", "nope")], "start.next b"), registry
    )
    assert [problem.node for problem in problems if problem.severity == "error"] == ["b", "a"]
    assert "node type 'nope' is not installed (there are: ab_split, blacklist" in problems[-1].message


class _Config(BaseModel):
    model_config = CONFIG


class Rude(NodeType):
    """A node type whose methods all fail."""

    type = "rude"
    label = {"en": "Rude", "zh": "坏"}
    category = "test"
    help = {"en": "x", "zh": "x"}
    Config = _Config

    def __init__(self, *broken: str) -> None:
        self.broken = broken

    def _maybe(self, method: str) -> None:
        if method in self.broken:
            raise RuntimeError(f"{method} is broken")

    def exits(self, config: Any) -> Sequence[Exit]:
        self._maybe("exits")
        return ()

    def check(self, config: Any, refs: References) -> Sequence[Problem]:
        self._maybe("check")
        return ()

    def uses(self, config: Any) -> Sequence[tuple[str, str]]:
        self._maybe("uses")
        return ()

    def sets(self, config: Any) -> dict[str, Any]:
        self._maybe("sets")
        return {}

    async def run(self, call: CallControl, config: Any) -> str:
        return ""


@pytest.mark.parametrize("method", ["exits", "check", "uses", "sets"])
def test_a_plugin_that_fails_while_checked_is_a_problem_of_its_node(method: str) -> None:
    problems = check_flow(document([node("r", "rude")]), Types.of(Rude(method)))
    [problem] = [problem for problem in problems if problem.code == "plugin-error"]
    assert problem.node == "r"
    assert f"{method} is broken" in problem.message


def test_ten_thousand_nodes_are_checked(registry: Registry) -> None:
    from ccc.flow.document import parse_document

    assert check_flow(parse_document(big(10_000)), registry) == []
