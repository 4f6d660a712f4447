"""Work of the jobs process (任务): what waits, runs, failed and why; another try."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Collection, Iterator
from datetime import UTC, datetime
from typing import Any

from ccc.bus import request
from ccc.errors import CccError, ConflictError, NotFoundError, UnavailableError, say
from ccc.services.actor import Actor
from ccc.services.log import note
from ccc.store import Store
from ccc.store.records import JobRecord, Page
from ccc.store.repos import centre, exports, jobs

MAY = ("admin", "supervisor")
ANNOUNCE_S = 0.5


def list_jobs(
    store: Store,
    actor: Actor,
    *,
    instance: str = "",
    account: str = "",
    states: Collection[str] = (),
    kind: str = "",
    after: str | None = None,
    size: int = 50,
) -> Page[JobRecord]:
    """A page of an instance's jobs, or of a main account's (its instances' and the installation's), newest first."""
    _may(actor, instance, account)
    with store.read() as session:
        return jobs.find(session, instance=instance, account=account, states=states, kind=kind, after=after, size=size)


def recurring_jobs(store: Store, actor: Actor, account: str) -> list[JobRecord]:
    """The installation's recurring work with its last runs."""
    actor.require_account(account)
    with store.read() as session:
        return jobs.recurring(session)


def retry_job(store: Store, actor: Actor, job_id: str, *, instance: str = "", account: str = "") -> JobRecord:
    """Let a failed job be done again.

    NotFoundError when it is another's, ConflictError when it has not failed or nobody can begin it from here.
    With jobs down it waits: they take it up when they are back.
    """
    _may(actor, instance, account)
    now = datetime.now(UTC)
    with store.write() as session:
        job = jobs.get(session, job_id)
        mine = (
            [instance] if instance else ["", *(one.name for one in centre.instances(session) if one.account == account)]
        )
        if job is None or job.instance not in mine:
            raise NotFoundError(say("There is no job %(id)s."), values={"id": job_id})
        if job.state != "failed" or not job.task:
            raise ConflictError(say("Only a failed job can be tried again, and not every kind from here."))
        if job.kind == "export" and not exports.change(
            session, str(job.task[1]), {"state": "waiting", "rows": 0, "error": ""}, only=("failed",)
        ):
            raise ConflictError(say("This export is not there any more; ask for a new one."))
        jobs.again(session, job_id, now)
        note(session, actor, "job.retry", job_id, instance=job.instance, kind=job.kind, reason=job.error)
        found = jobs.get(session, job_id)
    announce(store, {"op": "job", "id": job_id})
    assert found is not None
    return found


@contextlib.contextmanager
def shown_as_job(store: Store, actor: Actor, instance: str, kind: str, about: str) -> Iterator[None]:
    """Work somebody waits for: among the jobs while it runs, then its outcome. It cannot be tried again from there."""
    job_id = secrets.token_hex(12)
    with store.write() as session:
        now = datetime.now(UTC)
        jobs.put(session, job_id, now, kind=kind, instance=instance, user=actor.user, about=about[:255])
        jobs.begin(session, job_id, now)
    error = "interrupted"
    said: dict[str, Any] = {}
    try:
        yield
        error = ""
    except CccError as failure:
        error, said = failure.message, in_parts(failure)
        raise
    finally:
        with store.write() as session:
            jobs.end(session, job_id, datetime.now(UTC), error=error, result=said)


def in_parts(error: CccError) -> dict[str, Any]:
    """Of an error of ours what pages need to say it in their language, for a job's result."""
    return {"said": error.template, "values": {name: str(value) for name, value in error.values.items()}}


def announce(store: Store, question: dict[str, str]) -> bool:
    """Tell the jobs process; False when it is down: it looks for waiting work when it starts."""
    path = store.home.socket("jobs")
    if not path.exists():
        return False
    try:
        request(path, question, ANNOUNCE_S)
    except UnavailableError:
        return False
    return True


def _may(actor: Actor, instance: str, account: str) -> None:
    if instance:
        actor.require(instance, *MAY)
    else:
        actor.require_account(account)
