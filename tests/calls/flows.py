"""Flows that bring out one thing each, published into a running system on numbers of their own."""

from __future__ import annotations

from typing import Any

from ccc.home import Home
from ccc.loader import load
from ccc.services import flows
from ccc.services.actor import SYSTEM
from ccc.services.snapshot import export_snapshot
from ccc.snapshot.model import Number, SkillGroup
from ccc.store import Store, open_store
from ccc.store.repos import centre as repo

INSTANCE = "demo"
Document = dict[str, Any]


def node(name: str, kind: str, **config: Any) -> dict[str, Any]:
    """A node of a document."""
    return {"id": name, "type": kind, "config": config}


def tone(hz: int, seconds: float) -> dict[str, Any]:
    """A prompt one recognises by its frequency."""
    return {"kind": "tone", "hz": hz, "seconds": seconds}


def document(name: str, nodes: list[dict[str, Any]], *edges: str) -> Document:
    """Edges are written ``from.exit>to``."""
    lines = []
    for edge in edges:
        source, target = edge.split(">")
        start, end = source.split(".")
        lines.append({"from": start, "exit": end, "to": target})
    return {"format": 1, "name": name, "nodes": nodes, "edges": lines}


_START = node("start", "start", recording="on")
FLOWS: dict[str, Document] = {
    "4100": document(
        "t-ring",
        [node("start", "start", ring_s=20), node("tone", "play", prompts=[tone(700, 30)]), node("end", "hangup")],
        "start.next>tone", "tone.done>end",
    ),
    "4101": document(
        "t-short-queue",
        [_START, node("wait", "queue", skill_group="service", timeout_s=2),
         node("busy", "play", prompts=[tone(900, 1)]), node("end", "hangup")],
        "start.next>wait", "wait.answered>end", "wait.timeout>busy", "busy.done>end",
    ),
    "4102": document(
        "t-nobody",
        [_START, node("wait", "queue", skill_group="service", timeout_s=60, exit_when_no_agent=True),
         node("none", "play", prompts=[tone(1200, 1)]), node("end", "hangup")],
        "start.next>wait", "wait.answered>end", "wait.timeout>end", "wait.no_agent>none", "none.done>end",
    ),
    "4103": document(
        "t-music",
        [node("start", "start", recording="off"),
         node("menu", "menu", prompts=[tone(440, 8)], keys=[{"key": "1", "label": ""}], repeat=0),
         node("wait", "queue", skill_group="service", timeout_s=600), node("end", "hangup")],
        "start.next>menu", "menu.key_1>wait", "menu.wrong>menu", "wait.answered>end", "wait.timeout>end",
    ),
    "4104": document(
        "t-menu",
        [_START,
         node("menu", "menu", prompts=[tone(440, 1)], keys=[{"key": "1", "label": ""}, {"key": "#", "label": ""}],
              timeout_s=1.5, retries=1, wrong_prompts=[tone(600, 1)], timeout_prompts=[tone(800, 1)]),
         node("one", "play", prompts=[tone(1000, 1.5)]), node("hash", "play", prompts=[tone(1500, 1.5)]),
         node("gone", "play", prompts=[tone(2000, 1.5)]), node("end", "hangup")],
        "start.next>menu", "menu.key_1>one", "menu.key_hash>hash", "menu.wrong>gone", "menu.timeout>gone",
        "one.done>end", "hash.done>end", "gone.done>end",
    ),
    "4105": document(
        "t-stay",
        [_START, node("tone", "play", prompts=[tone(1000, 2)]), node("stay", "wait", seconds=None)],
        "start.next>tone", "tone.done>stay",
    ),
    "4106": document(
        "t-quick",
        [_START, node("wait", "queue", skill_group="quick", timeout_s=60), node("end", "hangup")],
        "start.next>wait", "wait.answered>end", "wait.timeout>end",
    ),
    "4107": document(
        "t-long",
        [_START, node("menu", "menu", prompts=[tone(440, 30)], keys=[{"key": "1", "label": ""}]),
         node("wait", "queue", skill_group="service", timeout_s=600), node("end", "hangup")],
        "start.next>menu", "menu.key_1>wait", "menu.wrong>end", "menu.timeout>end",
        "wait.answered>end", "wait.timeout>end",
    ),
    "4190": document(
        "t-broken",
        [node("start", "start"), node("set", "set_variable", assignments=[{"name": "zero", "value": "0"}]),
         node("say", "play", prompts=[{"kind": "tts", "text": "${1 / zero}"}]), node("end", "hangup")],
        "start.next>set", "set.next>say", "say.done>end",
    ),
}  # fmt: skip
QUICK = SkillGroup("quick", INSTANCE, "Quick", ring_timeout_s=3.0, wrap_up_s=5.0)
"""A skill group of both agents whose ring and wrap-up times are short."""
UNPUBLISHED = "4480"
UNBOUND = "4481"


def bind(store: Store, number: str, flow: str = "") -> None:
    """A number of the demo whose calls run the flow, whether it is published or not ('': none)."""
    with store.write() as session:
        assert repo.add_number(session, INSTANCE, Number(number, INSTANCE, flow))
    export_snapshot(store)


def publish_all(home: Home) -> None:
    """Publish every flow above; number 4480 gets one that is only a draft, 4481 none."""
    store, registry = open_store(home), load()
    try:
        with store.write() as session:
            repo.add_skill_group(session, QUICK)
            for user in ("agent1", "agent2"):
                repo.join_group(session, INSTANCE, user, QUICK.name)
        for number, flow in FLOWS.items():
            flows.import_flow(store, registry, SYSTEM, INSTANCE, flow)
            published = flows.publish_flow(store, registry, SYSTEM, INSTANCE, flow["name"])
            assert published.version.version >= 1
            bind(store, number, flow["name"])
        draft = document("t-draft", [_START, node("end", "hangup")], "start.next>end")
        flows.import_flow(store, registry, SYSTEM, INSTANCE, draft)
        bind(store, UNPUBLISHED, "t-draft")
        bind(store, UNBOUND)
    finally:
        store.close()
