"""An uploaded audio is heard by its name, and the new one after it was replaced."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import soundfile

from ccc.store import open_store
from tests.calls.callers import dial
from tests.calls.flows import bind, document, node
from tests.calls.sounds import path, tones
from tests.calls.system import System

NUMBER = "4110"
FLOW = document(
    "t-audio",
    [
        node("start", "start", recording="off"),
        node("jingle", "play", prompts=[{"kind": "audio", "name": "t-jingle"}]),
        node("end", "hangup"),
    ],
    "start.next>jingle",
    "jingle.done>end",
)


def write_wav(file: Path, hz: int, seconds: float = 2.0, rate_hz: int = 44100) -> Path:
    """A stereo WAV of one tone, as an editor on a PC writes it."""
    wave = 0.4 * np.sin(2 * np.pi * hz * np.arange(round(rate_hz * seconds)) / rate_hz)
    soundfile.write(str(file), np.stack([wave, wave], axis=1), rate_hz, subtype="PCM_16")
    return file


def done(system: System, *words: str) -> str:
    """Standard output of a command that must succeed."""
    ended = system.ccc(*words)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def test_added_published_heard_replaced_heard(system: System, tmp_path: Path) -> None:
    flow = tmp_path / "t-audio.json"
    flow.write_text(json.dumps(FLOW))
    done(system, "flows", "import", str(flow))
    early = system.ccc("flows", "publish", "t-audio")
    assert early.returncode == 2 and "Traceback" not in early.stderr
    assert "node jingle, field config.prompts.0.name: audio 't-jingle' does not exist" in early.stderr
    done(system, "audio", "add", "t-jingle", str(write_wav(tmp_path / "first.wav", 700)))
    done(system, "flows", "publish", "t-audio")
    store = open_store(system.home)
    try:
        bind(store, NUMBER, "t-audio")
    finally:
        store.close()

    dialled = dial(system, NUMBER)
    report = dialled.wait()
    assert (report["exit"], report["ended_by"], tones(report)) == (0, "far-side", [700])
    [heard] = [stretch for stretch in report["heard"] if stretch["kind"] == "tone"]
    assert 1.6 <= heard["to_s"] - heard["from_s"] <= 2.2
    record = system.record_of(dialled.caller)
    assert path(record) == ["start.next", "jingle.done", "end.None"] and record["cause"] == "normal"

    second = str(write_wav(tmp_path / "second.wav", 1700))
    assert system.ccc("audio", "add", "t-jingle", second).returncode == 1
    assert tones(dial(system, NUMBER).wait()) == [700]
    done(system, "audio", "add", "t-jingle", second, "--replace")
    assert tones(dial(system, NUMBER).wait()) == [1700]
    refused = system.ccc("audio", "remove", "t-jingle")
    assert refused.returncode == 1 and "flow t-audio (draft), node jingle" in refused.stderr
