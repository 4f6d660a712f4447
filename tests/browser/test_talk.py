"""Caller and agent hear each other: 440 Hz one way, 1000 Hz the other, each on its channel of the recording."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import soundfile

from ccc.bus import request
from tests.browser.desk import Desk
from tests.calls.callers import dial
from tests.calls.system import System, wait_for

OpenDesk = Callable[..., Desk]


def strongest(samples: np.ndarray, rate: int) -> float:
    """Frequency (Hz) of the loudest component."""
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    return float(np.argmax(spectrum) * rate / len(samples))


def live_call(system: System, caller: str) -> dict | None:
    calls = request(system.home.socket("runtime"), {"op": "live", "instance": "demo"})["calls"]
    return next((call for call in calls if call["caller"] == caller), None)


def test_both_hear_each_other_and_the_recording_keeps_them_apart(
    system: System, agent: OpenDesk, tmp_path: Path
) -> None:
    desk = agent()
    desk.ready()
    heard = tmp_path / "heard.wav"
    call = dial(system, "4000", "--tone", "440", "--record", str(heard), "--seconds", "30")
    desk.expect_call("ringing")
    assert desk.call_number() == call.caller
    desk.answer()
    desk.expect_tone(440)
    desk.page.wait_for_timeout(3000)
    desk.page.click("#hangup")
    report = call.wait()
    desk.finish()
    desk.offline()
    assert report["ended_by"] != "caller"
    samples, rate = soundfile.read(heard)
    assert abs(strongest(samples[-2 * rate :], rate) - 1000) < 10
    record = system.record_of(call.caller)
    assert (record["cause"], record["agent"]) == ("agent-hangup", "agent1")
    stereo, rate = soundfile.read(system.home.recordings / record["recording"])
    tail = stereo[-int(2.5 * rate) : -int(0.5 * rate)]
    assert abs(strongest(tail[:, 0], rate) - 440) < 10, "the caller is on the left"
    assert abs(strongest(tail[:, 1], rate) - 1000) < 10, "the agent is on the right"
    assert desk.problems == []


def test_hold_gives_the_caller_music_and_resume_the_agent(system: System, agent: OpenDesk, tmp_path: Path) -> None:
    desk = agent()
    desk.ready()
    heard = tmp_path / "heard.wav"
    call = dial(system, "4000", "--tone", "440", "--record", str(heard), "--seconds", "40")
    desk.answer()
    desk.expect_tone(440)
    desk.page.click("#hold")
    desk.expect_call("hold")
    wait_for("silence on hold", lambda: desk.hear()["db"] < -90)
    desk.page.wait_for_timeout(2500)
    held_until = desk.page.evaluate("Date.now()")
    desk.page.click("#hold")
    desk.expect_call("talking")
    desk.expect_tone(440)
    desk.page.wait_for_timeout(2500)
    ended = desk.page.evaluate("Date.now()")
    desk.page.click("#hangup")
    call.wait()
    desk.finish()
    desk.offline()
    samples, rate = soundfile.read(heard)
    resumed = len(samples) - int((ended - held_until) / 1000 * rate)
    on_hold, after = samples[resumed - 2 * rate : resumed - rate // 4], samples[-2 * rate :]
    assert abs(strongest(on_hold, rate) - 1000) > 20, "the agent must not be heard on hold"
    assert np.sqrt(np.mean(on_hold**2)) > 0.005, "the caller must hear music"
    assert abs(strongest(after, rate) - 1000) < 10


def test_a_reload_does_not_lose_the_call(system: System, agent: OpenDesk, tmp_path: Path) -> None:
    desk = agent()
    desk.ready()
    heard = tmp_path / "heard.wav"
    call = dial(system, "4000", "--tone", "440", "--record", str(heard), "--seconds", "60")
    desk.answer()
    desk.expect_tone(440)
    desk.page.reload()
    desk.wait_workbench()
    desk.expect_call("talking")
    desk.expect_tone(440)
    desk.page.wait_for_timeout(2500)
    desk.page.click("#hangup")
    call.wait()
    desk.finish()
    desk.offline()
    samples, rate = soundfile.read(heard)
    assert abs(strongest(samples[-2 * rate :], rate) - 1000) < 10, "the caller hears the agent again"
    assert system.record_of(call.caller)["cause"] == "agent-hangup"


def test_a_second_tab_takes_over(system: System, agent: OpenDesk) -> None:
    desk = agent()
    desk.ready()
    call = dial(system, "4000", "--tone", "440", "--seconds", "60")
    desk.answer()
    old = desk.second_tab()
    old.wait_for_selector("#takeover:not([hidden])")
    desk.expect_call("talking")
    desk.expect_tone(440)
    desk.page.click("#hangup")
    assert call.wait()["exit"] == 0
    desk.finish()
    desk.offline()


def test_a_killed_tab_frees_the_agent_and_the_caller_is_next(system: System, agent: OpenDesk) -> None:
    desk = agent()
    desk.ready()
    call = dial(system, "4000", "--tone", "440", "--seconds", "60")
    desk.answer()
    desk.kill()

    def requeued() -> bool:
        live = request(system.home.socket("runtime"), {"op": "live", "instance": "demo"})
        states = {row["user"]: row["state"] for row in live["agents"]}
        found = live_call(system, call.caller)
        return found is not None and found["state"] == "queued" and states["agent1"] == "offline"

    wait_for("the caller back in the queue, the agent offline", requeued, timeout_s=10.0)
    other = agent("agent2")
    other.ready(then="ringing")
    other.expect_call("ringing")
    assert other.call_number() == call.caller
    other.answer()
    other.expect_tone(440)
    other.page.click("#hangup")
    assert call.wait()["exit"] == 0
    other.finish()
    other.offline()
