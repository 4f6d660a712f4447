"""What becomes of a callback whose runtime died, and what the journal keeps of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ccc.jobs.retained import Retained
from ccc.journal import Position, Writer
from ccc.journal.recover import scan
from ccc.runtime.callback import Callback, after_restart, from_record

ASKED = Callback(
    "cb1", "demo", "sales", "13800138000", "far", "13800138000", "4000", "c1", "main", 3, "n1", "回呼", asked_at=1000.0,
    since=900.0, priority=5, arrival=7, expires_at=90_000.0, max_attempts=2, variables={"级别": "vip"},
)  # fmt: skip


def test_written_and_read_again() -> None:
    record = ASKED.as_record()
    assert from_record({**record, "something": "new"}) == ASKED
    with pytest.raises(TypeError):
        from_record({"id": "cb1"})


@pytest.mark.parametrize(
    ("state", "attempts", "then", "due"),
    [("waiting", 0, "waiting", 2000.0), ("calling", 1, "waiting", 2030.0), ("calling", 2, "failed", None),
     ("talking", 1, "done", None)],
)  # fmt: skip
def test_after_a_death(state: str, attempts: int, then: str, due: float | None) -> None:
    found = after_restart(replace(ASKED, state=state, attempts=attempts), 2000.0, 30.0)  # type: ignore[arg-type]
    assert (found.state, found.next_at) == (then, due)
    assert (found.closed_at is None) == (then == "waiting")


def test_the_journal_keeps_open_ones_when_its_segments_go(tmp_path: Path) -> None:
    closed = replace(ASKED, id="cb2", state="done", closed_at=1500.0)
    with Writer(tmp_path) as journal:
        journal.append(ASKED.as_record())
        journal.append(replace(closed, state="waiting", closed_at=None).as_record())
        journal.append(closed.as_record())
    with Writer(tmp_path):
        pass
    assert set(scan(tmp_path).callbacks) == {"cb1"}
    retained = Retained(tmp_path)
    retained.rebuild(Position(2, 0))
    assert retained.prune(Position(2, 0)) == 1
    found = scan(tmp_path).callbacks
    assert [from_record(record) for record in found.values()] == [ASKED]
    with Writer(tmp_path) as journal:
        journal.append(replace(ASKED, state="cancelled", closed_at=1600.0).as_record())
    assert not scan(tmp_path).callbacks
