"""Who sees which call."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from ccc.errors import InvalidError, NotFoundError
from ccc.jobs.ingest import call_row
from ccc.services import calls
from ccc.services.actor import SYSTEM, Actor
from ccc.store import Store
from ccc.store.records import CallFilter
from ccc.store.repos import calls as repo

BOSS = Actor("boss", {"demo": "supervisor"})
BOB = Actor("bob", {"demo": "agent"})
EVE = Actor("eve", {"other": "admin"})


@pytest.fixture
def filled(store: Store) -> Store:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    rows = [
        {
            **call_row({"id": f"c{n}", "instance": "demo", "direction": "inbound", "cause": "normal", "started_at": 0}),
            "started_at": start + timedelta(minutes=n),
            "agent": "bob" if n % 2 else "",
            "recording": "demo/c1.wav" if n == 1 else "../secrets/x" if n == 3 else "",
        }
        for n in range(6)
    ]
    with store.write() as session:
        repo.add_calls(session, rows)
    return store


def test_a_supervisor_sees_all_an_agent_the_own_ones_a_stranger_none(filled: Store) -> None:
    assert [call.id for call in calls.list_calls(filled, BOSS, "demo", size=4).items] == ["c5", "c4", "c3", "c2"]
    assert [call.id for call in calls.list_calls(filled, BOB, "demo").items] == ["c5", "c3", "c1"]
    assert [call.id for call in calls.list_calls(filled, BOB, "demo", CallFilter(agent="eve")).items] == [
        "c5",
        "c3",
        "c1",
    ]
    with pytest.raises(NotFoundError):
        calls.list_calls(filled, EVE, "demo")
    with pytest.raises(NotFoundError):
        calls.get_call(filled, EVE, "other", "c1")
    with pytest.raises(NotFoundError):
        calls.get_call(filled, BOB, "demo", "c2")
    assert len(calls.last_calls(filled, SYSTEM, 3)) == 3
    with pytest.raises(NotFoundError):
        calls.last_calls(filled, BOSS, 3)


def test_notes(filled: Store) -> None:
    changed = calls.set_note(filled, BOB, "demo", "c1", note="called back", disposition="ok")
    assert (changed.note, changed.disposition) == ("called back", "ok")
    assert calls.set_note(filled, BOSS, "demo", "c1", disposition="no").note == "called back"
    with pytest.raises(NotFoundError):
        calls.set_note(filled, BOB, "demo", "c2", note="not mine")
    with pytest.raises(InvalidError, match="4000"):
        calls.set_note(filled, BOB, "demo", "c1", note="x" * 4001)


def test_bad_pages(filled: Store) -> None:
    for size in (0, 501):
        with pytest.raises(InvalidError) as caught:
            calls.list_calls(filled, BOSS, "demo", size=size)
        assert caught.value.field == "size"
    with pytest.raises(InvalidError):
        calls.list_calls(filled, BOSS, "demo", after="rubbish")


def test_recordings_stay_in_their_folder(filled: Store) -> None:
    path = filled.home.recordings / "demo" / "c1.wav"
    path.parent.mkdir()
    path.write_bytes(b"RIFF")
    (filled.home.secrets / "x").write_bytes(b"key")
    assert calls.recording_file(filled, BOSS, calls.get_call(filled, BOSS, "demo", "c1")) == path.resolve()
    for call_id in ("c3", "c2"):
        with pytest.raises(NotFoundError):
            calls.recording_file(filled, BOSS, calls.get_call(filled, BOSS, "demo", call_id))
