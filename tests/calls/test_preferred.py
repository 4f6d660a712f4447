"""Familiar and dedicated agents with real calls; what is configured reaches the agents' pages without a reload."""

from __future__ import annotations

from dataclasses import replace

from ccc.services.actor import SYSTEM
from ccc.services.dedicated import add_dedicated, remove_dedicated
from ccc.services.groups import change_group, get_group
from ccc.snapshot.model import SkillGroup
from ccc.store import open_store
from ccc.store.records import DedicatedRecord
from tests.calls.agent import Agent, Browser, working
from tests.calls.callers import dial, new_caller
from tests.calls.flows import INSTANCE, document, node
from tests.calls.publish import put_on_air
from tests.calls.system import System, wait_for


def served_by(system: System, caller: str, *agents: Agent) -> str:
    """Who is rung for the caller; they talk a moment."""
    dialled = dial(system, "4310", "--tone", "440", caller=caller)
    agent = wait_for("somebody is rung", lambda: next((one for one in agents if one.call), None), 15)
    call = agent.accept()
    agent.do("hangup", call=call["id"])
    dialled.wait()
    agent.wait_state("ready")
    return str(agent.hello["agent"]["user"])


def test_familiar_then_dedicated_then_new_dispositions(system: System) -> None:
    flow = document(
        "mine",
        [node("start", "start"), node("wait", "queue", skill_group="mine"), node("end", "hangup")],
        "start.next>wait", "wait.answered>end", "wait.timeout>end",
    )  # fmt: skip
    group = SkillGroup("mine", INSTANCE, wrap_up_s=0, familiar=True, familiar_wait_s=5, dispositions=("旧",))
    put_on_air(system, {"4310": flow}, groups={group: ("agent1", "agent2")})
    known, stranger = new_caller(), new_caller()
    store = open_store(system.home)
    try:
        with working(system, Browser(system, "agent1")) as one, working(system, Browser(system, "agent2")) as two:
            first = served_by(system, known, one, two)
            other = "agent2" if first == "agent1" else "agent1"
            assert served_by(system, known, one, two) == first, "he knows the caller"
            assert served_by(system, stranger, one, two) == other, "a stranger goes to who is idle longest"
            wanted = DedicatedRecord(INSTANCE, "+86" + known, other, wait_s=30)
            made = add_dedicated(store, SYSTEM, wanted)
            assert served_by(system, "0086" + known, one, two) == other, "his own agent, however the number is written"
            remove_dedicated(store, SYSTEM, INSTANCE, [made.number])
            old = get_group(store, SYSTEM, INSTANCE, "mine")
            change_group(store, SYSTEM, replace(old, dispositions=("新",)), old.revision)
            one.wait("the new dispositions", lambda: one.hello["dispositions"]["mine"] == ["新"], 5)
    finally:
        store.close()
