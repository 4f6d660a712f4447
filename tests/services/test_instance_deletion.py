"""Deleting an instance: numbers go back, records stay, the address is never used again."""

from __future__ import annotations

import pytest

from ccc.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from ccc.loader import load
from ccc.services import instance_deletion as deletion
from ccc.services import instances, numbers, table_rows, tables
from ccc.services.actor import Actor
from ccc.services.instances import Wish
from ccc.snapshot import load as load_snapshot
from ccc.store import Store
from ccc.store.repos import audit, calls
from tests.web.conftest import END, call_row

OWNER = Actor("owner", {"demo": "admin"}, account="acme", account_role="owner")
BOSS = Actor("boss", {"demo": "admin"}, account="acme")
STRANGER = Actor("s", {}, account="else", account_role="owner")


@pytest.fixture
def filled(store: Store) -> Store:
    numbers.add_account_number(store, OWNER, "acme", "075526881234", instance="demo")
    tables.import_table(store, OWNER, "demo", "customers", b"n,v\n1,2\n")
    with store.write() as session:
        calls.add_calls(session, [call_row(1, END)])
    return store


def test_told_then_gone_but_for_the_records(filled: Store) -> None:
    loss = deletion.what_is_lost(filled, OWNER, "acme", "demo")
    assert (loss.numbers, loss.tables, loss.calls_now) == (("075526881234",), 1, 0)
    with pytest.raises(InvalidError) as refused:
        deletion.delete_instance(filled, OWNER, "acme", "demo", "Demo!")
    assert refused.value.field == "typed"
    deletion.delete_instance(filled, OWNER, "acme", "demo", " demo ")
    number = numbers.account_number(filled, OWNER, "acme", "075526881234")
    assert (number.instance, number.flow) == ("", "")
    assert load_snapshot(filled.home.snapshot).instances == ()
    with pytest.raises(NotFoundError):
        instances.get_instance(filled, OWNER, "demo")
    with pytest.raises(NotFoundError):
        table_rows.get_table(filled, OWNER, "demo", "customers")
    with filled.read() as session:
        assert calls.get(session, call_row(1, END)["id"], "demo") is not None
        assert [entry.action for entry in audit.find(session)].count("instance.delete") == 2
    with pytest.raises(ConflictError):
        instances.create_instance(filled, load(entry_points=False), OWNER, "acme", Wish("Neu", "DEMO"))


def test_not_while_calls_are_in_progress(filled: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deletion, "request", lambda *_args, **_kw: {"calls": [{}, {}]})
    with pytest.raises(ConflictError, match="2 calls"):
        deletion.delete_instance(filled, OWNER, "acme", "demo", "demo")
    assert instances.get_instance(filled, OWNER, "demo").numbers == ("075526881234",)


def test_rights(filled: Store) -> None:
    for actor, error in ((BOSS, ForbiddenError), (STRANGER, NotFoundError)):
        for act in (
            lambda a: deletion.what_is_lost(filled, a, "acme", "demo"),
            lambda a: deletion.delete_instance(filled, a, "acme", "demo", "demo"),
        ):
            with pytest.raises(error):
                act(actor)
    with pytest.raises(NotFoundError):
        deletion.delete_instance(filled, STRANGER, "else", "demo", "demo")
