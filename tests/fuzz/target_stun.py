"""STUN Binding requests of a browser: as they come, and with length and fingerprint made right to get further."""

import secrets
import zlib

from aioice import stun

from ccc.media.webrtc.stunwire import Credentials, named_ufrag, read_check, write_success

_OURS = Credentials("0a1b2c3d4e5f", secrets.token_hex(18), "their")


def _request(controlling: bool) -> bytes:
    message = stun.Message(stun.Method.BINDING, stun.Class.REQUEST)
    message.attributes["USERNAME"] = f"{_OURS.ufrag}:{_OURS.theirs}"
    message.attributes["PRIORITY"] = 1853824767
    message.attributes["ICE-CONTROLLING" if controlling else "ICE-CONTROLLED"] = 123456789
    if controlling:
        message.attributes["USE-CANDIDATE"] = None
    message.add_message_integrity(_OURS.pwd.encode())
    message.add_fingerprint()
    return bytes(message)


SEEDS = [_request(True), _request(False)]
EXPECTED = (ValueError,)


def _mended(data: bytes) -> bytes:
    if len(data) < 28:
        return data
    body = data[:2] + (len(data) - 20).to_bytes(2, "big") + data[4:-8]
    return body + b"\x80\x28\x00\x04" + (zlib.crc32(body) ^ 0x5354554E).to_bytes(4, "big")


def feed(data: bytes) -> None:
    """ValueError when neither form is an authentic check."""
    found = None
    for each in (data, _mended(data)):
        if named_ufrag(each) is not None:
            found = read_check(each, _OURS) or found
    if found is None:
        raise ValueError("refused")
    write_success(found, ("192.0.2.1", 5000), _OURS)
