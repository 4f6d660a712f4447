"""Exits no other call takes: what a published flow names is gone, sub-flows, digits, full queues."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest

from ccc.bus import request
from ccc.loader import load
from ccc.services import flows
from ccc.services.actor import SYSTEM
from ccc.snapshot.model import SkillGroup, Trunk
from ccc.store import open_store
from ccc.store.repos import audio, data, groups, trunks
from ccc.store.repos import centre as repo
from tests.calls.callers import dial
from tests.calls.flows import INSTANCE, document, node, tone
from tests.calls.publish import put_on_air
from tests.calls.sounds import path, tones
from tests.calls.system import System

GONE = "t_gone"
"""An audio, a skill group, a table and a trunk of this name: there when the flow is published, deleted afterwards."""
LOST = [{"kind": "audio", "name": GONE}]
FAILING = [
    node("play", "play", prompts=LOST),
    node("menu", "menu", prompts=LOST, keys=[{"key": "1"}]),
    node("collect", "collect", prompts=LOST, variable="digits"),
    node("survey", "survey", questions=[{"name": "q", "prompts": LOST, "keys": "1"}]),
    node("mail", "voicemail", skill_group="default", prompts=LOST),
    node("queue", "queue", skill_group=GONE),
    node("state", "queue_state", skill_group=GONE),
    node("look", "lookup", table=GONE),
    node("sms", "notify", to="4110", text="x"),
    node("back", "callback_request", skill_group="default", trunk=GONE),
    node("sub", "subflow", flow="t-gone-sub"),
]
OTHERS = {
    "menu": ("key_1", "timeout", "wrong"), "collect": ("ok", "timeout", "invalid"), "mail": ("recorded", "too_short"),
    "queue": ("timeout",), "state": ("ok", "busy", "nobody"), "look": ("found", "not_found"),
    "back": ("accepted", "invalid"),
}  # fmt: skip
"""Exits that must be connected."""


def failing() -> dict[str, object]:
    """Every node leaves by ``error`` to the next one."""
    names = ["start", *(one["id"] for one in FAILING), "well"]
    start = node("start", "start", recording="after-announcement", announcement=LOST)
    rest = [node("well", "play", prompts=[tone(1900, 0.5)]), node("end", "hangup")]
    lines = [f"{one}.error>{after}" for one, after in itertools.pairwise(names)]
    lines += [f"{one}.{way}>end" for one, ways in OTHERS.items() for way in ways]
    return document("t-gone-main", [start, *FAILING, *rest], "start.next>end", "well.done>end", *lines)


SUB = document(
    "t-sub",
    [node("start", "start"), node("tone", "play", prompts=[tone(700, 0.5)])],
    "start.next>tone",
)
FLOWS = {
    "4251": document(
        "t-with-sub",
        [node("start", "start", recording="off"), node("sub", "subflow", flow="t-sub"),
         node("tone", "play", prompts=[tone(1900, 0.5)]), node("end", "hangup")],
        "start.next>sub", "sub.done>tone", "tone.done>end",
    ),
    "4252": document(
        "t-digits",
        [node("start", "start", recording="off"),
         node("ask", "collect", prompts=[tone(440, 1.5)], variable="digits", min_digits=2, first_timeout_s=3,
              retries=0),
         node("none", "play", prompts=[tone(900, 0.5)]), node("bad", "play", prompts=[tone(1300, 0.5)]),
         node("end", "hangup")],
        "start.next>ask", "ask.ok>end", "ask.timeout>none", "ask.invalid>bad", "none.done>end", "bad.done>end",
    ),
    "4253": document(
        "t-full",
        [node("start", "start", recording="off"),
         node("wait", "queue", skill_group="service", timeout_s=60, max_waiting=0),
         node("back", "callback_request", skill_group="service", trunk="t-out", max_open=0),
         node("pause", "wait", seconds=0.2), node("tone", "play", prompts=[tone(1500, 0.5)]), node("end", "hangup")],
        "start.next>wait", "wait.answered>end", "wait.timeout>end", "wait.overflow>back", "back.accepted>end",
        "back.invalid>end", "back.full>pause", "pause.done>tone", "tone.done>end",
    ),
}  # fmt: skip
OUT = Trunk("t-out", "t-out", "address", host="127.0.0.1", port=9)


@pytest.fixture(scope="module", autouse=True)
def on_air(system: System) -> System:
    store, registry = open_store(system.home), load()
    try:
        for sub in (SUB, {**SUB, "name": "t-gone-sub"}):
            flows.import_flow(store, registry, SYSTEM, INSTANCE, sub)
            flows.publish_flow(store, registry, SYSTEM, INSTANCE, sub["name"])
        with store.write() as session:
            audio.put(session, INSTANCE, GONE, path="gone.al", seconds=1.0, user="")
            data.put_table(session, INSTANCE, GONE, path="gone", key="k", columns=["k"], rows=0, user="", what="")
            repo.add_skill_group(session, SkillGroup(GONE, INSTANCE))
        put_on_air(system, {**FLOWS, "4250": failing()}, [OUT, replace(OUT, id=GONE, name=GONE)])
        with store.write() as session:
            audio.remove(session, INSTANCE, GONE)
            data.remove_table(session, INSTANCE, GONE)
            groups.remove(session, INSTANCE, GONE)
            trunks.remove(session, GONE)
        flows.unpublish_flow(store, SYSTEM, INSTANCE, "t-gone-sub")
    finally:
        store.close()
    request(system.home.socket("runtime"), {"op": "snapshot"})
    return system


def test_what_is_gone_leaves_by_error_and_the_call_goes_on(system: System) -> None:
    """Deleted after publishing: audio, skill group, table, sub-flow, trunk; and a number that gets no SMS."""
    dialled = dial(system, "4250")
    assert tones(dialled.wait()) == [1900]
    record = system.record_of(dialled.caller)
    names = ["start", *(one["id"] for one in FAILING)]
    assert path(record) == [*(f"{name}.error" for name in names), "well.done", "end.None"]
    assert record["cause"] == "normal"


def test_a_sub_flow_runs_and_comes_back(system: System) -> None:
    dialled = dial(system, "4251")
    assert tones(dialled.wait()) == [700, 1900]
    record = system.record_of(dialled.caller)
    ran = [(step["flow"], step["flow_version"], f"{step['node']}.{step['exit']}") for step in record["steps"]]
    assert ran == [
        ("t-with-sub", 1, "start.next"), ("t-with-sub", 1, "sub.done"), ("t-sub", 1, "start.next"),
        ("t-sub", 1, "tone.done"), ("t-with-sub", 1, "tone.done"), ("t-with-sub", 1, "end.None"),
    ]  # fmt: skip


def test_digits(system: System) -> None:
    """Enough, too few, none: three callers at once."""
    keyed = {"12#": ("ok", 440), "1#": ("invalid", 1300), "": ("timeout", 900)}
    callers = {keys: dial(system, "4252", *(("--keys", keys) if keys else ())) for keys in keyed}
    for keys, (way, heard) in keyed.items():
        assert tones(callers[keys].wait())[-1] == heard, keys
        assert path(system.record_of(callers[keys].caller))[1] == f"ask.{way}"


def test_a_full_queue_and_too_many_callbacks(system: System) -> None:
    dialled = dial(system, "4253")
    assert tones(dialled.wait()) == [1500]
    assert path(system.record_of(dialled.caller))[1:4] == ["wait.overflow", "back.full", "pause.done"]
