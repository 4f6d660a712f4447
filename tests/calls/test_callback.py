"""请求回呼: the place is kept, an agent first, then the customer; retried, cancelled, and not lost by a kill -9."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from ccc.bus import request
from ccc.services.actor import SYSTEM
from ccc.services.callbacks import call_back_now, cancel_callback, list_callbacks
from ccc.snapshot.model import SkillGroup, Trunk
from ccc.store import open_store
from ccc.store.records import CallbackRecord
from tests.calls.agent import TONE_HZ, Agent, Browser, working
from tests.calls.callers import dial, new_caller, settle
from tests.calls.far_side import CALLEE_HZ, RINGS, FarSide
from tests.calls.flows import INSTANCE, document, node, tone
from tests.calls.publish import put_on_air
from tests.calls.sounds import channel, heard_in, path, tones
from tests.calls.system import System, running, wait_for

DONE_HZ, INVALID_HZ = 1900, 900


def flow(name: str, **config: Any) -> dict[str, Any]:
    """Queue; ``*`` asks for a callback."""
    return document(
        name,
        [node("start", "start", recording="on"),
         node("wait", "queue", skill_group="back", break_keys="*", timeout_s=120),
         node("back", "callback_request", skill_group="back", trunk="far", attempts=2, pause_s=3, ring_s=4,
              ask_prompts=[tone(1000, 0.3)], confirm_prompts=[tone(1100, 0.3)], invalid_prompts=[tone(1200, 0.3)],
              **config),
         node("thanks", "play", prompts=[tone(DONE_HZ, 0.5)]), node("bad", "play", prompts=[tone(INVALID_HZ, 0.5)]),
         node("end", "hangup")],
        "start.next>wait", "wait.answered>end", "wait.timeout>end", "wait.key>back", "back.accepted>thanks",
        "back.invalid>bad", "thanks.done>end", "bad.done>end",
    )  # fmt: skip


@pytest.fixture(scope="module")
def far() -> Iterator[FarSide]:
    with FarSide() as side:
        side.talk_s = 60
        yield side


@pytest.fixture(scope="module")
def exchange(far: FarSide) -> Iterator[System]:
    with running() as started:
        group = SkillGroup("back", INSTANCE, wrap_up_s=60, ring_timeout_s=30)
        trunk = Trunk("far", "far", "address", host="127.0.0.1", port=far.port, caller_id="02188886666")
        flows = {"4300": flow("back"), "4301": flow("back-keyed", number="keyed", retries=0)}
        put_on_air(started, flows, [trunk], {group: ("agent1",)})
        yield started


@pytest.fixture(scope="module")
def first(exchange: System) -> Browser:
    return Browser(exchange, "agent1")


@pytest.fixture(autouse=True)
def _forget(far: FarSide) -> None:
    far.callees.clear()
    far.refuses.clear()


def asks(exchange: System, number: str = "4300", keys: str = "*") -> str:
    """A customer who waits a moment and asks to be called back; the number he shows."""
    dialled = dial(exchange, number, "--keys", f",,{keys}", "--seconds", "15")
    report = dialled.wait()
    assert tones(report)[-1] == DONE_HZ, report["heard"]
    return dialled.caller


def state_of(exchange: System, number: str) -> CallbackRecord:
    """The newest callback to that number as the store has it."""
    store = open_store(exchange.home)
    try:
        found = list_callbacks(store, SYSTEM, INSTANCE, number=number).items
    finally:
        store.close()
    assert found, f"no callback to {number}"
    return found[0]


def wait_state(exchange: System, number: str, state: str, timeout_s: float = 10) -> CallbackRecord:
    found = wait_for(
        f"callback {state}", lambda: (it := state_of(exchange, number)).state == state and it, timeout_s, 0.2
    )
    assert isinstance(found, CallbackRecord)
    return found


def finish(agent: Agent) -> None:
    call = agent.wait_call("wrap-up")
    agent.do("wrap-up-done", call=call["id"], note="", disposition="")


def outbound(exchange: System, number: str) -> list[dict[str, Any]]:
    """Records of calls to that customer, oldest first."""
    return [record for record in reversed(exchange.calls()) if record["callee"] == number]


def test_the_place_is_kept_and_the_two_talk(exchange: System, far: FarSide, first: Browser) -> None:
    customer = asks(exchange)
    later = dial(exchange, "4300", "--seconds", "60")
    wait_for("the second one waits", lambda: state_of(exchange, customer).next_at is not None, 5)
    settle(4)
    with working(exchange, first) as agent:
        call = agent.wait_call("ringing")
        assert (call["caller"], call["kind"], call["direction"]) == (customer, "callback", "outbound"), (
            "the earlier one"
        )
        assert [step["node"] for step in call["path"]] == ["start", "wait", "back"]
        assert call["variables"]["callback_number"] == customer and call["callback"]["attempt"] == 1
        assert not far.callees, "the agent first"
        agent.do("accept", call=call["id"])
        agent.sound.speaking = True
        agent.wait_call("talking")
        (callee,) = far.callees
        assert (callee.number, callee.shown) == (customer, "02188886666")
        settle(2)
        agent.do("hangup", call=call["id"])
        wait_for("the BYE", lambda: callee.ended == "remote-bye", 3)
        assert TONE_HZ in callee.tones()
        finish(agent)
        assert agent.wait_call("ringing")["caller"] == later.caller, "then the later one"
        agent.do("reject", call=agent.call["id"] if agent.call else "")
    later.process.terminate()
    done = wait_state(exchange, customer, "done")
    (record,) = wait_for("the record", lambda: outbound(exchange, customer), 5, 0.2)
    asked = exchange.record_of(customer)
    assert (record["direction"], record["kind"], record["origin"]) == ("outbound", "callback", asked["id"])
    assert (record["id"], record["agent"], record["cause"]) == (done.last_call, "agent1", "agent-hangup")
    assert done.origin == asked["id"] and path(record) == ["back.answered"]
    file = exchange.home.recordings / record["recording"]
    assert {round(s.hz, -1) for s in heard_in(channel(file, 0)) if s.kind == "tone"} == {CALLEE_HZ}
    assert TONE_HZ in [round(s.hz, -1) for s in heard_in(channel(file, 1)) if s.kind == "tone"]


def _tried(one: CallbackRecord) -> tuple[str, int]:
    return one.state, one.attempts


def test_tried_again_then_given_up(exchange: System, far: FarSide, first: Browser) -> None:
    customer = asks(exchange)
    far.refuses[customer] = "486"
    with working(exchange, first) as agent:
        for attempt in (1, 2):
            call = agent.wait_call("ringing")
            assert call["callback"]["attempt"] == attempt
            agent.do("accept", call=call["id"])
            assert agent.wait_call("wrap-up")["callback"]["reason"] == "busy"
            assert len(far.callees) == attempt, "one attempt at a time"
            finish(agent)
            if attempt == 1:
                wait_for("the pause", lambda: _tried(state_of(exchange, customer)) == ("waiting", 1), 5)
        settle(4)
        assert agent.call is None and len(far.callees) == 2
    given_up = wait_state(exchange, customer, "failed")
    assert (given_up.reason, given_up.attempts) == ("busy", 2)
    assert [record["cause"] for record in outbound(exchange, customer)] == ["busy", "busy"]


def test_keyed_in_asked_twice_cancelled(exchange: System, far: FarSide) -> None:
    other = new_caller()
    caller = asks(exchange, "4301", f"*,,{other}#,,1")
    assert state_of(exchange, other).caller == caller
    asks(exchange, "4301", f"*,,{other}#,,1")
    store = open_store(exchange.home)
    try:
        (only,) = list_callbacks(store, SYSTEM, INSTANCE, number=other).items
        cancel_callback(store, SYSTEM, INSTANCE, only.id)
    finally:
        store.close()
    wait_state(exchange, other, "cancelled")
    wrong = dial(exchange, "4301", "--keys", ",,*,,110#", "--seconds", "15")
    assert tones(wrong.wait())[-1] == INVALID_HZ


def test_given_up_by_the_agent_then_called_now(exchange: System, far: FarSide, first: Browser) -> None:
    customer = asks(exchange)
    far.refuses[customer] = RINGS
    with working(exchange, first) as agent:
        call = agent.wait_call("ringing")
        agent.do("accept", call=call["id"])
        callee = wait_for("the customer rings", lambda: far.callees and far.callees[0], 5)
        agent.do("hangup", call=call["id"])
        wait_for("the CANCEL", lambda: callee.ended == "cancelled", 3)
        del far.refuses[customer]
        finish(agent)
        waiting = wait_state(exchange, customer, "waiting")
        store = open_store(exchange.home)
        try:
            call_back_now(store, SYSTEM, INSTANCE, waiting.id)
        finally:
            store.close()
        call = agent.accept()
        assert call["caller"] == customer
        agent.do("hangup", call=call["id"])
        finish(agent)
    wait_state(exchange, customer, "done")


@pytest.mark.parametrize("moment", ["waiting", "dialling", "talking"])
def test_kill_9(exchange: System, far: FarSide, first: Browser, moment: str) -> None:
    """Waiting: nothing is lost. Dialling: tried once more. Talking: he had his call, and is told that it is over."""
    customer = asks(exchange)
    if moment != "waiting":
        far.refuses.update({customer: RINGS} if moment == "dialling" else {})
        with working(exchange, first) as agent:
            agent.do("accept", call=agent.wait_call("ringing")["id"])
            wait_for("the customer rings", lambda: far.callees, 5)
            if moment == "talking":
                agent.wait_call("talking")
                wait_state(exchange, customer, "talking")
            exchange.kill("runtime")
            agent.bye = "killed"
        far.refuses.clear()
    else:
        exchange.kill("runtime")
    wait_for("calls are taken again", lambda: exchange.healthz()[0] == 200, 20)
    wait_for("the runtime answers", lambda: _answers(exchange), 20, 0.3)
    if moment == "talking":
        done = wait_state(exchange, customer, "done")
        wait_for("the BYE", lambda: far.callees[0].ended == "remote-bye", 10)
        assert (done.reason, len(far.callees)) == ("lost", 1)
        return
    before = len(far.callees)
    with working(exchange, first) as agent:
        call = agent.wait_call("ringing", 40)
        assert call["caller"] == customer and call["callback"]["attempt"] == before + 1
        agent.do("accept", call=call["id"])
        agent.wait_call("talking")
        agent.do("hangup", call=call["id"])
        finish(agent)
    assert wait_state(exchange, customer, "done").attempts == before + 1 == len(far.callees)


def _answers(exchange: System) -> bool:
    try:
        return bool(request(exchange.home.socket("runtime"), {"op": "health"}))
    except Exception:
        return False
