"""Numbers of account and instance (NUM-1, NUM-2, NUM-10, IVR-1)."""

from __future__ import annotations

import pytest

from ccc.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError, StaleError
from ccc.geo import inbound_only
from ccc.loader import Registry, load
from ccc.services import flows, numbers
from ccc.services.actor import Actor
from ccc.snapshot import load as load_snapshot
from ccc.snapshot import model as snap
from ccc.store import Store
from ccc.store.repos import audit, centre, users
from tests.services.test_flow_admin import flow

OWNER = Actor("owner", {}, account="acme", account_role="owner")
BOSS = Actor("boss", {"demo": "admin"}, account="acme")
STRANGER = Actor("s", {"foreign": "admin"}, account="else", account_role="owner")


@pytest.fixture(scope="module")
def registry() -> Registry:
    return load(entry_points=False)


@pytest.fixture
def filled(store: Store, registry: Registry) -> Store:
    with store.write() as session:
        centre.add_skill_group(session, snap.SkillGroup("sales", "demo"))
        centre.add_trunk(session, "acme", snap.Trunk("t1", "t1", "address", ("192.0.2.1",)))
        users.add_account(session, "else", "Else")
        centre.add_instance(session, "else", "foreign", "Foreign")
    for name in ("live", "draft"):
        flows.import_flow(store, registry, BOSS, "demo", flow(name))
    flows.publish_flow(store, registry, BOSS, "demo", "live")
    numbers.add_account_number(store, OWNER, "acme", "0755-2688 1234", ["t1"])
    numbers.add_account_number(store, OWNER, "acme", "4001234567")
    return store


@pytest.mark.parametrize(
    ("number", "kind"),
    [("075526881234", "landline"), ("4001234567", "400"), ("8001234567", "400"), ("95588", "95"),
     ("13800138000", "mobile"), ("+85221234567", "international"), ("4001", "short"), ("hotline", "other")],
)  # fmt: skip
def test_kinds(number: str, kind: str) -> None:
    assert numbers.kind_of(number) == kind
    assert inbound_only(number) == (kind == "400")


def test_from_the_account_into_the_instance_and_back(filled: Store) -> None:
    assert [item.number for item in numbers.free_numbers(filled, BOSS, "demo")] == ["075526881234", "4001234567"]
    numbers.take_numbers(filled, BOSS, "demo", ["075526881234"], "live")
    found = numbers.instance_number(filled, BOSS, "demo", "075526881234")
    assert (found.flow, found.flow_live, found.trunks, found.account) == ("live", 1, ("t1",), "acme")
    assert load_snapshot(filled.home.snapshot).numbers == (snap.Number("075526881234", "demo", "live", ("t1",)),)
    with pytest.raises(ConflictError, match="Demo already"):
        numbers.take_numbers(filled, BOSS, "demo", ["4001234567", "075526881234"])
    assert len(numbers.instance_numbers(filled, BOSS, "demo")) == 1, "all or none"
    with pytest.raises(ConflictError, match="take it out"):
        numbers.remove_account_numbers(filled, OWNER, "acme", ["075526881234"])
    numbers.release_numbers(filled, BOSS, "demo", ["075526881234"])
    assert load_snapshot(filled.home.snapshot).numbers == ()
    numbers.remove_account_numbers(filled, OWNER, "acme", ["075526881234"])
    assert [item.number for item in numbers.account_numbers(filled, OWNER, "acme")] == ["4001234567"]
    with filled.read() as session:
        acts = [entry.action for entry in audit.find(session) if entry.action.startswith("number.")]
    assert acts == ["number.remove", "number.release", "number.take", "number.add", "number.add"]


def test_only_a_published_flow_can_be_bound(filled: Store) -> None:
    with pytest.raises(InvalidError, match="not published") as caught:
        numbers.take_numbers(filled, BOSS, "demo", ["4001234567"], "draft")
    assert caught.value.field == "flow"
    numbers.take_numbers(filled, BOSS, "demo", ["4001234567"])
    revision = numbers.instance_number(filled, BOSS, "demo", "4001234567").revision
    with pytest.raises(InvalidError, match="not published"):
        numbers.set_binding(filled, BOSS, "demo", "4001234567", "draft", (), revision)
    with pytest.raises(InvalidError, match="no flow"):
        numbers.set_binding(filled, BOSS, "demo", "4001234567", "nix", (), revision)
    numbers.set_binding(filled, BOSS, "demo", "4001234567", "live", (), revision)
    with pytest.raises(StaleError):
        numbers.set_binding(filled, BOSS, "demo", "4001234567", "", (), revision)
    found = numbers.set_binding(filled, BOSS, "demo", "4001234567", "", (), revision + 1)
    assert found.flow == ""


def test_a_400_number_never_calls_out(filled: Store) -> None:
    numbers.take_numbers(filled, BOSS, "demo", ["4001234567", "075526881234"])
    first, second = numbers.instance_numbers(filled, BOSS, "demo")
    with pytest.raises(InvalidError, match="only takes calls") as caught:
        numbers.set_binding(filled, BOSS, "demo", second.number, "", ["sales"], second.revision)
    assert caught.value.field == "groups"
    assert numbers.set_binding(filled, BOSS, "demo", first.number, "", ["sales"], first.revision).groups == ("sales",)
    with pytest.raises(InvalidError, match="no skill group"):
        numbers.set_binding(filled, BOSS, "demo", first.number, "", ["nix"], first.revision + 1)


def test_the_console_moves_a_number_and_its_bindings_end(filled: Store) -> None:
    numbers.take_numbers(filled, BOSS, "demo", ["075526881234"], "live")
    revision = numbers.account_number(filled, OWNER, "acme", "075526881234").revision
    same = numbers.change_account_number(filled, OWNER, "acme", "075526881234", [], "demo", revision)
    assert (same.flow, same.trunks) == ("live", ())
    moved = numbers.change_account_number(filled, OWNER, "acme", "075526881234", ["t1"], "", same.revision)
    assert (moved.flow, moved.instance, moved.trunks) == ("", "", ("t1",))
    with pytest.raises(NotFoundError):
        numbers.change_account_number(filled, OWNER, "acme", "075526881234", [], "foreign", moved.revision)
    with pytest.raises(InvalidError, match="no trunk"):
        numbers.change_account_number(filled, OWNER, "acme", "075526881234", ["x"], "", moved.revision)


def test_bad_numbers_and_doubles(filled: Store) -> None:
    for number in ("", "00 00 !", "1" * 40):
        with pytest.raises(InvalidError):
            numbers.add_account_number(filled, OWNER, "acme", number)
    with pytest.raises(ConflictError):
        numbers.add_account_number(filled, OWNER, "acme", "400-123-4567")


def test_several_at_once_or_none_of_them(filled: Store) -> None:
    before = {item.number for item in numbers.account_numbers(filled, OWNER, "acme")}
    with pytest.raises(ConflictError, match="4001234567"):
        numbers.add_account_numbers(filled, OWNER, "acme", ["02085550101", "400-123-4567"])
    with pytest.raises(InvalidError, match="zwei"):
        numbers.add_account_numbers(filled, OWNER, "acme", ["02085550101", "zwei drei!"])
    with pytest.raises(InvalidError, match="at once"):
        numbers.add_account_numbers(filled, OWNER, "acme", [str(4_000_000 + n) for n in range(501)])
    assert {item.number for item in numbers.account_numbers(filled, OWNER, "acme")} == before
    made = numbers.add_account_numbers(
        filled, OWNER, "acme", ["0208 555 0101", "", "02085550101", "0208-5550102"], instance="demo"
    )
    assert [(item.number, item.instance) for item in made] == [("02085550101", "demo"), ("02085550102", "demo")]


def test_rights(filled: Store) -> None:
    for who in (STRANGER, Actor("none", {})):
        with pytest.raises(NotFoundError):
            numbers.instance_numbers(filled, who, "demo")
        with pytest.raises(NotFoundError):
            numbers.take_numbers(filled, who, "demo", ["4001234567"])
        with pytest.raises(NotFoundError):
            numbers.account_numbers(filled, who, "acme")
    for who in (Actor("l", {"demo": "supervisor"}, account="acme"), Actor("a", {"demo": "agent"}, account="acme")):
        with pytest.raises(ForbiddenError):
            numbers.take_numbers(filled, who, "demo", ["4001234567"])
        with pytest.raises(ForbiddenError):
            numbers.add_account_number(filled, who, "acme", "1")
    foreign = Actor("f", {"foreign": "admin"}, account="else")
    with pytest.raises(NotFoundError):
        numbers.take_numbers(filled, foreign, "foreign", ["4001234567"])
