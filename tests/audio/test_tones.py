"""Generated sounds: length, pitch, level, and music that loops without a seam."""

from __future__ import annotations

import numpy as np
import pytest

from ccc.audio import g711, tones


def spectrum_peak_hz(data: bytes) -> float:
    pcm = g711.decode_alaw(data).astype(float)
    return float(np.argmax(np.abs(np.fft.rfft(pcm * np.hanning(len(pcm))))) * 8000 / len(pcm))


@pytest.mark.parametrize("hz", [100, 440, 1000, 3400])
def test_a_sine_has_its_frequency_and_level(hz: int) -> None:
    data = tones.sine(hz, 1.0, level_db=-10)
    assert len(data) == 8000
    assert abs(spectrum_peak_hz(data) - hz) <= 1
    rms = np.sqrt(np.mean(g711.decode_alaw(data).astype(float) ** 2))
    assert 20 * np.log10(rms * np.sqrt(2) / 32767) == pytest.approx(-10, abs=0.3)


def test_lengths_are_exact_even_when_tiny() -> None:
    assert [len(tones.sine(440, s)) for s in (0.0001, 0.001, 0.02)] == [1, 8, 160]
    assert len(tones.hold_music(0.1)) == 800
    assert len(tones.ringback(12.5)) == 100_000
    assert set(tones.silence(0.5)) == {0xD5}


def test_busy_tone_has_its_cadence() -> None:
    loud = np.abs(g711.decode_alaw(tones.busy(1.4)).astype(int)).reshape(-1, 400).max(axis=1) > 1000
    assert loud.tolist() == ([True] * 7 + [False] * 7) * 2


def test_hold_music_is_quiet_and_loops_without_a_seam() -> None:
    pcm = g711.decode_alaw(tones.hold_music(16)).astype(float)
    assert len(pcm) == 128_000
    assert -40 < 20 * np.log10(np.sqrt(np.mean(pcm**2)) / 32767) < -20
    steps = np.abs(np.diff(np.concatenate([pcm, pcm[:1]])))
    assert steps[-1] <= steps[:-1].max()
    each_second = np.sqrt(np.mean(pcm.reshape(16, -1) ** 2, axis=1))
    assert each_second.min() > each_second.max() / 4, "the music never falls silent"
