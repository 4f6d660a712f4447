"""Dedicated agents and the list of callbacks: rights, fields, files, what the telephone side learns."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import hypothesis.strategies as st
import pytest
from hypothesis import given

from ccc.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError, StaleError, UnavailableError
from ccc.services import agents, callbacks, dedicated, groups, users
from ccc.services.actor import SYSTEM, Actor
from ccc.snapshot import load
from ccc.store import Store
from ccc.store.records import DedicatedRecord, GroupRecord
from ccc.store.repos import callbacks as repo

BOSS = Actor("boss", {"demo": "admin"}, account="acme")
LEAD = Actor("lead", {"demo": "supervisor"}, account="acme")
BOB = Actor("bob", {"demo": "agent"}, account="acme")
WANTED = DedicatedRecord("demo", "138 0013-8000", "bob", customer=" 张三 ", wait_s=20)


@pytest.fixture
def made(store: Store) -> Store:
    users.add_user(store, SYSTEM, "bob", "password1", instance="demo", name="Bob")
    users.add_user(store, SYSTEM, "ann", "password1", instance="demo", name="Ann")
    users.add_user(store, SYSTEM, "boss", "password1", instance="demo", role="admin")
    groups.create_group(store, BOSS, GroupRecord("demo", "sales", "销售", members={"bob": 1}))
    groups.create_group(store, BOSS, GroupRecord("demo", "help", "客服"))
    return store


def told(store: Store) -> dict[str, tuple[str, float]]:
    return {item.number: (item.agent, item.wait_s) for item in load(store.home.snapshot).dedicated}


def test_made_changed_removed(made: Store) -> None:
    saved = dedicated.add_dedicated(made, BOSS, WANTED)
    assert (saved.number, saved.customer, saved.name, saved.changed_by) == ("+8613800138000", "张三", "Bob", "boss")
    assert told(made) == {"+8613800138000": ("bob", 20.0)}
    with pytest.raises(ConflictError):
        dedicated.add_dedicated(made, BOSS, replace(WANTED, number="+8613800138000"))
    changed = dedicated.change_dedicated(made, BOSS, replace(saved, agent="ann"), saved.revision)
    with pytest.raises(StaleError):
        dedicated.change_dedicated(made, BOSS, saved, saved.revision)
    assert changed.agent == "ann" and told(made)["+8613800138000"][0] == "ann"
    dedicated.remove_dedicated(made, BOSS, "demo", [saved.number])
    assert told(made) == {}
    with pytest.raises(NotFoundError):
        dedicated.get_dedicated(made, LEAD, "demo", saved.number)


def test_who_leaves_gives_his_customers_up_and_comes_back_to_them(made: Store) -> None:
    dedicated.add_dedicated(made, BOSS, WANTED)
    dedicated.add_dedicated(made, BOSS, replace(WANTED, number="13900139000"))
    assert agents.get_agent(made, LEAD, "demo", "bob").customers == 2
    assert {item.username: item.customers for item in agents.list_agents(made, LEAD, "demo")}["bob"] == 2
    agents.remove_agents(made, BOSS, "demo", ["bob"])
    assert told(made) == {} and dedicated.list_dedicated(made, BOSS, "demo") == []
    assert [item.customers for item in agents.list_past(made, BOSS, "demo")] == [2]
    dedicated.add_dedicated(made, BOSS, replace(WANTED, number="13900139000", agent="ann"))
    assert agents.restore_agents(made, BOSS, "demo", ["bob"]) == agents.Restored(customers=1, elsewhere=1)
    assert told(made) == {"+8613800138000": ("bob", 20.0), "+8613900139000": ("ann", 20.0)}
    assert dedicated.get_dedicated(made, LEAD, "demo", "+8613800138000").customer == "张三"


def test_leaving_by_the_console_or_the_command_line_is_leaving(made: Store) -> None:
    dedicated.add_dedicated(made, BOSS, WANTED)
    users.set_role(made, BOSS, "bob", "demo", None)
    assert agents.restore_agents(made, BOSS, "demo", ["bob"]) == agents.Restored(1, 0)


def test_refused(made: Store) -> None:
    for actor in (LEAD, BOB):
        with pytest.raises(ForbiddenError):
            dedicated.add_dedicated(made, actor, WANTED)
    with pytest.raises(ForbiddenError):
        dedicated.list_dedicated(made, BOB, "demo")
    for field, wrong in (("number", "anonymous"), ("agent", "nobody"), ("wait_s", 601)):
        with pytest.raises(InvalidError) as refused:
            dedicated.add_dedicated(made, BOSS, replace(WANTED, **{field: wrong}))  # type: ignore[arg-type]
        assert refused.value.field == field


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_file(made: Store, encoding: str) -> None:
    text = (
        "客户号码,坐席账号,客户名称,等待秒数\n13800138000,bob,张三,15\n0755-8888 6666,ann,,\nx,bob,,\n1390013900,no,,\n"
    )
    dedicated.add_dedicated(made, BOSS, WANTED)
    done = dedicated.import_dedicated(made, BOSS, "demo", text.encode(encoding))
    assert (done.count, [line.text for line in done.bad]) == (2, ["x", "1390013900"])
    assert told(made) == {"+8613800138000": ("bob", 15.0), "+8675588886666": ("ann", 0.0)}
    with pytest.raises(InvalidError) as refused:
        dedicated.import_dedicated(made, BOSS, "demo", "a,b\n1,2\n".encode(encoding))
    assert refused.value.field == "file" and len(told(made)) == 2


@given(st.text(max_size=40))
def test_any_text_is_a_number_or_refused(text: str) -> None:
    try:
        number = dedicated.canonical(text)
    except InvalidError:
        return
    assert dedicated.canonical(number) == number


def test_callbacks_are_seen_by_who_serves_the_group(made: Store) -> None:
    now = datetime(2026, 11, 20, tzinfo=UTC)
    rows = [
        {"id": f"cb{n}", "instance": "demo", "skill_group": group, "number": f"1380013800{n}", "caller": "",
         "callee": "", "origin": "c", "state": state, "reason": "", "attempts": 0, "max_attempts": 3, "agent": "",
         "last_call": "", "since": now, "asked_at": now + timedelta(minutes=n), "next_at": None,
         "closed_at": None if state == "waiting" else now, "closed_by": ""}
        for n, (group, state) in enumerate((("sales", "waiting"), ("help", "waiting"), ("sales", "done")))
    ]  # fmt: skip
    with made.write() as session:
        repo.put(session, rows)
        repo.put(session, [{**rows[0], "attempts": 1}, {**rows[0], "attempts": 2}])
    mine = callbacks.list_callbacks(made, BOB, "demo").items
    assert [(item.id, item.attempts) for item in mine] == [("cb2", 0), ("cb0", 2)], "the newest state, newest first"
    first = callbacks.list_callbacks(made, LEAD, "demo", size=2)
    rest = callbacks.list_callbacks(made, LEAD, "demo", size=2, after=first.after)
    assert [item.id for item in (*first.items, *rest.items)] == ["cb2", "cb1", "cb0"] and rest.after is None
    assert [item.id for item in callbacks.list_callbacks(made, LEAD, "demo", state="open").items] == ["cb1", "cb0"]
    with pytest.raises(NotFoundError):
        callbacks.cancel_callback(made, BOB, "demo", "cb1")
    with pytest.raises(UnavailableError):
        callbacks.cancel_callback(made, BOB, "demo", "cb0")
