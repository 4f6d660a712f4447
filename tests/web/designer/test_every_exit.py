"""Every exit of every node type can be reached in the simulator with what its page offers. Made from their examples."""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from ccc.api import NodeType
from ccc.api.script import HttpReply, TestCase, TestStep
from ccc.flow.compile import CompiledFlow, compile_flow
from ccc.flow.document import FlowDocument, parse_document
from ccc.flow.interactive import Asked, Rehearsal, in_order, rehearse
from ccc.loader import load
from ccc.web.designer.trial_start import outcomes

PLUGINS = load()
RUNS, DEEPEST, PATIENCE = 1500, 4, 15
KEYS = ("1", "2", "9", "#", "13800138000#", "12345678901234567#")
CALLERS = ("13800138000", "", "13800138001", "13800138002", "13800138003", "10086", "075588886666")
TIMES = (datetime(2026, 1, 4, 3, 0), datetime(2026, 10, 1, 10, 0), datetime(2026, 2, 17, 10, 0))
WAITING = 50


def node_of(kind: NodeType) -> str:
    """The id of the node that is tried."""
    return "start" if kind.is_start else "it"


def flow(kind: NodeType, config: dict[str, Any]) -> FlowDocument:
    """start -> the node -> a hang-up behind each exit; variables the example's formulas use have a value."""
    ways = [way.name for way in kind.exits(kind.Config.model_validate(config))]
    node = node_of(kind)
    nodes = [{"id": "start", "type": "start"}] if not kind.is_start else []
    nodes += [{"id": node, "type": kind.type, "config": config}]
    nodes += [{"id": f"end{n}", "type": "hangup"} for n in range(len(ways))]
    edges = [] if kind.is_start else [{"from": "start", "exit": "next", "to": "it"}]
    edges += [{"from": node, "exit": way, "to": f"end{n}"} for n, way in enumerate(ways)]
    values = {"account": "10086", "manager": "ann"}
    return parse_document({"name": "every-exit", "nodes": nodes, "edges": edges, "variables": values})


def offered(run: Rehearsal, kind: NodeType, config: Any) -> list[tuple[str, str]]:
    """``(part of the situation, name)`` of every control the page shows after this run."""
    met = {"queue": "agents", "asks": "named_agents", "dial": "dials", "callback": "callbacks"}
    told = [(met[line.what], line.text) for line in run.transcript if line.what in met]
    uses = [("agents" if what == "skill-group" else what, name) for what, name in kind.uses(config)]
    return [(part, name) for part, name in dict.fromkeys([*uses, *told]) if part in outcomes()]


def chosen(case: TestCase, part: str, name: str) -> Iterator[TestCase]:
    """The same with that control at each of its values."""
    yield from (case.model_copy(update={part: {name: choice}}) for choice in outcomes()[part][1:])
    if part == "agents":
        yield case.model_copy(update={"waiting": {name: WAITING}})


def other_calls(case: TestCase, node: str, numbers: list[str]) -> Iterator[TestCase]:
    """What does not depend on the flow: who calls, when, which lot is drawn, what goes wrong."""
    yield case.model_copy(update={"fails": [node]})
    yield case.model_copy(update={"blacklist": [case.caller]})
    yield case.model_copy(update={"dedicated": "ann"})
    yield from (case.model_copy(update={"caller": caller}) for caller in (*CALLERS, *numbers))
    yield from (case.model_copy(update={"call_id": f"call-{n}"}) for n in range(40))
    yield from (case.model_copy(update={"at": at}) for at in TIMES)


def answers(asked: Asked, case: TestCase) -> Iterator[TestCase]:
    """What a server or a table says."""
    if asked.kind == "table":
        row = {"level": "gold", "name": "王"}
        for rows in ({}, dict.fromkeys((case.caller, case.callee, "10086"), row)):
            yield case.model_copy(update={"tables": case.tables | {asked.text: rows}})
    if asked.kind == "http":
        method, _space, url = asked.text.partition(" ")
        yield case.model_copy(update={"http": [HttpReply(url=url, method=method, body={"level": "vip"})]})
        yield case.model_copy(update={"http": [HttpReply(url=url, method=method, fails="x")]})


def decisions(asked: Asked, keys: list[str]) -> Iterator[TestStep]:
    """What the page offers there."""
    if asked.kind in ("key", "queue", "message"):
        yield from (TestStep(press=each) for each in keys)
    if asked.kind == "message":
        yield TestStep(speak=5)
    if asked.until is not None:
        yield TestStep(wait=asked.until - asked.at)
    yield TestStep(hang_up=True)


def back(name: str) -> CompiledFlow:
    """A sub-flow that comes back at once."""
    nodes = [{"id": "start", "type": "start"}, {"id": "rest", "type": "wait"}]
    edges = [{"from": "start", "exit": "next", "to": "rest"}]
    return compile_flow(parse_document({"name": name, "nodes": nodes, "edges": edges}), PLUGINS)


def reached(kind: NodeType, example: dict[str, Any]) -> set[str]:
    """The exits of the node with these settings that were found: at most ``RUNS`` simulated calls, nearest first."""
    document, config = flow(kind, example), kind.Config.model_validate(example)
    compiled, node = compile_flow(document, PLUGINS), node_of(kind)
    text = json.dumps(example)
    keys = [*KEYS, *sorted(set(re.findall(r'"([0-9*#])"', text)))]
    wanted = {edge.exit for edge in document.edges if edge.source == node}
    waiting: deque[tuple[TestCase, tuple[TestStep, ...]]] = deque([(TestCase(name="x"), ())])
    waiting.extend((case, ()) for case in other_calls(waiting[0][0], node, re.findall(r'"(\d{3,})', text)))
    found, seen, runs = set[str](), set[tuple[str, str]](), 0
    while waiting and wanted - found and runs < RUNS:
        case, done = waiting.popleft()
        runs += 1
        run = rehearse(compiled, case, in_order(done), back)
        found |= {stay.exit for stay in run.stays if stay.node == node and stay.exit}
        for control in offered(run, kind, config):
            if control not in seen:
                seen.add(control)
                waiting.extendleft((other, done) for other in chosen(case, *control))
        if run.asked is not None and run.asked.kind in ("http", "table"):
            waiting.extend((other, done) for other in answers(run.asked, case))
        elif run.asked is not None:
            for one in decisions(run.asked, keys):
                again = bool(done) and (one.press == done[-1].press if one.press else one.verb == done[-1].verb)
                if len(done) < (PATIENCE if again else DEEPEST):  # a caller who does the same again comes first
                    (waiting.appendleft if again else waiting.append)((case, (*done, one)))
    return found


@pytest.mark.parametrize("name", sorted(PLUGINS.node_types))
def test_every_exit_is_reached(name: str) -> None:
    kind = PLUGINS.node_types[name]
    wanted = {way.name for each in kind.examples for way in kind.exits(kind.Config.model_validate(each))}
    found: set[str] = set()
    for example in reversed(kind.examples):  # the later ones use more of the settings
        if wanted - found:
            found |= reached(kind, dict(example))
    assert found >= wanted
