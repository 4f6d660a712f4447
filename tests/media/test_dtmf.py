"""Keys: every way RFC 4733 senders misbehave, one key by several ways, and the events we send ourselves."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ccc.media.dtmf import KEYS, EventReceiver, KeyFilter, event_payloads


class Sender:
    """A phone that sends events with defects on demand."""

    def __init__(self) -> None:
        self.receiver = EventReceiver()
        self.now = 10.0
        self.keys = ""

    def packet(
        self, key: str, ts: int, duration: int, *, end: bool = False, marker: bool = False, ssrc: int = 1
    ) -> None:
        payload = struct.pack("!BBH", KEYS.index(key), (0x80 if end else 0) | 10, duration & 0xFFFF)
        self.keys += self.receiver.feed(ssrc, ts, marker, payload, self.now) or ""
        self.now += 0.02

    def press(self, key: str, ts: int, *, ms: int = 100, ends: int = 3, marker: bool = True, lose: int = 0) -> None:
        """A whole press; the first ``lose`` packets never arrive."""
        units = ms * 8
        packets = [(duration, False) for duration in range(160, units, 160)] + [(units, True)] * ends
        for number, (duration, end) in enumerate(packets):
            if number >= lose:
                self.packet(key, ts, duration, end=end, marker=marker and number == 0)
            else:
                self.now += 0.02


@pytest.fixture
def sender() -> Sender:
    return Sender()


@pytest.mark.parametrize("key", KEYS)
def test_every_key(sender: Sender, key: str) -> None:
    sender.press(key, 1000)
    assert sender.keys == key


@pytest.mark.parametrize("ends", [0, 1, 2, 3, 6])
def test_end_packets_lost_or_repeated(sender: Sender, ends: int) -> None:
    for number in range(4):
        sender.press("7", 1000 + number * 4000, ends=ends)
        sender.now += 0.3
    assert sender.keys == "7777"


@pytest.mark.parametrize("lose", [1, 2, 4, 5, 6])
def test_the_first_packets_lost(sender: Sender, lose: int) -> None:
    sender.press("5", 1000, lose=lose)
    sender.press("6", 5000, lose=lose)
    assert sender.keys == "56"


def test_the_same_key_twice_quickly_with_markers_lost(sender: Sender) -> None:
    sender.press("1", 1000, marker=False)
    sender.press("1", 2280, marker=False)
    assert sender.keys == "11"


def test_a_key_held_for_20_s_in_segments(sender: Sender) -> None:
    """RFC 4733 2.5.1.3: each segment has a new timestamp, no marker, and only the last has the end bit."""
    for segment in range(3):
        for duration in range(160, 0xFFFF, 160):
            first = segment == 0 and duration == 160
            sender.packet("9", 1000 + segment * 0xFFFF, duration, marker=first)
    sender.packet("9", 1000 + 2 * 0xFFFF, 0xFFFF, end=True)
    assert sender.keys == "9"


def test_a_duration_that_wraps_within_one_event(sender: Sender) -> None:
    for duration in range(160, 3 * 0x10000, 160):
        sender.packet("3", 1000, duration, marker=duration == 160)
    assert sender.keys == "3"


def test_a_sender_that_moves_the_timestamp_in_each_packet(sender: Sender) -> None:
    for number in range(1, 8):
        sender.packet("4", 1000 + number * 160, number * 160, marker=number == 1)
    sender.now += 0.5
    for number in range(1, 8):
        sender.packet("4", 9000 + number * 160, number * 160, marker=number == 1)
    assert sender.keys == "44"


def test_a_sender_that_never_moves_the_timestamp(sender: Sender) -> None:
    for key in "12":
        sender.press(key, 0)
    assert sender.keys == "12"


def test_overtaken_packets_of_the_last_key(sender: Sender) -> None:
    sender.press("1", 1000, ends=1)
    sender.packet("2", 3000, 160, marker=True)
    sender.packet("1", 1000, 800, end=True)
    sender.packet("2", 3000, 320)
    sender.packet("2", 3000, 480, end=True)
    assert sender.keys == "12"


def test_a_new_ssrc_or_a_clock_that_restarts_is_a_new_key(sender: Sender) -> None:
    sender.press("8", 4_000_000_000)
    sender.packet("8", 4_000_000_000, 160, ssrc=2)
    sender.now += 1
    for ts in (100, 200_000):
        sender.packet("8", ts, 160, ssrc=2, marker=True)
        sender.now += 1
    assert sender.keys == "8888"


def test_flash_and_short_packets_are_no_keys(sender: Sender) -> None:
    assert sender.receiver.feed(1, 5, True, struct.pack("!BBH", 16, 0, 160), 1.0) is None
    assert sender.receiver.feed(1, 5, True, b"\x01\x02", 1.0) is None


@settings(max_examples=500)
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2**32 - 1), st.booleans(), st.binary(max_size=8))))
def test_any_packets_give_keys_or_nothing(packets: list[tuple[int, int, bool, bytes]]) -> None:
    receiver = EventReceiver()
    for number, (ssrc, ts, marker, payload) in enumerate(packets):
        key = receiver.feed(ssrc, ts, marker, payload, number * 0.02)
        assert key is None or key in KEYS


@given(st.text(KEYS, min_size=1, max_size=12), st.randoms(use_true_random=False))
def test_what_we_send_is_read_back_at_half_the_packets_lost(keys: str, random) -> None:
    sender, ts = Sender(), 1000
    for key in keys:
        packets = list(event_payloads(key))
        kept = sorted(random.sample(range(len(packets)), len(packets) // 2))
        for number in kept:
            marker, payload = packets[number]
            sender.keys += sender.receiver.feed(1, ts, marker, payload, sender.now) or ""
            sender.now += 0.02
        sender.now += 0.2
        ts += 2000
    assert sender.keys == keys


def test_our_events_have_one_marker_growing_durations_and_three_ends() -> None:
    packets = [(marker, *struct.unpack("!BBH", payload)) for marker, payload in event_payloads("#", 100)]
    assert [marker for marker, *_ in packets] == [True] + [False] * 6
    assert [duration for *_, duration in packets] == [160, 320, 480, 640, 800, 800, 800]
    assert [flags >> 7 for _, _, flags, _ in packets] == [0, 0, 0, 0, 1, 1, 1]
    assert {code for _, code, *_ in packets} == {11}


WAYS = ("rfc4733", "info", "inband")


@pytest.mark.parametrize("first", WAYS)
@pytest.mark.parametrize("second", WAYS)
@pytest.mark.parametrize("delay_s", [0.0, 0.2, 0.9])
def test_one_key_by_two_ways_counts_once(first: str, second: str, delay_s: float) -> None:
    keys = KeyFilter()
    assert keys.admit("5", first, 100.0)
    assert keys.admit("5", second, 100.0 + delay_s) == (first == second)


def test_fast_equal_keys_by_three_ways_count_each_once() -> None:
    keys, counted = KeyFilter(), 0
    for press in range(5):
        at = 50.0 + press * 0.15
        for way, delay_s in zip(WAYS, (0.0, 0.1, 0.05), strict=True):
            counted += keys.admit("1", way, at + delay_s)
    assert counted == 5


def test_different_keys_and_old_keys_do_not_hide_each_other() -> None:
    keys = KeyFilter()
    assert keys.admit("1", "info", 0.0)
    assert keys.admit("2", "rfc4733", 0.1)
    assert keys.admit("1", "rfc4733", 2.0)


def test_info_at_the_end_of_a_long_press_is_the_same_press() -> None:
    keys = KeyFilter()
    assert keys.admit("1", "rfc4733", 0.0)
    for tick in range(200):
        keys.held("1", tick * 0.02)
    assert not keys.admit("1", "info", 4.2)
