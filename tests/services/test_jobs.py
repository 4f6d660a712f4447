"""Jobs and notifications: who sees which, another try of what failed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from ccc.errors import ConflictError, ForbiddenError, NotFoundError
from ccc.services import exports, notices
from ccc.services import jobs as service
from ccc.services.actor import Actor
from ccc.store import Store
from ccc.store.records import CallFilter
from ccc.store.repos import audit, centre, jobs, users
from ccc.store.repos import exports as stored
from ccc.store.repos import notices as messages

BOSS = Actor("boss", {"demo": "supervisor"})
AGENT = Actor("ann", {"demo": "agent"})
OWNER = Actor("own", account="acme", account_role="owner")
STRANGER = Actor("eve", {"there": "admin"}, account="other", account_role="owner")
NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


@pytest.fixture
def filled(store: Store) -> Store:
    with store.write() as session:
        users.add_account(session, "other", "Other")
        centre.add_instance(session, "other", "there", "There")
        for name, instance, error in (("a", "demo", "no disk"), ("b", "there", "no disk"), ("c", "", "")):
            jobs.put(session, name, NOW, kind="note", instance=instance, task=["note"])
            jobs.end(session, name, NOW, error=error)
        row = {"call": "c1", "at": NOW, "channel": "sms", "subject": "", "text": "hi", "notifier": "", "error": "",
               "state": "waiting", "tries": 0, "next_at": NOW}  # fmt: skip
        messages.add(session, [{**row, "id": f"n{n}", "instance": "demo", "to": f"1380{n}"} for n in range(3)])
        messages.add(session, [{**row, "id": "n9", "instance": "there", "to": "1399"}])
        messages.tried(session, "n1", state="failed", notifier="sms", error="refused", next_at=NOW)
    return store


def test_each_sees_the_own_jobs(filled: Store) -> None:
    assert [job.id for job in service.list_jobs(filled, BOSS, instance="demo").items] == ["a"]
    assert [job.id for job in service.list_jobs(filled, OWNER, account="acme").items] == ["c", "a"]
    assert [job.id for job in service.list_jobs(filled, STRANGER, account="other").items] == ["c", "b"]
    assert [job.id for job in service.list_jobs(filled, OWNER, account="acme", states=("failed",)).items] == ["a"]
    with pytest.raises(ForbiddenError):
        service.list_jobs(filled, AGENT, instance="demo")
    with pytest.raises(NotFoundError):
        service.list_jobs(filled, STRANGER, instance="demo")
    with pytest.raises(NotFoundError):
        service.list_jobs(filled, STRANGER, account="acme")


def test_another_try(filled: Store) -> None:
    assert service.retry_job(filled, BOSS, "a", instance="demo").state == "waiting"
    with filled.read() as session:
        told = audit.find(session, "demo")[0]
    assert (told.action, told.user, told.detail["reason"]) == ("job.retry", "boss", "no disk")
    for job, error in (("a", ConflictError), ("b", NotFoundError), ("none", NotFoundError)):
        with pytest.raises(error):
            service.retry_job(filled, BOSS, job, instance="demo")
    with pytest.raises(NotFoundError):
        service.retry_job(filled, OWNER, "b", account="acme")
    with pytest.raises(ConflictError):
        service.retry_job(filled, OWNER, "c", account="acme")


def test_an_export_is_a_job_and_begins_anew_with_it(filled: Store) -> None:
    asked = exports.request_export(filled, BOSS, "demo", CallFilter(), format="xlsx")
    job = service.list_jobs(filled, BOSS, instance="demo").items[0]
    assert (job.kind, job.state, job.about, job.user) == ("export", "waiting", "XLSX", "boss")
    with filled.write() as session:
        stored.change(session, asked.id, {"state": "failed", "error": "no disk"})
        jobs.end(session, job.id, NOW, error="no disk")
    service.retry_job(filled, BOSS, job.id, instance="demo")
    assert exports.get_export(filled, BOSS, "demo", asked.id).state == "waiting"


def test_notifications_of_the_own_instance(filled: Store) -> None:
    def ids(**wanted: str) -> list[str]:
        return [one.id for one in notices.list_notices(filled, BOSS, "demo", **wanted).items]

    assert ids() == ["n2", "n1", "n0"]
    assert (ids(state="failed"), ids(text="13802"), ids(text="c1"), ids(channel="email")) == (
        ["n1"], ["n2"], ["n2", "n1", "n0"], [],
    )  # fmt: skip
    page = notices.list_notices(filled, BOSS, "demo", size=2)
    assert [one.id for one in notices.list_notices(filled, BOSS, "demo", after=page.after).items] == ["n0"]
    for actor, error in ((AGENT, ForbiddenError), (STRANGER, NotFoundError)):
        with pytest.raises(error):
            notices.list_notices(filled, actor, "demo")
    with pytest.raises(NotFoundError):
        notices.get_notice(filled, BOSS, "demo", "n9")


def test_another_try_of_a_notification(filled: Store) -> None:
    saved = notices.retry_notice(filled, BOSS, "demo", "n1")
    assert (saved.state, saved.tries) == ("waiting", 0)
    with pytest.raises(ConflictError):
        notices.retry_notice(filled, BOSS, "demo", "n0")
    with filled.read() as session:
        assert "n1" in {one.id for one in messages.due(session, datetime.now(UTC) + timedelta(seconds=1))}
        assert audit.find(session, "demo")[0].action == "notice.retry"


def test_work_somebody_waits_for_is_shown_with_its_outcome(filled: Store) -> None:
    with service.shown_as_job(filled, BOSS, "demo", "conversion", "hello.wav"):
        assert service.list_jobs(filled, BOSS, instance="demo").items[0].state == "running"
    with (
        pytest.raises(ConflictError),
        service.shown_as_job(filled, BOSS, "demo", "speech", "Welcome"),
    ):
        raise ConflictError("no engine")
    speech, conversion = service.list_jobs(filled, BOSS, instance="demo").items[:2]
    assert (speech.kind, speech.state, speech.error) == ("speech", "failed", "no engine")
    assert (conversion.about, conversion.state, conversion.user) == ("hello.wav", "done", "boss")
    with pytest.raises(ConflictError):
        service.retry_job(filled, BOSS, speech.id, instance="demo")
