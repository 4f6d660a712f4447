"""RTP parsing never fails on any bytes; counters follow RFC 3550."""

from __future__ import annotations

import struct

from hypothesis import given, settings
from hypothesis import strategies as st

from ccc.media import rtcp, rtp
from ccc.media.rtp import Source

U16, U32 = st.integers(0, 0xFFFF), st.integers(0, 0xFFFFFFFF)


@settings(max_examples=500)
@given(st.integers(0, 127), U16, U32, U32, st.binary(max_size=400), st.booleans())
def test_built_packets_parse_back(pt: int, seq: int, ts: int, ssrc: int, payload: bytes, marker: bool) -> None:
    packet = rtp.parse(rtp.build(pt, seq, ts, ssrc, payload, marker=marker))
    assert packet == (pt, marker, seq, ts, ssrc, payload)


@settings(max_examples=500)
@given(st.binary(max_size=400))
def test_any_bytes_are_parsed_or_refused(data: bytes) -> None:
    packet = rtp.parse(data)
    if packet is not None:
        assert data[0] >> 6 == 2
        assert len(packet.payload) <= len(data) - 12


@settings(max_examples=500)
@given(st.integers(0, 15), st.binary(max_size=40), st.one_of(st.none(), st.integers(0, 10)), st.integers(0, 20))
def test_csrc_extension_and_padding_are_taken_off(
    csrcs: int, payload: bytes, extension: int | None, padding: int
) -> None:
    first = 0x80 | csrcs | (0x10 if extension is not None else 0) | (0x20 if padding else 0)
    data = struct.pack("!BBHII", first, 8, 1, 2, 3) + bytes(4 * csrcs)
    if extension is not None:
        data += struct.pack("!HH", 0xBEDE, extension) + bytes(4 * extension)
    data += payload + (bytes(padding - 1) + bytes([padding]) if padding else b"")
    packet = rtp.parse(data)
    assert packet is not None
    assert packet.payload == payload


def test_lies_in_the_header_are_refused() -> None:
    plain = rtp.build(8, 1, 2, 3, b"x" * 20)
    assert rtp.parse(plain[:11]) is None
    assert rtp.parse(b"\x40" + plain[1:]) is None, "version 1"
    assert rtp.parse(b"\x8f" + plain[1:]) is None, "15 CSRCs do not fit"
    assert rtp.parse(b"\xa0" + plain[1:-1] + b"\x00") is None, "padding of 0"
    assert rtp.parse(b"\xa0" + plain[1:-1] + b"\xff") is None, "padding longer than the packet"
    assert rtp.parse(b"\x90" + plain[1:12] + b"\xbe\xde\xff\xff") is None, "extension longer than the packet"


def feed(source: Source, numbers: list[int], ssrc: int = 1) -> None:
    for number in numbers:
        source.update(number & 0xFFFF, number * 160 & 0xFFFFFFFF, ssrc, number * 0.02)


def test_loss_across_the_wrap() -> None:
    source = Source()
    feed(source, [65530, 65531, 65533, 65535, 65536, 65537, 65540])
    assert (source.received, source.expected, source.lost) == (7, 11, 4)
    assert source.extended_seq == 65540


def test_reordering_is_no_loss_and_repetition_hides_none_below_zero() -> None:
    source = Source()
    feed(source, [10, 12, 11, 13])
    assert source.lost == 0
    feed(source, [13, 13, 13])
    assert source.lost == 0


@given(st.lists(st.integers(1, 3), min_size=1, max_size=300), st.integers(0, 0xFFFF))
def test_loss_is_what_the_gaps_say(steps: list[int], start: int) -> None:
    source, number = Source(), start
    feed(source, [number])
    for step in steps:
        number += step
        feed(source, [number])
    assert source.received == len(steps) + 1
    assert source.lost == sum(step - 1 for step in steps)


def test_a_new_ssrc_starts_a_series_and_keeps_the_totals() -> None:
    source = Source()
    feed(source, [1, 2, 4])
    feed(source, [60000, 60001], ssrc=2)
    assert (source.received, source.lost) == (5, 1)


def test_a_jump_is_believed_when_its_successor_comes() -> None:
    source = Source()
    feed(source, [1, 2, 3, 30003])
    assert source.lost == 0, "one stray packet proves nothing"
    feed(source, [30004, 30005])
    assert (source.received, source.expected, source.lost) == (6, 6, 0)


def test_jitter_of_a_steady_stream_is_zero_and_of_an_alternating_one_is_known() -> None:
    source = Source()
    feed(source, list(range(100)))
    assert source.jitter_ms < 0.01
    late = Source()
    for number in range(400):
        late.update(number, number * 160, 1, number * 0.02 + (0.005 if number % 2 else 0.0))
    assert abs(late.jitter_ms - 5.0) < 0.05, "each transit differs from the last by 5 ms"


def test_timestamp_wrap_is_not_jitter() -> None:
    source = Source()
    base = 0xFFFFFFFF - 800
    for number in range(20):
        source.update(number, (base + number * 160) & 0xFFFFFFFF, 1, number * 0.02)
    assert source.jitter_ms < 0.01


@settings(max_examples=500)
@given(st.binary(max_size=200))
def test_rtcp_reader_survives_anything(data: bytes) -> None:
    rtcp.read(data, 1, rtcp.PeerReport(), 0.0)


def test_our_report_is_read_back() -> None:
    source = Source()
    feed(source, [1, 2, 4, 5])
    report = rtcp.sender_report(77, 1600, 10, 1600, 1_700_000_000.5, source, rtcp.PeerReport(), 5.0)
    assert len(report) % 4 == 0
    peer = rtcp.PeerReport()
    assert rtcp.read(report, 1, peer, 9.0) == 1
    assert (peer.lost, peer.fraction_lost) == (1, 51)
    ntp = 1_700_000_000 + 2_208_988_800
    assert peer.last_sr == (ntp & 0xFFFF) << 16 | 0x8000
    assert source.fraction_lost() == 0, "nothing was lost since the last report"
