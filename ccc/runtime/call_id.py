"""Ids of calls."""

from __future__ import annotations

import secrets
import time


def new_call_id() -> str:
    """Sortable by time, unguessable: 10 hex digits of milliseconds, 12 of chance."""
    return f"{int(time.time() * 1000) & 0xFFFFFFFFFF:010x}{secrets.token_hex(6)}"
