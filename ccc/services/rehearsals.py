"""Testing a draft without a telephone: the simulated call, the test cases, a test case made of a real call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from ccc.api.script import TestCase, TestStep
from ccc.flow.compile import compile_flow
from ccc.flow.document import FlowDocument
from ccc.flow.interactive import Asked, Rehearsal, Stay, in_order, rehearse
from ccc.flow.testing import FlowTests, loader, test_flow
from ccc.loader import Registry
from ccc.services.actor import Actor
from ccc.services.calls import get_call, list_calls
from ccc.services.drafts import EDITORS
from ccc.services.flow_tests import others
from ccc.store import Store
from ccc.store.records import CallFilter, CallRecord, CallSummary

MOST_CALLS = 20
_QUEUES = {"answered": "ready", "timeout": "busy", "no_agent": "none", "no-agent": "none"}


def run(
    store: Store, registry: Registry, actor: Actor, instance: str, document: FlowDocument, case: TestCase,
    decisions: Sequence[TestStep],
) -> Rehearsal:  # fmt: skip
    """Call the document with these decisions. FlowInvalid when it cannot run, TimeoutError when it does not stop."""
    actor.require(instance, *EDITORS)
    known = others(store, instance) | {document.name: document}
    return rehearse(compile_flow(document, registry), case, in_order(decisions), loader(registry, known))


def run_cases(store: Store, registry: Registry, actor: Actor, instance: str, document: FlowDocument) -> FlowTests:
    """Run the test cases of a document that may not be saved yet."""
    actor.require(instance, *EDITORS)
    return test_flow(document, registry, others(store, instance) | {document.name: document})


def calls_of(store: Store, actor: Actor, instance: str, flow: str) -> list[CallSummary]:
    """The last calls that ran the flow."""
    actor.require(instance, *EDITORS)
    return list(list_calls(store, actor, instance, CallFilter(flow=flow), size=MOST_CALLS).items)


def case_of_call(
    store: Store, registry: Registry, actor: Actor, instance: str, document: FlowDocument, call_id: str,
    zone: str,
) -> tuple[TestCase, Rehearsal, CallRecord]:  # fmt: skip
    """What the caller of a real call did, as a test case of the document as it is now, and how that goes.

    Its keys, how its queues ended, its number and time of day are those of the call; where the flow has changed since,
    the path is another one. ``zone`` is the instance's time zone.
    """
    actor.require(instance, *EDITORS)
    record = get_call(store, actor, instance, call_id)
    at = record.started_at.astimezone(ZoneInfo(zone)).replace(tzinfo=None, microsecond=0)
    case = TestCase(
        name=f"{record.caller or 'anonymous'} {at:%Y-%m-%d %H:%M}",
        caller=record.caller,
        callee=record.callee,
        at=at,
        agents=_agents(document, record),
    )
    known = others(store, instance) | {document.name: document}
    done = rehearse(compile_flow(document, registry), case, _Caller(record).decide, loader(registry, known))
    return case.model_copy(update={"steps": list(done.script)}), done, record


def _agents(document: FlowDocument, record: CallRecord) -> dict[str, Any]:
    """Skill group -> whether somebody answered there."""
    groups = {node.id: node.config.get("skill_group") for node in document.nodes}
    found: dict[str, Any] = {}
    for step in record.steps:
        group, outcome = groups.get(step["node"]), _QUEUES.get(str(step.get("exit")))
        if isinstance(group, str) and outcome:
            found[group] = outcome
        elif isinstance(group, str) and step.get("exit") is None:
            found[group] = "ready" if record.agent else "busy"
    return found


class _Caller:
    """Decides as the caller of a record did: the record has all keys in a row, and how each node was left."""

    def __init__(self, record: CallRecord) -> None:
        self._keys = list(record.keys)
        self._steps: dict[int, Mapping[str, Any]] = dict(enumerate(record.steps, 1))
        self._answered = bool(record.agent)

    def decide(self, asked: Asked, stays: Sequence[Stay]) -> TestStep | None:
        step = self._steps.get(asked.n)
        if step is None or step["node"] != stays[-1].node:
            return TestStep(hang_up=True) if asked.until is None else TestStep(wait=asked.until - asked.at)
        last = step.get("exit") is None
        if asked.kind == "key" and self._keys and step.get("exit") != "timeout":
            return TestStep(press=self._keys.pop(0))
        if asked.kind == "queue" and step.get("exit") == "key" and self._keys:
            return TestStep(press=self._keys.pop(0))
        if asked.kind == "message" and step.get("left_at"):
            return TestStep(speak=max(0.1, round(step["left_at"] - step["entered_at"], 1)))
        if asked.until is None or (last and not (asked.kind == "queue" and self._answered)):
            return TestStep(hang_up=True)
        return TestStep(wait=asked.until - asked.at)
