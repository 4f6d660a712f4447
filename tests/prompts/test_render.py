"""Prompts become files: once, whole, trimmed and equally loud."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from ccc.api import Voice
from ccc.api.prompt import AudioPrompt, SilencePrompt, TextPrompt, TonePrompt
from ccc.audio.g711 import decode_alaw
from ccc.errors import InvalidError, UnavailableError
from ccc.home import Home
from ccc.prompts import builtin, level
from ccc.prompts.keys import hold_music_path, prompt_key, prompt_path
from ccc.prompts.render import render, render_static


class Humming:
    """An engine that hums 300 Hz between two long silences, as quietly as it is told."""

    name = "humming"

    def __init__(self, amplitude: float = 0.01, rate_hz: int = 22050) -> None:
        self.amplitude, self.rate_hz = amplitude, rate_hz
        self.said: list[tuple[str, str | None, float]] = []

    def voices(self) -> list[Voice]:
        return [Voice("hum", "Hum", "en")]

    def say(self, text: str, voice: str | None, speed: float) -> tuple[npt.NDArray[np.int16], int]:
        self.said.append((text, voice, speed))
        silence = np.zeros(self.rate_hz)
        hum = self.amplitude * np.sin(2 * np.pi * 300 * np.arange(self.rate_hz) / self.rate_hz)
        return (np.concatenate([silence, hum, silence]) * 32767).astype(np.int16), self.rate_hz


class Broken(Humming):
    name = "broken"

    def say(self, text: str, voice: str | None, speed: float) -> tuple[npt.NDArray[np.int16], int]:
        raise RuntimeError("no such device")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "home")
    home.create()
    return home


def test_speech_is_trimmed_and_made_loud_once(home: Home) -> None:
    engine = Humming()
    path = render(home, TextPrompt(text="hm"), [engine])
    assert path == prompt_path(home, TextPrompt(text=" hm\n")) and render(home, TextPrompt(text="hm"), [engine]) == path
    assert len(engine.said) == 1
    wave = decode_alaw(path.read_bytes()) / 32768.0
    assert len(wave) % 160 == 0 and 1.0 <= len(wave) / 8000 <= 1.16
    assert 20 * np.log10(np.sqrt(np.mean(wave[800:7200] ** 2))) == pytest.approx(level.SPEECH_DB, abs=0.5)
    assert [entry.name for entry in home.prompts.iterdir()] == [path.name], "no temporary file stays"


@pytest.mark.parametrize(("amplitude", "expected_db"), [(0.99, -20), (0.03, -20), (0.001, -33)])
def test_loudness_does_not_depend_on_the_engine(home: Home, amplitude: float, expected_db: float) -> None:
    """The quietest one is near the noise: it is not raised by more than 30 dB."""
    wave = decode_alaw(render(home, TextPrompt(text="x"), [Humming(amplitude, 16000)]).read_bytes()) / 32768.0
    db = 20 * np.log10(np.sqrt(np.mean(wave[800:7200] ** 2)))
    assert db == pytest.approx(expected_db, abs=1)


def test_text_that_says_nothing_is_a_short_silence(home: Home) -> None:
    path = render(home, TextPrompt(text="…"), [Humming(0.0)])
    assert path.read_bytes() == b"\xd5" * 160


def test_tone(home: Home) -> None:
    alaw = render(home, TonePrompt(hz=440, seconds=8), []).read_bytes()
    assert len(alaw) == 64000
    assert int(np.argmax(np.abs(np.fft.rfft(decode_alaw(alaw[:8000]).astype(float))))) == 440


def test_keys_tell_prompts_apart() -> None:
    prompts = [
        TextPrompt(text="a"),
        TextPrompt(text="b"),
        TextPrompt(text="a", voice="hum"),
        TextPrompt(text="a", speed=1.5),
        TonePrompt(hz=440, seconds=1),
        TonePrompt(hz=440, seconds=1.001),
    ]
    assert len({prompt_key(prompt) for prompt in prompts}) == len(prompts)
    assert prompt_key(prompts[0], "b") == prompt_key(prompts[1])


def test_publish_renders_what_is_static_and_reports_what_fails(home: Home) -> None:
    engine = Humming()
    prompts = [
        TextPrompt(text="welcome"),
        TextPrompt(text="you owe ${amount}"),
        TextPrompt(text="$$5"),
        TextPrompt(text="  "),
        TextPrompt(text="x", voice="nobody"),
        TextPrompt(text="open ${"),
        AudioPrompt(name="music"),
        SilencePrompt(seconds=1),
        TonePrompt(hz=1000, seconds=0.1),
    ]
    problems = render_static(home, prompts, [engine])
    assert [text for text, _, _ in engine.said] == ["welcome", "$5"]
    assert len(problems) == 2 and "nobody" in problems[0].message and "hum" in problems[0].message
    assert {problem.severity for problem in problems} == {"error"}
    assert prompt_path(home, TextPrompt(text="x"), "$5").exists()


def test_a_broken_engine_is_named(home: Home) -> None:
    with pytest.raises(UnavailableError, match=r"broken failed on 'hello': RuntimeError\('no such device'\)"):
        render(home, TextPrompt(text="hello"), [Broken()])
    with pytest.raises(UnavailableError, match="no TTS engine"):
        render(home, TextPrompt(text="hello"), [])
    with pytest.raises(InvalidError, match="voice x does not exist; choose one of hum"):
        render(home, TextPrompt(text="hello", voice="x"), [Humming()])
    assert not any(home.prompts.iterdir())


def test_builtin_sounds_are_written_once(home: Home) -> None:
    assert builtin.write_builtin(home) == ["hold-music", "busy", "beep", "ringback"]
    assert builtin.write_builtin(home) == []
    music = hold_music_path(home).read_bytes()
    assert len(music) == 32 * 8000
    assert np.abs(decode_alaw(music)).max() < 8000, "music stays behind speech"


def test_the_runtime_does_not_pay_for_numpy() -> None:
    code = "import sys, ccc.prompts.keys, ccc.geo; sys.exit('numpy' in sys.modules or 'phonenumbers' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 0
