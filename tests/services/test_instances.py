"""Instances: one-step creation, live checks, settings (INS-1, INS-2)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ccc.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError, StaleError
from ccc.loader import Registry, load
from ccc.services import instances, numbers
from ccc.services.actor import Actor
from ccc.services.flow_admin import flow_item
from ccc.services.instances import Wish
from ccc.services.passwords import hash_password
from ccc.snapshot import load as load_snapshot
from ccc.store import Store
from ccc.store.repos import audit, users

OWNER = Actor("owner", {}, account="acme", account_role="owner")


@pytest.fixture(scope="module")
def registry() -> Registry:
    return load(entry_points=False)


@pytest.fixture
def filled(store: Store) -> Store:
    hashed = hash_password("correct horse 9")
    with store.write() as session:
        for name in ("owner", "wang"):
            users.add(session, "acme", name, name.title(), None, hashed)
    for number in ("4001234567", "075526881234"):
        numbers.add_account_number(store, OWNER, "acme", number)
    return store


def test_one_step_makes_everything_a_call_needs(filled: Store, registry: Registry) -> None:
    wish = Wish("华南客服", "south", "描述", ("4001234567", "075526881234"), ("wang",))
    made = instances.create_instance(filled, registry, OWNER, "acme", wish)
    assert made.problem is None
    assert (made.instance.title, made.instance.admins) == ("华南客服", ("Owner", "Wang"))
    now = load_snapshot(filled.home.snapshot)
    assert {(item.number, item.flow) for item in now.numbers if item.instance == "south"} == {
        ("4001234567", "welcome"),
        ("075526881234", "welcome"),
    }
    assert [(item.name, item.version) for item in now.flows if item.instance == "south"] == [("welcome", 1)]
    assert [item.name for item in now.skill_groups if item.instance == "south"] == ["default"]
    assert {(item.user, item.groups[0].group) for item in now.agents if item.instance == "south"} == {
        ("owner", "default"),
        ("wang", "default"),
    }
    inside = replace(OWNER, roles={"south": "admin"})
    outbound = {item.number: item.groups for item in numbers.instance_numbers(filled, inside, "south")}
    assert outbound == {"4001234567": (), "075526881234": ("default",)}, "a 400 number never calls out (NUM-10)"
    assert flow_item(filled, registry, inside, "south", "welcome").numbers == ("075526881234", "4001234567")
    with filled.read() as session:
        assert "instance.add" in {entry.action for entry in audit.find(session, "south")}


def test_names_and_addresses_are_checked(filled: Store, registry: Registry) -> None:
    def make(title: str, name: str, **more: tuple[str, ...]) -> None:
        instances.create_instance(filled, registry, OWNER, "acme", Wish(title, name, **more))

    with pytest.raises(ConflictError, match="exists already") as caught:
        make("Other", "DEMO")
    assert caught.value.field == "name"
    with pytest.raises(ConflictError) as caught:
        make("Demo", "other")
    assert caught.value.field == "title"
    for name in ("", "a", "with space", "-x", "中文", "x" * 64, "a.b"):
        with pytest.raises(InvalidError):
            make("Other", name)
    for title in ("", " ", "a" * 65, "a/b", "<b>"):
        with pytest.raises(InvalidError):
            make(title, "other")
    with pytest.raises(InvalidError, match="no user"):
        make("Other", "other", admins=("nobody",))
    with pytest.raises(InvalidError, match="no number"):
        make("Other", "other", numbers=("999",))
    assert [item.name for item in instances.account_instances(filled, OWNER, "acme")] == ["demo"], "nothing half made"
    instances.check_address(filled, OWNER, "acme", "free-1_x")
    instances.check_title(filled, OWNER, "acme", "Demo", but="demo")


def test_settings_reach_the_snapshot_and_conflicts_are_told(filled: Store) -> None:
    boss = Actor("b", {"demo": "admin"}, account="acme")
    old = instances.get_instance(filled, boss, "demo")
    wanted = replace(
        old, timezone="Europe/Berlin", recording=False, max_call_s=600, break_reasons=("小休", " 小休 ", "", "午餐")
    )
    saved = instances.change_settings(filled, boss, wanted, old.revision)
    assert (saved.break_reasons, saved.revision) == (("小休", "午餐"), old.revision + 1)
    live = load_snapshot(filled.home.snapshot).instances[0]
    assert (live.timezone, live.recording, live.max_call_s, live.break_reasons) == (
        "Europe/Berlin", False, 600, ("小休", "午餐"),
    )  # fmt: skip
    with pytest.raises(StaleError):
        instances.change_settings(filled, boss, wanted, old.revision)
    with pytest.raises(StaleError):
        instances.change_instance(filled, OWNER, "acme", wanted, old.revision)
    for field, value in (
        ("timezone", "Mars/Base"),
        ("max_call_s", 1),
        ("max_calls", -1),
        ("break_reasons", ("x" * 21,)),
    ):
        with pytest.raises(InvalidError) as caught:
            instances.change_settings(filled, boss, replace(saved, **{field: value}), saved.revision)
        assert caught.value.field == field


def test_rights(filled: Store, registry: Registry) -> None:
    agent = Actor("a", {"demo": "agent"}, account="acme")
    other = Actor("o", {}, account="else", account_role="owner")
    with pytest.raises(ForbiddenError):
        instances.create_instance(filled, registry, agent, "acme", Wish("X", "xx"))
    with pytest.raises(NotFoundError):
        instances.create_instance(filled, registry, other, "acme", Wish("X", "xx"))
    with pytest.raises(NotFoundError):
        instances.account_instance(filled, other, "acme", "demo")
    with pytest.raises(ForbiddenError):
        instances.get_instance(filled, agent, "demo")
    with pytest.raises(NotFoundError):
        instances.get_instance(filled, OWNER, "demo")
