"""JSON between our processes and in the journal: UTF-8 bytes without spaces, fast (a call writes ten such objects)."""

from __future__ import annotations

import json
from typing import Any

import orjson

_STRICT = orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_SUBCLASS
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False).encode


def encode(value: Any, *, errors: str = "strict") -> bytes:
    """What the standard library would write, in a tenth of the time (``NaN`` is ``null``).

    TypeError for what JSON cannot hold. A lone surrogate goes by ``errors`` (``str.encode``): UnicodeEncodeError
    unless it says otherwise.
    """
    try:
        return orjson.dumps(value, option=_STRICT)
    except TypeError:  # a lone surrogate, a number of more than 64 bits, a key that is not text
        return _encode(value).encode("utf-8", errors)


def decode(data: bytes | bytearray | memoryview) -> Any:
    """The value. ValueError for what is not JSON in UTF-8."""
    return orjson.loads(data)
