"""Damages a message the way networks, cheap telephones and attackers do."""

from __future__ import annotations

import random

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
