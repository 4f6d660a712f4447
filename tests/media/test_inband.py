"""Keys as tones: what must be heard (ITU-T Q.24) and what must not be taken for a key."""

from __future__ import annotations

import numpy as np
import pytest

from ccc.audio import g711, tones
from ccc.media.inband import HIGH_HZ, LOW_HZ, InbandDetector
from ccc.media.player import _KEY_HZ, key_tones

KEYS = "0123456789*#ABCD"


def heard(data: bytes, pt: int = 8, size: int = 160) -> str:
    detector = InbandDetector()
    return "".join(detector.feed(data[at : at + size], pt) for at in range(0, len(data), size))


@pytest.mark.parametrize("size", [80, 160, 240, 7])
def test_every_key_in_any_packet_size(size: int) -> None:
    assert heard(b"".join(key_tones(KEYS, 8)), size=size) == KEYS


def test_mu_law() -> None:
    assert heard(b"".join(key_tones(KEYS, 0)), pt=0) == KEYS


def test_a_held_key_counts_once_and_a_repeated_one_twice() -> None:
    low, high = _KEY_HZ["5"]
    assert heard(tones.dual(low, high, 3.0)) == "5"
    press = tones.dual(low, high, 0.07) + tones.silence(0.07)
    assert heard(press * 4) == "5555"


@pytest.mark.parametrize("offset_ms", range(0, 13, 2))
def test_40_ms_are_heard_and_15_ms_are_not(offset_ms: int) -> None:
    lead = tones.silence(0.1 + offset_ms / 1000)
    assert heard(lead + tones.dual(770, 1336, 0.045) + tones.silence(0.1)) == "5"
    assert heard(lead + tones.dual(770, 1336, 0.015) + tones.silence(0.1)) == ""


@pytest.mark.parametrize("level_db", [-3, -10, -20, -30])
def test_levels(level_db: int) -> None:
    assert heard(tones.dual(941, 1477, 0.1, level_db=level_db)) == "#"


def mixed(parts: list[tuple[float, float]], seconds: float = 0.2, noise: float = 0.0) -> bytes:
    time_s = np.arange(int(seconds * 8000)) / 8000
    wave = sum(amplitude * np.sin(2 * np.pi * hz * time_s) for hz, amplitude in parts)
    wave = wave + np.random.default_rng(1).normal(0, noise, len(time_s)) if noise else wave
    return g711.encode_alaw(np.clip(wave, -32000, 32000).astype(np.int16))


def test_frequencies_1_5_percent_off_are_heard() -> None:
    for factor in (0.985, 1.015):
        assert heard(mixed([(770 * factor, 5000), (1336 * factor, 5000)])) == "5"


def test_twist_of_6_db_is_heard_and_of_12_is_not() -> None:
    assert heard(mixed([(770, 6000), (1336, 3000)])) == "5"
    assert heard(mixed([(770, 8000), (1336, 2000)])) == ""


def test_noise_15_db_below_does_not_hide_a_key() -> None:
    assert heard(mixed([(852, 5000), (1209, 5000)], noise=800)) == "7"


def test_other_sounds_are_no_keys() -> None:
    assert heard(tones.hold_music(16)) == ""
    assert heard(tones.ringback(5) + tones.busy(3)) == ""
    for hz in (*LOW_HZ, *HIGH_HZ):
        assert heard(mixed([(hz, 8000)])) == ""
    noise = np.random.default_rng(2).normal(0, 4000, 80_000).clip(-32000, 32000).astype(np.int16)
    assert heard(g711.encode_alaw(noise)) == ""


def test_a_voice_like_sound_is_no_key() -> None:
    """Harmonics of a gliding pitch, as vowels have: they cross the DTMF frequencies, but never two alone."""
    time_s = np.arange(80_000) / 8000
    phase = 2 * np.pi * np.cumsum(120 + 60 * np.sin(2 * np.pi * 0.7 * time_s)) / 8000
    wave = sum(np.sin(n * phase) / n for n in range(1, 20)) * 6000
    assert heard(g711.encode_alaw(wave.clip(-32000, 32000).astype(np.int16))) == ""
