"""G.711 against the standard's own properties and the values every implementation agrees on."""

from __future__ import annotations

import numpy as np
import pytest

from ccc.audio import g711

EVERY_CODE = bytes(range(256))
EVERY_SAMPLE = np.arange(-32768, 32768, dtype=np.int32).astype(np.int16)


@pytest.mark.parametrize(("encode", "decode"), [("encode_alaw", "decode_alaw"), ("encode_ulaw", "decode_ulaw")])
def test_decode_then_encode_gives_the_same_code(encode: str, decode: str) -> None:
    again = getattr(g711, encode)(getattr(g711, decode)(EVERY_CODE))
    different = [code for code in range(256) if again[code] != code]
    assert different == ([0x7F] if decode == "decode_ulaw" else [])  # mu-law has two zeros


def test_known_values() -> None:
    assert g711.decode_alaw(bytes([0xD5, 0x55, 0xAA, 0x2A])).tolist() == [8, -8, 32256, -32256]
    assert g711.decode_ulaw(bytes([0xFF, 0x7F, 0x80, 0x00])).tolist() == [0, 0, 32124, -32124]
    assert g711.encode_alaw(np.array([0, -1, 1000, -1000, 32767, -32768], np.int16)).hex() == "d555fa7aaa2a"
    assert g711.encode_ulaw(np.array([0, -1, 1000, -1000, 32767, -32768], np.int16)).hex() == "ff7fce4e8000"


@pytest.mark.parametrize("law", ["alaw", "ulaw"])
def test_quantisation_error_is_a_small_part_of_the_sample(law: str) -> None:
    back = getattr(g711, f"decode_{law}")(getattr(g711, f"encode_{law}")(EVERY_SAMPLE)).astype(np.int32)
    error = np.abs(back - EVERY_SAMPLE.astype(np.int32))
    assert np.all(error <= np.maximum(8, np.abs(EVERY_SAMPLE.astype(np.int32)) * 0.065))


def test_translation_between_the_laws_stays_within_two_steps() -> None:
    a = g711.decode_alaw(EVERY_CODE).astype(np.int32)
    u = g711.decode_ulaw(EVERY_CODE.translate(g711.ALAW_TO_ULAW)).astype(np.int32)
    assert np.all(np.abs(a - u) <= np.maximum(16, np.abs(a) * 0.05))
    back = g711.decode_alaw(EVERY_CODE.translate(g711.ULAW_TO_ALAW)).astype(np.int32)
    assert np.all(np.abs(back - g711.decode_ulaw(EVERY_CODE)) <= np.maximum(16, np.abs(back) * 0.05))


def test_other_sample_types_are_refused() -> None:
    with pytest.raises(TypeError, match="int16"):
        g711.encode_alaw(np.zeros(4))  # type: ignore[arg-type]
