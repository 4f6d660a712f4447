"""Call records: keyset paging shows every call once, filters, notes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from ccc.errors import InvalidError
from ccc.store import Store
from ccc.store.records import CallFilter
from ccc.store.repos import calls
from ccc.store.repos.calls import from_cursor, to_cursor

DAY = datetime(2026, 1, 1, tzinfo=UTC)


def row(call_id: str, at: datetime = DAY, **more: object) -> dict:
    base = dict.fromkeys(("account", "trunk", "cause_detail", "skill_group", "keys", "recording", "agent"), "")
    return {
        **base,
        "id": call_id,
        "instance": "demo",
        "direction": "inbound",
        "caller": "100",
        "callee": "4000",
        "started_at": at,
        "answered_at": None,
        "ended_at": at + timedelta(seconds=5),
        "cause": "normal",
        "flow": "welcome",
        "flow_version": 1,
        "waited_s": 0.0,
        "talk_s": 0.0,
        "steps": [{"n": 0, "node": "s"}],
        "media": {},
        **more,
    }


def pages(store: Store, instance: str | None, wanted: CallFilter, size: int) -> list[str]:
    found, after = [], None
    while True:
        with store.read() as session:
            page = calls.find(session, instance, wanted, after=after, size=size)
        assert len(page.items) <= size
        found += [item.id for item in page.items]
        after = page.after
        if after is None:
            return found


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(0, 5), max_size=20), st.integers(1, 7))
def test_pages_show_every_call_once_newest_first(store: Store, minutes: list[int], size: int) -> None:
    with store.write() as session:
        session.execute(text("DELETE FROM calls"))
        rows = [row(f"c{n:02}", DAY + timedelta(minutes=minute)) for n, minute in enumerate(minutes)]
        calls.add_calls(session, [*rows, row("other", instance="other")])
    expected = [f"c{n:02}" for minute, n in sorted(((m, n) for n, m in enumerate(minutes)), reverse=True)]
    assert pages(store, "demo", CallFilter(), size) == expected


def test_filters(store: Store) -> None:
    with store.write() as session:
        calls.add_calls(
            session,
            [
                row("a", caller="1", callee="2", agent="agent1"),
                row("b", DAY + timedelta(hours=1), caller="2", callee="3", cause="abandoned"),
                row("c", DAY + timedelta(hours=2), caller="2", callee="2"),
                row("x", caller="2", instance="other"),
            ],
        )
    assert pages(store, "demo", CallFilter(number="2"), 1) == ["c", "b", "a"]
    assert pages(store, "demo", CallFilter(number="2", caller="1"), 1) == ["a"]
    assert pages(store, "demo", CallFilter(agent="agent1"), 9) == ["a"]
    assert pages(store, "demo", CallFilter(cause="abandoned"), 9) == ["b"]
    since = CallFilter(since=DAY + timedelta(hours=1), until=DAY + timedelta(hours=2))
    assert pages(store, "demo", since, 9) == ["b"]
    assert sorted(pages(store, None, CallFilter(caller="2"), 9)) == ["b", "c", "x"]


def test_a_record_is_stored_once_and_found_only_in_its_instance(store: Store) -> None:
    with store.write() as session:
        calls.add_calls(session, [row("a")])
        calls.set_note(session, "a", "hello", None)
        calls.add_calls(session, [row("a", cause="lost")])
    with store.read() as session:
        found = calls.get(session, "a", "demo")
        assert found is not None
        assert (found.cause, found.note, found.steps) == ("normal", "hello", [{"n": 0, "node": "s"}])
        assert found.started_at == DAY
        assert calls.get(session, "a", "other") is None
        assert [call.id for call in calls.last(session, "demo", 5)] == ["a"]


def test_a_note_before_the_record_is_kept_for_it(store: Store) -> None:
    with store.write() as session:
        assert not calls.set_note(session, "a", "early", "ok")
        calls.keep_note(session, "a", "early", "ok")
        calls.keep_note(session, "a", "later", None)
    with store.write() as session:
        calls.add_calls(session, [row("a")])
    with store.read() as session:
        found = calls.get(session, "a", None)
        assert found is not None
        assert (found.note, found.disposition) == ("later", "ok")
        assert session.execute(text("SELECT count(*) FROM pending_wrap_ups")).scalar() == 0


@settings(max_examples=500)
@given(st.text(max_size=40))
def test_any_cursor_is_read_or_refused(text_: str) -> None:
    try:
        at, _ = from_cursor(text_)
    except InvalidError:
        return
    assert at.tzinfo is not None


def test_cursor_round_trip() -> None:
    assert from_cursor(to_cursor(DAY, "日本")) == (DAY, "日本")
    with pytest.raises(InvalidError):
        from_cursor("!!")


@pytest.mark.parametrize(
    ("wanted", "index"),
    [
        (CallFilter(), "ix_calls_instance_started_at_id"),
        (CallFilter(agent="a"), "ix_calls_instance_agent_started_at_id"),
        (CallFilter(caller="1"), "ix_calls_instance_caller_started_at_id"),
        (CallFilter(cause="lost"), "ix_calls_instance_cause_started_at_id"),
        (CallFilter(flow="f"), "ix_calls_instance_flow_started_at_id"),
        (CallFilter(skill_group="g"), "ix_calls_instance_skill_group_started_at_id"),
    ],
)
def test_lists_are_read_from_an_index_without_sorting(store: Store, wanted: CallFilter, index: str) -> None:
    """What keeps a page of a million calls quick: one index gives the order, nothing is sorted or counted."""
    query = calls._page_query("demo", wanted, to_cursor(DAY, "x"), 50)
    sql = str(query.compile(store.engine, compile_kwargs={"literal_binds": True}))
    with store.read() as session:
        plan = " ".join(str(row[-1]) for row in session.execute(text("EXPLAIN QUERY PLAN " + sql)))
    assert index in plan
    assert "TEMP B-TREE" not in plan


def test_test_calls_are_found_alone_left_out_and_by_an_index_of_their_own(store: Store) -> None:
    with store.write() as session:
        calls.add_calls(session, [row(f"r{n}", DAY + timedelta(minutes=n)) for n in range(20)])
        calls.add_calls(session, [row("t1", DAY + timedelta(minutes=3), direction="test")])
    assert pages(store, "demo", CallFilter(tests="only"), 5) == ["t1"]
    assert "t1" not in pages(store, "demo", CallFilter(tests="without"), 5)
    assert len(pages(store, "demo", CallFilter(), 5)) == 21
    with store.read() as session:
        query = calls._page_query("demo", CallFilter(tests="only"), None, 50)
        sql = str(query.compile(session.get_bind(), compile_kwargs={"literal_binds": True}))
        plan = session.execute(text(f"EXPLAIN QUERY PLAN {sql}")).all()
    assert "ix_calls_tests" in str(plan)
