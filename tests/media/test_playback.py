"""Prompts and keys by the clock, under virtual time; files are read by the real loader thread."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from ccc.audio.g711 import ALAW_TO_ULAW
from ccc.media import rtp
from ccc.media.offload import Offload
from ccc.media.outbound import Outbound
from ccc.media.playback import Playback
from ccc.media.prompts import FRAME_COST, PromptCache, split
from ccc.media.ticker import Ticker
from tests.media.conftest import VirtualTime


class Player:
    """A playback with its wire and its ``played`` reports."""

    def __init__(self, clock: VirtualTime, folder: Path) -> None:
        self.clock, self.folder = clock, folder
        self.loader = Offload(clock.poller, "test loader")
        self.cache = PromptCache(self.loader, 1 << 20)
        self.out = Outbound(8, 101)
        self.sent: list[tuple[float, rtp.Packet]] = []
        self.out.attach(self._take)
        self.played: list[tuple[object, str]] = []
        self.messages: list[str | None] = []
        self.playback = Playback(clock.poller, Ticker(clock.poller), self.cache, self.out, self._played)

    def _take(self, data: bytes) -> None:
        packet = rtp.parse(data)
        assert packet is not None
        self.sent.append((self.clock.t, packet))

    def _played(self, play_id: object, why: str, message: str | None) -> None:
        self.played.append((play_id, why))
        self.messages.append(message)

    def file(self, name: str, frames: int, fill: int) -> str:
        path = self.folder / name
        path.write_bytes(bytes([fill]) * 160 * frames)
        return str(path)

    def play(self, play_id: str | int, items: list, times: int = 1) -> None:
        self.playback.play(play_id, items, times)
        self.clock.wait_for(lambda: self.out.busy or any(known == play_id for known, _ in self.played))

    def fills(self) -> str:
        """The first byte of each audio frame, as hex digits."""
        return "".join(f"{packet.payload[0]:x}" for _, packet in self.sent if packet.pt == 8)


@pytest.fixture
def player(virtual: VirtualTime, tmp_path: Path) -> Iterator[Player]:
    made = Player(virtual, tmp_path)
    yield made
    made.playback.close()
    assert made.loader.close(2)


def test_items_in_order_with_silence_and_repeats(player: Player) -> None:
    a, b = player.file("a.al", 2, 1), player.file("b.al", 1, 2)
    player.play("p", [a, {"silence_ms": 60}, b], times=2)
    player.clock.run(0.5)
    assert player.fills() == "11d5d5d52" * 2
    assert player.played == [("p", "done")]
    assert all(abs(q[0] - p[0] - 0.02) < 0.0021 for p, q in pairwise(player.sent))


def test_a_partial_frame_is_filled_up_with_silence() -> None:
    frames = split(bytes([1]) * 250)
    assert [len(frame) for frame in frames] == [160, 160]
    assert frames[1] == bytes([1]) * 90 + b"\xd5" * 70
    assert split(b"") == []


def test_the_second_play_of_a_file_starts_within_the_same_moment(player: Player) -> None:
    a = player.file("a.al", 50, 1)
    player.play("one", [a])
    player.clock.run(0.1)
    player.playback.stop()
    player.clock.run(0.5)
    count, at = len(player.sent), player.clock.t
    player.playback.play("two", [a], 1)
    assert len(player.sent) == count + 1
    assert player.sent[-1][0] == at
    assert player.sent[-1][1].marker


def test_endless_music_until_stopped(player: Player) -> None:
    player.play("m", [player.file("m.al", 3, 7)], times=0)
    player.clock.run(3.0)
    assert len(player.sent) >= 149
    assert not player.played
    player.playback.stop()
    count = len(player.sent)
    player.clock.run(0.5)
    assert len(player.sent) == count
    assert player.played == [("m", "stopped")]


def test_a_new_play_replaces_the_old_and_each_is_reported_once(player: Player) -> None:
    a, b = player.file("a.al", 50, 1), player.file("b.al", 2, 2)
    player.play(1, [a])
    player.clock.run(0.1)
    player.play(2, [b])
    player.clock.run(0.2)
    player.playback.stop()
    assert player.played == [(1, "stopped"), (2, "done")]
    assert player.fills().endswith("22")


def test_interrupting_in_mid_frame_sends_at_once_and_keeps_the_phase(player: Player) -> None:
    a, b = player.file("a.al", 50, 1), player.file("b.al", 50, 2)
    player.play(0, [b])  # so that it is in memory
    player.play(1, [a])
    player.clock.run(0.109)
    at = player.clock.t
    player.play(2, [b])
    assert player.sent[-1][0] == at
    player.clock.run(0.2)
    after = [t for t, _ in player.sent if t >= at]
    assert 0.02 <= after[1] - after[0] <= 0.0401
    assert all(abs(q - p - 0.02) < 0.0021 for p, q in pairwise(after[1:]))
    assert {(q.ts - p.ts) & 0xFFFFFFFF for (_, p), (_, q) in pairwise(player.sent)} == {160}


def test_a_codec_change_in_mid_prompt(player: Player) -> None:
    player.play("p", [player.file("a.al", 10, 0x2A)])
    player.clock.run(0.1)
    player.out.pt = 0
    player.clock.run(0.5)
    kinds = {(packet.pt, packet.payload[0]) for _, packet in player.sent}
    assert kinds == {(8, 0x2A), (0, ALAW_TO_ULAW[0x2A])}
    assert len(player.sent) == 10


@pytest.mark.parametrize(
    ("items", "times", "text"),
    [
        (["/nowhere/x.al"], 1, "cannot play /nowhere/x.al: No such file"),
        ([], 1, "needs files"),
        ([7], 1, "neither a path nor a silence"),
        ([{"silence_ms": -1}], 1, "neither a path nor a silence"),
        ([{"silence_ms": 20}], -1, "repeat must be"),
        ("x", 1, "needs files"),
    ],
)
def test_errors_are_reported_as_played(player: Player, items: list, times: int, text: str) -> None:
    player.play("p", items, times)
    assert player.played == [("p", "error")]
    assert text in str(player.messages[0])


def test_an_empty_file_is_an_error_even_endless(player: Player) -> None:
    player.play("p", [player.file("e.al", 0, 0)], times=0)
    assert player.played == [("p", "error")]


def test_stop_while_the_file_is_being_read(player: Player) -> None:
    a = player.file("a.al", 5, 1)
    player.playback.play("p", [a], 1)
    player.playback.stop()
    player.clock.wait_for(lambda: player.cache.bytes)
    player.clock.run(0.1)
    assert player.played == [("p", "stopped")]
    assert not player.sent


def test_keys_go_before_a_prompt_which_then_goes_on(player: Player) -> None:
    player.play("p", [player.file("a.al", 10, 1)])
    player.clock.run(0.05)
    before = len(player.sent)
    player.playback.send_keys("1")
    player.playback.send_keys("2")
    player.clock.run(1.0)
    kinds = "".join("k" if packet.pt == 101 else "a" for _, packet in player.sent)
    assert kinds == "a" * before + "k" * 14 + "a" * (10 - before)
    assert [packet.payload[0] for _, packet in player.sent if packet.pt == 101] == [1] * 7 + [2] * 7
    assert player.played == [("p", "done")]
    assert [(q.seq - p.seq) & 0xFFFF for (_, p), (_, q) in pairwise(player.sent)] == [1] * (len(player.sent) - 1)


def test_stop_while_keys_are_sent_ends_only_the_prompt(player: Player) -> None:
    player.play("p", [player.file("a.al", 100, 1)])
    player.playback.send_keys("9")
    player.playback.stop()
    player.clock.run(0.5)
    assert sum(packet.pt == 101 for _, packet in player.sent) == 7
    assert player.fills() == "1"
    assert not player.out.busy


def test_a_prompt_begun_while_keys_are_sent_waits_for_them(player: Player) -> None:
    player.playback.send_keys("9")
    player.playback.play("p", [player.file("a.al", 3, 1)], 1)
    player.clock.wait_for(lambda: player.cache.bytes)
    player.clock.run(0.5)
    assert "".join("k" if packet.pt == 101 else "a" for _, packet in player.sent) == "kkkkkkkaaa"
    assert player.played == [("p", "done")]


def test_keys_as_tones_without_telephone_event(player: Player) -> None:
    player.out.dtmf_pt = None
    player.playback.send_keys("12")
    player.clock.run(1.0)
    assert len(player.sent) == 20
    assert player.played == []
    assert not player.out.busy


def test_the_cache_keeps_its_limit_and_forgets_the_oldest(player: Player) -> None:
    cache = PromptCache(player.loader, 25 * FRAME_COST)
    for name in "abc":
        done: list[object] = []
        cache.load(player.file(name, 10, 1), 0.0, done.append)
        player.clock.wait_for(lambda done=done: done)
    assert cache.bytes == 20 * FRAME_COST
    assert cache.get(str(player.folder / "a"), 8, 0.0) is None
    assert cache.get(str(player.folder / "b"), 8, 0.0) is not None
    ulaw = cache.get(str(player.folder / "c"), 0, 0.0)
    assert ulaw is not None
    assert ulaw[0] != bytes([1]) * 160
    assert cache.bytes == 20 * FRAME_COST, "mu-law copies count; b left for them"


def test_a_replaced_file_is_heard_from_the_next_play_but_one(player: Player) -> None:
    path = player.file("a.al", 1, 1)
    player.play("1", [path])
    player.clock.run(3.0)
    player.file("a.al", 2, 2)
    player.play("2", [path])
    player.clock.wait_for(lambda: not player.cache.bytes)
    player.clock.run(0.1)
    player.play("3", [path])
    player.clock.run(0.1)
    assert player.fills() == "1122"
