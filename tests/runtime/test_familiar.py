"""Who talked with whom: remembered within bounds, through a restart, whatever the disk says."""

from __future__ import annotations

from pathlib import Path

import pytest

from ccc.runtime.familiar import Familiar


def test_remembered_by_group_and_through_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "familiar.jsonl"
    memory = Familiar(path)
    memory.learn("demo", "sales", "+8613800138000", "ann")
    memory.learn("demo", "help", "+8613800138000", "bob")
    memory.learn("demo", "sales", "", "ann")
    with path.open("a") as file:
        file.write('["demo", "sales", "torn')
    again = Familiar(path)
    assert again.agent("demo", "sales", "+8613800138000") == "ann"
    assert again.agent("demo", "help", "+8613800138000") == "bob"
    assert again.agent("other", "sales", "+8613800138000") is None
    assert len(again) == 2


def test_bounded_in_memory_and_on_disk(tmp_path: Path) -> None:
    path = tmp_path / "familiar.jsonl"
    memory = Familiar(path, limit=10)
    for number in range(200):
        memory.learn("demo", "sales", str(number), "ann")
        memory.learn("demo", "sales", "0", "bob")
    assert len(memory) == 10 and memory.agent("demo", "sales", "0") == "bob"
    assert memory.agent("demo", "sales", "1") is None
    assert len(path.read_text().splitlines()) <= 41
    assert len(Familiar(path, limit=10)) == 10


def test_a_disk_that_refuses_costs_only_the_memory(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "familiar.jsonl"
    path.mkdir()
    memory = Familiar(path)
    memory.learn("demo", "sales", "1", "ann")
    memory.learn("demo", "sales", "2", "ann")
    assert memory.agent("demo", "sales", "1") == "ann"
    assert caplog.text.count("is not saved") == 1
