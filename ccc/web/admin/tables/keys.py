"""Keys of rows in addresses: any text, without ``/``."""

from __future__ import annotations

import base64
import binascii

from ccc.errors import NotFoundError, say


def written(key: str) -> str:
    """URL-safe base64 without padding."""
    return base64.urlsafe_b64encode(key.encode()).decode().rstrip("=")


def read(text: str) -> str:
    """The other way round. NotFoundError when it is none."""
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        raise NotFoundError(say("There is no row %(key)s."), values={"key": text[:40]}) from None
