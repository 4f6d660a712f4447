"""Many calls, lost packets: nothing is lost that we promise to keep."""

from __future__ import annotations

import pytest

from tests.calls.callers import new_caller, run_sipp, settle, sipp
from tests.calls.listener import Listener
from tests.calls.system import System, wait_for

pytestmark = pytest.mark.load


def test_ten_per_cent_loss_each_way(flows: System) -> None:
    caller = new_caller()[:7]
    result = run_sipp(flows, "hangup", "4105", "-lost", "10", "-d", "500", calls=200, rate=20, caller=caller)
    assert (result.ok, result.failed) == (200, 0), result.errors
    assert result.retransmissions > 20, "SIPp lost nothing: the test shows nothing"

    def records() -> list[dict[str, object]]:
        return [record for record in flows.calls(3000) if str(record["caller"]).startswith(caller)]

    wait_for("200 records", lambda: len(records()) >= 200, 45, 1)
    assert len(records()) == 200
    assert {record["cause"] for record in records()} == {"caller-hangup"}


def test_200_calls_through_menu_and_hold_music(flows: System) -> None:
    with Listener() as listener:
        key = ["-key", "rxport", str(listener.port), "-d", "16000"]
        with sipp(flows, "elsewhere", "4103", *key, calls=200, rate=100, caller=new_caller()[:7]) as load:
            wait_for("200 calls heard", lambda: len(listener.streams) == 200, 15)
            settle(3)
            listener.press("1")
            result = load.result()
    assert (result.ok, result.failed) == (200, 0), result.errors
    streams = list(listener.streams.values())
    assert [stream.gaps for stream in streams if stream.gaps] == []
    assert [stream.other_sources for stream in streams if stream.other_sources] == []
    assert all(0.99 <= stream.share <= 1.01 for stream in streams), sorted(stream.share for stream in streams)
    assert min(len(stream.sequences) for stream in streams) > 14 * 50
    steps = [record["steps"] for record in flows.calls(3000) if record["flow"] == "t-music"]
    assert len(steps) == 200
    assert all([step["node"] for step in path] == ["start", "menu", "wait"] for path in steps)
