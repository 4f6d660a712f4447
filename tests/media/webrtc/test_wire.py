"""STUN and DTLS record packing as pure functions."""

from __future__ import annotations

import struct

import pytest
from aioice import stun
from hypothesis import given, settings
from hypothesis import strategies as st

from ccc.media.webrtc import stunwire
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
