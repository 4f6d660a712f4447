"""Tags: made, renamed, deleted, put on calls, searched for, by right."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from ccc.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError, StaleError
from ccc.jobs.cleaning import tune
from ccc.jobs.ingest import call_row
from ccc.services import calls as service
from ccc.services.actor import Actor
from ccc.services.tags import change_tag, count_calls, create_tag, delete_tag, list_tags, tag_call, tags_of
from ccc.store import Store
from ccc.store.records import CallFilter, TagRecord
from ccc.store.repos import audit, calls, centre
from ccc.store.repos import tags as stored

ADMIN = Actor("zhao", {"demo": "admin"})
ANN = Actor("ann", {"demo": "agent"})
STRANGER = Actor("eve", {"other": "admin"})
START = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture
def filled(store: Store) -> Store:
    with store.write() as session:
        centre.add_instance(session, "acme", "other", "Other")
        rows = []
        for n in range(20):
            facts = {"id": f"c{n:02}", "instance": "demo", "direction": "inbound", "cause": "normal", "started_at": 0}
            row = call_row({**facts, "agent": "ann" if n % 2 else "bob", "caller": "138"})
            rows.append({**row, "started_at": START + timedelta(minutes=n)})
        calls.add_calls(session, rows)
    return store


def ids(store: Store, **wanted: object) -> list[str]:
    found = service.list_calls(store, ADMIN, "demo", CallFilter(**wanted))  # type: ignore[arg-type]
    return [call.id for call in found.items]


def test_made_changed_deleted(filled: Store) -> None:
    vip = create_tag(filled, ADMIN, "demo", "  VIP   客户 ", "red")
    assert (vip.name, vip.colour) == ("VIP 客户", "red")
    late = create_tag(filled, ADMIN, "demo", "late", "grey")
    for name, colour, error in (
        ("vip 客户", "red", ConflictError),
        ("", "red", InvalidError),
        ("x" * 33, "red", InvalidError),
        ("x", "pink", InvalidError),
    ):
        with pytest.raises(error):
            create_tag(filled, ADMIN, "demo", name, colour)
    renamed = change_tag(filled, ADMIN, TagRecord(vip.id, "demo", "Gold", "amber"), vip.revision)
    assert (renamed.name, renamed.colour, renamed.revision) == ("Gold", "amber", vip.revision + 1)
    with pytest.raises(StaleError):
        change_tag(filled, ADMIN, TagRecord(vip.id, "demo", "Silver", "grey"), vip.revision)
    with pytest.raises(ConflictError):
        change_tag(filled, ADMIN, TagRecord(late.id, "demo", "gold", "grey"), late.revision)
    delete_tag(filled, ADMIN, "demo", late.id)
    assert [one.name for one in list_tags(filled, ANN, "demo")] == ["Gold"]
    for actor, error in ((ANN, ForbiddenError), (STRANGER, NotFoundError)):
        with pytest.raises(error):
            create_tag(filled, actor, "demo", "x", "red")
        with pytest.raises(error):
            delete_tag(filled, actor, "demo", vip.id)
    with pytest.raises(NotFoundError):
        delete_tag(filled, STRANGER, "other", vip.id)


def test_on_calls(filled: Store) -> None:
    vip, late = (create_tag(filled, ADMIN, "demo", name, "red") for name in ("VIP", "late"))
    assert [one.name for one in tag_call(filled, ANN, "demo", "c01", [late.id, vip.id, vip.id])] == ["VIP", "late"]
    tag_call(filled, ADMIN, "demo", "c02", [vip.id])
    with pytest.raises(NotFoundError):
        tag_call(filled, ANN, "demo", "c02", [])  # another agent's call
    with pytest.raises(NotFoundError):
        tag_call(filled, ANN, "demo", "c01", [999])
    tag_call(filled, ANN, "demo", "c01", [vip.id])
    found = tags_of(filled, ANN, "demo", ["c01", "c02", "c03"])
    assert {call: [one.name for one in some] for call, some in found.items()} == {"c01": ["VIP"], "c02": ["VIP"]}
    assert count_calls(filled, ADMIN, "demo", vip.id) == 2 and count_calls(filled, ADMIN, "demo", late.id) == 0
    with filled.read() as session:
        told = audit.find(session, "demo")[0]
    assert (told.action, told.before, told.after) == ("call.tag", {"tags": ["VIP", "late"]}, {"tags": ["VIP"]})
    delete_tag(filled, ADMIN, "demo", vip.id)
    assert tags_of(filled, ANN, "demo", ["c01"]) == {}


def test_calls_found_by_tag_page_by_page(filled: Store) -> None:
    vip = create_tag(filled, ADMIN, "demo", "VIP", "red")
    tagged = [f"c{n:02}" for n in range(0, 20, 3)]
    for call_id in tagged:
        tag_call(filled, ADMIN, "demo", call_id, [vip.id])
    newest_first = tagged[::-1]
    assert ids(filled, tag=vip.id) == newest_first
    assert ids(filled, tag=vip.id, agent="ann") == [one for one in newest_first if int(one[1:]) % 2]
    assert ids(filled, tag=vip.id, number="138", until=START + timedelta(minutes=7)) == ["c06", "c03", "c00"]
    wanted, seen, after = CallFilter(tag=vip.id), [], None
    while True:
        page = service.list_calls(filled, ADMIN, "demo", wanted, after=after, size=3)
        seen += [call.id for call in page.items]
        if (after := page.after) is None:
            break
    assert seen == newest_first
    last = service.list_calls(filled, ADMIN, "demo", wanted, oldest=True, size=3)
    newer = service.list_calls(filled, ADMIN, "demo", wanted, before=last.before, size=10)
    assert [call.id for call in (*newer.items, *last.items)] == newest_first
    with filled.read() as session:
        assert (
            calls.count(session, "demo", wanted)
            == calls.count(session, "demo", CallFilter(tag=vip.id, number="138"))
            == 7
        )


def test_a_deleted_call_takes_its_tags_along(filled: Store) -> None:
    vip = create_tag(filled, ADMIN, "demo", "VIP", "red")
    tag_call(filled, ADMIN, "demo", "c01", [vip.id])
    with filled.write() as session:
        calls.delete(session, ["c01"])
        assert stored.count_calls(session, vip.id, 9) == 0


def test_a_tags_calls_are_not_sorted_but_read_in_order(filled: Store) -> None:
    """Of a million calls: what a page of them costs must not grow with the number of calls."""
    vip = create_tag(filled, ADMIN, "demo", "VIP", "red")
    for n in range(20):
        tag_call(filled, ADMIN, "demo", f"c{n:02}", [vip.id])
    tune(filled)
    with filled.read() as session:
        query = str(
            calls._page_query("demo", CallFilter(tag=vip.id), None, 50).compile(
                session.get_bind(), compile_kwargs={"literal_binds": True}
            )
        )
        plan = [str(row[-1]) for row in session.execute(text("EXPLAIN QUERY PLAN " + query))]
    assert "ix_call_tags_tag_id_started_at_call_id" in plan[0] and not any("TEMP B-TREE" in line for line in plan), plan
