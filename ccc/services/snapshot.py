"""Hand the committed configuration to the telephone side."""

from __future__ import annotations

import fcntl
import os
import time

from ccc.bus import request
from ccc.errors import UnavailableError
from ccc.snapshot import Snapshot, write
from ccc.snapshot.file import counter
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
        with store.read() as session:
            parts = centre.parts(session, store.home.uploads, store.home.tables)
        last = os.pread(lock, 32, 0).strip()
        number = max(counter(path), int(last) if last.isdigit() else 0) + 1
        write(
            path,
            Snapshot(
                counter=number,
                made_at=time.time(),
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
            ),
        )
        os.pwrite(lock, f"{number}\n".encode(), 0)
    finally:
        os.close(lock)
    _announce(store)
    return number


def _announce(store: Store) -> None:
    path = store.home.socket("runtime")
    if not path.exists():
        return
    try:
        request(path, {"op": "snapshot"}, NOTICE_TIMEOUT_S)
    except UnavailableError:
        return  # the runtime polls the file once a second
