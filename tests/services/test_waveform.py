"""Peaks of recordings: per channel, bounded, cached, and a clear error for what is no recording."""

from __future__ import annotations

import json
import wave
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ccc.errors import InvalidError, NotFoundError
from ccc.jobs.ingest import call_row
from ccc.services import waveform
from ccc.services.actor import Actor
from ccc.store import Store
from ccc.store.repos import audit, calls

BOSS = Actor("boss", {"demo": "supervisor"})


def write(path: Path, samples: np.ndarray) -> None:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(samples.shape[1])
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(samples.astype("<i2").tobytes())


def test_a_loud_caller_and_a_silent_agent(tmp_path: Path) -> None:
    samples = np.zeros((80_000, 2))
    samples[40_000:, 0] = -32768
    write(tmp_path / "r.wav", samples)
    peaks = waveform.compute(tmp_path / "r.wav")
    left, right = peaks["channels"]
    assert (peaks["seconds"], len(left), len(right)) == (10.0, 1000, 1000)
    assert (max(left[:500]), min(left[500:]), max(right)) == (0, 255, 0)


@given(st.integers(0, 5000), st.sampled_from([1, 2]))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_length(tmp_path: Path, frames: int, channels: int) -> None:
    path = tmp_path / f"{frames}-{channels}.wav"
    samples = np.random.default_rng(frames).integers(-32768, 32768, (frames, channels))
    write(path, samples)
    found = waveform.compute(path)
    assert [len(channel) for channel in found["channels"]] == [min(frames, 1000)] * channels
    for n, channel in enumerate(found["channels"]):
        assert max(channel, default=0) == (np.abs(samples[:, n]).max(initial=0) * 255 // 32768)


def test_a_recording_cut_off_by_a_power_failure(tmp_path: Path) -> None:
    path = tmp_path / "r.wav"
    write(path, np.full((16_000, 2), 1000))
    path.write_bytes(path.read_bytes()[:32_045])
    assert waveform.compute(path)["seconds"] == pytest.approx(1.0, abs=0.001)


@pytest.mark.parametrize("data", [b"", b"RIFF", b"ID3" + bytes(1000), b"RIFF\x24\0\0\0WAVEfmt "])
def test_what_is_no_recording_is_said(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "r.wav"
    path.write_bytes(data)
    with pytest.raises(InvalidError, match="recording"):
        waveform.compute(path)


def test_computed_once_and_again_when_the_file_grew(store: Store) -> None:
    cdr = {"id": "../x", "instance": "demo", "direction": "inbound", "cause": "normal", "started_at": 1.0}
    with store.write() as session:
        calls.add_calls(session, [call_row({**cdr, "recording": "r.wav"})])
    path = store.home.recordings / "r.wav"
    write(path, np.full((8000, 2), 5000))
    first = waveform.recording_peaks(store, BOSS, "demo", "../x")
    cached = waveform.cache_file(store.home, "../x")
    assert cached.parent == store.home.cache / "peaks"
    known = json.loads(cached.read_text())
    cached.write_text(json.dumps(known | {"peaks": {"seconds": 77}}))
    assert waveform.recording_peaks(store, BOSS, "demo", "../x") == {"seconds": 77}
    write(path, np.full((16_000, 2), 5000))
    assert waveform.recording_peaks(store, BOSS, "demo", "../x")["seconds"] == 2 * first["seconds"]
    cached.write_text("{")
    assert waveform.recording_peaks(store, BOSS, "demo", "../x")["seconds"] == 2.0
    with pytest.raises(NotFoundError):
        waveform.recording_peaks(store, Actor("bob", {"demo": "agent"}), "demo", "../x")
    with store.read() as session:
        assert audit.find(session) == []
