"""Publishing as a state of the flow (STM-4): seen while it runs, its reasons kept when it fails, settled after a crash.

Who publishes holds a file lock: the kernel lets it go when the process dies, however it dies. A mark in the store
without its lock is what a dead process has left.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from datetime import datetime

from ccc.api import Problem
from ccc.errors import CccError, ConflictError, NotFoundError, UnavailableError, say
from ccc.flow.document import FlowInvalid
from ccc.services.actor import SYSTEM, Actor
from ccc.services.log import note
from ccc.services.snapshot import export_snapshot
from ccc.store import Store
from ccc.store.records import FlowRecord
from ccc.store.repos import publications
from ccc.store.repos.publications import Reason

INTERRUPTED = say("The process that published ended in the middle; nothing was changed. Publish again.")
MOST_REASONS = 50


@contextlib.contextmanager
def under_way(store: Store, actor: Actor, draft: FlowRecord, at: datetime, *, planned: bool = False) -> Iterator[int]:
    """The flow is being published inside the block; gives its number.

    An error leaves ``publish_failed`` with its reasons, but for a ConflictError (nobody's flow is wrong then).
    ConflictError when somebody else publishes it at this moment.
    """
    with store.read() as session:
        number = publications.flow_id(session, draft.instance, draft.name)
    if number is None:
        raise ConflictError(say("The flow %(name)s is gone."), values={"name": draft.name})
    revision = None if planned else draft.revision
    with _lock(store, number) as got:
        if not got:
            text = say("The flow %(name)s is being published by somebody else at this moment.")
            raise ConflictError(text, values={"name": draft.name})
        with store.write() as session:
            before = publications.get(session, draft.instance, draft.name)
            publications.put(session, number, "publishing", actor.user, at, revision)
        try:
            yield number
        except ConflictError:
            with store.write() as session:
                publications.remove(session, number)
                if before is not None and before.state == "failed":
                    publications.put(session, number, "failed", before.by, before.at, before.revision, before.reasons)
            raise
        except UnavailableError:
            raise  # the store itself: what is left is settled later
        except Exception as error:
            with store.write() as session:
                publications.put(session, number, "failed", actor.user, at, revision, reasons_of(error))
            raise
        with store.write() as session:
            publications.remove(session, number)


def settle(store: Store, now: datetime) -> int:
    """What processes that died in the middle have left: told to the telephone side when the version was stored, else
    failed. Returns how many there were."""
    with store.read() as session:
        found = publications.under_way(session)
    settled = 0
    for item in found:
        with _lock(store, item.flow_id) as got:
            if not got:
                continue  # its process is at work
            with store.read() as session:
                item_now = publications.get(session, item.instance, item.flow)
            if item_now != item:
                continue
            settled += 1
            if item.state == "announcing":
                export_snapshot(store)
                with store.write() as session:
                    publications.remove(session, item.flow_id)
                continue
            with store.write() as session:
                publications.put(
                    session, item.flow_id, "failed", item.by, now, item.revision, [{"message": INTERRUPTED}]
                )
                note(session, SYSTEM, "flow.publish-failed", item.flow, instance=item.instance, reason=INTERRUPTED)
    return settled


def forget_failure(store: Store, actor: Actor, instance: str, name: str) -> None:
    """Somebody has read why; the flow is shown as it is again. NotFoundError when there is no such flow."""
    actor.require(instance, "admin")
    with store.write() as session:
        if publications.flow_id(session, instance, name) is None:
            raise NotFoundError(say("There is no flow %(name)s."), values={"name": name})
        found = publications.get(session, instance, name)
        if found is not None and found.state == "failed":
            publications.remove(session, found.flow_id)


def reasons_of(error: BaseException) -> list[Reason]:
    """For the store: each problem with its node, or the error in one line."""
    if isinstance(error, FlowInvalid):
        errors = [problem for problem in error.problems if problem.severity == "error"]
        return [_reason(problem) for problem in errors[:MOST_REASONS]]
    if isinstance(error, CccError):
        return [{"message": error.message}]
    return [{"message": f"{type(error).__name__}: {error}"}]


def _reason(problem: Problem) -> Reason:
    return {"message": problem.message} | ({"node": problem.node} if problem.node else {})


@contextlib.contextmanager
def _lock(store: Store, number: int) -> Iterator[bool]:
    """Whether nobody else publishes the flow; nobody does inside the block then."""
    folder = store.home.run
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(folder / f"publish-{number}.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(handle)
