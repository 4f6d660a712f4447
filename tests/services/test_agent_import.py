"""Files of agents of every shape: encodings, bad rows named, half-done imports, passwords handed out once."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ccc.errors import InvalidError, NotFoundError
from ccc.services import agent_import, agents, groups, jobs, users
from ccc.services.actor import SYSTEM, Actor
from ccc.services.agent_files import MAX_BYTES, MAX_ROWS, parse
from ccc.store import Store
from ccc.store.records import GroupRecord
from ccc.store.repos import users as repo

BOSS = Actor("boss", {"demo": "admin"}, account="acme")
TEXT = "登录名,姓名,角色,技能组,自动接听\nann,安,坐席,销售:2；vip,是\nbob,鲍勃,班长,,\n"


@pytest.fixture
def house(store: Store) -> Store:
    users.add_user(store, SYSTEM, "boss", "password1", instance="demo", role="admin")
    groups.create_group(store, SYSTEM, GroupRecord("demo", "sales", "销售"))
    groups.create_group(store, SYSTEM, GroupRecord("demo", "vip", "VIP"))
    return store


@pytest.mark.parametrize(
    "data",
    [
        TEXT.encode(),
        TEXT.encode("utf-8-sig"),
        TEXT.encode("gbk"),
        TEXT.encode("utf-16"),
        TEXT.replace("\n", "\r\n").encode(),
        TEXT.replace("；", "|").replace(",", ";").encode(),
        TEXT.replace(",", "\t").encode("gb18030"),
        ("\n\n" + TEXT + "\n,,\n").encode(),
    ],
)
def test_encodings_and_separators(data: bytes) -> None:
    ann, bob = parse(data).rows
    assert (ann.username, ann.name, ann.role, ann.groups, ann.auto_answer) == (
        "ann", "安", "agent", {"销售": 2, "vip": 1}, True,
    )  # fmt: skip
    assert (bob.name, bob.role, bob.groups, bob.auto_answer) == ("鲍勃", "supervisor", {}, False)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"\n \n", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b"username,name\n", "no rows"),
        (b"name,role\nAnn,agent\n", "用户名"),
        (b"PK\x03\x04....", "damaged"),
        (b"\xd0\xcf\x11\xe0....", "old or encrypted"),
        (b"\x00\x01\x02\xff\xfe\x00", "neither"),
        (b"x" * (MAX_BYTES + 1), "8 MB"),
        (b"username\n" + b"".join(b"u%d\n" % n for n in range(MAX_ROWS + 1)), "50,000"),
        (b'username,name\nann,"' + b"y" * 200_000, "cannot be read"),
    ],
)
def test_unusable_files_say_why(data: bytes, words: str) -> None:
    with pytest.raises(InvalidError, match=words) as caught:
        parse(data)
    assert caught.value.field == "file"


def test_every_bad_row_is_named_and_the_good_go_on() -> None:
    parsed = parse(
        b"username,name,role,email,groups,auto answer,password\n"
        b"good,Good,,,,,\n"
        b"b b,x,,,,,\n"
        b"king,x,king,,,,\n"
        b"mail,x,,nonsense,,,\n"
        b"level,x,,,sales:10,,\n"
        b"auto,x,,,,perhaps,\n"
        b"secret,Shh,,,,,short\n"
        b"GOOD,again,,,,,\n"
    )
    assert [row.username for row in parsed.rows] == ["good"]
    assert [row.line for row in parsed.bad] == [3, 4, 5, 6, 7, 8, 9]
    assert "line 2" in parsed.bad[-1].error.message
    assert all("short" not in row.text for row in parsed.bad), "a password is never shown"


@given(st.binary(max_size=2000))
@example(b"username\n\xff\xff\n")
@settings(max_examples=500)
def test_any_bytes_give_rows_or_a_clear_error(data: bytes) -> None:
    try:
        parsed = parse(data)
    except InvalidError as error:
        assert error.field == "file"
    else:
        assert parsed.rows or parsed.bad


CELL = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=20)


@given(st.lists(st.tuples(CELL, CELL, CELL, CELL), min_size=1, max_size=20), st.sampled_from(["utf-8-sig", "gb18030"]))
@settings(max_examples=500)
def test_no_row_is_lost(rows: list[tuple[str, str, str, str]], encoding: str) -> None:
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(["username", "name", "groups", "password"])
    writer.writerows(rows)
    filled = [row for row in rows if any(cell.strip() for cell in row)]
    try:
        parsed = parse(buffer.getvalue().encode(encoding))
    except InvalidError:
        assert not filled
        return
    assert len(parsed.rows) + len(parsed.bad) == len(filled)


def run(store: Store, token: str) -> agent_import.Progress:
    for _ in range(1000):
        progress = agent_import.step(store, BOSS, "demo", token)
        if progress.finished:
            return progress
    raise AssertionError("never finished")


def test_preview_changes_nothing_then_the_good_rows_come_in(house: Store) -> None:
    with house.write() as session:
        repo.add(session, "acme", "known", "Known", None, "x")
        repo.add_account(session, "else", "")
        repo.add(session, "else", "foreign", "F", None, "x")
    text = "username,groups,password\nann,销售:3,\nknown,vip,\nforeign,,\nboss,,\nlost,nowhere,\nsecret,,my password\n"
    found = agent_import.preview(house, BOSS, "demo", text.encode())
    assert [row.username for row in found.new] == ["ann", "secret"]
    assert [row.username for row in found.known] == ["known"]
    assert [(row.line, row.error.status) for row in found.bad] == [(4, 409), (5, 409), (6, 404)]
    assert [item.username for item in agents.list_agents(house, BOSS, "demo")] == ["boss"]
    progress = run(house, found.token)
    assert (progress.made, progress.total, progress.problems) == (3, 3, ())
    people = {item.username: item.groups for item in agents.list_agents(house, BOSS, "demo")}
    assert people == {"ann": {"sales": 3}, "boss": {}, "known": {"vip": 1}, "secret": {}}
    assert users.verify_password(house, "secret", "my password") is not None
    file = agent_import.made_up_passwords(house, BOSS, "demo", found.token).decode("utf-8-sig")
    [(name, password)] = list(csv.reader(io.StringIO(file)))[1:]
    assert name == "ann" and users.verify_password(house, "ann", password) is not None
    with pytest.raises(NotFoundError, match="already"):
        agent_import.made_up_passwords(house, BOSS, "demo", found.token)
    assert "my password" not in "".join(path.read_text() for path in leftovers(house))


def leftovers(store: Store) -> list[Path]:
    return list((store.home.root / "imports").rglob("*.*"))


def test_long_imports_go_on_where_they_stopped(house: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(agent_import, "ROWS_A_STEP", 4)
    text = "username\n" + "".join(f"u{n}\n" for n in range(10))
    found = agent_import.preview(house, BOSS, "demo", text.encode())
    assert agent_import.step(house, BOSS, "demo", found.token).done == 4
    (job,) = jobs.list_jobs(house, BOSS, instance="demo").items
    assert (job.kind, job.state, job.done, job.total) == ("import", "running", 4, 10) and found.token not in job.id
    users.add_user(house, SYSTEM, "u5", "password1", instance="demo")  # somebody is faster meanwhile
    progress = run(house, found.token)
    assert (progress.done, progress.made) == (10, 9)
    (job,) = jobs.list_jobs(house, BOSS, instance="demo").items
    assert (job.state, job.result) == ("done", {"made": 9, "bad": 1})
    assert [(line, user) for line, user, _ in progress.problems] == [(7, "u5")]


def test_an_import_belongs_to_who_began_it(house: Store) -> None:
    found = agent_import.preview(house, BOSS, "demo", b"username\nann\n")
    other = Actor("other", {"demo": "admin"}, account="acme")
    for token in (found.token, "../../etc", "0" * 32):
        with pytest.raises(NotFoundError):
            agent_import.step(house, other, "demo", token)
    state = next(path for path in leftovers(house) if path.name == "state.json")
    assert json.loads(state.read_text())["user"] == "boss" and state.stat().st_mode & 0o077 == 0
