"""Users: who may do what to whom, and what the telephone side learns of it."""

from __future__ import annotations

import sqlite3

import pytest
from argon2 import PasswordHasher

from ccc.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError, UnavailableError
from ccc.services import passwords, users
from ccc.services.actor import SYSTEM, Actor, actor_of
from ccc.services.sessions import Place, profile, sign_in
from ccc.snapshot import load
from ccc.store import Store
from ccc.store.repos import audit, centre
from ccc.store.repos import users as repo

ADMIN = Actor("boss", {"demo": "admin"})
AGENT = Actor("bob", {"demo": "agent"})
STRANGER = Actor("eve", {"other": "admin"})


@pytest.fixture
def bob(store: Store) -> Store:
    users.add_user(store, SYSTEM, "bob", "password1", instance="demo", name="Bob")
    return store


def test_add_login_and_snapshot(bob: Store) -> None:
    user = users.log_in(bob, "bob", "password1", "10.0.0.1")
    assert user is not None
    assert user.roles == {"demo": "agent"}
    assert users.log_in(bob, "bob", "password2", "10.0.0.1") is None
    assert users.log_in(bob, "nobody", "password1", "10.0.0.1") is None
    assert [agent.user for agent in load(bob.home.snapshot).agents] == ["bob"]
    with bob.read() as session:
        entries = [(entry.action, entry.object) for entry in audit.find(session)]
    assert entries == [
        ("user.sign-in-failed", "nobody"),
        ("user.sign-in-failed", "bob"),
        ("user.sign-in", "bob"),
        ("user.add", "bob"),
    ]


@pytest.mark.parametrize("name", ["system", "System"])
def test_nobody_is_called_what_the_log_calls_ccc_itself(store: Store, name: str) -> None:
    with pytest.raises(InvalidError, match="choose another user name"):
        users.add_user(store, SYSTEM, name, "password1", instance="demo")


def test_the_last_owner_stays_whoever_is_quicker(bob: Store) -> None:
    """Of two owners who disable each other at the same moment one is left."""
    owners = []
    for name in ("ann", "ben"):
        users.add_user(bob, SYSTEM, name, "password1", instance="demo")
        with bob.write() as session:
            repo.set_account_role(session, name, "owner")
        owners.append(actor_of(bob, name))
    users.set_active(bob, owners[0], "ben", False)
    with pytest.raises(InvalidError, match="needs an owner"):
        users.set_active(bob, owners[1], "ann", False)
    assert users.log_in(bob, "ann", "password1", "") is not None


def test_no_stopwatch_tells_who_is_a_user(bob: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """A slow hash is computed once for everybody, also for who has a password that was made up, and for nobody."""
    monkeypatch.setattr(passwords, "_hasher", PasswordHasher(time_cost=1, memory_cost=128, parallelism=1))
    users._unknown.cache_clear()
    users.set_password(bob, SYSTEM, "bob", "password1")
    with bob.write() as session:
        made = repo.get(session, "bob")
        assert made is not None
        repo.add(session, made.account, "imported", "I", None, passwords.hash_random("aaaa-bbbb-cccc-dddd"))
    seen: list[str] = []
    verify = passwords.verify
    monkeypatch.setattr(passwords, "verify", lambda stored, text: (seen.append(stored), verify(stored, text))[1])
    for name, password in (("bob", "wrong password"), ("imported", "wrong password"), ("nobody", "wrong password"),
                           ("imported", "aaaa-bbbb-cccc-dddd")):  # fmt: skip
        seen.clear()
        assert (users.verify_password(bob, name, password) is not None) == password.startswith("aaaa")
        assert [passwords.is_quick(stored) for stored in seen].count(False) == 1, name


@pytest.mark.parametrize(
    ("change", "field", "error"),
    [
        ({"username": "a b"}, "username", InvalidError),
        ({"username": ""}, "username", InvalidError),
        ({"username": "bob"}, "username", ConflictError),
        ({"password": "short"}, "password", InvalidError),
        ({"role": "king"}, "role", InvalidError),
        ({"instance": "none"}, "instance", NotFoundError),
        ({"groups": ("vip",)}, "groups", InvalidError),
    ],
)
def test_bad_input_names_the_field_and_changes_nothing(bob: Store, change: dict, field: str, error: type) -> None:
    values = {"username": "carol", "password": "password1", "instance": "demo", **change}
    with pytest.raises(error) as caught:
        users.add_user(bob, SYSTEM, values.pop("username"), values.pop("password"), **values)
    assert caught.value.field == field
    assert [user.username for user in users.list_users(bob, SYSTEM)] == ["bob"]


def test_rights(bob: Store) -> None:
    with pytest.raises(ForbiddenError):
        users.add_user(bob, AGENT, "carol", "password1", instance="demo")
    with pytest.raises(NotFoundError):
        users.add_user(bob, STRANGER, "carol", "password1", instance="demo")
    with pytest.raises(NotFoundError):
        users.set_password(bob, STRANGER, "bob", "password2")
    with pytest.raises(NotFoundError):
        users.set_active(bob, AGENT, "bob", False)
    with pytest.raises(ForbiddenError):
        users.list_users(bob, ADMIN)
    users.set_password(bob, AGENT, "bob", "password2")
    users.set_password(bob, ADMIN, "bob", "password3")
    assert users.verify_password(bob, "bob", "password3") is not None


def test_nobody_disables_oneself(bob: Store) -> None:
    users.set_role(bob, SYSTEM, "bob", "demo", "admin")
    with pytest.raises(InvalidError, match="yourself"):
        users.set_active(bob, actor_of(bob, "bob"), "bob", False)


def test_disabling_ends_sessions_and_reaches_the_snapshot(bob: Store) -> None:
    before = users.verify_password(bob, "bob", "password1")
    assert before is not None
    assert profile(bob, before.fs_uniquifier) is not None
    users.set_active(bob, ADMIN, "bob", False)
    assert profile(bob, before.fs_uniquifier) is None
    assert users.verify_password(bob, "bob", "password1") is None
    with pytest.raises(ForbiddenError):
        actor_of(bob, "bob")
    assert load(bob.home.snapshot).agents[0].disabled
    users.set_active(bob, ADMIN, "bob", True)
    assert users.verify_password(bob, "bob", "password1") is not None


def test_profile_of_a_signed_in_user(bob: Store) -> None:
    with bob.write() as session:
        centre.add_instance(session, "acme", "second", "")
    users.set_role(bob, SYSTEM, "bob", "second", "supervisor")
    signed_in = sign_in(bob, "bob", "password1", "10.0.0.1")
    assert signed_in is not None
    assert signed_in.places == (
        Place("demo", "Demo", "agent", "Asia/Shanghai"),
        Place("second", "second", "supervisor", "Asia/Shanghai"),
    )
    users.set_locale(bob, signed_in.actor, "en")
    again = profile(bob, signed_in.key)
    assert again is not None
    assert again.language == "en"


def test_groups(store: Store) -> None:
    with store.write() as session:
        centre.add_skill_group(session, centre.snap.SkillGroup("sales", "demo"))
    users.add_user(store, SYSTEM, "bob", "password1", instance="demo", groups=("sales",))
    assert load(store.home.snapshot).agents[0].groups[0].group == "sales"


def test_a_store_that_cannot_be_written_stops_no_login(bob: Store, caplog: pytest.LogCaptureFixture) -> None:
    patient = Store(bob.home, busy_timeout_s=0.05)
    other = sqlite3.connect(bob.home.database, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    try:
        assert users.log_in(patient, "bob", "password1", "10.0.0.1") is not None
        assert "could not be noted" in caplog.text
        with pytest.raises(UnavailableError):
            users.set_password(patient, SYSTEM, "bob", "password2")
    finally:
        other.close()
        patient.close()
