"""The flows' page: sets, the vendor's format, templates; and the page of API keys."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from ccc.services.templates import templates
from tests.web.conftest import HELLO, sign_in
from tests.web.test_setup_pages import HX, post

VENDOR = Path(__file__).resolve().parents[1] / "flow" / "foreign" / "unmapped.json"


@pytest.fixture
def admin(client: FlaskClient) -> FlaskClient:
    sign_in(client, "zhao")
    return client


def said(answer: Any) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(answer.headers["HX-Trigger"])["ccc:done"]
    return told


def test_everything_is_exported_as_a_set_and_comes_back(admin: FlaskClient) -> None:
    assert 'href="/flows/export"' in admin.get("/flows/").text
    file = admin.get("/flows/export")
    assert file.headers["Content-Disposition"] == 'attachment; filename="demo-flows.json"'
    packed = json.loads(file.text)
    assert [flow["name"] for flow in packed["flows"]] == ["hello"]
    same = post(admin, "/flows/import", text=file.text)
    assert same.status_code == 204 and "Nothing changed" in said(same)["text"]
    nodes = [*HELLO["nodes"], {"id": "go", "type": "queue", "config": {"skill_group": "nobody"}}]
    packed["flows"] = [{**HELLO, "name": "one", "nodes": nodes}, {**HELLO, "name": "two"}]
    asked = post(admin, "/flows/import", text=json.dumps(packed))
    assert asked.status_code == 200 and "Nothing has been changed yet" in asked.text
    assert "skill-group:nobody" in asked.text and "客户服务" in asked.text
    assert admin.get("/flows/one").status_code == 404
    both = said(post(admin, "/flows/import", text=json.dumps(packed), confirmed="y"))
    assert both["text"] == "Drafts of 2 flows saved."
    assert any("Missing here: skill group nobody (one · go)" in line for line in both["problems"])
    assert any("changed after it was exported" in line for line in both["problems"])


def test_the_vendors_format_needs_a_name(admin: FlaskClient) -> None:
    text = VENDOR.read_text("utf-8")
    refused = post(admin, "/flows/import", text=text)
    assert refused.status_code == 422 and "give the flow one" in refused.text
    assert post(admin, "/flows/import", text=text, name="Not a name").status_code == 422
    asked = post(admin, "/flows/import", text=text, name="theirs")
    assert 'name="map.node-type:vendor:SMART_NAVIGATION"' in asked.text
    done = said(post(admin, "/flows/import", text=text, name="theirs", confirmed="y"))
    assert any("No counterpart here: SMART_NAVIGATION (smart)" in line for line in done["problems"])


def test_what_is_missing_is_mapped(admin: FlaskClient) -> None:
    nodes = [*HELLO["nodes"], {"id": "go", "type": "queue", "config": {"skill_group": "nobody"}}]
    text = json.dumps({**HELLO, "name": "one", "nodes": nodes})
    mapped = {"map.skill-group:nobody": "support"}
    done = said(post(admin, "/flows/import", text=text, confirmed="y", **mapped))
    assert not any("Missing here" in line for line in done["problems"])
    exported = json.loads(admin.get("/flows/one/export").text)
    assert exported["nodes"][-1]["config"] == {"skill_group": "support"}


def test_a_module_of_the_vendor_becomes_what_was_chosen(admin: FlaskClient) -> None:
    mapped = {"map.node-type:vendor:SMART_NAVIGATION": "queue"}
    post(admin, "/flows/import", text=VENDOR.read_text("utf-8"), name="theirs", confirmed="y", **mapped)
    nodes = {node["id"]: node for node in json.loads(admin.get("/flows/theirs/export").text)["nodes"]}
    assert nodes["smart"]["type"] == "queue" and "bot" in nodes["smart"]["note"]


def test_new_flows_begin_with_a_template(admin: FlaskClient) -> None:
    form = admin.get("/flows/new", headers=HX).text
    assert all(each.title["en"] in form and each.name in form for each in templates())
    assert form.index('value="empty" checked') < form.index('value="welcome"')  # an empty one is the first choice
    assert form.count('<svg class="preview"') == len(templates()) + 1
    assert "<em>skill group sales (not here yet)</em>" in form
    assert post(admin, "/flows/new", title="VIP 专线", name="vip-line", template="vip").status_code == 204
    assert post(admin, "/flows/new", title="x", name="x", template="bench").status_code == 422
    assert "查客户" in admin.get("/flows/vip-line").text
    assert post(admin, "/flows/new", title="空", name="nothing-yet", template="empty").status_code == 204


def test_a_key_is_shown_once_used_and_revoked(admin: FlaskClient) -> None:
    empty = admin.get("/me/api-keys/").text
    assert "No API keys yet" in empty
    assert post(admin, "/me/api-keys/new", name="", days="90").status_code == 422
    made = post(admin, "/me/api-keys/new", name="deploy", days="30")
    assert made.status_code == 200
    secret = made.text.split('id="once-key">')[1].split("<")[0]
    assert post(admin, "/me/api-keys/new", name="deploy", days="30").status_code == 409
    headers = {"Authorization": f"Bearer {secret}"}
    assert admin.get("/api/v1/instances", headers=headers).json["items"][0]["name"] == "demo"
    page = admin.get("/me/api-keys/").text
    number = secret.split("_")[1]
    assert "deploy" in page and number in page and secret not in page and "127.0.0.1" in page
    assert "cannot be undone" in admin.get(f"/me/api-keys/ask/revoke?key={number}", headers=HX).text
    assert post(admin, "/me/api-keys/do/revoke", key=number).status_code == 204
    assert admin.get("/api/v1/instances", headers=headers).status_code == 401
    assert "Revoked" in admin.get("/me/api-keys/").text


def test_a_session_alone_opens_nothing_of_the_api(admin: FlaskClient) -> None:
    assert admin.get("/api/v1/flows").status_code == 401
    assert admin.post("/api/v1/flows", json=HELLO).status_code == 401
