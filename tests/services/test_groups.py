"""Skill groups: rights, fields, members, conflicts, deletion while used, what the telephone side and the log learn."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ccc.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError, StaleError
from ccc.loader import load as load_plugins
from ccc.services import agents, groups, users
from ccc.services.actor import SYSTEM, Actor
from ccc.services.flows import import_flow
from ccc.snapshot import load
from ccc.store import Store
from ccc.store.records import GroupRecord
from ccc.store.repos import audit

BOSS = Actor("boss", {"demo": "admin"}, account="acme", address="10.1.2.3")
LEAD = Actor("lead", {"demo": "supervisor"}, account="acme")
BOB = Actor("bob", {"demo": "agent"}, account="acme")
EVE = Actor("eve", {"other": "admin"}, account="else")
SALES = GroupRecord("demo", "sales", "销售", dispositions=("有意向", " 无意向 ", "", "有意向"), members={"bob": 2})


@pytest.fixture
def made(store: Store) -> Store:
    users.add_user(store, SYSTEM, "bob", "password1", instance="demo", name="Bob")
    users.add_user(store, SYSTEM, "ann", "password1", instance="demo", name="Ann")
    groups.create_group(store, BOSS, SALES)
    return store


def test_make_change_and_what_the_telephone_side_learns(made: Store) -> None:
    group = groups.get_group(made, LEAD, "demo", "sales")
    assert (group.dispositions, group.members, group.revision) == (("有意向", "无意向"), {"bob": 2}, 1)
    wanted = replace(group, title="销售热线", wrap_up_s=5, members={"ann": 1, "bob": 3})
    assert groups.change_group(made, BOSS, wanted, 1).revision == 2
    snapshot = load(made.home.snapshot)
    assert [(item.title, item.wrap_up_s) for item in snapshot.skill_groups] == [("销售热线", 5.0)]
    assert {item.user: [(one.group, one.level) for one in item.groups] for item in snapshot.agents} == {
        "ann": [("sales", 1)],
        "bob": [("sales", 3)],
    }
    with made.read() as session:
        entry = audit.find(session)[0]
    assert (entry.user, entry.action, entry.object, entry.address) == ("boss", "group.change", "sales", "10.1.2.3")
    assert entry.before is not None and entry.after is not None
    assert (entry.before["title"], entry.after["title"]) == ("销售", "销售热线")
    assert "dispositions" not in entry.before, "only what changed is kept"


def test_a_stale_save_changes_nothing(made: Store) -> None:
    old = groups.get_group(made, BOSS, "demo", "sales")
    groups.change_group(made, BOSS, replace(old, title="first"), old.revision)
    with pytest.raises(StaleError):
        groups.change_group(made, BOSS, replace(old, title="second"), old.revision)
    assert groups.get_group(made, BOSS, "demo", "sales").title == "first"


def test_a_change_of_members_elsewhere_is_a_change(made: Store) -> None:
    before = groups.get_group(made, BOSS, "demo", "sales")
    agents.set_groups(made, BOSS, "demo", ["ann"], {"sales": 1}, "add")
    after = groups.get_group(made, BOSS, "demo", "sales")
    assert after.members == {"ann": 1, "bob": 2} and after.revision > before.revision


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": "_x"}, "name"),
        ({"name": "a/b"}, "name"),
        ({"name": "x" * 65}, "name"),
        ({"name": " x"}, "name"),
        ({"ring_timeout_s": 4}, "ring_timeout_s"),
        ({"wrap_up_s": 3601}, "wrap_up_s"),
        ({"misses_allowed": -1}, "misses_allowed"),
        ({"dispositions": tuple(map(str, range(51)))}, "dispositions"),
        ({"members": {"bob": 10}}, "members"),
        ({"members": {"nobody": 1}}, "members"),
    ],
)
def test_bad_values_name_their_field(made: Store, change: dict[str, object], field: str) -> None:
    with pytest.raises(InvalidError) as caught:
        groups.create_group(made, BOSS, replace(SALES, **{"name": "other", **change}))  # type: ignore[arg-type]
    assert caught.value.field == field
    assert [item.name for item in groups.list_groups(made, BOSS, "demo")] == ["sales"]


def test_names_are_taken_once_and_may_be_chinese(made: Store) -> None:
    with pytest.raises(ConflictError) as caught:
        groups.create_group(made, BOSS, SALES)
    assert caught.value.field == "name"
    assert groups.create_group(made, BOSS, GroupRecord("demo", "售后 2组", "")).title == "售后 2组"


def test_rights(made: Store) -> None:
    for actor in (LEAD, BOB):
        with pytest.raises(ForbiddenError):
            groups.create_group(made, actor, replace(SALES, name="x"))
        with pytest.raises(ForbiddenError):
            groups.change_group(made, actor, SALES, 1)
    with pytest.raises(ForbiddenError):
        groups.list_groups(made, BOB, "demo")
    for act in (groups.list_groups, lambda *args: groups.get_group(*args, "sales")):
        with pytest.raises(NotFoundError):
            act(made, EVE, "demo")
    with pytest.raises(NotFoundError):
        groups.create_group(made, EVE, replace(SALES, name="x"))


def test_deleting_keeps_agents_and_is_refused_while_a_flow_uses_it(made: Store) -> None:
    registry = load_plugins()
    document = """{"format": 1, "name": "in", "title": "热线", "nodes": [
        {"id": "start", "type": "start", "name": "", "config": {}},
        {"id": "q", "type": "queue", "name": "", "config": {"group": "sales"}}], "edges": []}"""
    import_flow(made, registry, SYSTEM, "demo", document.encode())
    uses = groups.group_uses(made, registry, BOSS, "demo", "sales")
    assert [(use.title, use.node, use.version) for use in uses] == [("热线", "q", None)]
    with pytest.raises(ConflictError, match="热线"):
        groups.delete_group(made, registry, BOSS, "demo", "sales")
    groups.create_group(made, BOSS, replace(SALES, name="spare"))
    groups.delete_group(made, registry, BOSS, "demo", "spare")
    assert agents.get_agent(made, BOSS, "demo", "bob").groups == {"sales": 2}
    assert [item.name for item in load(made.home.snapshot).skill_groups] == ["sales"]
    with pytest.raises(NotFoundError):
        groups.delete_group(made, registry, BOSS, "demo", "spare")


def test_defaults_of_the_queue_reach_the_telephone_side(store: Store) -> None:
    made = groups.create_group(
        store,
        BOSS,
        GroupRecord(
            "demo", "vip", "VIP", queue_timeout_s=60, max_waiting=5, announce_every_s=20, announce_wait=True,
            familiar="on", familiar_wait_s=15,
        ),
    )  # fmt: skip
    group = next(item for item in load(store.home.snapshot).skill_groups if item.name == "vip")
    assert (group.queue_timeout_s, group.max_waiting, group.announce_every_s) == (60, 5, 20)
    assert (group.announce_position, group.announce_wait, group.familiar, group.familiar_wait_s) == (
        True,
        True,
        True,
        15,
    )
    with pytest.raises(InvalidError) as refused:
        groups.change_group(store, BOSS, replace(made, music="nobody"), made.revision)
    assert refused.value.field == "music"
    saved = groups.change_group(store, BOSS, replace(made, familiar=""), made.revision)
    assert saved.max_waiting == 5
    assert not next(item for item in load(store.home.snapshot).skill_groups if item.name == "vip").familiar
