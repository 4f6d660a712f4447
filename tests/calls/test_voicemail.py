"""语音留言, 满意度评价, 录音开关: real voice, real keys, every exit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from ccc.services.actor import SYSTEM
from ccc.services.voicemails import list_voicemails, mark_voicemail, voicemail_file
from ccc.store import open_store
from ccc.store.records import VoicemailFilter, VoicemailRecord
from tests.calls.agent import Browser, working
from tests.calls.callers import dial, settle
from tests.calls.flows import INSTANCE, document, node, tone
from tests.calls.publish import put_on_air
from tests.calls.sounds import channel, heard_in, path, tones
from tests.calls.system import System, wait_for

GROUP = "service"
MESSAGE = {"skill_group": GROUP, "prompts": [tone(700, 1.0)], "min_s": 0.6, "silence_s": 1.5}


def mailbox(name: str, **config: Any) -> dict[str, Any]:
    return document(
        name,
        [node("start", "start", recording="off"), node("mail", "voicemail", **{**MESSAGE, **config}),
         node("yes", "play", prompts=[tone(1900, 1.0)]), node("no", "play", prompts=[tone(1300, 1.0)]),
         node("end", "hangup")],
        "start.next>mail", "mail.recorded>yes", "mail.too_short>no", "yes.done>end", "no.done>end",
    )  # fmt: skip


SURVEY = {
    "questions": [
        {"name": "service", "prompts": [tone(700, 0.5)], "keys": "12"},
        {"name": "again", "prompts": [tone(900, 0.5)], "keys": "01"},
    ],
    "timeout_s": 4,
    "retries": 1,
    "thanks": [tone(1900, 0.5)],
}
FLOWS = {
    "4220": mailbox("mail"),
    "4221": mailbox("mail-short", max_s=4, silence_s=0),
    "4222": document(
        "survey",
        [node("start", "start", recording="off"),
         node("ask", "transfer_agent", agent="agent2", ring_s=20), node("survey", "survey", **SURVEY),
         node("none", "play", prompts=[tone(1300, 0.5)]), node("end", "hangup")],
        "start.next>ask", "ask.answered>survey", *(f"ask.{way}>end" for way in
                                                   ("no_such_agent", "offline", "busy", "timeout")),
        "survey.done>end", "survey.no_answer>none", "none.done>end",
    ),
    "4223": document(
        "rec",
        [node("start", "start", recording="off"), node("a", "play", prompts=[tone(700, 1.0)]),
         node("on", "record"), node("b", "play", prompts=[tone(900, 1.0)]),
         node("off", "record", action="off"), node("c", "play", prompts=[tone(1300, 1.0)]), node("end", "hangup")],
        "start.next>a", "a.done>on", "on.next>b", "b.done>off", "off.next>c", "c.done>end",
    ),
}  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def on_air(system: System) -> System:
    put_on_air(system, FLOWS)
    return system


def message_of(system: System, caller: str) -> VoicemailRecord | None:
    store = open_store(system.home)
    try:
        page = list_voicemails(store, SYSTEM, INSTANCE, VoicemailFilter(skill_group=GROUP))
    finally:
        store.close()
    return next((item for item in page.items if item.caller == caller), None)


def stored(system: System, caller: str) -> VoicemailRecord:
    found: VoicemailRecord = wait_for("the message", lambda: message_of(system, caller), 10)
    return found


def voice(file: Path) -> set[float]:
    return {round(stretch.hz, -1) for stretch in heard_in(channel(file, 0)) if stretch.kind == "tone"}


def speech(folder: Path, seconds: float) -> str:
    """A caller who is silent for 2 s (greeting and beep), speaks 440 Hz for a while, and is silent again."""
    rate = 8000
    wave = np.zeros(int(rate * 30), np.float32)
    count = int(rate * seconds)
    wave[2 * rate : 2 * rate + count] = 0.3 * np.sin(2 * np.pi * 440 * np.arange(count) / rate)
    file = folder / f"speech-{seconds}.wav"
    soundfile.write(file, wave, rate)
    return str(file)


def test_silence_ends_the_message(system: System, tmp_path: Path) -> None:
    dialled = dial(system, "4220", "--wav", speech(tmp_path, 3.0))
    report = dialled.wait()
    assert tones(report) == [700, 1000, 1900], report["heard"]
    assert path(system.record_of(dialled.caller)) == ["start.next", "mail.recorded", "yes.done", "end.None"]
    message = stored(system, dialled.caller)
    assert (message.skill_group, message.callee, message.heard_at) == (GROUP, "4220", None)
    assert 4.0 < message.seconds < 8.0
    file = system.home.recordings / message.path
    assert message.path.startswith("voicemail/") and voice(file) == {440}
    assert (channel(file, 0) == channel(file, 1)).all()
    assert abs(len(channel(file, 0)) / 8000 - message.seconds) < 0.5
    store = open_store(system.home)
    assert voicemail_file(store, SYSTEM, INSTANCE, message.id) == file
    assert mark_voicemail(store, SYSTEM, INSTANCE, message.id, "done").heard_by == "system"
    store.close()


def test_who_says_nothing_leaves_nothing(system: System, tmp_path: Path) -> None:
    dialled = dial(system, "4220", "--wav", speech(tmp_path, 0.2))
    assert tones(dialled.wait()) == [700, 1000, 1300]
    assert path(system.record_of(dialled.caller))[1] == "mail.too_short"
    assert message_of(system, dialled.caller) is None
    call_id = system.record_of(dialled.caller)["id"]
    wait_for("no file", lambda: not list((system.home.recordings / "voicemail").rglob(f"{call_id}*")), 5)


def test_hanging_up_while_speaking_leaves_a_message(system: System) -> None:
    dialled = dial(system, "4220", "--tone", "440", "--seconds", "5")
    dialled.wait()
    message = stored(system, dialled.caller)
    assert 2.0 < message.seconds < 5.0
    record = system.record_of(dialled.caller)
    assert (record["cause"], path(record)[1]) == ("caller-hangup", "mail.None")
    file = system.home.recordings / message.path
    wait_for("the file is whole", lambda: abs(len(channel(file, 0)) / 8000 - message.seconds) < 0.5, 5)
    assert voice(file) == {440}


def test_greatest_length_and_key(system: System) -> None:
    dialled = dial(system, "4221", "--tone", "440")
    assert tones(dialled.wait())[-1] == 1900
    assert 3.8 < stored(system, dialled.caller).seconds < 4.6
    dialled = dial(system, "4221", "--tone", "440", "--keys", ",,7#")
    assert tones(dialled.wait())[-1] == 1900
    assert stored(system, dialled.caller).seconds < 3.8


@pytest.mark.parametrize(
    ("keys", "answers", "way"),
    [("1,0", ["1", "0"], "done"), ("1,7", ["1"], "no_answer"), ("", [], "no_answer")],
)
def test_survey_after_the_agent_hung_up(system: System, keys: str, answers: list[str], way: str) -> None:
    """The keys come 5 s after the agent has left at the latest: the first question is asked twice for 4 s."""
    with working(system, Browser(system, "agent2")) as agent:
        dialled = dial(system, "4222", *(("--keys", ",,,,,," + keys) if keys else ()))
        call = agent.accept()
        settle(1)
        agent.do("hangup", call=call["id"])
        dialled.wait()
        done = agent.wait_call("wrap-up")
        agent.do("wrap-up-done", call=done["id"], note="", disposition="")
        agent.wait_on_duty()
    record = system.record_of(dialled.caller)
    assert path(record)[:3] == ["start.next", "ask.answered", f"survey.{way}"]
    assert [item["answer"] for item in record["survey"]] == answers
    assert [item["question"] for item in record["survey"]] == ["service", "again"][: len(answers)]
    assert record["agent"] == "agent2"


def test_recording_is_switched_in_the_flow(system: System) -> None:
    dialled = dial(system, "4223", "--tone", "440")
    assert tones(dialled.wait()) == [700, 900, 1300]
    record = system.record_of(dialled.caller)
    heard = heard_in(channel(system.home.recordings / record["recording"], 1))
    assert {round(stretch.hz, -1) for stretch in heard if stretch.kind == "tone"} == {900}
