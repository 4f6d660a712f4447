"""Every address times every role: generated from the routes, so that a new one cannot be forgotten."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from ccc.services import blacklist, tables
from ccc.services.actor import SYSTEM
from ccc.services.users import add_user, set_role
from ccc.store import Store
from ccc.store.repos import audio
from ccc.web.auth.rights import ACCEPTED, PUBLIC
from tests.web.conftest import PASSWORD, sign_in, token

WHO = {"agent": "wang", "supervisor": "li", "admin": "zhao", "owner": "zhu", "manager": "guan"}
"""``zhu`` and ``guan`` run the main account and are in no instance."""
FOR_ANYBODY = {"shell.index", "shell.set_language"}
OF_LIBRARIES = {"static", "security.login", "security.logout"}
CALL = "01JD0000ABCDEFGHJKMNPQRS"
KEYS = {
    "flows": "hello",
    "live": "chen",
    "designer": "hello",
    "designer_trial": "hello",
    "designer_widgets": "hello",
    "outline": "hello",
    "outline_more": "hello",
    "look": "hello",
    "numbers": "4001",
    "closures": "hello",
    "account_numbers": "4001",
    "trunks": "carrier",
    "instances": "demo",
    "settings": "demo",
    "audio": "welcome",
    "tables": "customers",
    "blacklist": "10086",
    "pop": "demo",
    "storage": "demo",
    "display": "demo",
    "hours": "服务时间",
    "groups": "support",
    "agents": "chen",
    "shell": "demo",
    "users": "chen",
    "plugins": "plugins:notify_smtp",
    "testcall": "4001",
    "voicemail": "1",
    "callbacks": "cb1",
    "dedicated": "+8613800138000",
    "tags": "1",
    "instance_jobs": "export:1",
    "jobs": "export:1",
    "notices": "n-1",
}
"""Something of ``demo`` that exists, by blueprint: the address of one thing."""
KEYLESS = {"static", "me", "api_keys", "audit", "calls", "table_rows"}
"""About nobody else's things, or these have another name for them: a call by its id, rows by their table."""


@pytest.fixture(autouse=True)
def things(store: Store) -> None:
    """What of ``KEYS`` the shared site has not."""
    tables.import_table(store, SYSTEM, "demo", "customers", "号码,姓名\n1,客户服务\n".encode())
    blacklist.add_blacklist(store, SYSTEM, "demo", ["10086"])
    (store.home.uploads / "welcome.al").write_bytes(b"\xd5" * 800)
    with store.write() as session:
        audio.put(session, "demo", "welcome", path="welcome.al", seconds=0.1, user="zhao")


def routes(app: Flask) -> list[tuple[str, str, str]]:
    """(endpoint, method, address) of everything but what the libraries bring."""
    found = []
    for rule in app.url_map.iter_rules():
        if rule.endpoint in OF_LIBRARIES:
            continue
        methods = sorted((rule.methods or set()) & {"GET", "POST", "PUT", "DELETE"})
        found += [(rule.endpoint, method, address) for address in filled_in(app, rule) for method in methods]
    return found


def filled_in(app: Flask, rule: Rule) -> list[str]:
    """Addresses that fit the rule: of a thing that exists where this test knows one, and for every action of a page."""
    page = rule.endpoint.partition(".")[0]
    known = {"call_id": CALL, "key": KEYS.get(page, "nothing")}
    actions = actions_of(app, page) if "<action>" in rule.rule else [""]
    return [
        re.sub(r"<(?:\w+:)?(\w+)>", lambda part: {**known, "action": action}.get(part[1], "1"), rule.rule)  # noqa: B023
        for action in actions
    ]


def actions_of(app: Flask, page: str) -> list[str]:
    """The names of a page's actions, from the page itself."""
    views = {view.endpoint: view for view in app.extensions["admin"][0]._views}
    return [action.name for action in getattr(views.get(page), "actions", ())] or ["nothing"]


def roles_of_action(app: Flask, endpoint: str, address: str) -> tuple[str, ...] | None:
    """The roles an action names for itself, when the address is that of one."""
    page, _, view = endpoint.partition(".")
    if view not in ("ask", "do"):
        return None
    views = {one.endpoint: one for one in app.extensions["admin"][0]._views}
    name = address.rpartition("/")[2]
    return next((one.roles for one in getattr(views.get(page), "actions", ()) if one.name == name), None)


def accepted(app: Flask, endpoint: str) -> tuple[str, ...] | None:
    return getattr(app.view_functions[endpoint], ACCEPTED, None)


def names_a_thing(app: Flask, endpoint: str) -> bool:
    """Whether its address has a variable part."""
    return any(rule.arguments for rule in app.url_map.iter_rules(endpoint))


def ask(client: FlaskClient, method: str, address: str, **kwargs: Any) -> Any:
    """One request with the session's CSRF token; fetched anew only when the session has changed meanwhile."""
    headers = {"Accept": "application/json"} | kwargs.pop("headers", {})
    for fresh in (False, True):
        if fresh or not hasattr(client, "csrf"):
            client.csrf = token(client, "/")  # type: ignore[attr-defined]
        sent = {"X-CSRFToken": client.csrf} | headers  # type: ignore[attr-defined]
        answer = client.open(address, method=method, headers=sent, **kwargs)
        if answer.status_code != 400 or (answer.get_json(silent=True) or {}).get("code") != "csrf":
            break
    return answer


def test_every_view_says_who_may(app: Flask) -> None:
    for endpoint, _, _ in routes(app):
        view = app.view_functions[endpoint]
        assert getattr(view, PUBLIC, False) or accepted(app, endpoint), f"{endpoint} says not who may open it"


def test_what_another_tenant_is_kept_from_is_there(app: Flask) -> None:
    """Somebody of this account sees each of the things: a stranger's 404 would mean nothing else."""
    named = {rule.endpoint.partition(".")[0] for rule in app.url_map.iter_rules() if rule.arguments}
    assert named - KEYLESS == set(KEYS), "a page that names things, without one of them here (or the other way round)"
    clients = []
    for who in ("admin", "owner"):
        clients.append(app.test_client())
        assert sign_in(clients[-1], WHO[who]).status_code == 302
    unseen = dict(KEYS)
    for wanted in ("GET", "POST"):  # some can only be changed
        for endpoint, method, address in routes(app):
            page = endpoint.partition(".")[0]
            if page in unseen and method == wanted and names_a_thing(app, endpoint):
                address += f"?key={unseen[page]}" if "/ask/" in address else ""
                form = {"key": unseen[page]} if method == "POST" else None
                if any(ask(client, method, address, data=form).status_code not in (403, 404) for client in clients):
                    del unseen[page]
    assert unseen == {}


def test_strangers_reach_only_public_pages(app: Flask) -> None:
    for endpoint, method, address in routes(app):
        client = app.test_client()
        page = client.open(address, method=method, headers={"X-CSRFToken": "x"})
        script = client.open(address, method=method, headers={"Accept": "application/json"})
        if accepted(app, endpoint):
            # Without a session there is no valid CSRF token either: that answer (400) comes first.
            assert page.status_code in ((302,) if method == "GET" else (400, 401)), (endpoint, method)
            assert script.status_code in (400, 401) and set(script.json) == {"code", "message", "request_id"}


@pytest.mark.parametrize("role", WHO)
def test_roles_times_addresses(app: Flask, role: str) -> None:
    client = app.test_client()
    assert sign_in(client, WHO[role]).status_code == 302
    changed = 0
    for endpoint, method, address in routes(app):
        roles = accepted(app, endpoint)
        if roles is None:
            continue
        roles = roles_of_action(app, endpoint, address) or roles
        status = ask(client, method, address).status_code
        if role in roles or endpoint in FOR_ANYBODY:
            assert status not in (401, 403, 500), (endpoint, role, status)
        else:
            assert status == 403, (endpoint, role, status)
            changed += method != "GET"
    assert changed > 0 or role == "admin", "this role was refused nothing: is the table of roles empty?"


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_another_tenant_finds_nothing(app: Flask, method: str) -> None:
    """An administrator and an owner of another account try every address that names a thing of this one."""
    tried = 0
    for who in ("stranger", "fremd"):
        client = app.test_client()
        assert sign_in(client, who).status_code == 302
        for endpoint, known, address in routes(app):
            if known != method or accepted(app, endpoint) is None or not names_a_thing(app, endpoint):
                continue
            tried += 1
            key = KEYS.get(endpoint.partition(".")[0], "nothing")
            form = {"key": key, "_revision": "1"}
            address += f"?key={key}" if "/ask/" in address else ""
            answer = ask(client, method, address, data=form if method == "POST" else None)
            if method == "POST" or key != "nothing":  # a question about nothing may be asked, it says nothing
                assert answer.status_code in (403, 404, 422, 400), (endpoint, who, address, answer.status_code)
            for secret in ("客户服务", "陈晨", "已解决"):
                assert secret not in answer.text, (endpoint, who)
    assert tried > 20


def test_every_change_needs_the_csrf_token(app: Flask) -> None:
    client = app.test_client()
    sign_in(client, "zhao")
    for endpoint, method, address in [*routes(app), ("security.logout", "POST", "/logout"), ("", "POST", "/login")]:
        if method != "GET":
            answer = client.open(address, method=method, headers={"Accept": "application/json"})
            assert (answer.status_code, answer.json["code"]) == (400, "csrf"), endpoint


def test_a_user_of_another_instance_sees_nothing(client: FlaskClient) -> None:
    sign_in(client, "stranger")
    assert CALL not in client.get("/calls").text
    for address in (f"/calls/{CALL}", f"/calls/{CALL}/recording"):
        assert client.get(address).status_code == 404


def test_a_user_without_instance_is_told(client: FlaskClient, store: Store) -> None:
    set_role(store, SYSTEM, "wang", "demo", None)
    sign_in(client, "wang")
    answer = client.get("/workbench")
    assert answer.status_code == 403 and "Ask an administrator to add you" in answer.text


def test_the_access_address_leads_in_or_says_who_can_help(app: Flask, store: Store) -> None:
    """INS-1, ROL-8: through the sign-in form, too; which addresses are taken, nobody outside learns."""
    client = app.test_client()
    assert client.get("/i/demo").location.endswith("/login?next=%2Fi%2Fdemo")
    add_user(store, SYSTEM, "both", PASSWORD, instance="demo", role="agent", name="两边")
    set_role(store, SYSTEM, "both", "other", "supervisor")
    sign_in(client, "both")
    for address, title in (("/i/other", "另一个中心"), ("/i/DEMO", "演示呼叫中心")):
        assert title in client.get(address, follow_redirects=True).text.split("rail-foot")[1]
    zh = {"Accept-Language": "zh"}
    told = [client.get(address, headers=zh) for address in ("/i/foreign", "/i/nowhere")]
    assert all(one.status_code == 403 for one in told)
    assert all("您没有访问当前实例权限，请联系呼叫中心管理员" in one.text for one in told)


def test_a_page_acts_in_the_instance_it_shows_or_not_at_all(app: Flask, store: Store) -> None:
    """Another tab has changed the instance, or the instance is gone for this user: nothing happens elsewhere."""
    add_user(store, SYSTEM, "both", PASSWORD, instance="demo", role="admin", name="两边")
    set_role(store, SYSTEM, "both", "other", "admin")
    client = app.test_client()
    sign_in(client, "both")
    client.get("/i/demo")
    of_demo = {"X-CCC-Instance": "demo", "Accept-Language": "en"}
    assert ask(client, "GET", "/calls/exports", headers=of_demo).status_code == 200
    client.get("/i/other")
    told = ask(client, "POST", "/tags/new", headers=of_demo, data={"name": "x", "colour": "blue"})
    assert told.status_code == 409 and "changed to the instance 另一个中心 in another tab" in told.json["message"]
    set_role(store, SYSTEM, "both", "demo", None)
    told = ask(client, "GET", "/calls/exports", headers=of_demo)
    assert told.status_code == 409 and "no longer in the instance demo" in told.json["message"]


def test_the_role_is_that_of_the_chosen_instance(client: FlaskClient, store: Store) -> None:
    add_user(store, SYSTEM, "both", PASSWORD, instance="demo", role="agent", name="两边")
    set_role(store, SYSTEM, "both", "other", "supervisor")
    sign_in(client, "both")
    assert client.get("/live").status_code == 403
    form = {"instance": "other", "csrf_token": token(client, "/workbench")}
    assert client.post("/instance", data=form).status_code == 302
    assert client.get("/live").status_code == 200
    assert "OTHER" in client.get("/calls").text
    form = {"instance": "nowhere", "csrf_token": token(client, "/workbench")}
    assert client.post("/instance", data=form).status_code == 404
