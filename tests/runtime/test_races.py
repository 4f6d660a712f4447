"""What happens at the same instant, in the wrong order, or to a part that has just gone: nothing is lost or stuck."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest

from ccc.acd import events
from ccc.errors import CccError, ConflictError, UnavailableError
from ccc.home import Home
from ccc.loader import Registry, load
from ccc.runtime import call as call_module
from ccc.runtime.config import Index
from ccc.runtime.desk import Desk
from tests.runtime.fakes import FakePage, FakeWorker, Stage, settle
from tests.runtime.test_call import MENU

Scenario = Callable[[Stage], Awaitable[None]]


@pytest.fixture(scope="module")
def registry() -> Registry:
    return load(entry_points=False)


@pytest.fixture
def on_stage(home: Home, registry: Registry) -> Callable[[Scenario], Stage]:
    """Runs a scenario; afterwards no call, no leg of a call and no task may be left."""

    def run(scenario: Scenario) -> Stage:
        async def main() -> Stage:
            stage = Stage(home, registry, MENU)
            await scenario(stage)
            await settle()
            assert not stage.board.calls
            assert not [leg for leg in stage.link.legs if not leg.startswith("agent-")]
            return stage

        return asyncio.run(main())

    return run


async def to_queue(stage: Stage) -> Any:
    session = stage.invite()
    await settle()
    stage.leg_event(ev="dtmf", key="1", via="rfc4733")
    await settle()
    return session


def desk_of(stage: Stage, user: str = "agent1") -> Desk:
    desk = stage.desks.desk(user)
    assert desk is not None
    return desk


async def talking(stage: Stage) -> tuple[Any, FakePage, str]:
    """A caller and agent1 in conversation: session, page, call id."""
    page = await stage.sit_down("agent1")
    session = await to_queue(stage)
    call = page.last("call")["call"]["id"]
    stage.desks.handle(events.Accept("agent1", call))
    await settle()
    assert page.last("call")["call"]["state"] == "talking"
    return session, page, call


def without(index: Index, **parts: Any) -> Index:
    """The next snapshot, changed."""
    return Index(replace(index.snapshot, counter=index.snapshot.counter + 1, **parts))


class Gated(FakeWorker):
    """A worker whose answers to one operation wait until the test says so; may refuse instead, as the real one."""

    def __init__(self, op: str) -> None:
        super().__init__()
        self.op = op
        self.gate = asyncio.Event()
        self.error: CccError | None = None
        self.open_legs: set[str] = set()

    async def request(self, op: str, **fields: Any) -> dict[str, Any]:
        if op == "open" and fields["leg"] in self.open_legs:
            raise ConflictError("open already", code="leg-exists")
        if op == "open":
            self.open_legs.add(fields["leg"])
        answered = asyncio.ensure_future(super().request(op, **fields))  # sent now, answered when the gate opens
        await asyncio.sleep(0)
        if op == self.op:
            await self.gate.wait()
            if self.error is not None:
                raise self.error
        return await answered

    def send(self, op: str, **fields: Any) -> None:
        if op == "close":
            self.open_legs.discard(fields["leg"])
        super().send(op, **fields)


def gate(stage: Stage, op: str) -> Gated:
    worker = Gated(op)
    stage.worker = worker
    stage.link.worker = worker  # type: ignore[assignment]
    return worker


# The agent's audio ---------------------------------------------------------------------------


def test_two_tabs_offer_at_once_and_one_leg_is_made(on_stage: Callable[[Scenario], Stage]) -> None:
    async def scenario(stage: Stage) -> None:
        worker = gate(stage, "open")
        desk = desk_of(stage)
        desk.connect(FakePage())  # type: ignore[arg-type]
        first = asyncio.create_task(desk.offer("v=0 first"))
        await settle()
        desk.connect(FakePage())  # type: ignore[arg-type]
        second = asyncio.create_task(desk.offer("v=0 second"))
        await settle()
        worker.gate.set()
        assert await first == await second == "v=0 answer"
        assert worker.open_legs == {"agent-demo-agent1"}
        assert (len(worker.named("open")), len(worker.named("reoffer"))) == (1, 1)
        stage.agent_event("agent1", ev="up")
        assert desk.media == "up"

    on_stage(scenario)


def test_an_agent_disabled_while_his_audio_opens_leaves_no_leg(on_stage: Callable[[Scenario], Stage]) -> None:
    async def scenario(stage: Stage) -> None:
        worker = gate(stage, "open")
        desk = desk_of(stage)
        desk.connect(FakePage())  # type: ignore[arg-type]
        offer = asyncio.create_task(desk.offer("v=0"))
        await settle()
        desk.close("disabled")
        worker.gate.set()
        with pytest.raises(CccError):
            await offer
        assert not worker.open_legs and not stage.link.legs

    on_stage(scenario)


def test_a_failed_reoffer_makes_a_new_leg_when_the_old_one_is_gone(on_stage: Callable[[Scenario], Stage]) -> None:
    async def scenario(stage: Stage) -> None:
        await stage.sit_down("agent1")
        desk = desk_of(stage)
        worker = gate(stage, "reoffer")
        worker.gate.set()
        worker.error = UnavailableError("no such leg", code="no-leg")
        assert await desk.offer("v=0 again") == "v=0 answer"
        assert len(worker.named("open")) == 1

    on_stage(scenario)


def test_an_offer_that_fails_is_told_as_no_audio(on_stage: Callable[[Scenario], Stage]) -> None:
    async def scenario(stage: Stage) -> None:
        desk = desk_of(stage)
        page = FakePage()
        desk.connect(page)  # type: ignore[arg-type]
        stage.link.worker = None
        with pytest.raises(CccError):
            await desk.offer("v=0")
        assert page.last("media")["state"] == "down"

    on_stage(scenario)


def test_hello_is_the_first_message(on_stage: Callable[[Scenario], Stage]) -> None:
    async def scenario(stage: Stage) -> None:
        page = await stage.sit_down("agent1")
        desk_of(stage).disconnect(page)  # type: ignore[arg-type]
        desk_of(stage)._lost()
        again = FakePage()
        desk_of(stage).connect(again)  # type: ignore[arg-type]
        assert again.messages[0]["t"] == "hello"

    on_stage(scenario)


# Conversations -------------------------------------------------------------------------------


def test_audio_lost_while_the_legs_are_joined_does_not_leave_the_caller_in_silence(
    on_stage: Callable[[Scenario], Stage], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scenario(stage: Stage) -> None:
        monkeypatch.setattr("ccc.runtime.desk.SILENT_S", 0.01)
        page = await stage.sit_down("agent1")
        session = await to_queue(stage)
        call = page.last("call")["call"]["id"]
        worker = gate(stage, "bridge")
        stage.desks.handle(events.Accept("agent1", call))
        await settle()
        stage.agent_event("agent1", ev="down", why="no-stun")
        worker.gate.set()
        await settle()
        await asyncio.sleep(0.05)
        known = stage.desks.acd.call(call)
        assert known is not None and known.state == "waiting"
        session.peer_hangs_up()

    on_stage(scenario)


def test_a_page_that_vanished_while_the_legs_were_joined_is_missed(
    on_stage: Callable[[Scenario], Stage], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scenario(stage: Stage) -> None:
        page = await stage.sit_down("agent1")
        session = await to_queue(stage)
        call = page.last("call")["call"]["id"]
        worker = gate(stage, "bridge")
        stage.desks.handle(events.Accept("agent1", call))
        await settle()
        desk_of(stage).disconnect(page)  # type: ignore[arg-type]
        stage.agent_event("agent1", ev="down", why="close-notify")
        worker.gate.set()
        await settle()
        known = stage.desks.acd.call(call)
        assert known is not None and known.state == "waiting"
        session.peer_hangs_up()

    on_stage(scenario)


def test_unhold_that_fails_leaves_the_caller_on_hold_with_music(on_stage: Callable[[Scenario], Stage]) -> None:
    async def scenario(stage: Stage) -> None:
        session, _, call = await talking(stage)
        conversation = desk_of(stage).talk(call)
        conversation.hold()
        worker = gate(stage, "bridge")
        worker.gate.set()
        worker.error = UnavailableError("no")
        with pytest.raises(CccError):
            await conversation.unhold()
        assert conversation.on_hold
        assert stage.worker.named("play")[-1]["files"] == [stage.board.hold_music]
        worker.error = None
        await conversation.unhold()
        assert not conversation.on_hold
        session.peer_hangs_up()

    on_stage(scenario)


def test_the_agent_hangs_up_while_unhold_joins(on_stage: Callable[[Scenario], Stage]) -> None:
    async def scenario(stage: Stage) -> None:
        _, page, call = await talking(stage)
        conversation = desk_of(stage).talk(call)
        conversation.hold()
        worker = gate(stage, "bridge")
        unhold = asyncio.create_task(conversation.unhold())
        await settle()
        conversation.hang_up()
        await settle()
        worker.gate.set()
        with pytest.raises(CccError):
            await unhold
        assert page.last("call")["call"]["state"] == "wrap-up"
        names = [name for name, _ in worker.ops]
        assert names.index("bridge") < names.index("unbridge")

    on_stage(scenario)


def test_hold_wins_over_an_unhold_that_is_not_finished(on_stage: Callable[[Scenario], Stage]) -> None:
    async def scenario(stage: Stage) -> None:
        session, _, call = await talking(stage)
        conversation = desk_of(stage).talk(call)
        conversation.hold()
        worker = gate(stage, "bridge")
        unhold = asyncio.create_task(conversation.unhold())
        await settle()
        conversation.hold()  # from the tab that took over meanwhile
        worker.gate.set()
        with pytest.raises(CccError):
            await unhold
        assert conversation.on_hold
        session.peer_hangs_up()

    on_stage(scenario)


def test_bye_while_the_legs_are_joined(on_stage: Callable[[Scenario], Stage]) -> None:
    async def scenario(stage: Stage) -> None:
        page = await stage.sit_down("agent1")
        session = await to_queue(stage)
        call = page.last("call")["call"]["id"]
        gate(stage, "bridge")
        stage.desks.handle(events.Accept("agent1", call))
        await settle()
        session.peer_hangs_up()
        await settle()
        assert page.last("agent")["state"]["state"] == "wrap-up"
        assert page.last("call")["call"]["state"] == "wrap-up"

    stage = on_stage(scenario)
    assert stage.journal.closed()[0]["cause"] == "caller-hangup"


def test_accept_ring_timeout_and_hang_up_in_one_turn(on_stage: Callable[[Scenario], Stage]) -> None:
    async def scenario(stage: Stage) -> None:
        page = await stage.sit_down("agent1")
        session = await to_queue(stage)
        call = page.last("call")["call"]["id"]
        stage.desks.handle(events.Accept("agent1", call))
        session.peer_hangs_up()
        stage.desks.handle(events.Accept("agent1", call))
        stage.desks.handle(events.Reject("agent1", call))
        stage.desks._tick()
        await settle()
        assert stage.desks.acd.call(call) is None
        assert page.last("agent")["state"]["state"] == "wrap-up"

    on_stage(scenario)


# Configuration changes under running calls ---------------------------------------------------


def test_an_instance_that_is_removed_sends_its_callers_on(on_stage: Callable[[Scenario], Stage]) -> None:
    async def scenario(stage: Stage) -> None:
        session, page, _ = await talking(stage)
        waiting = await to_queue_second(stage)
        stage.board.configure(
            without(stage.board.index, instances=(), numbers=(), agents=(), skill_groups=(), flows=(), audio=())
        )
        await settle()
        assert page.closed == "disabled"
        assert session.log[-1] == waiting.log[-1] == "bye"

    stage = on_stage(scenario)
    assert len(stage.journal.closed()) == 2


async def to_queue_second(stage: Stage) -> Any:
    """Another caller into the queue while one is there already."""
    before = set(stage.link.legs)
    session = stage.invite()
    await settle()
    leg = next(name for name in stage.link.legs if name not in before)
    stage.link.legs[leg]({"ev": "dtmf", "key": "1", "via": "rfc4733"})
    await settle()
    return session


def test_the_agent_is_removed_while_he_talks(on_stage: Callable[[Scenario], Stage]) -> None:
    async def scenario(stage: Stage) -> None:
        session, page, call = await talking(stage)
        index = stage.board.index
        stage.board.configure(without(index, agents=tuple(a for a in index.snapshot.agents if a.user != "agent1")))
        await settle()
        assert page.closed == "disabled"
        known = stage.desks.acd.call(call)
        assert known is not None and known.state == "waiting"
        session.peer_hangs_up()

    on_stage(scenario)


def test_the_group_is_removed_while_callers_wait(on_stage: Callable[[Scenario], Stage]) -> None:
    async def scenario(stage: Stage) -> None:
        session = await to_queue(stage)
        index = stage.board.index
        agents = tuple(replace(agent, groups=()) for agent in index.snapshot.agents)
        stage.board.configure(without(index, agents=agents, skill_groups=()))
        await settle()
        assert session.log[-1] == "bye"

    on_stage(scenario)


def test_a_disabled_user_is_offline_at_once_and_his_caller_waits_again(on_stage: Callable[[Scenario], Stage]) -> None:
    """``user-disabled`` comes by the bus before the snapshot does."""

    async def scenario(stage: Stage) -> None:
        session, page, call = await talking(stage)
        stage.board.close_pages("disabled", "agent1")
        await settle()
        assert page.closed == "disabled"
        assert stage.desks.acd.agent("agent1").state == "offline"
        known = stage.desks.acd.call(call)
        assert known is not None and known.state == "waiting"
        session.peer_hangs_up()

    on_stage(scenario)


# Things that must not take the rest along ----------------------------------------------------


def test_a_node_that_swallows_the_cancellation_cannot_keep_the_call(
    on_stage: Callable[[Scenario], Stage], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scenario(stage: Stage) -> None:
        monkeypatch.setattr(call_module, "CLEAN_UP_S", 0.02)
        release = asyncio.Event()

        async def deaf(self: Any, control: Any, config: Any) -> str:
            while True:
                try:
                    await release.wait()
                    return "timeout"
                except asyncio.CancelledError:
                    continue

        flow = stage.board.config.compiled(stage.board.index.snapshot.flows[0])
        assert flow is not None
        monkeypatch.setattr(type(flow.nodes["menu"].node_type), "run", deaf)
        session = stage.invite()
        await settle()
        session.peer_hangs_up()
        await asyncio.sleep(0.1)
        assert not stage.board.calls
        release.set()
        await settle()
        steps = [record["node"] for record in stage.journal.records if record["k"] == "step"]
        assert "bye" not in steps, "the flow of a call that is over goes on"

    assert len(on_stage(scenario).journal.closed()) == 1


def test_a_record_that_cannot_be_written_does_not_keep_the_call(
    on_stage: Callable[[Scenario], Stage], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scenario(stage: Stage) -> None:
        session = stage.invite()
        await settle()

        def refuse(record: dict[str, Any]) -> None:
            raise TypeError("Object of type object is not JSON serializable")

        monkeypatch.setattr(stage.journal, "append", refuse)
        session.peer_hangs_up()

    on_stage(scenario)


def test_a_call_that_cannot_start_is_not_counted(
    on_stage: Callable[[Scenario], Stage], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scenario(stage: Stage) -> None:
        def refuse(record: dict[str, Any]) -> None:
            raise TypeError("no")

        monkeypatch.setattr(stage.journal, "append", refuse)
        with pytest.raises(TypeError):
            stage.invite()
        assert not +stage.board._by_trunk and not +stage.board._by_instance

    on_stage(scenario)


def test_no_folder_for_the_recording_means_no_recording(on_stage: Callable[[Scenario], Stage], home: Home) -> None:
    async def scenario(stage: Stage) -> None:
        home.recordings.rmdir()
        home.recordings.write_bytes(b"")  # a full disk refuses in the same place
        session = stage.invite()
        await settle()
        assert session.log == ["answer"]
        session.peer_hangs_up()

    stage = on_stage(scenario)
    assert (stage.journal.closed()[0]["cause"], stage.journal.closed()[0]["recording"]) == ("caller-hangup", None)


def test_one_leg_that_fails_does_not_keep_the_others_from_hearing_that_the_worker_died(
    on_stage: Callable[[Scenario], Stage],
) -> None:
    async def scenario(stage: Stage) -> None:
        def broken(event: dict[str, Any]) -> None:
            raise RuntimeError("broken")

        stage.link.legs = {"agent-x": broken}
        stage.invite()
        await settle()
        stage.link.lose_legs("it was killed")

    assert on_stage(scenario).journal.closed()[0]["cause"] == "media-worker-died"


def test_the_worker_dies_between_open_and_its_answer(on_stage: Callable[[Scenario], Stage]) -> None:
    async def scenario(stage: Stage) -> None:
        worker = gate(stage, "open")
        worker.error = UnavailableError("the media worker is gone", code="media-worker-died")
        stage.invite()
        await settle()
        worker.gate.set()

    assert on_stage(scenario).journal.closed()[0]["cause"] == "media-worker-died"


def test_one_decision_that_fails_does_not_stop_the_machine(on_stage: Callable[[Scenario], Stage]) -> None:
    async def scenario(stage: Stage) -> None:
        await stage.sit_down("agent1")
        session = await to_queue(stage)
        call = stage.board.calls.popitem()[1]  # as if the switchboard had lost it
        stage.desks.handle(events.Reject("agent1", call.id))
        second = await stage.sit_down("agent2")
        assert stage.desks._timer is not None
        assert second.last("agent")["state"]["state"] == "ringing"
        stage.board.calls[call.id] = call
        session.peer_hangs_up()

    on_stage(scenario)


def test_draining_ends_although_a_call_does_not(
    home: Home, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def main() -> None:
        stage = Stage(home, registry, MENU)
        stage.invite()
        await settle()
        call = next(iter(stage.board.calls.values()))
        monkeypatch.setattr(call, "end", lambda cause: None)
        monkeypatch.setattr("ccc.runtime.board.LAST_CALLS_S", 0.01)
        await stage.board.drain(0.0)
        assert call._task is not None
        call._task.cancel()
        await settle()

    asyncio.run(main())


def test_what_pages_were_shown_is_forgotten_with_the_page(on_stage: Callable[[Scenario], Stage]) -> None:
    async def scenario(stage: Stage) -> None:
        page = await stage.sit_down("agent1")
        session = await to_queue(stage)
        stage.board.tell_queues()
        assert page.last("queues")["queues"][0]["waiting"] == 1
        count = len(page.messages)
        stage.board.changed()
        stage.board.tell_queues()
        assert len(page.messages) == count, "nothing new, nothing said"
        again = await stage.sit_down("agent1")
        stage.board.changed()
        stage.board.tell_queues()
        assert [message["t"] for message in again.messages].count("queues") <= 1
        session.peer_hangs_up()

    on_stage(scenario)


def test_an_agent_lost_before_the_legs_are_joined_is_not_joined(on_stage: Callable[[Scenario], Stage]) -> None:
    """Two decisions wait for the caller's flow: the first one is void by then."""

    async def scenario(stage: Stage) -> None:
        first, second = await stage.sit_down("agent1"), await stage.sit_down("agent2")
        session = await to_queue(stage)
        call = first.last("call")["call"]["id"]
        stage.desks.handle(events.Accept("agent1", call))
        stage.desks.handle(events.AgentLost("agent1"))
        assert second.last("call")["call"]["id"] == call
        stage.desks.handle(events.Accept("agent2", call))
        await settle()
        assert [fields["with"] for fields in stage.worker.named("bridge")] == ["agent-demo-agent2"]
        assert second.last("call")["call"]["state"] == "talking"
        session.peer_hangs_up()

    assert on_stage(scenario).journal.closed()[0]["agent"] == "agent2"


def test_a_recording_switched_off_can_be_switched_on_again(on_stage: Callable[[Scenario], Stage]) -> None:
    async def scenario(stage: Stage) -> None:
        session = stage.invite()
        await settle()
        call = next(iter(stage.board.calls.values()))
        for action in ("off", "on"):
            call.recording(action)
        paths = [fields["path"] for fields in stage.worker.named("record")]
        assert len(paths) == 2 and paths[0] == paths[1]
        call.recording("on")
        assert len(stage.worker.named("record")) == 2, "it runs already"
        session.peer_hangs_up()

    records = on_stage(scenario).journal.records
    assert [record["k"] for record in records].count("rec") == 1


def test_a_break_out_key_in_the_turn_of_the_accept_gives_nobody_an_empty_wrap_up(
    on_stage: Callable[[Scenario], Stage],
) -> None:
    """Key first: the call is no longer his to take. Accept first: they talk, and the key is only a key."""

    async def scenario(stage: Stage) -> None:
        page = await stage.sit_down("agent1")
        session = await to_queue(stage)
        call = page.last("call")["call"]["id"]
        stage.leg_event(ev="dtmf", key="*", via="rfc4733")
        stage.desks.handle(events.Accept("agent1", call))
        await settle()
        states = [message["state"]["state"] for message in page.messages if message["t"] == "agent"]
        assert states[-1] == "ready" and "wrap-up" not in states and "talking" not in states
        assert session.log[-1] == "bye"
        session = await to_queue(stage)
        call = page.last("call")["call"]["id"]
        stage.desks.handle(events.Accept("agent1", call))
        stage.leg_event(ev="dtmf", key="*", via="rfc4733")
        await settle()
        assert page.last("call")["call"]["state"] == "talking"
        session.peer_hangs_up()

    closed = on_stage(scenario).journal.closed()
    assert [(cdr["agent"], cdr["steps"][2]["exit"]) for cdr in closed] == [(None, "key"), ("agent1", None)]


@pytest.mark.parametrize(("kept", "recording"), [(False, False), (True, True)])
def test_a_recording_that_could_not_be_written_is_not_named(
    on_stage: Callable[[Scenario], Stage], kept: bool, recording: bool
) -> None:
    async def scenario(stage: Stage) -> None:
        session = stage.invite()
        await settle()
        stage.leg_event(ev="record-error", message="disk full", kept=kept)
        call = next(iter(stage.board.calls.values()))
        call.recording("on")
        assert len(stage.worker.named("record")) == (1 if kept else 2), "it is tried again when asked to"
        if not kept:
            stage.leg_event(ev="record-error", message="disk full", kept=kept)
        session.peer_hangs_up()

    stage = on_stage(scenario)
    assert (stage.journal.closed()[0]["recording"] is not None) == recording
    paths = [record["path"] for record in stage.journal.records if record["k"] == "rec"]
    assert (paths[-1] is not None) == recording, "also when we die before the closing record"


def test_a_supervisor_chooses_and_a_call_in_progress_is_finished_first(on_stage: Callable[[Scenario], Stage]) -> None:
    async def scenario(stage: Stage) -> None:
        session, page, _ = await talking(stage)
        desk_of(stage).choose_for("break", "lunch", "boss")
        assert stage.desks.acd.agent("agent1").state == "talking"
        assert {"t": "chosen", "state": "break", "reason": "lunch", "by": "boss"} in page.messages
        session.peer_hangs_up()
        await settle()
        stage.desks.handle(events.WrapUpDone("agent1"))
        assert (stage.desks.acd.agent("agent1").state, stage.desks.acd.agent("agent1").reason) == ("break", "lunch")
        with pytest.raises(ConflictError) as refused:
            desk_of(stage, "agent2").choose_for("ready", "", "boss")
        assert refused.value.code == "away"

    on_stage(scenario)
