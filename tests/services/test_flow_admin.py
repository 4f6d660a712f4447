"""Flows in the administration: state, who uses them, copy, rename, delete, back to an earlier version."""

from __future__ import annotations

import pytest

from ccc.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError, StaleError
from ccc.loader import Registry, load
from ccc.services import flow_admin, flows
from ccc.services.actor import Actor
from ccc.snapshot import load as load_snapshot
from ccc.snapshot import model as snap
from ccc.store import Store
from ccc.store.repos import audit, centre

BOSS = Actor("boss", {"demo": "admin"}, account="acme", address="192.0.2.9")
LOOKER = Actor("look", {"demo": "supervisor"})
AGENT = Actor("a", {"demo": "agent"})


@pytest.fixture(scope="module")
def registry() -> Registry:
    return load(entry_points=False)


def flow(name: str, text: str = "Bye.", sub: str = "") -> dict:
    middle = {"id": "p", "type": "play", "config": {"prompts": [{"kind": "tts", "text": text}]}}
    if sub:
        middle = {"id": "p", "type": "subflow", "config": {"flow": sub}}
    return {
        "format": 1,
        "name": name,
        "title": f"Flow {name}",
        "language": "en",
        "nodes": [{"id": "s", "type": "start"}, middle, {"id": "h", "type": "hangup"}],
        "edges": [{"from": "s", "exit": "next", "to": "p"}, {"from": "p", "exit": "done", "to": "h"}],
    }


def item(store: Store, registry: Registry, name: str) -> flow_admin.FlowItem:
    return flow_admin.flow_item(store, registry, LOOKER, "demo", name)


def test_states_go_from_unpublished_to_published_to_changed(store: Store, registry: Registry) -> None:
    flows.import_flow(store, registry, BOSS, "demo", flow("a"))
    assert (item(store, registry, "a").state, item(store, registry, "a").versions) == ("unpublished", 0)
    flows.publish_flow(store, registry, BOSS, "demo", "a")
    assert (item(store, registry, "a").state, item(store, registry, "a").published_by) == ("published", "boss")
    flows.import_flow(store, registry, BOSS, "demo", flow("a", "Other."))
    assert item(store, registry, "a").state == "updated_unpublished"
    flows.unpublish_flow(store, BOSS, "demo", "a")
    assert (item(store, registry, "a").state, item(store, registry, "a").versions) == ("unpublished", 1)


def test_used_by_numbers_and_flows_keeps_it_and_its_name(store: Store, registry: Registry) -> None:
    for document in (flow("a"), flow("main", sub="a")):
        flows.import_flow(store, registry, BOSS, "demo", document)
        flows.publish_flow(store, registry, BOSS, "demo", document["name"])
    with store.write() as session:
        centre.add_number(session, "acme", snap.Number("4000", "demo", "main"))
    assert [(one.flow, one.version) for one in item(store, registry, "a").used_by] == [("main", None), ("main", 1)]
    assert item(store, registry, "main").numbers == ("4000",)
    with pytest.raises(ConflictError, match="Flow main"):
        flow_admin.delete_flow(store, registry, BOSS, "demo", "a")
    with pytest.raises(ConflictError, match="4000"):
        flow_admin.delete_flow(store, registry, BOSS, "demo", "main")
    revision = item(store, registry, "a").revision
    with pytest.raises(ConflictError, match="keeps its name"):
        flow_admin.rename_flow(store, registry, BOSS, "demo", "a", "b", "B", revision)
    flow_admin.rename_flow(store, registry, BOSS, "demo", "a", "a", "Only the title", revision)
    assert item(store, registry, "a").title == "Only the title"


def test_rename_moves_the_versions_and_notices_a_second_editor(store: Store, registry: Registry) -> None:
    flows.import_flow(store, registry, BOSS, "demo", flow("a"))
    flows.publish_flow(store, registry, BOSS, "demo", "a")
    revision = item(store, registry, "a").revision
    flow_admin.rename_flow(store, registry, BOSS, "demo", "a", "b", "Flow a", revision)
    assert (item(store, registry, "b").state, item(store, registry, "b").versions) == ("published", 1)
    assert [one.name for one in load_snapshot(store.home.snapshot).flows] == ["b"]
    with pytest.raises(NotFoundError):
        item(store, registry, "a")
    with pytest.raises(StaleError):
        flow_admin.rename_flow(store, registry, BOSS, "demo", "b", "c", "C", revision)
    flows.import_flow(store, registry, BOSS, "demo", flow("other"))
    with pytest.raises(ConflictError, match="already a flow other"):
        flow_admin.rename_flow(store, registry, BOSS, "demo", "b", "other", "C", item(store, registry, "b").revision)


def test_copy(store: Store, registry: Registry) -> None:
    flows.import_flow(store, registry, BOSS, "demo", flow("a"))
    made = flow_admin.copy_flow(store, registry, BOSS, "demo", "a", "a2", "Second")
    assert (made.name, made.title, made.document["name"], made.live_version) == ("a2", "Second", "a2", None)
    with pytest.raises(ConflictError):
        flow_admin.copy_flow(store, registry, BOSS, "demo", "a", "a2")
    with pytest.raises(InvalidError):
        flow_admin.copy_flow(store, registry, BOSS, "demo", "a", "Not a name")


def test_rollback_is_a_new_version_and_keeps_unpublished_work(store: Store, registry: Registry) -> None:
    for text in ("One.", "Two."):
        flows.import_flow(store, registry, BOSS, "demo", flow("a", text))
        flows.publish_flow(store, registry, BOSS, "demo", "a", text)
    done = flow_admin.rollback_flow(store, registry, BOSS, "demo", "a", 1, "back")
    assert (done.version.version, done.version.message) == (3, "back")
    assert item(store, registry, "a").state == "published", "a draft without changes follows"
    flows.import_flow(store, registry, BOSS, "demo", flow("a", "Work in progress."))
    flow_admin.rollback_flow(store, registry, BOSS, "demo", "a", 2)
    found = item(store, registry, "a")
    assert (found.live_version, found.state) == (4, "updated_unpublished")
    assert "Work in progress." in str(flows.export_flow(store, BOSS, "demo", "a").as_dict())
    assert not flow_admin.rollback_flow(store, registry, BOSS, "demo", "a", 4).changed
    with pytest.raises(NotFoundError):
        flow_admin.rollback_flow(store, registry, BOSS, "demo", "a", 9)


def test_delete_and_the_log(store: Store, registry: Registry) -> None:
    flows.import_flow(store, registry, BOSS, "demo", flow("a"))
    flows.publish_flow(store, registry, BOSS, "demo", "a")
    flow_admin.delete_flow(store, registry, BOSS, "demo", "a")
    assert flow_admin.flow_items(store, registry, BOSS, "demo") == []
    assert load_snapshot(store.home.snapshot).flows == ()
    with store.read() as session:
        entries = audit.find(session, "demo")
    assert [entry.action for entry in entries] == ["flow.delete", "flow.publish", "flow.import"]
    assert {entry.address for entry in entries} == {"192.0.2.9"}


def test_only_administrators_change_and_only_of_their_instance(store: Store, registry: Registry) -> None:
    flows.import_flow(store, registry, BOSS, "demo", flow("a"))
    for actor, error in (
        (LOOKER, ForbiddenError),
        (AGENT, ForbiddenError),
        (Actor("x", {"o": "admin"}), NotFoundError),
    ):
        with pytest.raises(error):
            flow_admin.copy_flow(store, registry, actor, "demo", "a", "b")
        with pytest.raises(error):
            flow_admin.rename_flow(store, registry, actor, "demo", "a", "b", "", 1)
        with pytest.raises(error):
            flow_admin.delete_flow(store, registry, actor, "demo", "a")
        with pytest.raises(error):
            flow_admin.rollback_flow(store, registry, actor, "demo", "a", 1)
    with pytest.raises(ForbiddenError):
        flow_admin.flow_items(store, registry, AGENT, "demo")


def test_import_may_keep_what_is_there(store: Store, registry: Registry) -> None:
    flows.import_flow(store, registry, BOSS, "demo", flow("a"))
    with pytest.raises(ConflictError, match="already a flow a"):
        flows.import_flow(store, registry, BOSS, "demo", flow("a", "New."), replace_draft=False)
    assert "Bye." in str(flows.export_flow(store, BOSS, "demo", "a").as_dict())
