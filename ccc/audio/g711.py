"""G.711 A-law and mu-law (ITU-T G.711) by table look-up.

Samples are 16-bit signed linear PCM at 8 kHz; one byte is one sample.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Samples: TypeAlias = NDArray[np.int16]

ALAW_SILENCE = 0xD5
ULAW_SILENCE = 0xFF
_ULAW_BIAS = 0x84


def _alaw_decode_table() -> Samples:
    code = np.arange(256, dtype=np.int32) ^ 0x55
    exponent = (code >> 4) & 7
    mantissa = (code & 15) << 4
    value = np.where(exponent == 0, mantissa + 8, (mantissa + 0x108) << np.maximum(exponent - 1, 0))
    return np.where(code & 0x80, value, -value).astype(np.int16)


def _ulaw_decode_table() -> Samples:
    code = ~np.arange(256, dtype=np.int32) & 0xFF
    value = ((((code & 15) << 3) + _ULAW_BIAS) << ((code >> 4) & 7)) - _ULAW_BIAS
    return np.where(code & 0x80, -value, value).astype(np.int16)


def _linear() -> NDArray[np.int32]:
    """Every 16-bit sample in the order of its unsigned reading, so that a table is indexed by a uint16 view."""
    return np.arange(65536, dtype=np.uint16).view(np.int16).astype(np.int32)


def _alaw_encode_table() -> NDArray[np.uint8]:
    sample = _linear() >> 3
    mask = np.where(sample >= 0, 0xD5, 0x55)
    sample = np.where(sample >= 0, sample, -sample - 1)
    segment = np.searchsorted([0x1F, 0x3F, 0x7F, 0xFF, 0x1FF, 0x3FF, 0x7FF, 0xFFF], sample)
    mantissa = (sample >> np.maximum(segment, 1)) & 15
    code: NDArray[np.uint8] = (((segment << 4) | mantissa) ^ mask).astype(np.uint8)
    return code


def _ulaw_encode_table() -> NDArray[np.uint8]:
    sample = _linear()
    mask = np.where(sample < 0, 0x7F, 0xFF)
    sample = np.minimum(np.where(sample < 0, ~sample, sample) >> 2, 8158) + (_ULAW_BIAS >> 2)
    segment = np.searchsorted([0x3F, 0x7F, 0xFF, 0x1FF, 0x3FF, 0x7FF, 0xFFF, 0x1FFF], sample)
    mantissa = (sample >> (segment + 1)) & 15
    code: NDArray[np.uint8] = (((segment << 4) | mantissa) ^ mask).astype(np.uint8)
    return code


_ALAW_TO_LINEAR = _alaw_decode_table()
_ULAW_TO_LINEAR = _ulaw_decode_table()
_LINEAR_TO_ALAW = _alaw_encode_table()
_LINEAR_TO_ULAW = _ulaw_encode_table()

ALAW_TO_ULAW: bytes = _LINEAR_TO_ULAW[_ALAW_TO_LINEAR.view(np.uint16)].tobytes()
"""256 bytes for ``bytes.translate``: A-law in, mu-law out."""
ULAW_TO_ALAW: bytes = _LINEAR_TO_ALAW[_ULAW_TO_LINEAR.view(np.uint16)].tobytes()
"""256 bytes for ``bytes.translate``: mu-law in, A-law out."""


def decode_alaw(data: bytes | bytearray | memoryview) -> Samples:
    """A-law bytes to int16 samples, one per byte."""
    return _ALAW_TO_LINEAR[np.frombuffer(data, dtype=np.uint8)]


def decode_ulaw(data: bytes | bytearray | memoryview) -> Samples:
    """mu-law bytes to int16 samples, one per byte."""
    return _ULAW_TO_LINEAR[np.frombuffer(data, dtype=np.uint8)]


def encode_alaw(samples: Samples) -> bytes:
    """int16 samples to A-law bytes, one per sample."""
    return _LINEAR_TO_ALAW[_as_int16(samples).view(np.uint16)].tobytes()


def encode_ulaw(samples: Samples) -> bytes:
    """int16 samples to mu-law bytes, one per sample."""
    return _LINEAR_TO_ULAW[_as_int16(samples).view(np.uint16)].tobytes()


def _as_int16(samples: Samples) -> Samples:
    if samples.dtype != np.int16:
        raise TypeError(f"G.711 encodes int16 samples, not {samples.dtype}; scale, clip and convert first")
    return np.ascontiguousarray(samples)
