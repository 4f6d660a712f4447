"""Second factor, sessions, forgotten password, first start: the pages."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient

from ccc.home import Home
from ccc.services import first_owner, notifiers, sealed, totp, two_factor, users, where_signed_in
from ccc.services.actor import SYSTEM, Actor
from ccc.store import Store, open_store, upgrade
from ccc.store.repos import notices
from ccc.web.app import create_app
from ccc.web.me.browsers import in_words
from tests.web.conftest import PASSWORD, sign_in, token

ZHAO = Actor("zhao", {"demo": "admin"}, account="main")
ZHU = Actor("zhu", {}, account="main", account_role="owner")


def enrol(store: Store, actor: Actor, back_s: int = 120) -> tuple[str, tuple[str, ...]]:
    """A second factor made a while ago: (secret, recovery codes)."""
    then = datetime.fromtimestamp(time.time() - back_s, UTC)
    secret = two_factor.begin(store.home)
    plain = sealed.unseal(store.home, secret)
    return plain, two_factor.turn_on(store, actor, secret, totp.code_at(plain, totp.counter_at(then.timestamp())), then)


def code_now(secret: str) -> str:
    return totp.code_at(secret, totp.counter_at(time.time()))


def give_code(client: FlaskClient, code: str) -> object:
    return client.post("/login/code?next=/calls", data={"code": code, "csrf_token": token(client, "/login/code")})


def test_password_then_code(client: FlaskClient, store: Store) -> None:
    secret, recovery = enrol(store, ZHAO)
    form = {"username": "zhao", "password": PASSWORD, "csrf_token": token(client), "next": "/calls"}
    answer = client.post("/login?next=/calls", data=form)
    assert (answer.status_code, answer.location) == (302, "/login/code?next=%2Fcalls")
    assert client.get("/workbench").status_code == 302, "not in yet"
    wrong = give_code(client, "123")
    assert "This code is wrong" in wrong.text and client.get("/workbench").status_code == 302  # type: ignore[attr-defined]
    right = give_code(client, code_now(secret))
    assert right.location == "/calls" and client.get("/workbench").status_code == 200  # type: ignore[attr-defined]
    assert client.get("/login/code").location == "/login", "nothing waits for a code any more"
    other = client.application.test_client()
    sign_in(other, "zhao")
    assert give_code(other, recovery[0]).status_code == 302  # type: ignore[attr-defined]
    assert other.get("/workbench").status_code == 200


def test_codes_and_passwords_share_one_budget(app: Flask, store: Store) -> None:
    secret, _ = enrol(store, ZHAO)
    client = app.test_client()
    for n in range(2):
        sign_in(app.test_client(), "zhao", f"wrong {n}")
    sign_in(client, "zhao")
    assert [give_code(client, "000000").status_code for _ in range(4)] == [200, 200, 200, 429]  # type: ignore[attr-defined]
    assert give_code(client, code_now(secret)).status_code == 429  # type: ignore[attr-defined]


def test_codes_are_not_guessed_day_after_day(app: Flask, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who knows the password gets thirty tries a day at the code, however slowly."""
    now = time.time()
    monkeypatch.setattr("limits.storage.memory.time.time", lambda: now)
    enrol(store, ZHAO)
    codes = []
    for _n in range(31):
        client = app.test_client()
        sign_in(client, "zhao")
        refused = give_code(client, "000000")
        codes.append(refused.status_code)  # type: ignore[attr-defined]
        now += 360
    assert codes == [200] * 30 + [429]
    assert int(refused.headers["Retry-After"]) > 12 * 3600 and "hours" in refused.text  # type: ignore[attr-defined]


def test_a_stolen_session_is_no_place_to_guess_the_password(app: Flask) -> None:
    client = app.test_client()
    sign_in(client, "li")
    headers = {"X-CSRFToken": token(client, "/me/"), "HX-Request": "true"}
    new = {"new": "another horse 8", "again": "another horse 8"}
    tries = [("password", new), ("two-factor-off", {}), ("recovery-codes", {}), ("name", {"name": "L", "email": "l@x"})]
    form = {"password": "no idea"}
    codes = [client.post(f"/me/{name}", data=form | more, headers=headers).status_code for name, more in tries]
    codes.append(client.post("/me/two-factor", data=form | {"code": "1"}, headers=headers).status_code)
    assert codes == [422] * 5, "each of them counts"
    for name, more in tries:
        assert client.post(f"/me/{name}", data={"password": PASSWORD} | more, headers=headers).status_code == 429, name
    assert sign_in(app.test_client(), "li").status_code == 429, "one budget for one password"
    assert sign_in(app.test_client(), "wang").status_code == 302


def test_a_script_learns_that_a_code_is_wanted(client: FlaskClient, store: Store) -> None:
    enrol(store, ZHAO)
    headers = {"X-CSRFToken": token(client), "Accept": "application/json"}
    answer = client.post("/login", headers=headers, json={"username": "zhao", "password": PASSWORD})
    assert answer.json == {"second_step": "/login/code"}
    assert client.get("/calls", headers=headers).status_code == 401


def test_who_must_sets_it_up_before_anything_else(client: FlaskClient, store: Store) -> None:
    two_factor.set_required(store, ZHU, "main", "admin")
    sign_in(client, "zhao")
    for address in ("/", "/workbench", "/agents/", "/me/"):
        assert client.get(address).location == "/me/two-factor", address
    script = client.get("/agents/", headers={"Accept": "application/json"})
    assert script.status_code == 403 and "two-factor" in script.json["message"]
    page = client.get("/me/two-factor").text
    assert re.search(r'<svg[^>]* viewBox="0 0 (\d+) \1"', page), "scales as a whole: a cut code cannot be read"
    assert 'name="password"' not in page
    secret = re.search(r'data-copy="([A-Z2-7]{32})"', page)
    assert secret is not None
    csrf = token(client, "/me/two-factor")
    wrong = client.post("/me/two-factor", data={"code": "123456x", "csrf_token": csrf})
    assert wrong.status_code == 422
    answer = client.post("/me/two-factor", data={"code": code_now(secret[1]), "csrf_token": csrf})
    assert answer.status_code == 200 and len(set(re.findall(r"<li><code>([a-z2-9-]{9})", answer.text))) == 10
    assert client.get("/workbench").status_code == 200
    agent = client.application.test_client()
    sign_in(agent, "wang")
    assert agent.get("/workbench").status_code == 200, "agents need not"


def test_setting_it_up_of_free_will_needs_the_password(client: FlaskClient) -> None:
    sign_in(client, "li")
    page = client.get("/me/two-factor").text
    secret = re.search(r'data-copy="([A-Z2-7]{32})"', page)
    assert secret is not None
    form = {"code": code_now(secret[1]), "csrf_token": token(client, "/me/two-factor"), "password": "not it"}
    refused = client.post("/me/two-factor", data=form)
    assert refused.status_code == 422 and "This is not your password" in refused.text
    assert client.post("/me/two-factor", data={**form, "password": PASSWORD}).status_code == 200


def test_a_session_ended_elsewhere_is_over_at_once(app: Flask, store: Store) -> None:
    here, there = app.test_client(), app.test_client()
    for client in (here, there):
        sign_in(client, "li")
    page = here.get("/me/").text
    assert "This browser" in page
    keys = {item.id for item in where_signed_in.mine(store, Actor("li"))}
    with here.session_transaction() as session:
        this = session["sid"]
    headers = {"X-CSRFToken": token(here, "/me/"), "HX-Request": "true"}
    (other,) = keys - {this}
    stranger = app.test_client()
    sign_in(stranger, "wang")
    theirs = {"X-CSRFToken": token(stranger, "/me/"), "HX-Request": "true"}
    assert stranger.post("/me/do/end", data={"key": other}, headers=theirs).status_code == 404
    assert here.post("/me/do/end", data={"key": other}, headers=headers).status_code == 204
    assert there.get("/workbench").location == "/login?next=%2Fworkbench"
    assert here.get("/workbench").status_code == 200
    sign_in(there, "li")
    assert here.post("/me/do/end-others", data={"key": this}, headers=headers).status_code == 204
    assert there.get("/workbench").status_code == 302 and here.get("/workbench").status_code == 200


def test_a_copied_cookie_is_worth_nothing_after_signing_out(app: Flask) -> None:
    client, thief = app.test_client(), app.test_client()
    sign_in(client, "li")
    cookie = client.get_cookie("ccc_session")
    assert cookie is not None
    thief.set_cookie("ccc_session", cookie.value)
    assert thief.get("/workbench").status_code == 200
    client.post("/logout", data={"csrf_token": token(client, "/workbench")})
    assert thief.get("/workbench").status_code == 302


def test_the_own_password(app: Flask) -> None:
    here, there = app.test_client(), app.test_client()
    for client in (here, there):
        sign_in(client, "li")
    headers = {"X-CSRFToken": token(here, "/me/"), "HX-Request": "true"}
    form = {"password": "wrong", "new": "another horse 8", "again": "another horse 8"}
    assert here.post("/me/password", data=form, headers=headers).status_code == 422
    assert here.post("/me/password", data={**form, "again": "x"}, headers=headers).status_code == 422
    assert here.post("/me/password", data={**form, "password": PASSWORD}, headers=headers).status_code == 204
    assert here.get("/workbench").status_code == 200 and there.get("/workbench").status_code == 302
    assert here.post("/me/do/end", data={"key": "none"}, headers=headers).status_code == 404, "the token still fits"
    assert sign_in(there, "li", "another horse 8").status_code == 302


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0", "Firefox 128 · Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64) Chrome/126.0.0.0 Safari/537.36 Edg/126.0", "Edge 126 · Linux"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15) Version/17.4 Safari/605", "Safari 17 · macOS"),
        ("Mozilla/5.0 (Linux; Android 14) Chrome/116.0 Mobile MicroMessenger/8.0", "WeChat 8 · Android"),
        ("curl/8.5", "curl/8.5"),
        ("", ""),
    ],
)  # fmt: skip
def test_browsers_in_words(agent: str, words: str) -> None:
    assert in_words(agent) == words


# Forgotten passwords -------------------------------------------------------------------------


def set_up_mail(app: Flask, store: Store) -> None:
    notifier = app.extensions["ccc_registry"].notifiers["smtp"]
    wanted = {"host": "mail.example", "sender": "ccc@example.com", "password": "secret of mail"}
    notifiers.save_settings(store, SYSTEM, notifier, wanted)


def test_without_mail_the_page_says_whom_to_ask(client: FlaskClient) -> None:
    page = client.get("/password/forgotten").text
    assert (
        "cannot send mail" in page
        and "ccc user password" in page
        and '<form method="post" action="/password' not in page
    )
    assert "Forgot your password?" in client.get("/login").text


def test_a_new_password_by_mail(app: Flask, client: FlaskClient, store: Store) -> None:
    set_up_mail(app, store)
    with store.write() as session:
        from ccc.store.repos import users as repo

        repo.change(session, "wang", name="王小明", email="wang@example.com")
        repo.set_locale(session, "wang", "zh")
    sign_in(client, "wang")
    other = app.test_client()
    answers = []
    for login in ("wang@example.com", "nobody@example.com", "li"):
        form = {"login": login, "csrf_token": token(other, "/password/forgotten")}
        answers.append(other.post("/password/forgotten", data=form, follow_redirects=True).text)
    plain = {re.sub(r'value="[^"]*"|[0-9a-f]{16}', "", text) for text in answers}
    assert len(plain) == 1, "nobody learns who is a user"
    with store.read() as session:
        (mail,) = notices.due(session, datetime.now(UTC))
    assert mail.to == "wang@example.com" and "王小明，您好" in mail.text and "localhost" not in mail.text
    code = re.search(r"[a-z2-9]{4}(-[a-z2-9]{4}){3}", mail.text)
    assert code is not None
    form = {"code": "no-no", "password": "another horse 8", "csrf_token": token(other, "/password/new")}
    assert other.post("/password/new", data=form).status_code == 422
    done = other.post("/password/new", data={**form, "code": code[0]})
    assert done.status_code == 200 and "New password set" in done.text
    assert client.get("/workbench").status_code == 302
    assert sign_in(other, "wang", "another horse 8").status_code == 302
    assert other.post("/password/new", data={**form, "code": code[0]}).status_code in (400, 422)


def test_asking_is_slow(app: Flask, client: FlaskClient, store: Store) -> None:
    set_up_mail(app, store)
    form = {"login": "x", "csrf_token": token(client, "/password/forgotten")}
    codes = [client.post("/password/forgotten", data=form).status_code for _ in range(6)]
    assert codes == [302] * 5 + [429]


def test_settings_of_mail_show_no_secret(app: Flask, store: Store) -> None:
    set_up_mail(app, store)
    client = app.test_client()
    sign_in(client, "zhu")
    page = client.get("/console/plugins/settings/plugins:notify_smtp", headers={"HX-Request": "true"})
    assert "mail.example" in page.text and "secret of mail" not in page.text
    assert "secret of mail" not in store.home.database.read_bytes().decode("latin1")
    headers = {"X-CSRFToken": token(client, "/console/plugins/"), "HX-Request": "true"}
    form = {"host": "mail2.example", "port": "465", "security": "tls", "sender": "not an address", "sender_name": "C"}
    refused = client.post("/console/plugins/settings/plugins:notify_smtp", data=form, headers=headers)
    assert refused.status_code == 422
    form["sender"] = "ccc@example.com"
    assert client.post("/console/plugins/settings/plugins:notify_smtp", data=form, headers=headers).status_code == 204
    notifier = app.extensions["ccc_registry"].notifiers["smtp"]
    able = notifiers.ready(store, {"smtp": notifier})
    assert able["smtp"]._settings.password == "secret of mail", "an empty secret keeps the one there is"  # type: ignore[attr-defined]
    foreign = app.test_client()
    sign_in(foreign, "fremd")
    assert (
        foreign.get("/console/plugins/settings/plugins:notify_smtp", headers={"HX-Request": "true"}).status_code == 403
    )


# The first start -----------------------------------------------------------------------------


@pytest.fixture
def empty(home: Home) -> Iterator[Store]:
    upgrade(home)
    store = open_store(home)
    yield store
    store.close()


def owner_form(client: FlaskClient, code: str, **more: str) -> dict[str, str]:
    form = {"title": "某公司", "name": "老板", "username": "boss", "password": PASSWORD, "email": "", "code": code}
    return {**form, "csrf_token": token(client, "/setup"), **more}


def test_the_first_page_makes_the_owner(empty: Store) -> None:
    client = create_app(empty.home, store=empty, testing=True).test_client()
    for address in ("/", "/login", "/password/forgotten"):
        assert client.get(address, follow_redirects=True).request.path == "/setup", address
    assert 'id="code"' in client.get("/setup?code=wrong").text
    code = first_owner.code(empty.home)
    assert 'id="code"' not in client.get(f"/setup?code={code}").text
    refused = client.post("/setup", data=owner_form(client, "abcd"))
    assert refused.status_code == 403 and "not the set-up code" in refused.text and "老板" in refused.text
    assert client.post("/setup", data=owner_form(client, code, password="short")).status_code == 422
    answer = client.post("/setup", data=owner_form(client, code))
    assert (answer.status_code, answer.location) == (302, "/console/instances/")
    page = client.get("/console/instances/").text
    assert "To the first answered call" in page and "<b>某公司</b>" in page, "whose console it is"
    assert client.get("/setup").location == "/login"
    assert client.get("/me/").status_code == 200
    late = create_app(empty.home, store=empty, testing=True).test_client()
    assert late.get("/setup").location == "/login"


def test_who_comes_second_is_told(empty: Store) -> None:
    app = create_app(empty.home, store=empty, testing=True)
    one, two = app.test_client(), app.test_client()
    code = first_owner.code(empty.home)
    forms = [owner_form(client, code, username=name) for client, name in ((one, "one"), (two, "two"))]
    first_owner.create(empty, code, "Acme", "quick", PASSWORD)  # while both had the page open
    for client, form in zip((one, two), forms, strict=True):
        answer = client.post("/setup", data=form)
        assert answer.status_code == 409 and "has an owner already" in answer.text
        assert client.get("/workbench").status_code == 302
    assert users.verify_password(empty, "one", PASSWORD) is None


def test_guessing_the_code_is_slow(empty: Store) -> None:
    client = create_app(empty.home, store=empty, testing=True).test_client()
    form = owner_form(client, "abcd-abcd-abcd-abcd")
    assert [client.post("/setup", data=form).status_code for _ in range(21)] == [403] * 20 + [429]
