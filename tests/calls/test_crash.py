"""kill -9: what was answered keeps its record, its steps, its recording; the far side is told to hang up."""

from __future__ import annotations

import pytest

from tests.calls.callers import dial, new_caller, settle, sipp
from tests.calls.flows import publish_all
from tests.calls.sounds import channel, heard_in, path
from tests.calls.system import System, wait_for


def test_everything_killed_at_once(own_system: System) -> None:
    system = own_system
    publish_all(system.home)
    settle(2)
    caller = new_caller()[:7]
    with sipp(system, "stay", "4105", calls=20, rate=50, caller=caller) as load:
        speaking = dial(system, "4105", "--tone", "330")
        wait_for("21 calls", lambda: load.current() == 20, 10)
        settle(4)
        system.kill_all()
        system.start()
        report = speaking.wait(30)
        result = load.result(30)
    assert report["ended_by"] == "far-side"
    assert (result.ok, result.failed) == (20, 0), f"not every peer got its BYE: {result.errors}"
    record = system.record_of(speaking.caller)
    assert (record["cause"], path(record)) == ("lost", ["start.next", "tone.done", "stay.None"])
    left = heard_in(channel(system.home.recordings / record["recording"], 0))
    assert {round(stretch.hz, -1) for stretch in left if stretch.kind == "tone"} == {330}
    mine = [each for each in system.calls() if each["caller"].startswith(caller)]
    assert len({each["id"] for each in mine}) == len(mine) == 20
    assert {each["cause"] for each in mine} == {"lost"}
    assert dial(system, "4105", "--seconds", "1").wait()["exit"] == 0


@pytest.mark.parametrize(("part", "cause"), [("media-0", "media-worker-died"), ("runtime", "lost")])
def test_one_part_killed(own_system: System, part: str, cause: str) -> None:
    system = own_system
    publish_all(system.home)
    settle(2)
    dialled = dial(system, "4105")
    settle(4)
    old = system.kill(part)
    report = dialled.wait(30)
    assert (report["exit"], report["ended_by"]) == (0, "far-side")
    assert system.record_of(dialled.caller)["cause"] == cause
    wait_for(f"a new {part}", lambda: system.parts().get(part, old) != old, 15)
    wait_for("calls are taken again", lambda: dial(system, "4105", "--seconds", "0.5").wait()["exit"] == 0, 15)
