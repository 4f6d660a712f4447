"""Keys of the REST API: shown once, stored as a hash, end when revoked, expired or when their user is disabled."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from ccc.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from ccc.services import api_keys
from ccc.services.actor import SYSTEM, Actor, actor_of
from ccc.services.users import add_user, set_active
from ccc.store import Store
from ccc.store.base import utc_now
from ccc.store.repos import api_keys as repo
from ccc.store.repos import audit

WHO = "anna"


@pytest.fixture
def anna(store: Store) -> Actor:
    add_user(store, SYSTEM, WHO, "correct horse 9", instance="demo", role="supervisor")
    return actor_of(store, WHO)


def test_a_key_acts_as_its_user_and_is_named_in_the_log(store: Store, anna: Actor) -> None:
    made = api_keys.create_key(store, anna, "deploy", 30)
    found = api_keys.actor_of_key(store, made.secret, "192.0.2.7")
    assert found is not None
    actor, number = found
    assert (actor.user, actor.roles, actor.address) == (WHO, {"demo": "supervisor"}, "192.0.2.7")
    assert number == made.record.id and actor.key == f"deploy ({number})"
    (key,) = api_keys.list_keys(store, anna)
    assert key.used_from == "192.0.2.7" and key.used_at is not None
    api_keys.create_key(store, actor, "made by a key", None)
    with store.read() as session:
        assert audit.find(session)[0].detail["key"] == actor.key


def test_the_secret_is_not_in_the_store(store: Store, anna: Actor) -> None:
    made = api_keys.create_key(store, anna, "deploy", None)
    with store.read() as session:
        kept = str(session.execute(text("SELECT * FROM api_keys")).all())
        kept += str(session.execute(text("SELECT detail, after FROM audit_log")).all())
    assert made.record.id in kept and made.secret.rpartition("_")[2] not in kept


def test_keys_that_open_nothing(store: Store, anna: Actor) -> None:
    made = api_keys.create_key(store, anna, "deploy", 1)
    for wrong in ("", "ccc_", made.secret[:-1] + ("A" if made.secret[-1] != "A" else "B"), made.secret + "x", "é" * 60):
        assert api_keys.actor_of_key(store, wrong) is None
    with store.write() as session:
        expired = repo.add(session, "0" * 12, WHO, "old", "x", utc_now() - timedelta(seconds=1))
    assert not expired.usable(utc_now())
    api_keys.revoke_key(store, anna, made.record.id)
    assert api_keys.actor_of_key(store, made.secret) is None
    assert not api_keys.list_keys(store, anna)[-1].usable(utc_now())


def test_a_disabled_user_has_no_key(store: Store, anna: Actor) -> None:
    made = api_keys.create_key(store, anna, "deploy", None)
    set_active(store, SYSTEM, WHO, False)
    with pytest.raises(ForbiddenError, match="disabled"):
        api_keys.actor_of_key(store, made.secret)


def test_names_days_and_how_many(store: Store, anna: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, days in (("", 1), ("x" * 65, 1), ("a\nb", 1), ("x", 0), ("x", 4000)):
        with pytest.raises(InvalidError):
            api_keys.create_key(store, anna, name, days)
    first = api_keys.create_key(store, anna, " one ", 1)
    assert first.record.name == "one"
    with pytest.raises(ConflictError, match="already"):
        api_keys.create_key(store, anna, "one", 1)
    monkeypatch.setattr(api_keys, "MAX_KEYS", 1)
    with pytest.raises(ConflictError, match="revoke one"):
        api_keys.create_key(store, anna, "two", 1)
    api_keys.revoke_key(store, anna, first.record.id)
    api_keys.create_key(store, anna, "one", 1)


def test_nobody_revokes_the_key_of_another(store: Store, anna: Actor) -> None:
    made = api_keys.create_key(store, anna, "deploy", None)
    with pytest.raises(NotFoundError):
        api_keys.revoke_key(store, SYSTEM, made.record.id)
