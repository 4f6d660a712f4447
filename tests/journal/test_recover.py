"""What the runtime learns after a death."""

from __future__ import annotations

import importlib
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ccc.journal import Position, Writer, lag_bytes, read, recover, recover_agents, scan
from ccc.journal.frames import frame
from ccc.journal.segments import AGENTS, path_of

recover_module = importlib.import_module("ccc.journal.recover")  # the package exports a function of the same name


def opened(call_id: str) -> dict:
    return {"k": "open", "id": call_id, "at": 1.0, "instance": "demo", "dialog": {"cseq": 1}}


def test_open_calls_with_their_state(tmp_path: Path) -> None:
    with Writer(tmp_path, segment_bytes=150) as writer:
        for record in (
            opened("a"),
            opened("b"),
            {"k": "step", "id": "a", "n": 0, "node": "s", "name": "Start", "type": "start", "entered_at": 1.0},
            {"k": "answered", "id": "a", "at": 2.0},
            {"k": "step", "id": "a", "n": 0, "node": "s", "left_at": 2.0, "exit": "next"},
            {"k": "step", "id": "a", "n": 1, "node": "q", "type": "queue", "entered_at": 2.0},
            {"k": "rec", "id": "a", "path": "demo/a.wav"},
            {"k": "dialog", "id": "a", "dialog": {"cseq": 2}},
            {"k": "agent", "id": "a", "agent": "agent1", "group": "sales", "at": 3.0},
            {"k": "close", "id": "b", "cdr": {}},
            {"k": "wrap-up", "id": "b", "agent": "agent1", "at": 4.0, "note": "x", "disposition": None},
        ):
            writer.append(record)
    calls = recover(tmp_path)
    assert list(calls) == ["a"]
    call = calls["a"]
    assert call.opened["instance"] == "demo"
    assert call.dialog == {"cseq": 2}
    assert (call.answered_at, call.recording, call.agent, call.skill_group) == (2.0, "demo/a.wav", "agent1", "sales")
    assert call.steps[0] == {
        "n": 0,
        "node": "s",
        "name": "Start",
        "type": "start",
        "entered_at": 1.0,
        "left_at": 2.0,
        "exit": "next",
    }
    assert "left_at" not in call.steps[1]


def test_agent_states_newest_wins_over_the_saved_ones(tmp_path: Path) -> None:
    def state(agent: str, name: str) -> dict:
        return {"k": "agent-state", "instance": "demo", "agent": agent, "state": name, "reason": "", "at": 1.0}

    (tmp_path / AGENTS).write_text(json.dumps([state("agent1", "ready"), state("agent2", "break")]))
    with Writer(tmp_path) as writer:
        writer.append(state("agent1", "talking"))
    agents = recover_agents(tmp_path)
    assert agents[("demo", "agent1")]["state"] == "talking"
    assert agents[("demo", "agent2")]["state"] == "break"


def test_a_position_in_a_deleted_segment_goes_on_with_the_next(tmp_path: Path) -> None:
    for n in (1, 2):
        with Writer(tmp_path) as writer:
            writer.append({"n": n})
    path_of(tmp_path, 1).unlink()
    assert [record["n"] for record, _ in read(tmp_path, Position(1, 5))] == [2]
    assert [record["n"] for record, _ in read(tmp_path, Position(9, 0))] == [2]


def test_lag_counts_what_is_unread(tmp_path: Path) -> None:
    with Writer(tmp_path, segment_bytes=100) as writer:
        for n in range(20):
            writer.append({"n": n})
    positions = [position for _, position in read(tmp_path)]
    assert lag_bytes(tmp_path, positions[-1]) == 0
    assert lag_bytes(tmp_path, positions[-2]) == len(frame({"n": 19}))
    assert lag_bytes(tmp_path, Position(0, 0)) == sum(len(frame({"n": n})) for n in range(20))


def test_an_empty_or_missing_folder_is_empty(tmp_path: Path) -> None:
    assert scan(tmp_path / "none").calls == {}
    assert list(read(tmp_path)) == []


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_a_cut_journal_never_forgets_an_open_call(tmp_path_factory, data: st.DataObject) -> None:
    """Cut the file anywhere: calls opened before the cut and not closed before it are recovered, no others."""
    folder = tmp_path_factory.mktemp("journal")
    events = data.draw(st.lists(st.tuples(st.sampled_from(["open", "close"]), st.sampled_from("abc")), max_size=12))
    frames = [frame({"k": kind, "id": call, "at": 1.0, "cdr": {}}) for kind, call in events]
    whole = b"".join(frames)
    cut = data.draw(st.integers(0, len(whole)))
    path_of(folder, 1).write_bytes(whole[:cut])
    open_calls: set[str] = set()
    size = 0
    for (kind, call), body in zip(events, frames, strict=True):
        size += len(body)
        if size > cut:
            break
        open_calls = open_calls | {call} if kind == "open" else open_calls - {call}
    assert set(recover(folder)) == open_calls


def test_states_of_segments_deleted_during_the_scan_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    state = {"k": "agent-state", "instance": "demo", "agent": "bob", "state": "break", "reason": "", "at": 1.0}
    path_of(tmp_path, 1).write_bytes(frame(state))
    path_of(tmp_path, 2).write_bytes(frame(opened("a")))
    real = recover_module.read
    deleted: list[bool] = []

    def jobs_deletes_first(folder: Path):
        if not deleted:
            deleted.append(True)
            (folder / AGENTS).write_text(json.dumps([state]))
            path_of(folder, 1).unlink()
        return real(folder)

    monkeypatch.setattr(recover_module, "read", jobs_deletes_first)
    found = scan(tmp_path)
    assert found.agents[("demo", "bob")]["state"] == "break"
    assert list(found.calls) == ["a"]


@pytest.mark.parametrize(
    "record",
    [
        {"k": "open", "id": "b"},
        {"k": "open", "id": "b", "at": 10**400},
        {"k": "step", "id": "a"},
        {"k": "step", "id": "a", "n": "0"},
        {"k": "answered", "id": "a", "at": float("nan")},
        {"k": "agent", "id": "a"},
        {"k": "rec", "id": "a"},
        {"k": "close", "id": ["a"]},
        {"k": []},
    ],
)
def test_a_malformed_record_does_not_keep_the_telephone_side_from_starting(tmp_path: Path, record: dict) -> None:
    path_of(tmp_path, 1).write_bytes(frame(opened("a")) + frame(record))
    found = scan(tmp_path)
    assert list(found.calls) == ["a"]
    assert found.calls["a"].opened["at"] == 1.0
