"""Damages a message the way networks, cheap telephones and attackers do."""

from __future__ import annotations

import copy
import json
import random
from typing import Any

_INTERESTING = (b"", b"\0", b"\xff", b"\r\n", b"\r\n\r\n", b" ", b":", b";", b",", b"=", b'"', b"<", b">", b"[", b"]",
                b"{", b"}", b"-1", b"0", b"65536", b"4294967296", b"99999999999999999999", b"%00", b"\xd6\xd0\xce\xc4",
                b"\xe4\xb8\xad", b"\xed\xa0\x80", b"A" * 300, b"null", b"1e999", b"\x80", b"\x7f")  # fmt: skip


def mutate(data: bytes, other: bytes, rng: random.Random, limit: int = 65_507) -> bytes:
    """``data`` with one to eight random damages; ``other`` is spliced in now and then."""
    work = bytearray(data)
    for _ in range(rng.choice((1, 1, 1, 2, 3, 5, 8))):
        _damage(work, other, rng)
    return bytes(work[:limit])


def _damage(work: bytearray, other: bytes, rng: random.Random) -> None:
    at = rng.randrange(len(work) + 1)
    end = min(len(work), at + rng.choice((1, 2, 4, 16, 64)))
    kind = rng.randrange(8)
    if kind == 0 and work:
        work[min(at, len(work) - 1)] ^= 1 << rng.randrange(8)
    elif kind == 1 and work:
        work[min(at, len(work) - 1)] = rng.randrange(256)
    elif kind == 2:
        del work[at:end]
    elif kind == 3:
        work[at:at] = work[at:end] * rng.choice((1, 2, 10))
    elif kind == 4:
        work[at:end] = rng.choice(_INTERESTING)
    elif kind == 5:
        work[at:at] = rng.choice(_INTERESTING)
    elif kind == 6:
        start = rng.randrange(len(other) + 1)
        work[at:end] = other[start : start + rng.choice((4, 20, 100))]
    else:
        del work[at:]


_VALUES: tuple[Any, ...] = (
    None,
    True,
    0,
    -1,
    1e308,
    2**70,
    "",
    "\ud800",
    "a" * 5000,
    "../x",
    "${x}",
    [],
    {},
    [[[]]],
    "\0",
    "坐席",
)


def mutate_json(data: bytes, other: bytes, rng: random.Random) -> bytes:
    """Half of the time damaged bytes, else JSON of another shape: keys lost, renamed; values of other types."""
    if rng.random() < 0.5:
        return mutate(data, other, rng)
    value = json.loads(data)
    for _ in range(rng.choice((1, 1, 2, 4))):
        value = _reshape(value, json.loads(other), rng)
    return json.dumps(value).encode()


def _reshape(value: Any, other: Any, rng: random.Random) -> Any:
    """``value`` with one place changed, chosen by walking down at random."""
    if rng.random() < 0.15 or not value or not isinstance(value, dict | list):
        return copy.deepcopy(rng.choice((*_VALUES, other)))
    key = rng.choice(list(value)) if isinstance(value, dict) else rng.randrange(len(value))
    kind = rng.randrange(10)
    if kind == 0:
        del value[key]
    elif kind == 1 and isinstance(value, dict):
        value[str(rng.choice(_VALUES))] = value.pop(key)
    elif kind == 1 and isinstance(value, list):
        value.append(copy.deepcopy(value[key]))
    else:
        value[key] = _reshape(value[key], other, rng)
    return value
