"""What the caller says it hears is what was played."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import pytest
import soundfile

from ccc.audio.g711 import decode_alaw
from ccc.audio.tones import hold_music, silence, sine
from ccc.caller import audio
from ccc.caller.hear import Ear
from ccc.errors import InvalidError


@pytest.mark.parametrize("hz", [200, 440, 697, 1000, 2000, 3000])
def test_a_tone_is_named_by_its_frequency(hz: int) -> None:
    ear = Ear()
    (began,) = ear.feed(decode_alaw(sine(hz, 1.0)))
    assert began.kind == "tone" and abs(began.hz - hz) < 2


def test_stretches_follow_the_sound() -> None:
    ear = Ear()
    ear.feed(decode_alaw(sine(440, 2) + silence(1) + sine(1000, 2) + silence(3)))
    assert [(s.kind, round(s.hz)) for s in ear.stretches] == [
        ("tone", 440), ("silence", 0), ("tone", 1000), ("silence", 0)]  # fmt: skip
    assert ear.heard and abs(ear.quiet_s - 3) < 0.5 and abs(ear.heard_s - 8) < 0.3


def test_music_is_sound_and_nothing_is_silence() -> None:
    ear = Ear()
    ear.feed(decode_alaw(silence(2)))
    assert not ear.heard and ear.heard_s == 0
    ear.feed(decode_alaw(hold_music(4)))
    assert ear.heard and ear.stretches[-1].kind in ("sound", "tone")


def test_looped_tone_has_no_seam() -> None:
    ear = Ear()
    ear.feed(decode_alaw(audio.tone(440) * 5))
    assert len(ear.stretches) == 1 and ear.stretches[0].kind == "tone"


def test_any_wav_becomes_8_khz(tmp_path: Path) -> None:
    path = tmp_path / "in.wav"
    wave_44k = np.sin(2 * np.pi * 1000 * np.arange(44100) / 44100) * 0.3
    soundfile.write(str(path), np.stack([wave_44k, wave_44k], axis=1), 44100, subtype="FLOAT")
    ear = Ear()
    ear.feed(decode_alaw(audio.load(path)))
    assert abs(ear.stretches[0].hz - 1000) < 2


def test_what_is_no_audio_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "no.wav"
    path.write_bytes(b"this is text")
    with pytest.raises(InvalidError, match=r"no\.wav cannot be read as audio"):
        audio.load(path)


def test_recording_keeps_loss_as_silence(tmp_path: Path) -> None:
    recording = audio.Recording()
    loud = np.full(160, 1000, dtype=np.int16)
    for index in (0, 1, 3):
        recording.put(7, 4294967000 + index * 160 & 0xFFFFFFFF, loud, index * 0.02)
    recording.put(8, 55, loud, 0.08)
    recording.write(tmp_path / "out.wav")
    with wave.open(str(tmp_path / "out.wav")) as file:
        samples = np.frombuffer(file.readframes(10_000), dtype=np.int16)
    assert len(samples) == 800
    assert not samples[320:480].any() and samples[480:].all()
