"""Upload of a table: the file is looked at first, then taken as it was looked at."""

from __future__ import annotations

import json
import re
import secrets
from dataclasses import dataclass
from datetime import datetime

from ccc.errors import InvalidError, NotFoundError, say
from ccc.prompts.files import write_atomic
from ccc.services import tables
from ccc.services.actor import Actor
from ccc.services.tables import Imported
from ccc.store import Store
from ccc.store.repos import data as repo
from ccc.tables import CsvTable, read_csv

MAX_UPLOAD = 8 * 1024 * 1024
KEEP_S = 24 * 3600.0
_TOKEN = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Look:
    """What a file holds. ``token`` takes it; ``replaces`` rows of a table of that name (None: there is none)."""

    token: str
    table: CsvTable
    replaces: int | None


def look(store: Store, actor: Actor, instance: str, name: str, data: bytes, key: str | None) -> Look:
    """Read and keep the file for :func:`take`. InvalidError at ``name``, ``file`` or ``key``."""
    actor.require(instance, "admin")
    tables.check_name(name)
    if len(data) > MAX_UPLOAD:
        raise InvalidError(
            say("The file is larger than %(most)s MB."), field="file", values={"most": MAX_UPLOAD // 1024 // 1024}
        )
    found = read_csv(data, key)
    with store.read() as session:
        old = repo.table(session, instance, name)
    folder = store.home.tables / "looked-at"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    token = secrets.token_hex(16)
    about = {"user": actor.user, "instance": instance, "name": name, "key": found.key}
    write_atomic(folder / f"{token}.csv", data)
    write_atomic(folder / f"{token}.json", json.dumps(about).encode())
    return Look(token, found, old.rows if old is not None else None)


def take(store: Store, actor: Actor, instance: str, token: str) -> Imported:
    """Import what was looked at. NotFoundError when it is somebody else's, or too old."""
    actor.require(instance, "admin")
    folder = store.home.tables / "looked-at"
    try:
        about = json.loads((folder / f"{token}.json").read_bytes()) if _TOKEN.fullmatch(token) else {}
    except FileNotFoundError:
        about = {}
    if (about.get("user"), about.get("instance")) != (actor.user, instance):
        raise NotFoundError(say("This file is not there any more; choose it again."))
    path = folder / f"{token}.csv"
    done = tables.import_table(store, actor, instance, about["name"], path.read_bytes(), key=about["key"])
    for suffix in (".csv", ".json"):
        path.with_suffix(suffix).unlink(missing_ok=True)
    return done


def forget_old(store: Store, now: datetime) -> int:
    """Nightly: files somebody looked at a day ago and did not take. Returns how many."""
    gone = 0
    for path in (store.home.tables / "looked-at").glob("*"):
        if path.stat().st_mtime < now.timestamp() - KEEP_S:
            path.unlink(missing_ok=True)
            gone += 1
    return gone
