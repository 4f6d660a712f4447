"""Users, flows and the parts of a snapshot, as frozen records."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, replace
from pathlib import Path

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from ccc.snapshot import model as snap
from ccc.store import Store
from ccc.store.models import FlowVersion
from ccc.store.repos import audit, centre, flows, users


def add_user(store: Store, name: str, role: str = "agent") -> None:
    with store.write() as session:
        users.add(session, "acme", name, name.title(), None, "$hash")
        users.set_role(session, name, "demo", role)


def test_users_carry_roles_per_instance_and_flask_securitys_roles_follow(store: Store) -> None:
    add_user(store, "bob")
    with store.write() as session:
        centre.add_instance(session, "acme", "second", "Second")
        users.set_role(session, "bob", "second", "admin")
    with store.read() as session:
        bob = users.get(session, "bob")
        assert bob is not None
        assert bob.roles == {"demo": "agent", "second": "admin"}
        names = session.execute(text("SELECT name FROM roles JOIN roles_users ON roles.id = role_id ORDER BY 1"))
        assert [name for (name,) in names] == ["admin", "agent"]
        assert [user.username for user in users.find(session, "second")] == ["bob"]
    with pytest.raises(FrozenInstanceError):
        bob.name = "x"  # type: ignore[misc]
    with store.write() as session:
        users.set_role(session, "bob", "second", None)
        users.set_role(session, "bob", "demo", "supervisor")
    with store.read() as session:
        assert users.find(session, "demo")[0].roles == {"demo": "supervisor"}
        assert session.execute(text("SELECT count(*) FROM roles_users")).scalar() == 1


def test_a_new_password_and_disabling_end_sessions(store: Store) -> None:
    add_user(store, "bob")
    keys = []
    for change in (
        lambda session: None,
        lambda session: users.set_password(session, "bob", "$new"),
        lambda session: users.set_active(session, "bob", False),
    ):
        with store.write() as session:
            change(session)
        with store.read() as session:
            found = users.get(session, "bob")
            assert found is not None
            keys.append(found.fs_uniquifier)
            assert users.by_key(session, found.fs_uniquifier) == found
    assert len(set(keys)) == 3


def test_flow_versions_are_immutable_and_numbered(store: Store) -> None:
    with store.write() as session:
        first = flows.save_draft(session, "demo", "f", "F", {"a": 1}, "bob")
        same = flows.save_draft(session, "demo", "f", "F", {"a": 1}, "eve")
        second = flows.save_draft(session, "demo", "f", "F", {"a": 2}, "eve")
        assert (first.revision, same.revision, second.revision, second.edited_by) == (1, 1, 2, "eve")
        for number in (1, 2):
            made = flows.publish(session, "demo", "f", hash_=f"h{number}", document={}, author="bob", message="m")
            assert made.version == number
        flows.set_live(session, "demo", "f", 1)
    with store.read() as session:
        live = flows.live(session, "demo", "f")
        assert live is not None
        assert live.hash == "h1"
        assert [item.version for item in flows.versions(session, "demo", "f")] == [2, 1]
        assert flows.version(session, "other", "f", 1) is None
    with pytest.raises(TypeError, match="cannot be changed"), store.write() as session:
        session.scalars(select(FlowVersion)).first().message = "rewritten"  # type: ignore[union-attr]


def test_foreign_keys_are_checked(store: Store) -> None:
    with pytest.raises(IntegrityError), store.write() as session:
        session.execute(text("DELETE FROM accounts"))


def test_parts_of_a_snapshot(store: Store) -> None:
    add_user(store, "bob")
    trunk = snap.Trunk(
        "t", "t", "digest", ("10.0.0.0/8",), username="u", password_ha1="h", called_rules=(snap.PrefixRule("0", "+86"),)
    )
    group = snap.SkillGroup("sales", "demo", "Sales", dispositions=("a", "b"), wrap_up_s=5.0)
    with store.write() as session:
        assert centre.add_trunk(session, "acme", trunk)
        assert not centre.add_trunk(session, "acme", trunk)
        assert centre.add_skill_group(session, group)
        centre.join_group(session, "demo", "bob", "sales", 2)
        assert centre.add_number(session, "acme", snap.Number("4000", "demo", "f", ("t",)))
        assert centre.add_number(session, "acme", snap.Number("4001", "demo", "f"))
        flows.save_draft(session, "demo", "f", "F", {"a": 1}, "bob")
        flows.save_draft(session, "demo", "g", "G", {}, "bob")
        flows.publish(session, "demo", "f", hash_="h", document={"a": 1}, author="bob", message="")
        users.set_active(session, "bob", False)
    with store.read() as session:
        parts = centre.parts(session, Path("/uploads"), Path("/tables"))
    assert parts.trunks == (replace(trunk, account="acme"),)
    assert parts.skill_groups == (group,)
    assert parts.numbers == (snap.Number("4000", "demo", "f", ("t",)), snap.Number("4001", "demo", "f"))
    assert parts.agents == (snap.Agent("bob", "demo", "Bob", "agent", (snap.AgentGroup("sales", 2),), disabled=True),)
    assert parts.flows == (snap.FlowVersion("f", "demo", 1, "h", {"a": 1}),)
    assert parts.unpublished == (("demo", "g"),)
    with store.write() as session:
        session.execute(text("UPDATE trunks SET enabled = 0"))
    with store.read() as session:
        parts = centre.parts(session, Path("/uploads"), Path("/tables"))
    assert [number.number for number in parts.numbers] == ["4001"], "4000 must not become open to any trunk"


def test_audit_and_settings(store: Store) -> None:
    with store.write() as session:
        audit.add(session, "bob", "flow.publish", "f", instance="demo", version=3)
        audit.set_setting(session, "k", [1])
        audit.set_setting(session, "k", {"a": 2})
    with store.read() as session:
        entry = audit.find(session, "demo")[0]
        assert (entry.user, entry.action, entry.object, entry.detail) == ("bob", "flow.publish", "f", {"version": 3})
        assert audit.find(session, "other") == []
        assert audit.setting(session, "k") == {"a": 2}
        assert audit.setting(session, "none", 5) == 5
