"""The store is held by somebody else while 3,000 calls are taken."""

from __future__ import annotations

import sqlite3

import pytest

from ccc.bus import request
from tests.calls.callers import new_caller, run_sipp
from tests.calls.system import System, wait_for

pytestmark = pytest.mark.load

CALLS = 3000


def stored(system: System, caller: str) -> tuple[int, int]:
    """(records, different ids) of the callers that begin with ``caller``."""
    with sqlite3.connect(f"file:{system.home.database}?mode=ro", uri=True) as database:
        query = "select count(*), count(distinct id) from calls where caller like ?"
        found: tuple[int, int] = database.execute(query, (f"{caller}%",)).fetchone()
        return found


def test_calls_do_not_wait_for_the_store(own_system: System) -> None:
    system = own_system
    warm = new_caller()[:7]
    assert run_sipp(system, "hangup", "4003", "-d", "200", calls=600, rate=150, caller=warm).ok == 600
    wait_for("the warm-up is stored", lambda: stored(system, warm)[0] == 600, 30, 0.5)
    caller = new_caller()[:7]
    before_mb = system.rss_mb()
    holder = sqlite3.connect(system.home.database, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    try:
        result = run_sipp(system, "hangup", "4003", "-d", "200", calls=CALLS, rate=150, caller=caller)
        assert (result.ok, result.failed) == (CALLS, 0), result.errors
        grown_mb = system.rss_mb() - before_mb
        status, health = system.healthz()
        assert status == 200, health
        assert request(system.home.socket("runtime"), {"op": "health"})["calls"] == 0
    finally:
        holder.execute("ROLLBACK")
        holder.close()
    assert grown_mb < 20
    wait_for("every record stored", lambda: stored(system, caller)[0] >= CALLS, 30, 0.5)
    assert stored(system, caller) == (CALLS, CALLS)
