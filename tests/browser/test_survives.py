"""What an agent notices when a part of the system dies: a moment, and nothing lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from ccc.bus import request
from tests.browser.desk import Desk
from tests.calls.callers import dial
from tests.calls.system import System, running, wait_for

OpenDesk = Callable[..., Desk]


@pytest.fixture
def system() -> Iterator[System]:
    """Two media workers, and a system that may be harmed."""
    with running("--media-workers", "2") as started:
        yield started


def legs(system: System) -> list[int]:
    """Legs on each worker."""
    return [worker["legs"] for worker in request(system.home.socket("runtime"), {"op": "health"})["media"]]


def test_legs_on_two_workers_are_joined(system: System, agent: OpenDesk) -> None:
    desk = agent()
    desk.ready()
    call = dial(system, "4000", "--tone", "440", "--seconds", "30")
    desk.answer()
    assert sorted(legs(system)) == [1, 1], "caller and agent must be on different workers for this test"
    desk.expect_tone(440)
    desk.page.wait_for_timeout(1500)
    desk.page.click("#hangup")
    heard = call.wait()["heard"]
    assert any(abs(part["hz"] - 1000) < 10 for part in heard), heard
    desk.finish()


def test_the_web_process_dies_in_mid_call(system: System, agent: OpenDesk) -> None:
    desk = agent()
    desk.ready()
    call = dial(system, "4000", "--tone", "440", "--seconds", "60")
    desk.answer()
    desk.expect_tone(440)
    with system.nobody_restarts():  # else the page may be back before it has anything to tell
        system.kill("web")
        wait_for("the banner", lambda: desk.page.is_visible("#banner-lost"), 10)
        desk.expect_tone(440, timeout_s=1.0)
    wait_for("the page reconnected", lambda: system.healthz()[0] == 200, 20)
    desk.expect_call("talking", timeout_s=20)
    wait_for("the banner gone", lambda: desk.page.is_hidden("#banner-lost"), 20)
    desk.page.click("#hangup")
    assert call.wait()["exit"] == 0
    desk.finish()
    assert system.record_of(call.caller)["cause"] == "agent-hangup"


def test_the_telephone_side_dies_and_the_agent_is_ready_again(system: System, agent: OpenDesk) -> None:
    desk = agent()
    desk.ready()
    call = dial(system, "4000", "--tone", "440", "--seconds", "60")
    desk.answer()
    desk.expect_tone(440)
    system.kill("runtime")
    report = call.wait()
    assert report["ended_by"] != "caller", "the restarted runtime must send BYE"
    desk.expect_call("none", timeout_s=20)
    desk.expect_state("ready", timeout_s=20)
    lost = system.record_of(call.caller)
    assert (lost["cause"], lost["agent"]) == ("lost", "agent1")
    again = dial(system, "4000", "--tone", "440", "--seconds", "30")
    desk.answer()
    desk.expect_tone(440)
    desk.page.click("#hangup")
    assert again.wait()["exit"] == 0
    desk.finish()


def test_the_media_workers_die_and_audio_comes_back(system: System, agent: OpenDesk) -> None:
    desk = agent()
    desk.ready()
    call = dial(system, "4000", "--tone", "440", "--seconds", "60")
    desk.answer()
    desk.expect_tone(440)
    system.kill("media-0")
    system.kill("media-1")
    call.wait()
    assert system.record_of(call.caller)["cause"] == "media-worker-died"
    desk.finish()
    desk.expect_state("ready", timeout_s=20)
    again = dial(system, "4000", "--tone", "440", "--seconds", "30")
    desk.answer()
    desk.expect_tone(440)
    desk.page.click("#hangup")
    assert again.wait()["exit"] == 0
    desk.finish()
