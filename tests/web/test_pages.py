"""Headers, error shapes, languages: what every answer has in common."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from ccc.errors import ConflictError, InvalidError
from ccc.home import PROJECT
from ccc.web.headers import content_security_policy
from ccc.web.translations.__main__ import extracted, mo_bytes, po_bytes, updated
from tests.web.conftest import sign_in, token

PAGES = ("/login", "/workbench", "/calls", "/live", "/live/wall", "/calls/01JD0000ABCDEFGHJKMNPQRS", "/nothing-here")
ZH = Path("ccc/web/translations/zh/LC_MESSAGES/messages.po")


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("language", ["zh-CN,zh;q=0.9", "en-GB"])
def test_no_page_needs_inline_script_or_style(client: FlaskClient, page: str, language: str) -> None:
    if page != "/login":
        sign_in(client, "li")
    answer = client.get(page, headers={"Accept-Language": language})
    policy = answer.headers["Content-Security-Policy"]
    assert "script-src 'self';" in policy and "style-src 'self';" in policy and "unsafe" not in policy
    assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:", answer.text)
    for script in re.findall(r"<script[^>]*>", answer.text):
        assert "src=" in script or 'type="application/json"' in script
    assert re.findall(r'(?:src|href)="(?:https?:)?//', answer.text) == [], "nothing is loaded from elsewhere"


def test_security_headers_on_everything(client: FlaskClient) -> None:
    for address in ("/login", "/static/css/ccc.css", "/nothing", "/workbench"):
        headers = client.get(address).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert headers["Referrer-Policy"] == "same-origin"
        assert "microphone=(self)" in headers["Permissions-Policy"]
        assert len(headers["X-Request-ID"]) == 16
    assert "no-store" in client.get("/login").headers["Cache-Control"]


def test_static_files_are_kept_only_under_their_version(client: FlaskClient) -> None:
    assert "max-age=31536000" in client.get("/static/css/ccc.css?v=1").headers["Cache-Control"]
    assert client.get("/static/css/ccc.css").headers["Cache-Control"] == "no-cache"
    assert client.get("/static/../pyproject.toml").status_code == 404


def test_a_strange_host_header_does_not_enter_the_policy() -> None:
    assert "evil" not in content_security_policy("evil; script-src *")
    assert "ws://call.example:8080 wss://call.example:8080" in content_security_policy("call.example:8080")


def test_a_script_gets_the_one_error_shape(client: FlaskClient) -> None:
    answer = client.get("/nothing", headers={"Accept": "application/json"})
    assert answer.status_code == 404
    assert answer.json == {
        "code": "not-found",
        "message": "There is nothing at this address.",
        "request_id": answer.headers["X-Request-ID"],
    }
    wrong = client.delete("/login", headers={"Accept": "application/json"})
    assert wrong.status_code in (400, 405)


def test_our_errors_keep_code_field_and_status(app: Flask) -> None:
    @app.get("/boom/<kind>")
    def boom(kind: str) -> str:
        if kind == "bug":
            raise ZeroDivisionError("a secret detail")
        raise {"conflict": ConflictError("taken"), "invalid": InvalidError("no such day", field="from")}[kind]

    client = app.test_client()
    json = {"Accept": "application/json"}
    assert client.get("/boom/conflict", headers=json).status_code == 409
    invalid = client.get("/boom/invalid", headers=json)
    assert (invalid.status_code, invalid.json["field"], invalid.json["message"]) == (422, "from", "no such day")
    bug = client.get("/boom/bug", headers={"Accept-Language": "zh"})
    assert bug.status_code == 500
    assert "出错了" in bug.text and bug.headers["X-Request-ID"] in bug.text and "secret" not in bug.text


def test_a_form_too_large_is_refused(client: FlaskClient) -> None:
    answer = client.post("/login", data={"username": "x" * 2_000_000, "csrf_token": token(client)})
    assert answer.status_code in (400, 413)


@pytest.mark.parametrize(
    ("accept", "text"),
    [
        ("zh-CN,zh;q=0.9,en;q=0.8", "登录"),
        ("zh-TW", "登录"),
        ("en-US,en", "Sign in"),
        ("fr", "Sign in"),
        ("", "Sign in"),
    ],
)
def test_the_browser_chooses_the_language_first(client: FlaskClient, accept: str, text: str) -> None:
    assert f">{text}</button>" in client.get("/login", headers={"Accept-Language": accept}).text


def test_the_choice_is_remembered_by_cookie_then_by_user(app: Flask) -> None:
    client = app.test_client()
    form = {"language": "zh", "next": "/login", "csrf_token": token(client)}
    assert client.post("/language", data=form).location == "/login"
    assert "登录" in client.get("/login", headers={"Accept-Language": "en"}).text
    sign_in(client, "wang")
    form = {"language": "en", "next": "/workbench", "csrf_token": token(client, "/workbench")}
    client.post("/language", data=form)
    elsewhere = app.test_client()
    sign_in(elsewhere, "wang")
    assert "Waiting for calls" in elsewhere.get("/workbench", headers={"Accept-Language": "zh"}).text


@pytest.mark.parametrize("target", ["https://evil.example", "//evil.example", "/\\evil.example", "evil"])
def test_changing_the_language_stays_here(client: FlaskClient, target: str) -> None:
    form = {"language": "zh", "next": target, "csrf_token": token(client)}
    assert client.post("/language", data=form).location == "/"


def test_an_unknown_language_is_refused(client: FlaskClient) -> None:
    answer = client.post(
        "/language", data={"language": "xx", "csrf_token": token(client)}, headers={"Accept": "application/json"}
    )
    assert (answer.status_code, answer.json["field"]) == (422, "language")


def test_every_text_is_translated_and_compiled() -> None:
    path = PROJECT / ZH
    catalog = updated(path)
    assert len(extracted()) > 200
    assert [message.id for message in catalog if message.id and not message.string] == []
    assert path.read_bytes() == po_bytes(catalog), "run: python -m ccc.web.translations"
    assert path.with_suffix(".mo").read_bytes() == mo_bytes(path), "run: python -m ccc.web.translations"


def test_placeholders_survive_translation() -> None:
    for message in updated(PROJECT / ZH):
        if isinstance(message.id, str) and message.id:
            pattern = r"\{\w+\}|%\(\w+\)\w"
            assert sorted(re.findall(pattern, message.id)) == sorted(re.findall(pattern, message.string)), message.id
