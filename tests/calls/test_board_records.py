"""The live board's figures and exports on a running system: a caller who gives up, a dead runtime, real jobs."""

from __future__ import annotations

import time
from typing import Any

from ccc.bus import request
from ccc.services import exports
from ccc.services.actor import Actor
from ccc.store import open_store
from ccc.store.records import CallFilter
from tests.calls.system import System, wait_for

BOSS = Actor("boss", {"demo": "supervisor"})


def live(system: System) -> dict[str, Any]:
    return request(system.home.socket("runtime"), {"op": "live", "instance": "demo"})


def test_todays_figures_survive_a_dead_runtime(own_system: System) -> None:
    assert live(own_system)["today"]["calls"] == 0
    done = own_system.ccc("call", "4000", "--keys", "1", "--to", own_system.sip, "--seconds", "3")
    assert done.returncode == 0, done.stderr
    today = wait_for(
        "the call is counted", lambda: live(own_system)["today"] if not live(own_system)["calls"] else None
    )
    assert today["calls"] == 1
    own_system.kill("runtime")
    again = wait_for("the runtime is back", lambda: _today(own_system), 20)
    assert {key: again[key] for key in ("calls", "answered", "abandoned")} == {
        key: today[key] for key in ("calls", "answered", "abandoned")
    }


def _today(system: System) -> dict[str, Any] | None:
    try:
        return live(system)["today"]
    except Exception as error:
        assert "does not answer" in str(error)
        return None


def test_jobs_write_an_export_and_take_up_what_waited_while_they_were_dead(own_system: System) -> None:
    store = open_store(own_system.home)
    asked = exports.request_export(store, BOSS, "demo", CallFilter(), format="xlsx")
    state = lambda: exports.get_export(store, BOSS, "demo", asked.id).state == "done"  # noqa: E731
    began = time.monotonic()
    wait_for("the export", state, 20)
    assert time.monotonic() - began < 15
    own_system.kill("jobs")
    asked = exports.request_export(store, BOSS, "demo", CallFilter(), format="csv")
    wait_for("the export after the restart", state, 30)
    store.close()
