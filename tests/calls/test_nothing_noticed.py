"""Fifty calls go on while web, jobs and store are taken away one by one: no caller hears it, no record is missing."""

from __future__ import annotations

import sqlite3

import pytest

from tests.calls.callers import new_caller, settle, sipp
from tests.calls.flows import publish_all
from tests.calls.listener import Listener
from tests.calls.sounds import channel, heard_in, path
from tests.calls.system import System, wait_for

pytestmark = pytest.mark.load

CALLS = 50
TALK_MS = 28_000


def test_web_jobs_and_store_go_one_by_one(own_system: System) -> None:
    system, caller = own_system, new_caller()[:7]
    publish_all(system.home)
    settle(2)
    with Listener() as listener:
        far = ["-key", "rxport", str(listener.port), "-d", str(TALK_MS)]
        with sipp(system, "elsewhere", "4107", *far, calls=CALLS, rate=50, caller=caller) as load:
            wait_for("50 calls heard", lambda: len(listener.streams) == CALLS, 15)
            web, jobs = system.kill("web"), system.parts()["jobs"]
            listener.press("1")  # the flow goes on with nobody there to look
            wait_for("another web", lambda: system.parts().get("web", web) != web and system.healthz()[0] == 200, 15)
            assert system.healthz()[1]["calls"] == CALLS
            system.kill("jobs")
            wait_for("other jobs", lambda: system.parts().get("jobs", jobs) != jobs, 15)
            wait_for("they answer", lambda: system.healthz()[1].get("jobs") == "up", 15)
            holder = sqlite3.connect(system.home.database, isolation_level=None, timeout=30)
            holder.execute("BEGIN EXCLUSIVE")
            try:
                assert load.current() == CALLS, "the calls were over too soon: the test shows nothing"
                result = load.result()  # hung up, answered and recorded while nobody can write to the store
                assert not [record for record in system.calls(CALLS) if record["caller"].startswith(caller)]
            finally:
                holder.execute("ROLLBACK")
                holder.close()
    assert (result.calls, result.ok, result.failed) == (CALLS, CALLS, 0), result.errors
    streams = list(listener.streams.values())
    assert [stream.gaps for stream in streams if stream.gaps] == []
    assert [stream.other_sources for stream in streams if stream.other_sources] == []
    assert all(0.99 <= stream.share <= 1.01 for stream in streams), sorted(stream.share for stream in streams)
    assert min(len(stream.sequences) for stream in streams) > 0.95 * TALK_MS / 20

    def mine() -> list[dict[str, object]]:
        return [record for record in system.calls() if record["caller"].startswith(caller)]

    wait_for("50 records", lambda: len(mine()) >= CALLS, 30, 0.5)
    settle(2)  # one that came twice would come now
    assert len(mine()) == len({record["id"] for record in mine()}) == CALLS
    assert {(record["cause"], *path(record)) for record in mine()} == {
        ("abandoned", "start.next", "menu.key_1", "wait.None")
    }
    for record in mine()[:3]:
        heard = heard_in(channel(system.home.recordings / str(record["recording"]), 1))
        assert sum(stretch.to_s - stretch.from_s for stretch in heard) > 0.8 * TALK_MS / 1000
