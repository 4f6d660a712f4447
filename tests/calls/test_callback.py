"""请求回呼: the place is kept, an agent first, then the customer; retried, cancelled, and not lost by a kill -9."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from ccc.bus import request
from ccc.services.actor import SYSTEM
from ccc.services.callbacks import call_back_now, cancel_callback, list_callbacks
from ccc.services.snapshot import export_snapshot
from ccc.snapshot.model import SkillGroup, Trunk
from ccc.store import open_store
from ccc.store.records import CallbackRecord
from ccc.store.repos import groups, trunks
from tests.calls.agent import TONE_HZ, Agent, Browser, working
from tests.calls.callers import dial, new_caller, settle
from tests.calls.far_side import CALLEE_HZ, RINGS, FarSide
from tests.calls.flows import INSTANCE, document, node, tone
from tests.calls.publish import put_on_air
from tests.calls.sounds import channel, heard_in, path, tones
from tests.calls.system import System, running, wait_for

DONE_HZ, INVALID_HZ = 1900, 900


BACK = {
    "skill_group": "back", "trunk": "far", "attempts": 2, "pause_s": 3, "ring_s": 4, "ask_prompts": [tone(1000, 0.3)],
    "confirm_prompts": [tone(1100, 0.3)], "invalid_prompts": [tone(1200, 0.3)],
}  # fmt: skip


def flow(name: str, **config: Any) -> dict[str, Any]:
    """Queue; ``*`` asks for a callback."""
    return document(
        name,
        [node("start", "start", recording="on"),
         node("wait", "queue", skill_group="back", break_keys="*", timeout_s=120),
         node("back", "callback_request", **{**BACK, **config}),
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
        flows = {
            "4300": flow("back"),
            "4301": flow("back-keyed", number="keyed", retries=0),
            "4302": flow("back-patient", pause_s=600, ring_s=3),
            "4303": flow("back-one", trunk="one"),
            "4304": flow("back-gone", trunk="gone"),
            "4305": flow("back-leaving", skill_group="leaving"),
            "4306": document(
                "back-line",
                [node("start", "start"), node("out", "transfer_external", number=RINGS, trunk="one", ring_s=120),
                 node("end", "hangup")],
                "start.next>out", *(f"out.{way}>end" for way in ("answered", "busy", "no_answer", "refused")),
            ),
        }  # fmt: skip
        lines = [trunk, replace(trunk, id="one", name="one", max_calls=1), replace(trunk, id="gone", name="gone")]
        put_on_air(started, flows, lines, {group: ("agent1",), SkillGroup("leaving", INSTANCE): ()})
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
    (customer,) = all_ask(exchange, number, keys=keys)
    return customer


def all_ask(exchange: System, *numbers: str, keys: str = "*") -> list[str]:
    """Customers who ask at the same time; the numbers they show."""
    asking = [dial(exchange, number, "--keys", f",,{keys}", "--seconds", "15") for number in numbers]
    for dialled in asking:
        report = dialled.wait()
        assert tones(report)[-1] == DONE_HZ, report["heard"]
    return [dialled.caller for dialled in asking]


def state_of(exchange: System, number: str) -> CallbackRecord:
    """The newest callback to that number as the store has it."""
    found = all_of(exchange, number)
    assert found, f"no callback to {number}"
    return found[0]


def all_of(exchange: System, number: str) -> tuple[CallbackRecord, ...]:
    """Every callback to that number, newest first."""
    store = open_store(exchange.home)
    try:
        return list_callbacks(store, SYSTEM, INSTANCE, number=number).items
    finally:
        store.close()


def wait_state(exchange: System, number: str, state: str, timeout_s: float = 30.0) -> CallbackRecord:
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
    wrong = dial(exchange, "4301", "--keys", ",,*,,110#", "--seconds", "15")
    callers = all_ask(exchange, "4301", "4301", keys=f"*,,{other}#,,1")
    (only,) = all_of(exchange, other)
    assert only.caller in callers
    cancel(exchange, only)
    wait_state(exchange, other, "cancelled")
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


def test_not_reached(exchange: System, far: FarSide, first: Browser) -> None:
    """He refuses, does not answer, or the trunk fails: he keeps his place. Who then gets through himself is done."""
    answers = dict(zip(all_ask(exchange, "4302", "4302", "4302"), ("404", RINGS, "503"), strict=True))
    outcomes = {"404": "refused", RINGS: "no-answer", "503": "failed"}
    far.refuses.update(answers)
    with working(exchange, first) as agent:
        for _ in answers:
            agent.do("accept", call=agent.wait_call("ringing")["id"])
            call = agent.wait_call("wrap-up")
            assert call["callback"]["reason"] == outcomes[answers[call["caller"]]]
            finish(agent)
        again, *others = answers
        caller = dial(exchange, "4302", "--seconds", "30", caller=again)
        call = agent.accept()
        assert (call["caller"], call["direction"]) == (again, "inbound")
        agent.do("hangup", call=call["id"])
        finish(agent)
        caller.wait()
    for customer, answer in answers.items():
        (record,) = outbound(exchange, customer)
        cause = outcomes[answer]
        assert (record["cause"], path(record)) == (cause, [f"back.{cause.replace('-', '_')}"])
    assert wait_state(exchange, again, "done").reason == "reached"
    waiting = [state_of(exchange, customer) for customer in others]
    assert [(one.state, one.attempts, one.reason) for one in waiting] == [
        ("waiting", 1, outcomes[answers[customer]]) for customer in others
    ]
    cancel(exchange, *waiting)


def cancel(exchange: System, *callbacks: CallbackRecord) -> None:
    store = open_store(exchange.home)
    try:
        for callback in callbacks:
            cancel_callback(store, SYSTEM, INSTANCE, callback.id)
    finally:
        store.close()


def test_without_a_line_and_without_a_trunk(exchange: System, far: FarSide, first: Browser) -> None:
    """Nobody's telephone rings and the agent has nothing to write down. Nor is anybody called for a deleted group."""
    one, gone, homeless = all_ask(exchange, "4303", "4304", "4305")
    line = dial(exchange, "4306", "--seconds", "60")
    wait_for("the only line in use", lambda: far.callees, 5)
    store = open_store(exchange.home)
    try:
        with store.write() as session:
            trunks.remove(session, "gone")
            groups.remove(session, INSTANCE, "leaving")
        export_snapshot(store)
    finally:
        store.close()
    assert wait_state(exchange, homeless, "failed").reason == "no-group"
    with working(exchange, first) as agent:
        for _ in (one, gone):
            call = agent.wait_call("ringing")
            agent.do("accept", call=call["id"])
            agent.wait("let go", lambda call=call: agent.call is None or agent.call["id"] != call["id"])
            agent.wait("no wrap-up", lambda: agent.state["state"] in ("ready", "ringing"))
        assert wait_state(exchange, gone, "failed").reason == "no-trunk"
        wait_for("no line", lambda: state_of(exchange, one).reason == "no-line", 5)
        waiting = state_of(exchange, one)
        assert (waiting.state, waiting.attempts, len(far.callees)) == ("waiting", 0, 1)
    assert outbound(exchange, one) == outbound(exchange, gone) == []
    line.process.terminate()
    cancel(exchange, waiting)


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


def test_a_restart_is_not_the_customers_doing(exchange: System, far: FarSide, first: Browser) -> None:
    """He is called again as if nothing had been; what was dialled in vain today is still known, too."""
    assert dial(exchange, "4999").wait()["sip_status"] == 404
    customer = asks(exchange)
    far.refuses[customer] = RINGS
    with working(exchange, first) as agent:
        agent.do("accept", call=agent.wait_call("ringing")["id"])
        wait_for("the customer rings", lambda: far.callees, 5)
        exchange.stop()
        agent.bye = "shutdown"
    assert far.callees[0].ended == "cancelled"
    exchange.start()
    found = wait_state(exchange, customer, "waiting")
    assert (found.reason, found.attempts) == ("shutdown", 0)
    figures = request(exchange.home.socket("runtime"), {"op": "trunks"})["trunks"]["loopback"]
    assert ["4999", "Unknown number", 1] in figures["vain"]
