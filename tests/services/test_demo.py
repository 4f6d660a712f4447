"""The demonstration: made once, callable, and never made again over what people changed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ccc.home import Home
from ccc.services import users
from ccc.services.actor import SYSTEM
from ccc.services.demo import FLOWS, NUMBERS, seed
from ccc.services.prepare import run
from ccc.settings import load as load_settings
from ccc.snapshot import load
from ccc.store import open_store


def test_seed_makes_everything_once(home: Home) -> None:
    made = seed(home)
    assert set(made) == {"admin", "agent1", "agent2"}
    assert len(set(made.values())) == 3
    exported = load(home.snapshot)
    assert {number.number: number.flow for number in exported.numbers} == NUMBERS
    assert {flow.name for flow in exported.flows} == set(NUMBERS.values())
    assert exported.trunks[0].addresses == ("127.0.0.0/8",)
    assert {group.name for group in exported.skill_groups} == {"default", "sales", "service"}
    agents = {agent.user: agent for agent in exported.agents}
    assert {membership.group for membership in agents["agent1"].groups} == {"default", "sales", "service"}
    assert seed(home) == {}
    store = open_store(home)
    try:
        for name, password in made.items():
            assert users.verify_password(store, name, password) is not None
        users.set_role(store, SYSTEM, "agent2", "demo", None)
    finally:
        store.close()
    assert seed(home) == {}
    assert "agent2" not in {agent.user for agent in load(home.snapshot).agents}


def test_a_seed_that_failed_half_way_is_completed_and_no_password_is_lost(home: Home, tmp_path: Path) -> None:
    for name in NUMBERS.values():
        (tmp_path / f"{name}.json").write_bytes((FLOWS / f"{name}.json").read_bytes())
    whole = (tmp_path / "bench.json").read_bytes()
    (tmp_path / "bench.json").write_text(json.dumps({"format": 99}))
    with pytest.raises(Exception, match="format 99"):
        seed(home, flows_folder=tmp_path)
    (tmp_path / "bench.json").write_bytes(whole)
    assert set(seed(home, flows_folder=tmp_path)) == {"admin", "agent1", "agent2"}
    assert len(load(home.snapshot).flows) == 4


def test_prepare_prints_passwords_once_and_writes_the_sounds(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    run(home, load_settings(home, {}, demo=True))
    assert "agent1" in capsys.readouterr().out
    assert list(home.prompts.glob("hold-music*"))
    run(home, load_settings(home, {}, demo=True))
    assert capsys.readouterr().out == ""


def test_prepare_without_demo_leaves_an_empty_installation(home: Home) -> None:
    run(home, load_settings(home, {}))
    exported = load(home.snapshot)
    assert (exported.instances, exported.numbers, exported.agents) == ((), (), ())
