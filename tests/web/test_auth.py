"""Signing in: sessions, CSRF, throttling, one message for every failure."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from ccc.services.actor import SYSTEM
from ccc.services.users import set_active, set_password
from ccc.store import Store
from ccc.store.repos import audit
from ccc.web.links import is_own_page
from tests.web.conftest import PASSWORD, sign_in, token


def test_the_right_password_opens_the_workbench(client: FlaskClient, store: Store) -> None:
    answer = sign_in(client, "wang")
    assert (answer.status_code, answer.location) == (302, "/")
    assert client.get("/workbench").status_code == 200
    with store.read() as session:
        assert [(entry.user, entry.action) for entry in audit.find(session, limit=1)] == [("wang", "user.sign-in")]


def test_the_session_cookie_is_shut_away(client: FlaskClient) -> None:
    cookie = sign_in(client, "wang").headers["Set-Cookie"]
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie and "Secure" not in cookie
    other = client.application.test_client()
    form = {"username": "wang", "password": PASSWORD}
    page = other.get("/login", base_url="https://call.example")
    form["csrf_token"] = page.text.split('name="csrf_token" value="')[1].split('"')[0]
    secure = other.post(
        "/login", data=form, base_url="https://call.example", headers={"Referer": "https://call.example/"}
    )
    assert secure.status_code == 302 and "Secure" in secure.headers["Set-Cookie"]


@pytest.mark.parametrize(
    ("username", "password"), [("wang", "wrong password"), ("nobody", PASSWORD), ("wang", "密" * 200)]
)
def test_every_failure_says_the_same(client: FlaskClient, username: str, password: str) -> None:
    answer = sign_in(client, username, password)
    assert answer.status_code == 200
    assert "User name or password is wrong" in answer.text
    assert client.get("/workbench").status_code == 302


def test_a_disabled_user_stays_outside_and_loses_the_session(client: FlaskClient, store: Store) -> None:
    sign_in(client, "wang")
    set_active(store, SYSTEM, "wang", False)
    assert client.get("/workbench").status_code == 302
    assert "or the user is disabled" in sign_in(client, "wang").text


def test_a_new_password_ends_older_sessions(client: FlaskClient, store: Store) -> None:
    sign_in(client, "wang")
    set_password(store, SYSTEM, "wang", "another horse 7")
    assert client.get("/workbench").status_code == 302
    assert sign_in(client, "wang", "another horse 7").status_code == 302


def test_missing_fields_are_named(client: FlaskClient) -> None:
    answer = client.post("/login", data={"csrf_token": token(client)})
    assert answer.status_code == 200
    assert "Enter your user name" in answer.text and "Enter your password" in answer.text


def test_five_failures_for_a_name_then_a_pause(client: FlaskClient) -> None:
    assert [sign_in(client, "wang", "wrong password").status_code for _ in range(6)] == [200] * 5 + [429]
    refused = sign_in(client, "wang")
    assert refused.status_code == 429 and 0 < int(refused.headers["Retry-After"]) <= 60
    assert "Too many attempts. Try again in 1 minute." in refused.text
    assert sign_in(client, "chen").status_code == 302, "another user is not locked out"


def test_many_names_from_one_address_are_stopped(client: FlaskClient) -> None:
    codes = [sign_in(client, f"guess{n}", "wrong password").status_code for n in range(21)]
    assert codes == [200] * 20 + [429]


def test_successes_are_not_counted(app: Flask) -> None:
    assert [sign_in(app.test_client(), "wang").status_code for _ in range(8)] == [302] * 8


def test_nothing_of_the_session_before_survives_signing_in(client: FlaskClient) -> None:
    before = token(client)
    with client.session_transaction() as session:
        session["planted"] = "by somebody else"
    sign_in(client, "wang")
    with client.session_transaction() as session:
        assert "planted" not in session
    answer = client.post("/workbench/ticket", headers={"X-CSRFToken": before, "Accept": "application/json"})
    assert (answer.status_code, answer.json["code"]) == (400, "csrf")


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)"]
)
def test_next_never_leads_away(client: FlaskClient, target: str) -> None:
    form = {"username": "wang", "password": PASSWORD, "csrf_token": token(client), "next": target}
    answer = client.post("/login", data=form)
    assert answer.status_code == 302
    assert answer.location == "/" or is_own_page(answer.location)


def test_a_page_is_reached_after_signing_in(client: FlaskClient) -> None:
    answer = client.get("/calls?cause=normal")
    assert answer.location == "/login?next=%2Fcalls%3Fcause%3Dnormal"
    form = {"username": "wang", "password": PASSWORD, "csrf_token": token(client)}
    assert client.post(answer.location, data=form).location == "/calls?cause=normal"


def test_signing_out(client: FlaskClient) -> None:
    sign_in(client, "wang")
    assert client.post("/logout").status_code == 400, "another site cannot sign somebody out"
    assert client.post("/logout", data={"csrf_token": token(client, "/workbench")}).location == "/login"
    assert client.get("/workbench").status_code == 302


def test_the_store_down_keeps_known_users_in(
    client: FlaskClient, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_in(client, "wang")
    csrf = token(client, "/workbench")
    stranger = client.application.test_client()
    store.home.database.rename(store.home.root / "gone.db")
    for name in ("-wal", "-shm"):
        store.home.database.with_name(f"ccc.db{name}").unlink(missing_ok=True)
    store.engine.dispose()
    store.home.database.mkdir()  # a folder in its place: the store cannot be opened
    ticket = client.post("/workbench/ticket", headers={"X-CSRFToken": csrf, "Accept": "application/json"})
    assert ticket.status_code == 200, "an agent's page can reconnect"
    history = client.get("/workbench/history", headers={"Accept": "application/json"})
    assert (history.status_code, history.json["code"]) == (503, "unavailable")
    form = {"username": "wang", "password": PASSWORD, "csrf_token": token(stranger)}
    assert stranger.post("/login", data=form).status_code == 503


@pytest.mark.parametrize("kind", ["json", "form"])
def test_a_script_is_throttled_like_a_person(client: FlaskClient, kind: str) -> None:
    """Flask-Security also takes JSON and answers failures with 400 then: they count all the same."""
    headers = {"X-CSRFToken": token(client), "Accept": "application/json"}
    codes = []
    for number in range(6):
        body = {"username": "wang" + " " * number, "password": f"guess {number}"}
        sent = {"json": body} if kind == "json" else {"data": body}
        codes.append(client.post("/login", headers=headers, **sent).status_code)  # type: ignore[arg-type]
    assert codes == [400] * 5 + [429]
    right = {"username": "wang", "password": PASSWORD}
    assert client.post("/login", headers=headers, json=right).status_code == 429
    assert client.post("/login", headers=headers, json={"username": ["wang"], "password": PASSWORD}).status_code == 429


def test_a_forged_address_changes_nothing(client: FlaskClient) -> None:
    codes = []
    for number in range(21):
        form = {"username": f"guess{number}", "password": "x", "csrf_token": token(client)}
        forged = {"X-Forwarded-For": f"192.0.2.{number}", "X-Real-IP": f"192.0.2.{number}", "Forwarded": "for=x"}
        codes.append(client.post("/login", data=form, headers=forged).status_code)
    assert codes == [200] * 20 + [429]


def test_one_ipv6_network_is_one_address(client: FlaskClient) -> None:
    """A customer of any provider has 2^64 addresses."""
    codes = []
    for number in range(21):
        form = {"username": f"guess{number}", "password": "x", "csrf_token": token(client)}
        place = {"REMOTE_ADDR": f"2001:db8::{number + 1:x}"}
        codes.append(client.post("/login", data=form, environ_overrides=place).status_code)
    assert codes == [200] * 20 + [429]
