"""Every piece of the queue's work leaves its row: waiting, running, done or failed with the reason."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from ccc.errors import UnavailableError
from ccc.home import Home
from ccc.jobs.later import Queue, make_queue
from ccc.jobs.watched import INTERRUPTED, enqueue, take_up
from ccc.store import Store
from ccc.store.records import JobRecord
from ccc.store.repos import jobs

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


@pytest.fixture
def queue(store: Store) -> Queue:
    return make_queue(store.home)


def work(queue: Queue) -> None:
    """Everything in the queue, here and now."""
    while (task := queue.dequeue()) is not None:
        queue.execute(task)


def listed(store: Store) -> list[JobRecord]:
    with store.read() as session:
        return list(jobs.find(session).items)


def test_from_waiting_to_done(queue: Queue, store: Store) -> None:
    seen: list[str] = []
    count = queue.task(name="count")(lambda text: seen.append(listed(store)[0].state) or {"letters": len(text)})
    count("four")
    (job,) = listed(store)
    assert (job.kind, job.state, job.task, job.started_at) == ("count", "waiting", ["count", "four"], None)
    work(queue)
    (job,) = listed(store)
    assert (seen, job.state, job.result, job.runs) == (["running"], "done", {"letters": 4}, 1)
    assert job.started_at is not None and job.ended_at is not None


@pytest.mark.parametrize(
    ("error", "told"),
    [(UnavailableError("the disk is full"), "the disk is full"), (KeyError("x"), "KeyError: 'x'"), (None, "no engine")],
)
def test_what_fails_says_why_and_can_be_done_again(
    queue: Queue, store: Store, error: Exception | None, told: str
) -> None:
    def broken() -> dict[str, str]:
        if error is not None:
            raise error
        return {"error": "no engine"}

    queue.task(name="broken")(broken)()
    work(queue)
    (job,) = listed(store)
    assert (job.state, job.error) == ("failed", told)
    assert job.result.get("said", told) == told, "in parts, for pages of another language"
    with store.write() as session:
        assert jobs.again(session, job.id, NOW)
    (job,) = listed(store)
    assert enqueue(queue, job)
    work(queue)
    (job,) = listed(store)
    assert (job.state, job.runs) == ("failed", 2), "one row, however often"


def test_recurring_work_is_one_row(queue: Queue, store: Store) -> None:
    queue.deliver()
    queue.deliver()
    assert listed(store) == []
    work(queue)
    with store.read() as session:
        (row,) = jobs.recurring(session)
    assert (row.id, row.state, row.runs, row.result) == ("notices", "done", 2, {"sent": 0})


def test_after_a_start_what_ran_has_failed_and_what_waits_is_done(queue: Queue, store: Store) -> None:
    done: list[int] = []
    queue.task(name="note")(done.append)
    with store.write() as session:
        jobs.put(session, "ran", NOW, kind="note", task=["note", 1])
        jobs.begin(session, "ran", NOW)
        jobs.put(session, "asked", NOW, kind="note", task=["note", 2])
        jobs.put(session, "gone", NOW, kind="note", task=["a plugin's that is gone"])
    assert take_up(queue, store) == 1
    assert take_up(queue, store) == 0, "it is in the queue already"
    work(queue)
    assert done == [2]
    states = {job.id: (job.state, job.error) for job in listed(store)}
    assert states == {"ran": ("failed", INTERRUPTED), "asked": ("done", ""), "gone": ("waiting", "")}


def test_work_does_not_wait_for_its_traces(home: Home) -> None:
    queue, done = make_queue(home), list[int]()
    queue.task(name="note")(done.append)(1)
    work(queue)
    assert done == [1] and not home.database.exists()


def test_pages_and_the_end_of_old_ones(store: Store) -> None:
    with store.write() as session:
        for n in range(5):
            at = NOW.replace(minute=n)
            jobs.put(session, f"j{n}", at, kind="note", instance="demo" if n % 2 else "")
            jobs.begin(session, f"j{n}", at)
            jobs.end(session, f"j{n}", at)
    with store.read() as session:
        page = jobs.find(session, account="acme", size=3)
        assert [job.id for job in page.items] == ["j4", "j3", "j2"]
        assert [job.id for job in jobs.find(session, account="acme", after=page.after).items] == ["j1", "j0"]
        assert [job.id for job in jobs.find(session, instance="demo").items] == ["j3", "j1"]
        assert [job.id for job in jobs.find(session, account="nobody").items] == ["j4", "j2", "j0"]
    with store.write() as session:
        assert jobs.forget(session, NOW.replace(minute=2)) == 2
    assert [job.id for job in listed(store)] == ["j4", "j3", "j2"]
