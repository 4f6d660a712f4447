"""Agents and the users of an account: who may do what, history, conflicts, the last administrator."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ccc.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError, StaleError
from ccc.services import accounts, agents, groups, users
from ccc.services.accounts import UserWish
from ccc.services.actor import SYSTEM, Actor, actor_of
from ccc.services.log import last_change
from ccc.snapshot import load
from ccc.store import Store
from ccc.store.records import AgentRecord, GroupRecord
from ccc.store.repos import audit, centre
from ccc.store.repos import users as repo

BOSS = Actor("boss", {"demo": "admin"}, account="acme")
LEAD = Actor("lead", {"demo": "supervisor"}, account="acme")
OWNER = Actor("owner", account="acme", account_role="owner")
MANAGER = Actor("manager", account="acme", account_role="manager")
FOREIGN = Actor("foreign", {"far": "admin"}, account="else", account_role="owner")
NEW = AgentRecord("demo", "cat", "凯特", "agent", auto_answer=True, groups={"sales": 2}, email="cat@example.com")


@pytest.fixture
def house(store: Store) -> Store:
    """An account with people and a second account beside it."""
    users.add_user(store, SYSTEM, "boss", "password1", instance="demo", role="admin", name="Boss")
    users.add_user(store, SYSTEM, "bob", "password1", instance="demo", name="Bob")
    groups.create_group(store, SYSTEM, GroupRecord("demo", "sales", "销售"))
    with store.write() as session:
        centre.add_instance(session, "acme", "second", "")
        repo.add_account(session, "else", "")
        centre.add_instance(session, "else", "far", "")
        for name in ("owner", "manager"):
            repo.add(session, "acme", name, name, None, "x")
            repo.set_account_role(session, name, name)
        repo.add(session, "else", "foreign", "Foreign", None, "x")
        repo.set_account_role(session, "foreign", "owner")
    return store


def names(store: Store) -> list[str]:
    return [item.username for item in agents.list_agents(store, BOSS, "demo")]


def test_make_one_on_the_spot(house: Store) -> None:
    made = agents.create_agent(house, BOSS, NEW, "password1")
    assert (made.groups, made.auto_answer, made.revision) == ({"sales": 2}, True, 1)
    assert users.verify_password(house, "cat", "password1") is not None
    seen = next(item for item in load(house.home.snapshot).agents if item.user == "cat")
    assert (seen.name, seen.auto_answer, seen.groups[0].level) == ("凯特", True, 2)
    with house.read() as session:
        shape = audit.find(session)[0].after
    assert shape is not None and shape["groups"] == {"sales": 2} and "password" not in str(shape)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"username": "b b"}, "username"),
        ({"username": "bob"}, "username"),
        ({"role": "king"}, "role"),
        ({"groups": {"none": 1}}, "groups"),
        ({"groups": {"sales": 0}}, "groups"),
        ({"email": "nonsense"}, "email"),
    ],
)
def test_bad_values_name_their_field_and_make_nothing(house: Store, change: dict[str, object], field: str) -> None:
    with pytest.raises((InvalidError, ConflictError)) as caught:
        agents.create_agent(house, BOSS, replace(NEW, **change), "password1")  # type: ignore[arg-type]
    assert caught.value.field == field and names(house) == ["bob", "boss"]
    with house.read() as session:
        assert repo.get(session, "cat") is None


def test_only_users_of_the_account_are_brought_in(house: Store) -> None:
    assert [user.username for user in agents.candidates(house, BOSS, "demo")] == ["manager", "owner"]
    agents.import_agent(house, BOSS, AgentRecord("demo", "manager", "", "supervisor"))
    assert "manager" in names(house)
    with pytest.raises(NotFoundError):
        agents.import_agent(house, BOSS, AgentRecord("demo", "foreign", "", "agent"))
    with pytest.raises(NotFoundError):
        users.set_role(house, SYSTEM, "foreign", "demo", "agent")
    with pytest.raises(ConflictError):
        agents.import_agent(house, BOSS, AgentRecord("demo", "bob", "", "agent"))


def test_change_conflict_and_who_it_was(house: Store) -> None:
    old = agents.get_agent(house, BOSS, "demo", "bob")
    new = agents.change_agent(house, BOSS, replace(old, name="Bobby", groups={"sales": 1}), old.revision)
    assert (new.name, new.groups, new.revision > old.revision) == ("Bobby", {"sales": 1}, True)
    with pytest.raises(StaleError):
        agents.change_agent(house, BOSS, replace(old, name="Robert"), old.revision)
    entry = last_change(house, LEAD, "demo", "bob", "agent.")
    assert entry is not None and entry.user == "boss"


def test_groups_in_batch(house: Store) -> None:
    groups.create_group(house, SYSTEM, GroupRecord("demo", "vip", "VIP"))
    assert agents.set_groups(house, BOSS, "demo", ["bob", "boss"], {"sales": 3}, "add") == 2
    assert agents.set_groups(house, BOSS, "demo", ["bob", "boss"], {"sales": 3}, "add") == 0
    agents.set_groups(house, BOSS, "demo", ["bob"], {"vip": 1}, "add")
    assert agents.get_agent(house, BOSS, "demo", "bob").groups == {"sales": 3, "vip": 1}
    agents.set_groups(house, BOSS, "demo", ["bob"], {"vip": 1}, "remove")
    assert agents.get_agent(house, BOSS, "demo", "bob").groups == {"sales": 3}
    agents.set_groups(house, BOSS, "demo", ["bob"], {"vip": 2}, "replace")
    assert agents.get_agent(house, BOSS, "demo", "bob").groups == {"vip": 2}
    assert agents.set_auto_answer(house, BOSS, "demo", ["bob", "boss"], True) == 2


def test_removed_is_kept_in_history_and_comes_back_as_it_was(house: Store) -> None:
    agents.set_groups(house, BOSS, "demo", ["bob"], {"sales": 4}, "add")
    agents.remove_agents(house, BOSS, "demo", ["bob"])
    assert names(house) == ["boss"]
    past = agents.list_past(house, LEAD, "demo")
    assert [(item.username, item.groups, item.removed_by) for item in past] == [("bob", {"sales": 4}, "boss")]
    assert [item.user for item in load(house.home.snapshot).agents] == ["boss"]
    assert actor_of(house, "bob").roles == {}, "still a user of the account"
    agents.restore_agents(house, BOSS, "demo", ["bob"])
    assert agents.get_agent(house, BOSS, "demo", "bob").groups == {"sales": 4}
    assert agents.list_past(house, BOSS, "demo") == []


def test_an_instance_keeps_an_administrator(house: Store) -> None:
    with pytest.raises(InvalidError, match="himself"):
        agents.remove_agents(house, BOSS, "demo", ["boss"])
    with pytest.raises(InvalidError, match="administrator"):
        agents.remove_agents(house, SYSTEM, "demo", ["boss"])
    boss = agents.get_agent(house, BOSS, "demo", "boss")
    with pytest.raises(InvalidError) as caught:
        agents.change_agent(house, BOSS, replace(boss, role="agent"), boss.revision)
    assert caught.value.field == "role" and agents.get_agent(house, BOSS, "demo", "boss").role == "admin"


def test_only_administrators_change(house: Store) -> None:
    for actor, error in ((LEAD, ForbiddenError), (FOREIGN, NotFoundError), (OWNER, NotFoundError)):
        with pytest.raises(error):
            agents.create_agent(house, actor, NEW, "password1")
        with pytest.raises(error):
            agents.remove_agents(house, actor, "demo", ["bob"])
        with pytest.raises(error):
            agents.set_groups(house, actor, "demo", ["bob"], {}, "replace")


# The account ---------------------------------------------------------------------------------


def test_the_console_gives_roles_in_instances(house: Store) -> None:
    wish = UserWish("dan", "丹", "dan@example.com", "", {"demo": "agent", "second": "admin"})
    made = accounts.create_user(house, OWNER, "acme", wish, "password1")
    assert made.roles == {"demo": "agent", "second": "admin"}
    changed = accounts.change_user(house, MANAGER, "acme", replace(wish, roles={"second": "agent"}), made.revision)
    assert changed.roles == {"second": "agent"}
    assert [item.username for item in agents.list_past(house, BOSS, "demo")] == ["dan"]
    with pytest.raises(StaleError):
        accounts.change_user(house, OWNER, "acme", wish, made.revision)
    with pytest.raises(NotFoundError):
        accounts.change_user(house, OWNER, "acme", replace(wish, roles={"far": "admin"}), changed.revision)


def test_owners_stand_above_managers(house: Store) -> None:
    with pytest.raises(ForbiddenError) as caught:
        accounts.create_user(house, MANAGER, "acme", UserWish("dan", account_role="manager"), "password1")
    assert caught.value.field == "account_role"
    owner = accounts.get_user(house, MANAGER, "acme", "owner")
    with pytest.raises(ForbiddenError):
        accounts.change_user(house, MANAGER, "acme", UserWish("owner", "x", "", "owner"), owner.revision)
    with pytest.raises(InvalidError, match="own role"):
        accounts.change_user(house, OWNER, "acme", UserWish("owner", "x", "", ""), owner.revision)
    for act in (lambda: users.set_password(house, MANAGER, "owner", "password2"),
                lambda: users.set_active(house, MANAGER, "owner", False)):  # fmt: skip
        with pytest.raises(ForbiddenError):
            act()
    users.set_password(house, OWNER, "manager", "password2")


def test_nobody_opens_a_door_to_more_than_he_may(house: Store) -> None:
    """A password set is a door opened: an instance's administrator cannot take over an owner who works in it, too."""
    agents.import_agent(house, BOSS, AgentRecord("demo", "owner", "", "agent"))
    with pytest.raises(ForbiddenError):
        users.set_password(house, BOSS, "owner", "password2")
    users.set_role(house, SYSTEM, "bob", "second", "admin")
    with pytest.raises(ForbiddenError, match="other instances"):
        users.set_password(house, BOSS, "bob", "password2")
    users.set_password(house, MANAGER, "bob", "password2")


def test_another_account_sees_and_changes_nothing(house: Store) -> None:
    for act in (
        lambda: accounts.list_users(house, FOREIGN, "acme"),
        lambda: accounts.get_user(house, FOREIGN, "acme", "bob"),
        lambda: accounts.create_user(house, FOREIGN, "acme", UserWish("dan"), "password1"),
        lambda: accounts.change_user(house, FOREIGN, "acme", UserWish("bob"), 1),
        lambda: accounts.get_user(house, FOREIGN, "else", "bob"),
        lambda: users.set_password(house, FOREIGN, "bob", "password2"),
        lambda: users.set_active(house, FOREIGN, "bob", False),
    ):
        with pytest.raises(NotFoundError):
            act()
    with pytest.raises(ForbiddenError):
        accounts.list_users(house, BOSS, "acme")
