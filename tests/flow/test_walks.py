"""Any flow that compiles, with any caller, ends with a cause; the path is a walk of the graph; calls do not mix."""

from __future__ import annotations

import asyncio

from hypothesis import event, given, settings
from hypothesis import strategies as st

from ccc.api.testkit import TestCase
from ccc.flow.compile import CompiledFlow, compile_flow
from ccc.flow.document import FlowInvalid, parse_document
from ccc.flow.simulator import Simulation, simulate
from ccc.loader import load
from tests.flow.build import case, text

REGISTRY = load(entry_points=False)
CAUSES = {"normal", "caller-hangup", "rejected"}
VARIABLES = {"n": 0, "t": "x"}
KEYS = [{"key": "1"}, {"key": "2"}]
prompts = st.lists(st.sampled_from([text("您好"), text("${n} ${t}"), {"kind": "tone", "hz": 440, "seconds": 2}]),
                   min_size=1, max_size=2)  # fmt: skip
formulas = st.sampled_from(["n + 1", "n * 2", "len(t)", "0"])
conditions = st.sampled_from(["n > 2", "n == 0", 't == "x"', "n % 2 == 1 and true", "sys.weekday == 1"])


steps = st.one_of(
    st.builds(lambda p, i, r: {"type": "play", "config": {"prompts": p, "interruptible": i, "repeat": r}},
              prompts, st.booleans(), st.integers(0, 2)),
    st.builds(lambda p, r, n: {"type": "menu", "config": {"prompts": p, "keys": KEYS, "repeat": r, "retries": n}},
              prompts, st.integers(0, 2), st.integers(0, 2)),
    st.builds(lambda p, e: {"type": "collect", "config": {"variable": "t", "prompts": p, "end_key": e}}, prompts,
              st.sampled_from(["#", ""])),
    st.builds(lambda w: {"type": "condition", "config": {"cases": [{"exit": "yes", "when": w}]}}, conditions),
    st.builds(lambda v: {"type": "set_variable", "config": {"assignments": [{"name": "n", "value": v}]}}, formulas),
    st.builds(lambda s: {"type": "wait", "config": {"seconds": s}}, st.sampled_from([0.5, 3, None])),
    st.builds(lambda m: {"type": "queue", "config": {"skill_group": "g", "timeout_s": 10, "max_waiting": m}},
              st.sampled_from([None, 1])),
    st.just({"type": "hangup", "config": {}}),
)  # fmt: skip


@st.composite
def flows(draw: st.DrawFn) -> CompiledFlow | None:
    """A random graph of which every exit is connected; None when the check refuses it."""
    nodes = [{"id": "start", "type": "start"}]
    nodes += [{"id": f"n{index}", **step} for index, step in enumerate(draw(st.lists(steps, min_size=1, max_size=6)))]
    nodes.append({"id": "end", "type": "hangup"})
    last, lines = len(nodes) - 1, []
    for own, item in enumerate(nodes):
        node_type = REGISTRY.node_types[item["type"]]
        for way in node_type.exits(node_type.Config.model_validate(item.get("config", {}))):
            # Mostly forward: a graph with lines all over the place is nearly always refused as a busy loop.
            target = draw(
                st.integers(1, last) if draw(st.integers(0, 7)) == 0 else st.integers(min(own + 1, last), last)
            )
            lines.append({"from": item["id"], "exit": way.name, "to": nodes[target]["id"]})
    raw = {"format": 1, "name": "flow", "nodes": nodes, "edges": lines, "variables": VARIABLES}
    try:
        return compile_flow(parse_document(raw), REGISTRY)
    except FlowInvalid as error:
        assert {problem.code for problem in error.problems if problem.severity == "error"} <= {"busy-loop", "kind"}
        return None


callers = st.builds(
    lambda keys, agents: case(*keys, {"hang_up": True}, agents={"g": agents}, waiting={"g": len(keys) % 3}, talk_s=5),
    st.lists(st.one_of(st.builds(lambda key: {"press": key}, st.sampled_from("123#*")),
                       st.builds(lambda s: {"wait": s}, st.sampled_from([0.1, 1, 7]))), max_size=8),
    st.sampled_from(["ready", "busy", "none"]),
)  # fmt: skip


def check(flow: CompiledFlow, simulation: Simulation) -> None:
    times = [item.at for item in simulation.transcript]
    assert times == sorted(times)
    for before, after in zip(simulation.steps, simulation.steps[1:], strict=False):
        assert before.exit is not None
        assert flow.nodes[before.node].exits[before.exit] == after.node
    assert simulation.steps[0].node == "start"
    assert (
        simulation.cause in CAUSES
        or "calculate" in (simulation.failure or "")
        or "larger" in (simulation.failure or "")
    )
    if simulation.cause == "normal":
        assert simulation.steps[-1].exit is None


@settings(max_examples=300)
@given(flows(), callers, callers)
def test_every_call_ends_and_calls_do_not_mix(flow: CompiledFlow | None, first: TestCase, second: TestCase) -> None:
    event("refused" if flow is None else "runs")
    if flow is None:
        return

    async def together() -> tuple[Simulation, Simulation]:
        one, other = await asyncio.gather(simulate(flow, first), simulate(flow, second))
        return one, other

    one, other = asyncio.run(together())
    check(flow, one)
    check(flow, other)
    assert asyncio.run(simulate(flow, first)) == one
    assert asyncio.run(simulate(flow, second)) == other
