"""The snapshot on disk: written whole by atomic rename, read whole and validated."""

from __future__ import annotations

import json
import os
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from ccc.errors import ConfigError
from ccc.snapshot.check import check
from ccc.snapshot.model import Snapshot

_adapter = TypeAdapter(Snapshot)


def encode(snapshot: Snapshot) -> bytes:
    """UTF-8 JSON of the whole snapshot."""
    return _adapter.dump_json(snapshot)


def decode(data: bytes, name: str = "snapshot") -> Snapshot:
    """The snapshot in ``data``. ConfigError names the first field that is wrong, or the name nobody defines."""
    try:
        snapshot = _adapter.validate_json(data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "document"
        more = f" (and {error.error_count() - 1} more)" if error.error_count() > 1 else ""
        raise ConfigError(f"{name}: {place}: {first['msg']}{more}; publish a flow to export it anew") from error
    problem = check(snapshot)
    if problem:
        raise ConfigError(f"{name}: {problem}; publish a flow to export it anew")
    return snapshot


def load(path: Path) -> Snapshot:
    """Read and validate the snapshot. ConfigError when it is missing, unreadable or wrong, naming what."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise ConfigError(f"no snapshot at {path}; run `ccc db upgrade` or `ccc serve --demo` first") from None
    except OSError as error:
        raise ConfigError(f"cannot read the snapshot {path}: {error.strerror}") from error
    return decode(data, str(path))


def counter(path: Path) -> int:
    """The counter of the snapshot at ``path`` without validating it; 0 when there is none or it is damaged."""
    try:
        return int(json.loads(path.read_bytes())["counter"])
    except (OSError, ValueError, KeyError, TypeError):
        return 0


def write(path: Path, snapshot: Snapshot) -> None:
    """Replace the file at once (fsync, rename, fsync of the folder): a reader sees the old or the new one whole."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(fd, "wb") as file:
            file.write(encode(snapshot))
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
