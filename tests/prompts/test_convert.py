"""Uploads: what is accepted sounds the same afterwards, what is refused says why."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from ccc.audio.g711 import decode_alaw
from ccc.errors import InvalidError, NotFoundError, UnavailableError
from ccc.prompts import wav
from ccc.prompts.convert import convert_wav, to_alaw


def tone(rate_hz: int, channels: int, seconds: float = 1.0, hz: float = 440.0, amplitude: float = 0.5) -> np.ndarray:
    wave = amplitude * np.sin(2 * np.pi * hz * np.arange(round(rate_hz * seconds)) / rate_hz)
    return np.repeat(wave[:, None], channels, axis=1)


def wav_bytes(samples: np.ndarray, rate_hz: int, subtype: str = "PCM_16", kind: str = "WAV") -> bytes:
    buffer = io.BytesIO()
    soundfile.write(buffer, samples, rate_hz, subtype=subtype, format=kind)
    return buffer.getvalue()


def loudest_hz(alaw: bytes) -> float:
    spectrum = np.abs(np.fft.rfft(decode_alaw(alaw).astype(float)))
    return float(np.argmax(spectrum)) * 8000 / len(alaw)


@pytest.mark.parametrize(
    ("rate_hz", "channels", "subtype", "kind", "name"),
    [
        (8000, 1, "PCM_16", "WAV", "PCM"),
        (8000, 1, "ALAW", "WAV", "A-law"),
        (8000, 1, "ULAW", "WAV", "mu-law"),
        (48000, 2, "PCM_24", "WAVEX", "PCM"),
        (48000, 2, "FLOAT", "WAV", "float"),
        (44100, 1, "DOUBLE", "WAV", "float"),
        (16000, 6, "PCM_16", "WAVEX", "PCM"),
        (11025, 1, "PCM_U8", "WAV", "PCM"),
        (22050, 2, "IMA_ADPCM", "WAV", "IMA ADPCM"),
    ],
)
def test_every_usual_wav_keeps_its_tone(
    tmp_path: Path, rate_hz: int, channels: int, subtype: str, kind: str, name: str
) -> None:
    source, target = tmp_path / "in.wav", tmp_path / "out.al"
    source.write_bytes(wav_bytes(tone(rate_hz, channels), rate_hz, subtype, kind))
    done = convert_wav(source, target)
    alaw = target.read_bytes()
    assert (done.source.format, done.source.rate_hz, done.source.channels) == (name, rate_hz, channels)
    assert len(alaw) % 160 == 0 and done.seconds == pytest.approx(1.0, abs=0.06)
    assert loudest_hz(alaw) == pytest.approx(440, abs=2)
    rms = float(np.sqrt(np.mean((decode_alaw(alaw[800:7200]) / 32768.0) ** 2)))
    assert rms == pytest.approx(0.5 / np.sqrt(2), rel=0.03), "the level stays as uploaded"


def test_float_beyond_full_scale_is_turned_down_not_clipped() -> None:
    _, alaw = to_alaw(wav_bytes(tone(8000, 1, amplitude=4.0), 8000, "FLOAT"))
    spectrum = np.abs(np.fft.rfft(decode_alaw(alaw).astype(float)))
    assert spectrum[440] > 50 * spectrum[1320], "a clipped sine has a third harmonic"


GOOD = wav_bytes(tone(8000, 1), 8000)
MP3 = b"\xff\xfb\x90\x64" + bytes(400)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (MP3, "MP3"),
        (b"ID3\x04" + bytes(400), "MP3"),
        (b"OggS" + bytes(100), "Ogg"),
        (b"\0\0\0\x20ftypM4A " + bytes(100), "M4A"),
        (b"hello", "no WAV file"),
        (GOOD[: len(GOOD) // 2], r"truncated: 16000 bytes of sound are announced, \d+ are there"),
        (GOOD[:30], "truncated"),
        (GOOD[:44][:-4] + struct.pack("<I", 0), "no sound"),
        (GOOD[:20] + struct.pack("<H", 0x55) + GOOD[22:], "MP3"),
        (GOOD[:22] + struct.pack("<H", 0) + GOOD[24:], "0 channels"),
        (GOOD[:24] + struct.pack("<I", 7) + GOOD[28:], "7 Hz"),
        (GOOD[:12] + b"data" + struct.pack("<I", 4) + bytes(4), "no format chunk"),
        (wav_bytes(np.full((800, 1), np.nan), 8000, "FLOAT"), "no numbers"),
    ],
)
def test_refused_with_the_reason_and_nothing_written(tmp_path: Path, data: bytes, reason: str) -> None:
    source, target = tmp_path / "in.wav", tmp_path / "out.al"
    source.write_bytes(data)
    with pytest.raises(InvalidError, match=reason) as refused:
        convert_wav(source, target)
    assert refused.value.field == "file" and refused.value.code == "audio"
    assert list(tmp_path.iterdir()) == [source]


def test_huge_and_missing_files(tmp_path: Path) -> None:
    huge = tmp_path / "huge.wav"
    with huge.open("wb") as file:
        file.write(GOOD)
        file.truncate(6 * 1024 * 1024)
    with pytest.raises(InvalidError, match=r"6\.0 MB; the limit is 5 MB"):
        convert_wav(huge, tmp_path / "out.al")
    with pytest.raises(NotFoundError, match=r"nothing\.wav"):
        convert_wav(tmp_path / "nothing.wav", tmp_path / "out.al")


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "in.wav").write_bytes(GOOD)
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(UnavailableError, match="cannot write"):
        convert_wav(tmp_path / "in.wav", tmp_path / "file" / "out.al")


def test_streamed_header_is_accepted() -> None:
    info, alaw = to_alaw(GOOD[:40] + b"\xff\xff\xff\xff" + GOOD[44:])
    assert info.data_bytes == 16000 and len(alaw) == 8000


@settings(max_examples=500, deadline=None)
@given(
    st.one_of(
        st.binary(max_size=200),
        st.binary(max_size=120).map(lambda tail: b"RIFF\0\0\0\0WAVE" + tail),
        st.tuples(st.integers(0, 79), st.binary(min_size=1, max_size=8)).map(
            lambda edit: GOOD[: edit[0]] + edit[1] + GOOD[edit[0] + len(edit[1]) : 400]
        ),
    )
)
def test_any_bytes_are_converted_or_refused(data: bytes) -> None:
    try:
        info, alaw = to_alaw(data)
    except InvalidError as error:
        assert error.message.startswith("audio refused: ")
    else:
        assert info == wav.inspect(data) and alaw and len(alaw) % 160 == 0
