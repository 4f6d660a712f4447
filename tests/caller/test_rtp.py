"""The caller's RTP: order, loss, keys, and bytes that are no RTP."""

from __future__ import annotations

import struct

from hypothesis import given, settings
from hypothesis import strategies as st

from ccc.caller.rtp import FRAME, KEYS, Packet, Receiver, Sender, parse


def packet(sequence: int, ssrc: int = 1) -> Packet:
    return Packet(8, False, sequence & 0xFFFF, sequence * FRAME & 0xFFFFFFFF, ssrc, b"\xd5" * FRAME)


@settings(max_examples=500)
@given(st.binary(max_size=400))
def test_any_bytes_parse_or_are_refused(data: bytes) -> None:
    parsed = parse(data)
    assert parsed is None or len(parsed.payload) <= len(data) - 12


def test_header_extension_csrc_and_padding_are_cut_off() -> None:
    head = struct.pack(">BBHII", 0x80 | 0x20 | 0x10 | 2, 0x88, 7, 9, 11)
    body = b"\0" * 8 + struct.pack(">HH", 0xBEDE, 1) + b"\1\2\3\4" + b"sound" + b"\0\0\3"
    parsed = parse(head + body)
    assert parsed == Packet(8, True, 7, 9, 11, b"sound")


def test_sender_keeps_one_clock_through_keys() -> None:
    sender = Sender(b"\x55" * 1000, loop=True)
    sender.press("1#")
    packets = [parsed for _ in range(60) for raw in sender.tick() if (parsed := parse(raw))]
    assert [(p.sequence - packets[0].sequence) & 0xFFFF for p in packets] == list(range(len(packets)))
    assert len({p.ssrc for p in packets}) == 1
    events = [p for p in packets if p.payload_type == 101]
    assert [KEYS[p.payload[0]] for p in events if p.marker] == ["1", "#"]
    ends = [p for p in events if p.payload[1] & 0x80]
    assert len(ends) == 6 and all(struct.unpack(">H", p.payload[2:])[0] == 6 * FRAME for p in ends)
    assert len({p.timestamp for p in events}) == 2
    audio = [p for p in packets if p.payload_type == 8]
    assert (audio[-1].timestamp - packets[0].timestamp) & 0xFFFFFFFF == 59 * FRAME
    assert sender.pressed == "1#" and not sender.busy


def test_a_comma_waits_a_second() -> None:
    sender = Sender(b"", loop=False)
    sender.press("1,2")
    ticks = 0
    while sender.busy:
        sender.tick()
        ticks += 1
    assert ticks == 11 + 50 + 11


@settings(max_examples=500)
@given(
    start=st.integers(0, 0xFFFF),
    keep=st.lists(st.booleans(), min_size=2, max_size=300),
    twice=st.sets(st.integers(0, 299), max_size=20),
)
def test_loss_is_counted_exactly(start: int, keep: list[bool], twice: set[int]) -> None:
    keep[0] = keep[-1] = True
    receiver = Receiver()
    for index, kept in enumerate(keep):
        if kept:
            assert receiver.feed(packet(start + index), index * 0.02)
            if index in twice:
                assert not receiver.feed(packet(start + index), index * 0.02)
    assert receiver.lost == keep.count(False)
    assert receiver.received == keep.count(True)
    assert receiver.duplicates == len([i for i in twice if i < len(keep) and keep[i]])


def test_a_new_source_does_not_count_as_loss() -> None:
    receiver = Receiver()
    for index in range(10):
        receiver.feed(packet(index), index * 0.02)
    for index in range(10):
        receiver.feed(packet(5000 + index, ssrc=2), (10 + index) * 0.02)
    assert (receiver.lost, receiver.received, receiver.sources) == (0, 20, 2)


def test_jitter_of_an_even_stream_is_zero_and_of_a_shaken_one_is_not() -> None:
    even, shaken = Receiver(), Receiver()
    for index in range(200):
        even.feed(packet(index), 5 + index * 0.02)
        shaken.feed(packet(index), 5 + index * 0.02 + (index % 2) * 0.008)
    assert even.jitter_ms < 0.01
    assert 7 < shaken.jitter_ms < 9
