"""Working hours of an instance: written by people, used by flows by name."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccc.errors import CccError, ConflictError, ForbiddenError, InvalidError, NotFoundError, StaleError
from ccc.hours.model import ExceptionDay, Span
from ccc.hours.text import HoursTextError, read_exceptions, read_spans, read_week, write_exceptions, write_week
from ccc.loader import Registry, load
from ccc.runtime.lookups import state_of
from ccc.services import flows, hours
from ccc.services.actor import Actor
from ccc.snapshot import load as load_snapshot
from ccc.store import Store
from ccc.store.repos.hours import HoursRecord

BOSS = Actor("boss", {"demo": "admin"}, account="acme")
WATCHER = Actor("li", {"demo": "supervisor"}, account="acme")
WEEK = ["09:00-12:00 13:30-18:00"] * 5 + ["10:00-16:00", ""]
EXCEPTIONS = "2027-02-05 ~ 2027-02-12 春节\n2026-12-24 09:00-12:00 平安夜\n"


@pytest.fixture(scope="module")
def registry() -> Registry:
    return load(entry_points=False)


def wanted(name: str = "服务时间", **kw: object) -> HoursRecord:
    return HoursRecord("demo", name, hours.read_schedule(WEEK, EXCEPTIONS, 1), **kw)  # type: ignore[arg-type]


def test_made_changed_in_the_snapshot_and_decided(store: Store) -> None:
    hours.create_hours(store, BOSS, wanted())
    found = load_snapshot(store.home.snapshot).hours[0]
    zone = datetime(2026, 11, 23, 10, 0, tzinfo=UTC) + timedelta(hours=-8)  # Monday 10:00 in Shanghai
    there = zone.astimezone(ZoneInfo("Asia/Shanghai"))
    assert state_of(found, "服务时间", there) == ("open", "")
    assert state_of(found, "服务时间", there + timedelta(hours=2, minutes=30)) == ("closed", "")
    assert state_of(found, "服务时间", there.replace(year=2027, month=2, day=6))[0] == "holiday"
    hours.change_hours(store, BOSS, wanted(timezone="Europe/Berlin", holidays="none"), 1)
    assert state_of(load_snapshot(store.home.snapshot).hours[0], "服务时间", there) == ("closed", "")
    with pytest.raises(StaleError):
        hours.change_hours(store, BOSS, wanted(), 1)
    with pytest.raises(ConflictError):
        hours.create_hours(store, BOSS, wanted())
    with pytest.raises(InvalidError):
        hours.change_hours(store, BOSS, wanted(timezone="Mars/North"), 2)


def test_outlook_names_holidays_makeup_days_and_own_ones(store: Store) -> None:
    look = hours.outlook(store, BOSS, wanted(), datetime(2026, 9, 1, 2, 0, tzinfo=UTC))
    kinds = {item.kind for item in look.special}
    assert look.state == "open" and {"holiday", "workday", "own"} <= kinds and look.known_until is not None
    eve = next(item for item in look.special if item.day == date(2026, 12, 24))
    assert (eve.name, eve.closed) == ("平安夜", False)


def test_flows_name_them_and_hold_them(store: Store, registry: Registry) -> None:
    nodes = [
        {"id": "start", "type": "start"},
        {"id": "time", "type": "hours", "config": {"named": "服务时间"}},
        {"id": "end", "type": "hangup"},
    ]
    edges = [{"from": "start", "exit": "next", "to": "time"}] + [
        {"from": "time", "exit": one, "to": "end"} for one in ("open", "closed", "holiday")
    ]
    document = {"format": 1, "name": "f", "title": "F", "nodes": nodes, "edges": edges}
    flows.import_flow(store, registry, BOSS, "demo", document)
    with pytest.raises(CccError, match="服务时间"):
        flows.publish_flow(store, registry, BOSS, "demo", "f")
    hours.create_hours(store, BOSS, wanted())
    assert flows.publish_flow(store, registry, BOSS, "demo", "f").version.version == 1
    with pytest.raises(ConflictError, match="F"):
        hours.delete_hours(store, registry, BOSS, "demo", "服务时间")
    assert [use.version for use in hours.hours_uses(store, registry, WATCHER, "demo", "服务时间")] == [None, 1]


def test_rights(store: Store, registry: Registry) -> None:
    hours.create_hours(store, BOSS, wanted())
    assert hours.list_hours(store, WATCHER, "demo")
    for act in (
        lambda: hours.create_hours(store, WATCHER, wanted("x")),
        lambda: hours.change_hours(store, WATCHER, wanted(), 1),
        lambda: hours.delete_hours(store, registry, WATCHER, "demo", "服务时间"),
    ):
        with pytest.raises(ForbiddenError):
            act()
    with pytest.raises(NotFoundError):
        hours.get_hours(store, BOSS, "demo", "none")


CLOCK = st.integers(0, 1439).map(lambda at: f"{at // 60:02}:{at % 60:02}")
SPAN = st.tuples(CLOCK, CLOCK).filter(lambda pair: pair[0] != pair[1]).map(lambda pair: "-".join(pair))
DAY = st.lists(SPAN, max_size=3, unique=True).map(" ".join)


@given(st.lists(DAY, min_size=7, max_size=7))
def test_a_week_written_and_read_means_the_same(days: list[str]) -> None:
    week = read_week(days)
    again = read_week(write_week(week))
    for number, text in enumerate(days, 1):
        spans = {(one.start, one.end) for one in read_spans(text)}
        assert {(one.start, one.end) for one in week if number in one.days} == spans
        assert {(one.start, one.end) for one in again if number in one.days} == spans


NAMES = st.text("春节abc 休息", max_size=8).map(str.strip)


@given(st.lists(st.tuples(st.dates(date(2020, 1, 1), date(2099, 1, 1)), st.integers(0, 9), NAMES, DAY), max_size=5))
def test_exceptions_written_and_read_are_the_same(rows: list[tuple[date, int, str, str]]) -> None:
    days = tuple(
        ExceptionDay(day=day, until=day + timedelta(days=more) if more else None, name=name, hours=read_spans(text))
        for day, more, name, text in rows
    )
    assert read_exceptions(write_exceptions(days)) == days


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    for read in (read_spans, read_exceptions):
        try:
            assert isinstance(read(text), tuple)
        except HoursTextError as error:
            assert error.part


def test_ways_to_write_hours() -> None:
    assert read_spans("9:00-12:00，13:30～18:00") == (
        Span(start="09:00", end="12:00"),
        Span(start="13:30", end="18:00"),
    )
    for wrong in ("9-12", "25:00-26:00", "09:00-09:00", "morgens"):
        with pytest.raises(HoursTextError):
            read_spans(wrong)
