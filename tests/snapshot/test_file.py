"""The snapshot file: whole or not at all, and an error that names what is wrong."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ccc.errors import ConfigError
from ccc.snapshot import file, load, write
from ccc.snapshot.model import (
    Agent,
    AgentGroup,
    Audio,
    FlowVersion,
    Instance,
    Number,
    PrefixRule,
    SkillGroup,
    Snapshot,
    Trunk,
)

SNAPSHOT = Snapshot(
    counter=7,
    made_at=1700000000.25,
    instances=(Instance("demo", "演示", "acme"),),
    trunks=(Trunk("t1", "local", "address", ("127.0.0.0/8",), called_rules=(PrefixRule("0086", "+86"),)),),
    numbers=(Number("4000", "demo", "welcome", ("t1",)),),
    agents=(Agent("agent1", "demo", "Agent 1", "agent", (AgentGroup("sales", 2),)),),
    skill_groups=(SkillGroup("sales", "demo", "销售", dispositions=("ok", "no")),),
    flows=(FlowVersion("welcome", "demo", 3, "abc", {"nodes": [{"id": "n1"}]}),),
    unpublished=(("demo", "draft"),),
    audio=(Audio("logo", "demo", "/tmp/x.al"),),
)


def test_round_trip(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "current.json"
    write(path, SNAPSHOT)
    assert load(path) == SNAPSHOT
    write(path, replace(SNAPSHOT, counter=8))
    assert load(path).counter == file.counter(path) == 8
    assert [entry.name for entry in path.parent.iterdir()] == ["current.json"]
    assert path.stat().st_mode & 0o077 == 0


def test_missing_file_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="ccc db upgrade"):
        load(tmp_path / "none.json")
    assert file.counter(tmp_path / "none.json") == 0


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda s: s.pop("counter"), "counter"),
        (lambda s: s["trunks"][0].update(kind="sms"), r"trunks\.0\.kind"),
        (lambda s: s["numbers"][0].update(flow=5), r"numbers\.0\.flow"),
        (lambda s: s["trunks"][0].update(addresses=["10.0.0.0/99"]), "10.0.0.0/99"),
        (lambda s: s["numbers"][0].update(instance="other"), "unknown instance 'other'"),
        (lambda s: s["numbers"][0].update(trunks=["t9"]), "unknown trunk 't9'"),
        (lambda s: s["agents"][0]["groups"][0].update(group="vip"), "unknown skill group 'vip'"),
        (lambda s: s["numbers"].append(s["numbers"][0]), "number 4000 is there twice"),
    ],
)
def test_errors_name_the_place(change, words: str) -> None:
    document = json.loads(file.encode(SNAPSHOT))
    change(document)
    with pytest.raises(ConfigError, match=words):
        file.decode(json.dumps(document).encode())


@settings(max_examples=500)
@given(st.binary(max_size=100) | st.integers(0, 2000).map(lambda n: file.encode(SNAPSHOT)[:n]))
def test_any_damage_is_a_config_error(data: bytes) -> None:
    if data == file.encode(SNAPSHOT):
        return
    with pytest.raises(ConfigError):
        file.decode(data)


def test_a_failed_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "current.json"
    write(path, SNAPSHOT)

    def refuse(fd: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(file.os, "fsync", refuse)
    with pytest.raises(OSError, match="No space"):
        write(path, replace(SNAPSHOT, counter=9))
    monkeypatch.undo()
    assert load(path) == SNAPSHOT
    assert len(list(tmp_path.iterdir())) == 1
