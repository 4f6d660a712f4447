"""Journal to store: exactly once, in order, whatever happens to either of them."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from ccc.errors import UnavailableError
from ccc.jobs import tail as tail_module
from ccc.jobs.tail import Tail
from ccc.journal import Writer, recover, recover_agents
from ccc.journal.segments import AGENTS, numbers
from ccc.store import Store
from ccc.store.repos import calls


def call_records(call_id: str, at: float = 1.0, **cdr: Any) -> list[dict]:
    whole = {
        "id": call_id,
        "instance": "demo",
        "direction": "inbound",
        "caller": "100",
        "callee": "4000",
        "started_at": at,
        "ended_at": at + 5,
        "cause": "normal",
        "steps": [{"n": 0, "node": "s", "type": "start", "entered_at": at}],
        **cdr,
    }
    return [
        {"k": "open", "id": call_id, "at": at, "dialog": {}},
        {"k": "step", "id": call_id, "n": 0, "node": "s", "entered_at": at},
        {"k": "close", "id": call_id, "cdr": whole},
    ]


def agent_state(agent: str, state: str, at: float = 1.0) -> dict:
    return {"k": "agent-state", "instance": "demo", "agent": agent, "state": state, "reason": "", "at": at}


@pytest.fixture
def writer(store: Store) -> Iterator[Writer]:
    with Writer(store.home.journal, segment_bytes=2000) as writer:
        yield writer


def write(writer: Writer, *records: dict) -> None:
    for record in records:
        writer.append(record)


def drain(tail: Tail) -> None:
    while tail.step():
        pass


def stored(store: Store) -> list[str]:
    with store.read() as session:
        return [row[0] for row in session.execute(text("SELECT id FROM calls ORDER BY started_at, id"))]


def test_calls_notes_and_agent_states_arrive(store: Store, writer: Writer) -> None:
    note = {"k": "wrap-up", "id": "a", "agent": "bob", "at": 2.0, "note": "hi", "disposition": None}
    write(writer, *call_records("a"), note, agent_state("bob", "ready"))
    tail = Tail(store.home, store)
    drain(tail)
    with store.read() as session:
        found = calls.get(session, "a", "demo")
        assert found is not None
        assert (found.note, found.steps[0]["node"]) == ("hi", "s")
        assert session.execute(text("SELECT agent, state FROM agent_states")).one() == ("bob", "ready")
    assert tail.lag() == 0


def test_a_note_before_its_closing_record_is_not_lost(store: Store, writer: Writer) -> None:
    opened, step, closed = call_records("a")
    write(writer, opened, step, {"k": "wrap-up", "id": "a", "at": 1.0, "note": "early", "disposition": "ok"})
    tail = Tail(store.home, store)
    drain(tail)
    write(writer, closed)
    drain(tail)
    with store.read() as session:
        found = calls.get(session, "a", None)
    assert found is not None
    assert (found.note, found.disposition) == ("early", "ok")


def test_a_crash_between_any_two_transactions_stores_everything_once(store: Store, writer: Writer) -> None:
    ids = [f"c{n:03}" for n in range(40)]
    for n, call_id in enumerate(ids):
        write(writer, *call_records(call_id, float(n)), agent_state("bob", "ready", float(n)))
    for _ in range(200):
        if not Tail(store.home, store).step():  # every step by a new process that knows nothing of the one before
            break
    assert stored(store) == ids
    with store.read() as session:
        assert session.execute(text("SELECT count(*) FROM agent_states")).scalar() == 40


def test_a_failed_commit_stores_nothing_and_is_tried_again(
    store: Store, writer: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(writer, *call_records("a"), agent_state("bob", "ready"))
    tail = Tail(store.home, store)

    def fails(*arguments: object) -> None:
        raise UnavailableError("power cut before the commit")

    with monkeypatch.context() as patch:
        patch.setattr(tail_module.calls, "set_offset", fails)
        for _ in range(3):
            with pytest.raises(UnavailableError):
                tail.step()
    assert stored(store) == []
    drain(tail)
    assert stored(store) == ["a"]
    with store.read() as session:
        assert session.execute(text("SELECT count(*) FROM agent_states")).scalar() == 1


def test_segments_go_when_stored_and_their_calls_are_closed(store: Store, writer: Writer) -> None:
    long_call = call_records("long")
    write(writer, *long_call[:2], agent_state("bob", "break"))
    for n in range(40):
        write(writer, *call_records(f"c{n}", float(n)))
    tail = Tail(store.home, store)
    drain(tail)
    assert numbers(store.home.journal)[0] == 1, "the open call began here"
    assert list(recover(store.home.journal)) == ["long"]
    write(writer, long_call[2])
    for n in range(40, 80):
        write(writer, *call_records(f"c{n}", float(n)))
    Tail(store.home, store).step()
    drain(Tail(store.home, store))  # also a restarted jobs process knows what it may delete
    left = numbers(store.home.journal)
    assert len(left) <= 2
    assert len(stored(store)) == 81
    assert recover(store.home.journal) == {}
    assert recover_agents(store.home.journal)[("demo", "bob")]["state"] == "break"
    assert json.loads((store.home.journal / AGENTS).read_text())[0]["agent"] == "bob"


def test_the_newest_segment_stays_so_numbers_never_begin_anew(store: Store) -> None:
    for n in range(5):
        with Writer(store.home.journal) as writer:
            write(writer, *call_records(f"c{n}", float(n)))
        drain(Tail(store.home, store))
        assert numbers(store.home.journal)[-1] == n + 1
    assert len(stored(store)) == 5


def test_what_cannot_be_stored_is_kept_aside_and_holds_up_nothing(
    store: Store, writer: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(writer, *call_records("a"), {"k": "close", "id": "bad", "cdr": {"id": "bad"}}, *call_records("b", 2.0))
    write(writer, *call_records("poison", 3.0), *call_records("c", 4.0))
    real = calls.add_calls

    def add(session: Any, rows: list[dict]) -> None:
        if any(row["id"] == "poison" for row in rows):
            raise TypeError("the database will not have it")
        real(session, rows)

    monkeypatch.setattr(tail_module.calls, "add_calls", add)
    tail = Tail(store.home, store)
    drain(tail)
    assert stored(store) == ["a", "b", "c"]
    assert tail.lag() == 0
    kept = [json.loads(line) for line in (store.home.logs / "rejected-records.jsonl").read_text().splitlines()]
    assert [entry["record"]["id"] for entry in kept] == ["bad", "poison"]
    assert "started_at" in kept[0]["reason"]


def test_it_follows_within_200_ms_and_stores_the_rest_when_stopped(store: Store, writer: Writer) -> None:
    tail, stop = Tail(store.home, store), threading.Event()
    thread = threading.Thread(target=tail.run, args=(stop,))
    thread.start()
    try:
        write(writer, *call_records("first"))
        _until(lambda: stored(store) == ["first"], 10)
        delays = []
        for n in range(10):
            write(writer, *call_records(f"c{n}", 10.0 + n))
            started = time.monotonic()
            _until(lambda n=n: f"c{n}" in stored(store), 10)
            delays.append(time.monotonic() - started)
        assert sorted(delays)[4] < 0.2
        write(writer, *call_records("last", 100.0))
    finally:
        stop.set()
        thread.join(10)
    assert stored(store)[-1] == "last"
    with store.read() as session:
        assert calls.offset(session) == tuple(tail.position)


def test_a_replaced_journal_is_read_from_its_beginning(store: Store) -> None:
    for n in range(3):
        with Writer(store.home.journal) as writer:
            write(writer, *call_records(f"c{n}", float(n)))
    drain(Tail(store.home, store))
    for path in Path(store.home.journal).glob("*.seg"):
        path.unlink()
    with Writer(store.home.journal) as writer:
        write(writer, *call_records("new", 9.0))
    drain(Tail(store.home, store))
    assert stored(store)[-1] == "new"


def _until(condition: Any, timeout_s: float) -> None:
    end = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < end, "did not happen in time"
        time.sleep(0.005)
