"""Hand the committed configuration to the telephone side."""

from __future__ import annotations

import fcntl
import os
import time

from ccc.bus import request
from ccc.errors import ConfigError, UnavailableError
from ccc.snapshot import Snapshot, write
from ccc.snapshot.file import counter, decode, encode
from ccc.store import Store
from ccc.store.repos import centre

NOTICE_TIMEOUT_S = 0.5


def export_snapshot(store: Store) -> int:
    """Write the snapshot of what is committed and announce it; returns its counter.

    Call it after the commit. Two exporters take turns (file lock), so the file never goes back to an older state;
    the counter grows even when the file was lost. The runtime that misses the message sees the file within 1 s.
    """
    path = store.home.snapshot
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    lock = os.open(path.parent / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        last = os.pread(lock, 32, 0).strip()
        number = max(counter(path), int(last) if last.isdigit() else 0) + 1
        write(path, _committed(store, number, time.time()))
        os.pwrite(lock, f"{number}\n".encode(), 0)
    finally:
        os.close(lock)
    _announce(store)
    return number


def export_if_stale(store: Store) -> bool:
    """Export when the file is not what is committed: whoever committed died before exporting, or the file was lost.

    Returns whether it was so.
    """
    try:
        written = store.home.snapshot.read_bytes()
        old = decode(written)
    except (OSError, ConfigError):
        export_snapshot(store)
        return True
    if encode(_committed(store, old.counter, old.made_at)) == written:
        return False
    export_snapshot(store)
    return True


def _committed(store: Store, counter: int, made_at: float) -> Snapshot:
    with store.read() as session:
        parts = centre.parts(session, store.home.uploads, store.home.tables)
    return Snapshot(
        counter=counter,
        made_at=made_at,
        instances=parts.instances,
        trunks=parts.trunks,
        numbers=parts.numbers,
        agents=parts.agents,
        skill_groups=parts.skill_groups,
        flows=parts.flows,
        unpublished=parts.unpublished,
        audio=parts.audio,
        tables=parts.tables,
        blacklists=parts.blacklists,
        dedicated=parts.dedicated,
        hours=parts.hours,
    )


def _announce(store: Store) -> None:
    path = store.home.socket("runtime")
    if not path.exists():
        return
    try:
        request(path, {"op": "snapshot"}, NOTICE_TIMEOUT_S)
    except UnavailableError:
        return  # the runtime polls the file once a second
