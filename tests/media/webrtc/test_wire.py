"""RTCP, STUN and DTLS record packing as pure functions."""

from __future__ import annotations

import struct

import pytest
from aioice import stun
from hypothesis import given, settings
from hypothesis import strategies as st

from ccc.media.webrtc import rtcp, stunwire
from ccc.media.webrtc.dtls import MAX_DATAGRAM_BYTES, pack_records

OURS = stunwire.Credentials("0a1b2c3d4e5f", "s" * 36, "their")


def request(**changes: object) -> bytes:
    message = stun.Message(stun.Method.BINDING, stun.Class.REQUEST, b"t" * 12)
    message.attributes["USERNAME"] = "0a1b2c3d4e5f:their"
    message.attributes.update(changes)
    message.add_message_integrity(OURS.pwd.encode())
    return bytes(message)


def test_a_check_is_read() -> None:
    data = request(**{"USE-CANDIDATE": None, "ICE-CONTROLLING": 5})
    assert stunwire.named_ufrag(data) == b"0a1b2c3d4e5f"
    assert stunwire.read_check(data, OURS) == stunwire.Check(b"t" * 12, nominated=True, role_conflict=False)


def test_a_check_for_another_peer_or_without_integrity_or_with_a_bad_fingerprint_is_not() -> None:
    assert stunwire.read_check(request(USERNAME="0a1b2c3d4e5f:other"), OURS) is None
    bare = stun.Message(stun.Method.BINDING, stun.Class.REQUEST)
    bare.attributes["USERNAME"] = "0a1b2c3d4e5f:their"
    assert stunwire.read_check(bytes(bare), OURS) is None
    data = request()
    assert stunwire.read_check(data[:-1] + bytes((data[-1] ^ 1,)), OURS) is None


def test_a_nomination_added_behind_the_integrity_does_not_count() -> None:
    data = request()
    added = data + struct.pack("!HH", 0x25, 0)
    added = added[:2] + (len(added) - 20).to_bytes(2, "big") + added[4:]
    check = stunwire.read_check(added, OURS)
    assert check is None or not check.nominated


def test_responses_are_authentic() -> None:
    check = stunwire.Check(b"t" * 12, nominated=False, role_conflict=False)
    success = stun.parse_message(stunwire.write_success(check, ("::ffff:192.0.2.9", 4000, 0, 0), OURS))
    assert success.attributes["XOR-MAPPED-ADDRESS"] == ("192.0.2.9", 4000)
    assert success.check_message_integrity(OURS.pwd.encode())
    conflict = stun.parse_message(stunwire.write_role_conflict(check, OURS))
    assert conflict.error_code == 487
    assert conflict.check_message_integrity(OURS.pwd.encode())


@pytest.mark.parametrize(
    ("host", "plain"), [("192.0.2.1", "192.0.2.1"), ("fe80::1%eth0", "fe80::1"), ("::ffff:10.0.0.1", "10.0.0.1")]
)
def test_plain_hosts(host: str, plain: str) -> None:
    assert stunwire.plain_host(host) == plain


def spliced(at: int, more: bytes) -> bytes:
    return request()[:at] + more + request()[at:]


@settings(max_examples=500)
@given(st.binary(max_size=200) | st.builds(spliced, st.integers(0, 90), st.binary(max_size=8)))
def test_junk_is_no_check(data: bytes) -> None:
    ufrag = stunwire.named_ufrag(data)
    assert ufrag is None or isinstance(ufrag, bytes)
    check = stunwire.read_check(data, OURS)
    assert check is None or data == request()


@settings(max_examples=500)
@given(st.lists(st.integers(0, 1300), max_size=12))
def test_records_are_packed_whole_and_short(lengths: list[int]) -> None:
    records = [b"\x16\xfe\xfd" + bytes(8) + struct.pack("!H", n) + bytes(n) for n in lengths]
    left = list(records)
    for datagram in pack_records(b"".join(records)):
        count = 0
        while datagram:
            record = left.pop(0)
            assert datagram.startswith(record)
            datagram, count = datagram[len(record) :], count + len(record)
            assert count <= MAX_DATAGRAM_BYTES or count == len(record), "only a single record may be longer"
    assert left == []


@settings(max_examples=500)
@given(st.binary(max_size=200))
def test_packing_loses_no_byte_of_anything(data: bytes) -> None:
    assert b"".join(pack_records(data)) == data


def test_loss_and_jitter_over_a_wrap() -> None:
    stats = rtcp.ReceiveStats()
    for i, seq in enumerate([65_533, 65_534, 65_535, 1, 0, 3]):  # 0 comes late, 2 is lost
        stats.packet(9, seq, i * 160, i * 0.02)
    assert stats.lost == 1
    assert stats.jitter < 1e-6
    ssrc, lost, highest, jitter, lsr, dlsr = struct.unpack("!6I", stats.block(5, 6))
    assert (ssrc, lost & 0xFFFFFF, lost >> 24, highest, jitter, lsr, dlsr) == (9, 1, 256 // 7, 65_536 + 3, 0, 5, 6)
    assert struct.unpack("!6I", stats.block(5, 6))[1] >> 24 == 0, "no new loss in the second interval"
    stats.packet(9, 4, 6 * 160, 6 * 0.02 + 0.016)
    assert stats.jitter == pytest.approx(0.016 * 8000 / 16)
    stats.packet(10, 500, 0, 9.0)
    assert (stats.received, stats.lost) == (1, 0)


def test_reports_are_read() -> None:
    sr = struct.pack("!BBHIQIII", 0x81, 200, 12, 5, 0x1122334455667788, 1, 2, 3)
    sr += struct.pack("!6I", 77, 0x40FFFFFF, 1, 2, 3, 4)
    bye = struct.pack("!BBHII", 0x82, 203, 2, 5, 6)
    report = rtcp.parse(sr + struct.pack("!BBH", 0x80, 206, 0) + bye)
    assert report == rtcp.Report((rtcp.ReportBlock(77, 64, -1, 1, 2, 3, 4),), 0x33445566, (5, 6))
    assert rtcp.parse(rtcp.receiver_report(77) + rtcp.goodbye(77)) == rtcp.Report(gone=(77,))
    assert rtcp.middle32(rtcp.ntp(0.5)) == (2_208_988_800 & 0xFFFF) << 16 | 0x8000


@settings(max_examples=500)
@given(st.binary(max_size=120))
def test_any_bytes_are_a_report_or_not(data: bytes) -> None:
    report = rtcp.parse(b"\x81" + data)
    assert report is None or len(report.blocks) <= 31 * len(data)
