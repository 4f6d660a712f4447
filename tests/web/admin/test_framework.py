"""The pages over HTTP: lists, panels, errors at fields, conflicts with both values, actions, the import."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable

import pytest
from flask import Flask

from ccc.services import agents, groups
from ccc.services.actor import SYSTEM
from ccc.store import Store
from ccc.store.records import AgentRecord, GroupRecord
from ccc.store.repos import users
from ccc.web.admin.lists import Query, alphabetical, arrange
from tests.web.admin.conftest import Htmx, form_values, told

As = Callable[[str], Htmx]


def test_the_menu_shows_what_the_role_may_open(as_user: As) -> None:
    def lines(user: str) -> set[str]:
        page = as_user(user).client.get("/", follow_redirects=True).text
        return set(re.findall(r'<a href="([^"]+)"(?: aria-current="page")?>\s*<svg', page))

    shown = {user: lines(user) for user in ("wang", "li", "zhao", "zhu")}
    assert "/agents/" not in shown["wang"] and "/workbench" in shown["wang"]
    assert {"/agents/", "/groups/", "/workbench"} <= shown["li"] & shown["zhao"]
    assert "/console/users/" in shown["zhu"] and not {"/workbench", "/agents/"} & shown["zhu"]


def test_a_panel_opened_as_a_page_is_the_list_with_the_panel(as_user: As) -> None:
    plain = as_user("zhao").client
    answer = plain.get("/groups/support/edit")
    assert answer.status_code == 302
    page = plain.get(answer.location).text
    assert 'hx-get="/groups/support/edit" hx-trigger="load"' in page
    assert 'hx-trigger="load"' not in plain.get("/groups/?open=//evil.example/x").text


def test_search_filters_sort_and_pages(as_user: As, store: Store) -> None:
    with store.write() as session:
        for n in range(60):
            wanted = AgentRecord("demo", f"a{n:02}", f"Agent {n:02}", "agent", groups={"support": 1} if n < 5 else {})
            agents.add_new(session, SYSTEM, wanted, "x")
    zhao = as_user("zhao")

    def keys(query: str) -> list[str]:
        return re.findall(r'<tr data-key="([^"]+)"', zhao.get(f"/agents/?{query}").text)

    assert len(keys("")) == 50 and len(keys("page=2")) == 14 and keys("page=99") == keys("page=2")
    assert keys("q=agent+07") == ["a07"] and keys("q=%E7%8E%8B") == ["wang"]
    assert keys("group=support") == ["a00", "a01", "a02", "a03", "a04"]
    assert keys("role=supervisor") == ["li"] and keys("q=a01&group=support&state=active") == ["a01"]
    assert keys("sort=name&desc=1")[0] == "zhao"
    assert keys("page=x&sort=nonsense&state=nonsense")
    assert "Show everything" in zhao.get("/agents/?q=zzzz").text


@pytest.mark.parametrize("text", ["abc", "张三", "Ünïcode", "\U0001f600", ""])
def test_any_name_can_be_sorted(text: str) -> None:
    assert alphabetical(text) is not None
    assert sorted(["张", "王", "安", "Bob"], key=alphabetical) == ["Bob", "安", "王", "张"]


def test_every_word_must_occur() -> None:
    rows = [("red", "apple"), ("green", "apple"), ("red", "pear")]
    found = arrange(rows, Query(q="APPLE red"), search=lambda row: row, sort={})
    assert found.rows == [("red", "apple")] and found.total == 1


def test_errors_appear_at_their_fields_and_nothing_is_lost(as_user: As) -> None:
    zhao = as_user("zhao")
    form = zhao.form("/agents/new") | {"name": "新人", "username": "no good", "email": "x@y", "password": "long enough"}
    answer = zhao.post("/agents/new", form)
    assert answer.status_code == 422
    assert re.search(r'id="f-username-error">.*not a user name', answer.text, re.S)
    assert 'value="新人"' in answer.text and 'aria-invalid="true"' in answer.text
    assert answer.text.count("long enough") == 1, "it need not be typed again, and stands nowhere else"
    missing = zhao.post("/agents/new", form | {"name": ""})
    assert missing.status_code == 422 and "This field is required." in missing.text
    assert zhao.post("/agents/new", form | {"username": "wang"}).status_code == 409


def test_a_new_agent_without_a_password_gets_one_shown_once(as_user: As) -> None:
    zhao = as_user("zhao")
    form = zhao.form("/agents/new") | {"name": "新人", "username": "xin"}
    answer = zhao.post("/agents/new", form)
    assert told(answer)["keep"] and answer.headers["HX-Retarget"] == "#panel"
    password = re.search(r'id="once-password">([^<]+)<', answer.text)
    assert password is not None
    client = zhao.client.application.test_client()
    page = client.get("/login").text
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert token is not None
    form = {"username": "xin", "password": password[1], "csrf_token": token[1]}
    assert client.post("/login", data=form).status_code == 302


def test_a_conflict_shows_both_values_and_the_second_save_wins_knowingly(as_user: As, store: Store) -> None:
    zhao = as_user("zhao")
    form = zhao.form("/groups/support/edit")
    other = groups.get_group(store, SYSTEM, "demo", "support")
    theirs = GroupRecord("demo", "support", "他们的名字", wrap_up_s=99, dispositions=("新小结",), members={"chen": 3})
    groups.change_group(store, SYSTEM, theirs, other.revision)
    mine = form | {"title": "我的名字", "wrap_up_s": "50", "ring_timeout_s": "33"}
    answer = zhao.post("/groups/support/edit", mine)
    assert answer.status_code == 409
    assert 'value="我的名字"' in answer.text and "<b>他们的名字</b>" in answer.text, "both changed: both are shown"
    assert 'value="50"' in answer.text and "<b>99</b>" in answer.text
    assert "system" in answer.text, "who it was"
    assert groups.get_group(store, SYSTEM, "demo", "support").title == "他们的名字", "nothing was saved"
    back = form_values(answer.text)
    assert back["ring_timeout_s"] == ["33"] and back["dispositions"] == "新小结", "only one changed: that one is taken"
    assert back["members"] == ["chen"] and back["members.level.chen"] == "3"
    assert told(zhao.post("/groups/support/edit", back))["key"] == "support"
    saved = groups.get_group(store, SYSTEM, "demo", "support")
    assert (saved.title, saved.wrap_up_s, saved.ring_timeout_s) == ("我的名字", 50, 33)
    assert (saved.dispositions, saved.members) == (("新小结",), {"chen": 3})


def test_an_error_in_between_keeps_what_the_conflict_is_judged_by(as_user: As, store: Store) -> None:
    """A form that came back with errors still knows the revision it was opened with."""
    zhao = as_user("zhao")
    form = zhao.form("/groups/support/edit")
    wrong = zhao.post("/groups/support/edit", form | {"wrap_up_s": "-1"})
    assert wrong.status_code == 422
    old = groups.get_group(store, SYSTEM, "demo", "support")
    groups.change_group(store, SYSTEM, GroupRecord("demo", "support", "他们的"), old.revision)
    answer = zhao.post("/groups/support/edit", form_values(wrong.text) | {"wrap_up_s": "31"})
    assert answer.status_code == 409 and 'value="他们的"' in answer.text, (
        "their title is taken over: mine was untouched"
    )


def test_readers_look_but_find_nothing_to_press(as_user: As) -> None:
    li = as_user("li")
    page = li.get("/groups/").text
    assert "hx-post" not in page and "/groups/new" not in page and 'type="checkbox"' not in page
    panel = li.get("/groups/support/edit").text
    assert "Save" not in panel and "客户服务" in panel
    assert li.post("/groups/support/edit", {"_revision": "1"}).status_code == 403


def test_removing_asks_says_what_and_can_be_taken_back(as_user: As, store: Store) -> None:
    zhao = as_user("zhao")
    asked = zhao.get("/agents/ask/remove?key=chen&key=wang").text
    assert "陈晨" in asked and "王小明" in asked and "history stay" in asked
    done = told(zhao.post("/agents/do/remove", {"key": ["chen", "wang"]}))
    assert "2 agents removed" in done["text"]
    assert "陈晨" not in zhao.get("/agents/").text and "陈晨" in zhao.get("/agents/?state=past").text
    told(zhao.post(done["undo"]["url"], done["undo"]["values"]))
    assert "陈晨" in zhao.get("/agents/").text


def test_bulk_tells_what_did_not_work(as_user: As, store: Store) -> None:
    with store.write() as session:
        users.set_account_role(session, "li", "manager")
    zhao = as_user("zhao")
    done = told(zhao.post("/agents/do/disable", {"key": ["chen", "li"]}))
    assert "1 user disabled" in done["text"] and len(done["problems"]) == 1 and "li: " in done["problems"][0]
    refused = zhao.post("/agents/do/disable", {"key": ["zhao"]})
    assert (refused.status_code, refused.json["code"]) == (422, "invalid")


def test_what_is_asked_for_must_exist(as_user: As) -> None:
    zhao = as_user("zhao")
    assert zhao.post("/agents/do/nonsense", {"key": "wang"}).status_code == 404
    assert zhao.post("/agents/do/remove").status_code == 400
    assert zhao.post("/agents/do/remove", {"key": ["x"] * 1001}).status_code == 400
    assert zhao.get("/groups/none/edit").status_code == 404
    assert zhao.post("/groups/support/edit", {"title": "x"}).status_code == 400


def test_bring_in_a_user_of_the_account(as_user: As) -> None:
    zhao = as_user("zhao")
    form = zhao.form("/agents/import") | {"users": ["guan"], "role": "supervisor"}
    assert told(zhao.post("/agents/import", form))["text"] == "1 user brought in."
    assert "管台" in zhao.get("/agents/?role=supervisor").text
    assert zhao.post("/agents/import", form).status_code == 422, "not among the candidates any more"
    assert zhao.post("/agents/import", form | {"users": ["fremd"]}).status_code == 422, "another account's"


def test_import_a_file_step_by_step(as_user: As) -> None:
    zhao = as_user("zhao")
    text = "登录名,姓名,技能组\nn1,新一,客户服务:2\nn2,新二,没有\nwang,王,\n".encode("gbk")
    preview = zhao.post("/agents/file", {"file": (io.BytesIO(text), "a.csv")})
    assert preview.status_code == 200 and "没有" in preview.text and "新一" in preview.text
    step = re.search(r'hx-post="(/agents/file/[0-9a-f]+/step)"', preview.text)
    assert step is not None
    done = zhao.post(step[1])
    assert told(done)["keep"] and "1 / 1" in done.text
    address = step[1].replace("step", "passwords")
    passwords = zhao.post(address)
    assert passwords.data.startswith(b"\xef\xbb\xbfusername,password") and b"n1," in passwords.data
    assert zhao.post(address).status_code == 404
    wrong = zhao.post("/agents/file", {"file": (io.BytesIO(b"PK\x03\x04"), "a.xlsx")})
    assert wrong.status_code == 422 and 'id="f-file-error"' in wrong.text
    for example in ("/agents/file/example.xlsx", "/agents/file/example.csv"):
        data = zhao.get(example).data
        preview = zhao.post("/agents/file", {"file": (io.BytesIO(data), "x")})
        assert preview.status_code == 200 and "default" in preview.text, "the example itself is understood"
    big = zhao.post("/agents/file", {"file": (io.BytesIO(b"username\n" + b"x" * 3_000_000), "a.csv")})
    assert big.status_code in (200, 422), "more than other forms may carry"
    assert zhao.post("/agents/file", {"file": (io.BytesIO(b"x" * 9_000_000), "a.csv")}).status_code == 413


def test_a_piece_of_a_page_is_refused_in_json(app: Flask, as_user: As) -> None:
    stranger = app.test_client()
    answer = stranger.get("/agents/new", headers={"HX-Request": "true"})
    assert (answer.status_code, answer.json["code"]) == (401, "unauthenticated")
    zhao = as_user("zhao")
    answer = zhao.client.post("/agents/do/remove", data={"key": "wang"}, headers={"HX-Request": "true"})
    assert (answer.status_code, answer.json["code"]) == (400, "csrf")


def test_the_console_changes_roles_and_the_conflict_names_them(as_user: As) -> None:
    zhu, guan = as_user("zhu"), as_user("guan")
    form = guan.form("/console/users/chen/edit")
    assert form["roles.demo"] == "agent"
    told(zhu.post("/console/users/chen/edit", zhu.form("/console/users/chen/edit") | {"roles.other": "agent"}))
    answer = guan.post("/console/users/chen/edit", form | {"roles.demo": "supervisor", "roles.other": ""})
    assert answer.status_code == 409 and "另一个中心: Agent" in answer.text
    assert guan.post("/console/users/zhu/edit", guan.form("/console/users/zhu/edit") | {"name": "x"}).status_code == 403


def test_undo_header_is_ascii(as_user: As) -> None:
    header = as_user("zhao").post("/agents/do/auto-answer-on", {"key": ["wang"]}).headers["HX-Trigger"]
    assert header.isascii() and json.loads(header)["ccc:done"]["undo"]["values"]["key"] == ["wang"]
