"""Files that are whole or absent: written beside their place, then renamed."""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path

from ccc.errors import UnavailableError


def write_atomic(path: Path, data: bytes) -> None:
    """Write ``data`` to ``path`` in one step for every reader. UnavailableError (disk full, no permission) names it."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        temporary.write_bytes(data)
        temporary.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):  # it may never have come into being; the first error is the one to tell
            temporary.unlink(missing_ok=True)
        raise UnavailableError(f"cannot write {path}: {error.strerror}; free space or check permissions") from error
