"""Import of a file of agents: look at it first, then row after row in short steps that survive a restart."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import secrets
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from ccc.errors import CccError, ConflictError, NotFoundError, say
from ccc.services import agents, checks, passwords
from ccc.services.actor import Actor
from ccc.services.agent_files import BadRow, FileRow, parse
from ccc.services.snapshot import export_snapshot
from ccc.store import Store
from ccc.store.records import AgentRecord
from ccc.store.repos import groups, jobs, users

ROWS_A_STEP = 200
SECONDS_A_STEP = 1.0
KEEP_S = 24 * 3600.0
_TOKEN = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Preview:
    """What an import would do. ``token`` starts it."""

    token: str
    new: tuple[FileRow, ...]
    known: tuple[FileRow, ...]
    """Users of the account who are brought in."""
    bad: tuple[BadRow, ...]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an import is. ``problems`` are rows that could not be imported after all: ``(line, user, error)``."""

    token: str
    total: int
    done: int
    made: int
    problems: tuple[tuple[int, str, str], ...]
    has_passwords: bool

    @property
    def finished(self) -> bool:
        """Nothing is left to do."""
        return self.done >= self.total


def preview(store: Store, actor: Actor, instance: str, data: bytes) -> Preview:
    """Read and check the file, keep its good rows for :func:`step`. InvalidError when it is no usable file."""
    actor.require(instance, "admin")
    parsed = parse(data)
    new: list[FileRow] = []
    known: list[FileRow] = []
    bad = list(parsed.bad)
    with store.read() as session:
        names = {group.name: group.name for group in groups.find(session, instance)}
        names = {group.title: group.name for group in groups.find(session, instance)} | names
        account = checks.instance(session, instance).account
        everybody = {user.username.casefold(): user for user in users.find(session)}
    for row in parsed.rows:
        try:
            wanted = replace(row, groups=_named(row.groups, names))
            user = everybody.get(row.username.casefold())
            if user is None:
                new.append(wanted)
            elif user.account != account or user.username != row.username:
                raise ConflictError(
                    say("There is already a user %(name)s; choose another name."), values={"name": user.username}
                )
            elif instance in user.roles:
                raise ConflictError(say("%(name)s is in this instance already."), values={"name": row.username})
            else:
                known.append(wanted)
        except CccError as error:
            bad.append(BadRow(row.line, f"{row.username} {row.name}", error))
    token = _keep(store, actor, instance, [*new, *known])
    return Preview(token, tuple(new), tuple(known), tuple(sorted(bad, key=lambda item: item.line)))


def step(store: Store, actor: Actor, instance: str, token: str) -> Progress:
    """Import the next rows, for about a second. Called until it is finished; a row that was done is not done again."""
    actor.require(instance, "admin")
    folder = _folder(store, actor, instance, token)
    state: dict[str, Any] = json.loads((folder / "state.json").read_text())
    todo = json.loads((folder / "rows.json").read_text())[state["done"] : state["done"] + ROWS_A_STEP]
    until = time.monotonic() + SECONDS_A_STEP
    ready = []
    for row in (FileRow(**values) for values in todo):
        ready.append((row, *_password(row)))
        if time.monotonic() > until:  # given passwords take a tenth of a second each
            break
    handed_out: list[tuple[str, str]] = []
    until = time.monotonic() + SECONDS_A_STEP
    with store.write() as session:
        for row, shown, hashed in ready:
            if time.monotonic() > until:  # others want to write, too
                break
            state["done"] += 1
            wanted = _record(instance, row)
            try:
                with session.begin_nested():
                    if users.get(session, row.username) is None:
                        agents.add_new(session, actor, wanted, hashed)
                        handed_out += [(row.username, shown)] if shown else []
                    else:
                        agents.add_known(session, actor, wanted)
                state["made"] += 1
            except CccError as error:
                state["problems"].append([row.line, row.username, error.message])
        _tell(session, actor, instance, token, state, len(todo))
        _hand_out(folder, handed_out)  # before the commit: a password nobody can know would be worse than one too many
    (folder / "state.json").write_text(json.dumps(state, ensure_ascii=False))
    progress = _progress(folder, token, state)
    if progress.finished:
        (folder / "rows.json").write_text("[]")
        export_snapshot(store)
    return progress


def _tell(session: Session, actor: Actor, instance: str, token: str, state: Mapping[str, Any], todo: int) -> None:
    """How far it is, for the page of jobs; only the page of agents can go on with it."""
    # not the token itself: it begins the import, and hands out its passwords
    job_id, now = f"import:{hashlib.sha256(token.encode()).hexdigest()[:24]}", datetime.now(UTC)
    if jobs.get(session, job_id) is None:
        jobs.put(session, job_id, now, kind="import", instance=instance, user=actor.user)
        jobs.begin(session, job_id, now)
    jobs.progress(session, job_id, state["done"], state["total"])
    if todo and state["done"] >= state["total"]:
        jobs.end(session, job_id, now, result={"made": state["made"], "bad": len(state["problems"])})


def made_up_passwords(store: Store, actor: Actor, instance: str, token: str) -> bytes:
    """The CSV of passwords made up, once: it is deleted. NotFoundError when there is none (any more)."""
    actor.require(instance, "admin")
    path = _folder(store, actor, instance, token) / "passwords.csv"
    try:
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise NotFoundError(say("The passwords were downloaded already; set new ones.")) from error
    path.unlink()
    return b"\xef\xbb\xbf" + data


def forget_old(store: Store, now: datetime) -> int:
    """Nightly: imports begun a day ago and not finished, passwords nobody has fetched. Returns how many."""
    home, gone = _home(store), 0
    for folder in home.iterdir() if home.exists() else ():
        if now.timestamp() - folder.stat().st_mtime > KEEP_S:
            shutil.rmtree(folder)
            gone += 1
    return gone


def _named(written: Mapping[str, int], names: Mapping[str, str]) -> dict[str, int]:
    for name in written:
        if name not in names:
            raise NotFoundError(say("There is no skill group %(name)s."), values={"name": name})
    return {names[name]: level for name, level in written.items()}


def _password(row: FileRow) -> tuple[str, str]:
    """``(to hand out or '', hash)``"""
    if row.password:
        return "", passwords.hash_password(row.password)
    made_up = passwords.random_password()
    return made_up, passwords.hash_random(made_up)


def _record(instance: str, row: FileRow) -> AgentRecord:
    return AgentRecord(
        instance, row.username, row.name, row.role, auto_answer=row.auto_answer, groups=row.groups, email=row.email
    )


def _keep(store: Store, actor: Actor, instance: str, rows: list[FileRow]) -> str:
    token = secrets.token_hex(16)
    folder = _home(store) / token
    folder.mkdir(parents=True, mode=0o700)
    state = {"user": actor.user, "instance": instance, "done": 0, "made": 0, "total": len(rows), "problems": []}
    for name, value in (("rows.json", [row.as_dict() for row in rows]), ("state.json", state)):
        path = folder / name
        path.touch(mode=0o600)
        path.write_text(json.dumps(value, ensure_ascii=False))
    return token


def _home(store: Store) -> Path:
    return store.home.root / "imports"


def _folder(store: Store, actor: Actor, instance: str, token: str) -> Path:
    """The import's folder, for who began it, in its instance."""
    folder = _home(store) / token
    if _TOKEN.fullmatch(token) and (folder / "state.json").exists():
        state = json.loads((folder / "state.json").read_text())
        if state["user"] == actor.user and state["instance"] == instance:
            return folder
    raise NotFoundError(say("This import is over. Choose the file again."))


def _hand_out(folder: Path, pairs: list[tuple[str, str]]) -> None:
    if not pairs:
        return
    path = folder / "passwords.csv"
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    if not path.exists():
        path.touch(mode=0o600)
        writer.writerow(["username", "password"])
    writer.writerows(pairs)  # no formulas: both begin with a letter or digit
    with path.open("a", newline="") as file:
        file.write(buffer.getvalue())


def _progress(folder: Path, token: str, state: Mapping[str, Any]) -> Progress:
    problems = tuple((line, user, text) for line, user, text in state["problems"])
    return Progress(token, state["total"], state["done"], state["made"], problems, (folder / "passwords.csv").exists())
