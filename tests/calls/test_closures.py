"""A number is closed while it takes calls, and opened; a flow is published at its time although jobs was killed."""

from __future__ import annotations

from datetime import timedelta

from ccc.loader import load
from ccc.services import closures, schedules
from ccc.services import flows as flow_service
from ccc.services.actor import SYSTEM
from ccc.services.closures import Closing
from ccc.store import open_store
from ccc.store.base import utc_now
from tests.calls.callers import dial, new_caller, run_sipp, sipp
from tests.calls.flows import INSTANCE, Document, document, node, tone
from tests.calls.publish import put_on_air
from tests.calls.sounds import path, tones
from tests.calls.system import System, wait_for

DAY, NIGHT, PLANNED = "4171", "4172", "4173"


def plays(name: str, hz: int, seconds: float = 1) -> Document:
    nodes = [node("start", "start"), node("tone", "play", prompts=[tone(hz, seconds)]), node("end", "hangup")]
    return document(name, nodes, "start.next>tone", "tone.done>end")


def test_closed_at_once_while_a_call_goes_on_then_another_flow_then_open(flows: System) -> None:
    put_on_air(flows, {DAY: plays("t-day", 700, 6), NIGHT: plays("t-night", 1300)})
    store, registry = open_store(flows.home), load()
    before, closed, instead = new_caller(), new_caller(), new_caller()
    try:
        with sipp(flows, "stay", DAY, caller=before) as going_on:
            wait_for("the call is up", lambda: going_on.created() == 1 and going_on.current() == 1)
            how = Closing("fire", says="text", text="今天停止服务。")
            closures.close_numbers(store, registry, SYSTEM, INSTANCE, [DAY], how, utc_now())
            told = run_sipp(flows, "stay", DAY, caller=closed)  # at once: no second passes in between
            assert (told.code, told.ok) == (0, 1), told.errors
            assert (went_on := going_on.result()).ok == 1, went_on.errors
        record = flows.record_of(f"{closed}1")
        assert (record["cause"], record["kind"], record["flow"]) == ("closed", "closed", None)
        assert path(record) == ["start.next", "announcement.done", "end.None"]
        record = flows.record_of(f"{before}1")
        assert (record["cause"], record["flow"]) == ("normal", "t-day")

        night = Closing("fire", says="flow", flow="t-night")
        closures.close_numbers(store, registry, SYSTEM, INSTANCE, [DAY], night, utc_now())
        dialled = dial(flows, DAY, caller=instead)
        assert tones(dialled.wait()) == [1300]
        record = flows.record_of(instead)
        assert (record["cause"], record["kind"], record["flow"], record["callee"]) == (
            "normal", "closed", "t-night", DAY)  # fmt: skip

        closures.open_numbers(store, SYSTEM, INSTANCE, [DAY], utc_now())
        assert tones(dial(flows, DAY).wait()) == [700]
    finally:
        store.close()


def test_published_at_its_time_once_although_jobs_was_killed(flows: System) -> None:
    put_on_air(flows, {PLANNED: plays("t-plan", 1300)})
    store, registry = open_store(flows.home), load()
    try:
        flow_service.import_flow(store, registry, SYSTEM, INSTANCE, plays("t-plan", 1000))
        plan = schedules.plan_publishing(
            store, registry, SYSTEM, INSTANCE, "t-plan", utc_now() + timedelta(seconds=3), now=utc_now()
        )
        flow_service.import_flow(store, registry, SYSTEM, INSTANCE, plays("t-plan", 2000))
        flows.kill("jobs")
        assert tones(dial(flows, PLANNED).wait()) == [1300]

        def done() -> bool:
            return [each.state for each in schedules.plans(store, SYSTEM, INSTANCE, "t-plan")] == ["published"]

        wait_for("it is published", done, 20)
        assert tones(dial(flows, PLANNED).wait()) == [1000], "what was planned, not what was drawn since"
        versions = flow_service.flow_versions(store, SYSTEM, INSTANCE, "t-plan")
        assert [each.version for each in versions] == [2, 1] and versions[0].at >= plan.at
    finally:
        store.close()
