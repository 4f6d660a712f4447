"""Recordings: each side on its channel and in its place, playable at any moment, and never in the way of a packet."""

from __future__ import annotations

import os
import threading
import time
import wave
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from ccc.audio import g711, tones
from ccc.media.offload import Offload
from ccc.media.recording import Recorder, RecordingHub
from ccc.media.wav import Batch, RecordingError, Run, StereoFile
from tests.media.conftest import Station, VirtualTime

LOUD = g711.encode_alaw(np.full(160, 8000, np.int16))
SOFT = g711.encode_alaw(np.full(160, -2000, np.int16))


def read(path: Path) -> np.ndarray:
    """The recording as samples x 2."""
    with wave.open(str(path)) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (2, 2, 8000)
        data = file.readframes(file.getnframes())
        assert len(data) == file.getnframes() * 4, "the header promises what is there"
    return np.frombuffer(data, np.int16).reshape(-1, 2)


def spans_ms(channel: np.ndarray) -> list[tuple[int, int]]:
    """Begin and end of each stretch that is not silence."""
    loud = np.concatenate([[0], (np.abs(channel.astype(int)) > 100).astype(int), [0]])
    edges = np.flatnonzero(np.diff(loud))
    return [(int(a) // 8, int(b) // 8) for a, b in zip(edges[::2], edges[1::2], strict=True)]


class Room:
    """A recorder under virtual time with a real writing thread."""

    def __init__(self, clock: VirtualTime, path: Path, limit: int = 1 << 20) -> None:
        self.clock, self.path = clock, path
        self.errors: list[tuple[str, bool]] = []
        self.writer = Offload(clock.poller, "test writer")
        self.hub = RecordingHub(clock.poller, self.writer, limit)
        self.recorder = Recorder(self.hub, str(path), lambda message, kept: self.errors.append((message, kept)))

    def packets(self, count: int, *, left: bytes | None = None, right: bytes | None = None, ts: int = 0) -> int:
        """``count`` packets, one each 20 ms, on the sides given; returns the timestamp after them."""
        for _ in range(count):
            for channel, payload in ((self.recorder.left, left), (self.recorder.right, right)):
                if payload is not None:
                    channel.add(ts & 0xFFFFFFFF, 5, payload, 8, self.clock.t)
            ts += 160
            self.clock.run(0.02, 0.01)
        return ts

    def finish(self) -> np.ndarray:
        self.recorder.stop()
        assert self.writer.close(5)
        return read(self.path)


@pytest.fixture
def room(virtual: VirtualTime, tmp_path: Path) -> Room:
    return Room(virtual, tmp_path / "deep" / "r.wav")


def test_each_side_in_its_place(room: Room) -> None:
    room.packets(25, left=LOUD)
    room.clock.run(0.5)
    room.packets(50, right=SOFT)
    room.packets(25, left=LOUD, right=SOFT, ts=50 * 160)
    samples = room.finish()
    assert len(samples) == 20_000
    assert spans_ms(samples[:, 0]) == [(0, 500), (2000, 2500)]
    assert spans_ms(samples[:, 1]) == [(1000, 2500)]
    assert set(samples[:4000, 0]) == {8064}
    assert not room.errors


def test_jitter_moves_nothing_and_losses_are_silence(room: Room) -> None:
    clock = room.clock
    for number in range(100):
        if number not in (40, 41):
            room.recorder.left.add(number * 160, 5, LOUD, 8, clock.t + (number % 7) * 0.015)
        clock.run(0.02, 0.01)
    samples = room.finish()
    assert spans_ms(samples[:, 0]) == [(0, 800), (840, 2000)]


def test_overtaken_packets_find_their_place(room: Room) -> None:
    order = [0, 1, 2, 4, 3, 5, 8, 7, 6, 9]
    for number in order:
        payload = g711.encode_alaw(np.full(160, 1000 + 500 * number, np.int16))
        room.recorder.left.add(number * 160, 5, payload, 8, room.clock.t)
        room.clock.run(0.02, 0.01)
    room.clock.run(1.5)
    samples = room.finish()
    levels = samples[:1600:160, 0].astype(int)
    assert np.all(np.abs(levels - (1000 + 500 * np.arange(10))) < 200)


def test_a_source_that_restarts_its_clock_is_placed_by_arrival(room: Room) -> None:
    room.packets(50, left=LOUD, ts=0xFFFFFFFF - 800)
    room.packets(50, left=LOUD, ts=123_456_789)
    assert spans_ms(room.finish()[:, 0]) == [(0, 2000)]


def test_a_slow_clock_of_the_peer_is_put_in_step(room: Room) -> None:
    """2 % slow: 100 ms behind after 5 s, and never more than the limit of 250 ms behind."""
    for number in range(1500):
        room.recorder.left.add(number * 160, 5, LOUD, 8, room.clock.t)
        room.clock.run(0.0204, 0.0204)
    samples = room.finish()
    begin, end = spans_ms(samples[:, 0])[-1]
    assert 30_600 - end < 280
    assert begin > 0


def test_mu_law_is_decoded_as_such(room: Room) -> None:
    for number in range(50):
        room.recorder.left.add(number * 160, 5, g711.encode_ulaw(np.full(160, 8000, np.int16)), 0, room.clock.t)
        room.clock.run(0.02, 0.01)
    assert set(room.finish()[:8000, 0]) == {7932}


def test_the_file_is_playable_each_second_without_being_closed(room: Room) -> None:
    room.packets(150, left=LOUD)
    room.clock.wait_for(lambda: room.hub.waiting_bytes == 0)
    samples = read(room.path)
    assert 1.5 * 8000 <= len(samples) <= 3 * 8000
    assert spans_ms(samples[:, 0]) == [(0, len(samples) // 8)]
    room.finish()


def test_recording_into_an_existing_file_goes_on_at_its_end(virtual: VirtualTime, tmp_path: Path) -> None:
    for side in ("left", "right"):
        room = Room(virtual, tmp_path / "r.wav")
        room.packets(50, **{side: LOUD})
        samples = room.finish()
    assert spans_ms(samples[:, 0]) == [(0, 1000)]
    assert spans_ms(samples[:, 1]) == [(1000, 2000)]


def test_a_foreign_file_is_not_touched(virtual: VirtualTime, tmp_path: Path) -> None:
    (tmp_path / "r.wav").write_bytes(b"precious" * 20)
    room = Room(virtual, tmp_path / "r.wav")
    room.packets(60, left=LOUD)
    virtual.wait_for(lambda: room.errors)
    room.recorder.stop()
    room.writer.close(5)
    assert (tmp_path / "r.wav").read_bytes() == b"precious" * 20
    assert len(room.errors) == 1
    assert "not one of our recordings" in room.errors[0][0]


def test_a_folder_that_cannot_be_written_is_reported(virtual: VirtualTime, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    room = Room(virtual, tmp_path / "file" / "r.wav")
    virtual.wait_for(lambda: room.errors)
    assert "cannot write" in room.errors[0][0] and not room.errors[0][1]
    room.packets(120, left=LOUD)
    room.recorder.stop()
    assert room.writer.close(5)
    assert len(room.errors) == 1


def test_a_disk_that_fills_up_leaves_no_empty_file(virtual: VirtualTime, tmp_path: Path) -> None:
    room = Room(virtual, tmp_path / "r.wav")
    virtual.wait_for(lambda: room.recorder._file.opened)
    os.close(room.recorder._file._fd)
    room.recorder._file._fd = os.open("/dev/full", os.O_WRONLY)
    room.packets(120, left=LOUD)
    virtual.wait_for(lambda: room.errors)
    assert "No space left" in room.errors[0][0] and not room.errors[0][1]
    room.recorder.stop()
    assert room.writer.close(5) and not (tmp_path / "r.wav").exists()


def test_a_full_disk_is_reported(tmp_path: Path) -> None:
    (tmp_path / "r.wav").symlink_to("/dev/full")
    with pytest.raises(RecordingError, match="No space left"):
        StereoFile(str(tmp_path / "r.wav")).open()
    file = StereoFile(str(tmp_path / "ok.wav"))
    file.open()
    os.close(file._fd)
    file._fd = os.open("/dev/full", os.O_WRONLY)
    with pytest.raises(RecordingError, match="No space left"):
        file.write(Batch([Run(0, 8, [LOUD])], [], 160, False))
    file.close()


def test_a_stalled_disk_bounds_the_memory_and_is_reported(virtual: VirtualTime, tmp_path: Path) -> None:
    room = Room(virtual, tmp_path / "r.wav", limit=30_000)
    stalled = threading.Event()
    room.writer.submit(lambda: stalled.wait(10), lambda _: None)
    room.packets(500, left=LOUD)
    assert room.hub.waiting_bytes <= 30_000
    assert room.errors == [("the disk is too slow: audio of this recording is being lost", True)]
    stalled.set()
    virtual.wait_for(lambda: room.hub.waiting_bytes == 0)
    room.packets(100, left=LOUD, ts=500 * 160)
    samples = room.finish()
    assert len(samples) == 12 * 8000
    spans = spans_ms(samples[:, 0])
    assert spans[0][0] == 0
    assert spans[-1] == (spans[-1][0], 12_000)
    assert len(spans) == 2, "what was lost is silence, what came after is in its place"


def test_late_batches_do_not_overwrite(tmp_path: Path) -> None:
    file = StereoFile(str(tmp_path / "r.wav"))
    file.open()
    file.write(Batch([Run(0, 8, [LOUD] * 10)], [], 1600, False))
    file.write(Batch([Run(1440, 8, [SOFT] * 2)], [], 1760, True))
    assert file.late == 160
    assert sorted(set(read(tmp_path / "r.wav")[:, 0])) == [-2016, 8064]


@pytest.fixture
def tone(station: Station) -> Iterator[str]:
    yield station.file("tone.al", tones.sine(440, 2.0, fade_ms=0))


def tone_hz(samples: np.ndarray) -> float:
    return float(np.argmax(np.abs(np.fft.rfft(samples * np.hanning(len(samples))))) * 8000 / len(samples))


def test_a_call_left_is_the_caller_right_the_prompt_and_a_pause_is_silence(station: Station, tone: str) -> None:
    phone, path = station.call("a"), station.folder / "rec" / "call.wav"
    sine = tones.sine(1000, 2.0, fade_ms=0)
    station.do("record", "a", path=str(path))
    station.do("play", "a", play=1, files=[tone])
    start = time.monotonic()
    for number in range(75):
        if number == 25:
            station.do("record-pause", "a")
        if number == 50:
            station.do("record-resume", "a")
        phone.say(sine[number * 160 : number * 160 + 160])
        station.serve(max(0.0, start + (number + 1) * 0.02 - time.monotonic()))
    station.do("close", "a")
    station.serve(until=lambda: station.engine._hub.waiting_bytes == 0)
    station.serve(0.05)
    samples = read(path)
    assert abs(len(samples) - 12_000) < 400
    assert tone_hz(samples[800:3200, 0]) == pytest.approx(1000, abs=5)
    assert tone_hz(samples[800:3200, 1]) == pytest.approx(440, abs=5)
    assert not samples[4400:7600].any(), "paused"
    assert tone_hz(samples[8800:11200, 0]) == pytest.approx(1000, abs=5)
    assert not station.of("record-error")


def test_a_stalled_disk_delays_no_packet(station: Station, tone: str) -> None:
    pipe = station.folder / "stall"
    os.mkfifo(pipe)
    phone = station.call("a")
    station.engine._writer.submit(lambda: pipe.read_bytes(), lambda _: None)  # blocks until somebody writes
    station.do("record", "a", path=str(station.folder / "r.wav"))
    station.do("play", "a", play=1, files=[tone], repeat=0)
    station.serve(1.5)
    heard = phone.heard()
    assert 72 <= len(heard) <= 77
    assert not (station.folder / "r.wav").exists()
    pipe.write_bytes(b"")
    station.do("record-stop", "a")
    station.serve(until=lambda: (station.folder / "r.wav").exists() and station.engine._hub.waiting_bytes == 0)
    station.serve(0.1)
    assert len(read(station.folder / "r.wav")) == pytest.approx(12_000, abs=400)
