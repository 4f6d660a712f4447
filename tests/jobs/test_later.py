"""Work for later: the nightly clean-up, and the queue that runs it in this process."""

from __future__ import annotations

import os
import signal
import threading
from datetime import UTC, datetime, timedelta

from sqlalchemy import text

from ccc.home import Home
from ccc.jobs.cleaning import maintain, tune
from ccc.jobs.ingest import call_row
from ccc.jobs.later import consuming, make_queue
from ccc.services import agent_import, retention, table_files
from ccc.services.actor import Actor
from ccc.store import Store
from ccc.store.repos import audit, calls

NOW = datetime(2026, 6, 1, tzinfo=UTC)


def add_call(store: Store, call_id: str, age_days: int) -> None:
    path = store.home.recordings / f"{call_id}.wav"
    path.write_bytes(b"RIFF")
    at = (NOW - timedelta(days=age_days)).timestamp()
    cdr = {"id": call_id, "instance": "demo", "direction": "inbound", "cause": "normal", "started_at": at}
    with store.write() as session:
        calls.add_calls(session, [call_row({**cdr, "recording": path.name})])


def test_without_a_setting_every_call_is_kept(store: Store) -> None:
    add_call(store, "old", 5000)
    assert not any(maintain(store.home, store, NOW).values())


def test_calls_past_retention_go_with_their_recordings(store: Store) -> None:
    for call_id, age_days in (("old", 31), ("older", 90), ("young", 29)):
        add_call(store, call_id, age_days)
    (store.home.recordings / "older.wav").unlink()  # gone already: no reason to stop
    with store.write() as session:
        audit.set_setting(session, retention.DEFAULT.format("calls"), 30)
    assert maintain(store.home, store, NOW)["calls"] == 2
    with store.read() as session:
        assert [call.id for call in calls.last(session, "demo", 10)] == ["young"]
        assert audit.find(session)[0].action == "calls.retention"
    assert [path.name for path in store.home.recordings.iterdir()] == ["young.wav"]


def test_retention_deletes_nothing_outside_the_recordings(store: Store) -> None:
    cdr = {"id": "evil", "instance": "demo", "direction": "inbound", "cause": "normal", "started_at": 1.0}
    (store.home.secrets / "key").write_bytes(b"secret")
    with store.write() as session:
        calls.add_calls(session, [call_row({**cdr, "recording": "../secrets/key"})])
        audit.set_setting(session, retention.DEFAULT.format("calls"), 30)
    assert maintain(store.home, store, NOW)["calls"] == 1
    assert (store.home.secrets / "key").exists()


def test_only_old_temporary_files_go(store: Store) -> None:
    old, new, prompt = (store.home.prompts / name for name in (".a.al.1.tmp", ".b.al.2.tmp", "c.al"))
    for path, age_s in ((old, 90_000), (new, 60), (prompt, 90_000)):
        path.write_bytes(b"x")
        os.utime(path, (NOW.timestamp() - age_s,) * 2)
    assert maintain(store.home, store, NOW)["files"] == 1
    assert sorted(store.home.prompts.iterdir()) == [new, prompt]


def test_uploads_nobody_took_go_with_the_passwords_in_them(store: Store) -> None:
    admin = Actor("zhao", {"demo": "admin"}, account="main")
    agent_import.preview(store, admin, "demo", b"username,password\nann,correct horse 7\n")
    table_files.look(store, admin, "demo", "customers", b"number,name\n1,Ann\n", None)
    left = [*(store.home.root / "imports").iterdir(), *(store.home.tables / "looked-at").iterdir()]
    assert len(left) == 3
    now = datetime.now(UTC)
    assert maintain(store.home, store, now)["files"] == 0, "somebody may be looking at them"
    assert maintain(store.home, store, now + timedelta(hours=25))["files"] == 3
    assert not [path for path in left if path.exists()]


def test_the_queue_runs_work_here_and_leaves_signals_alone(home: Home) -> None:
    queue = make_queue(home)
    assert [task.name for task in queue._registry.periodic_tasks] == ["send_notices_again", "clean_up"]
    done = threading.Event()
    work = queue.task(name="work")(done.set)
    before = signal.getsignal(signal.SIGTERM)
    with consuming(queue):
        assert signal.getsignal(signal.SIGTERM) is before
        work()
        assert done.wait(10)
    assert (home.root / "jobs.db").exists()


def test_each_instance_keeps_its_calls_as_long_as_it_says(store: Store) -> None:
    with store.write() as session:
        audit.set_setting(session, retention.DEFAULT.format("calls"), 30)
        audit.set_setting(session, retention.OF_INSTANCES.format("calls"), {"demo": 100, "kept": 0})
        rows = []
        for instance, age_days in (("demo", 99), ("demo", 101), ("kept", 5000), ("gone", 29), ("gone", 31)):
            at = (NOW - timedelta(days=age_days)).timestamp()
            cdr = {"id": f"{instance}{age_days}", "direction": "inbound", "cause": "normal", "started_at": at}
            rows.append(call_row({**cdr, "instance": instance}))
        calls.add_calls(session, rows)
    assert maintain(store.home, store, NOW)["calls"] == 2
    with store.read() as session:
        assert {call.id for call in calls.last(session, None, 10)} == {"demo99", "kept5000", "gone29"}


def test_the_store_learns_which_index_finds_little(store: Store) -> None:
    """Without statistics SQLite would read every call of a common result to find a rare caller's."""
    rows = []
    for n in range(3000):
        cdr = {"id": f"c{n}", "instance": "demo", "direction": "inbound", "cause": "normal", "started_at": float(n)}
        rows.append(call_row({**cdr, "caller": str(n // 3)}))
    with store.write() as session:
        calls.add_calls(session, rows)
    tune(store)
    query = "EXPLAIN QUERY PLAN SELECT id FROM calls WHERE instance='demo' AND caller='7' AND cause='normal'"
    with store.read() as session:
        plan = " ".join(str(row[-1]) for row in session.execute(text(query + " ORDER BY started_at DESC, id DESC")))
    assert "ix_calls_instance_caller_started_at_id" in plan
