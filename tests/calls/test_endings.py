"""How the whole system ends: killed supervisor, signals during the start, two signals, a disk that takes no more."""

from __future__ import annotations

import resource
import signal
import subprocess
import time

import pytest

from tests.calls.callers import dial, settle
from tests.calls.system import CCC, ROOT, System, _alive, running, wait_for


def in_call(system: System) -> None:
    """Until the one call is up for a second."""
    wait_for("the call", lambda: system.healthz()[1].get("calls") == 1)
    settle(1)


def test_the_supervisor_is_killed_and_started_again_at_once(own_system: System) -> None:
    system = own_system
    dialled = dial(system, "4003", "--seconds", "60")
    in_call(system)
    pids = system.pids()
    assert system.process is not None
    system.process.kill()
    system.process.wait()
    system.start()
    assert dialled.wait(30)["ended_by"] == "far-side"
    assert not any(map(_alive, pids))
    assert dial(system, "4003", "--seconds", "1").wait()["exit"] == 0
    assert system.record_of(dialled.caller)["cause"] in ("lost", "media-worker-died", "shutdown")


@pytest.mark.parametrize("after_s", [0.3, 1.5])
def test_a_signal_during_the_start(after_s: float) -> None:
    with running() as system:
        assert system.stop() == 0
        with system.output.open("ab") as out:
            process = subprocess.Popen([*CCC, "serve", "--demo", *system.arguments], cwd=ROOT, stdout=out, stderr=out)
        system.process = process
        time.sleep(after_s)
        pids = system.pids()
        process.terminate()
        assert process.wait(15) in (0, -signal.SIGTERM)
        wait_for("nothing left", lambda: not any(map(_alive, pids)), 5)
        assert "Traceback" not in system.text()


def test_two_signals_end_calls_at_once(own_system: System) -> None:
    system = own_system
    dialled = dial(system, "4003", "--seconds", "60")
    in_call(system)
    pids = system.pids()
    assert system.process is not None
    system.process.send_signal(signal.SIGINT)
    time.sleep(0.2)
    system.process.send_signal(signal.SIGINT)
    assert system.process.wait(5) == 1
    wait_for("nothing left", lambda: not any(map(_alive, pids)), 5)
    system.start()
    assert dialled.wait(30)["ended_by"] == "far-side"


def test_a_journal_that_takes_no_more_refuses_new_calls_only(own_system: System) -> None:
    system = own_system
    dialled = dial(system, "4003", "--seconds", "12")
    in_call(system)
    runtime = system.parts()["runtime"]
    resource.prlimit(runtime, resource.RLIMIT_FSIZE, (1, resource.RLIM_INFINITY))
    dialled_in_vain = dial(system, "4003", "--seconds", "1")
    assert dialled_in_vain.wait()["exit"] != 0 or dial(system, "4003", "--seconds", "1").wait()["exit"] != 0
    _, parts = wait_for("healthz says so", lambda: (found := system.healthz()) and found[0] == 503 and found, 5)
    assert parts["journal"] == "unwritable"
    refused = dial(system, "4003", "--seconds", "1")
    assert refused.wait()["sip_status"] == 503
    wait_for("it is counted", lambda: system.healthz()[1].get("refused_unrecorded"), 5)
    resource.prlimit(runtime, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    wait_for("calls are taken again", lambda: system.healthz()[0] == 200, 5)
    assert dialled.wait()["ended_by"] == "caller"
    assert system.record_of(dialled.caller)["cause"] == "caller-hangup"
    assert system.record_of(refused.caller, 30)["cause"] == "journal"
    assert "refused_unrecorded" not in system.healthz()[1]
    assert system.parts()["runtime"] == runtime, "the same runtime all the time"
