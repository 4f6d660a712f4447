"""Flows, audio, numbers, instances, settings, log, plugins through the Flask client."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from ccc.audio.g711 import encode_alaw
from ccc.services import audio
from ccc.store import Store
from ccc.store.repos import audit
from tests.web.conftest import HELLO, sign_in, token

HX = {"HX-Request": "true"}


@pytest.fixture
def admin(client: FlaskClient) -> FlaskClient:
    sign_in(client, "zhao")
    return client


@pytest.fixture
def owner(app: Flask) -> FlaskClient:
    client = app.test_client()
    sign_in(client, "zhu")
    return client


def post(client: FlaskClient, url: str, **data: Any) -> Any:
    return client.post(url, data=data, headers={**HX, "X-CSRFToken": token(client, "/")})


def said(answer: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(answer.headers["HX-Trigger"])["ccc:done"]
    return found


def revision(client: FlaskClient, url: str) -> str:
    page = client.get(url, headers=HX).text
    return page.split('name="_revision" value="')[1].split('"')[0]


def wav(seconds: float = 0.5) -> bytes:
    return audio.as_wav(encode_alaw(audio.decode_alaw(b"\x55" * int(8000 * seconds))))


def test_a_flow_from_import_to_number_and_back(admin: FlaskClient) -> None:
    answer = post(admin, "/flows/import", confirmed="y", text=json.dumps({**HELLO, "name": "second"}))
    assert answer.status_code == 204 and said(answer)["key"] == "second"
    changed = json.dumps({**HELLO, "name": "second", "title": "another"})
    again = post(admin, "/flows/import", confirmed="y", text=changed)
    assert again.status_code == 409 and "other flows of these names: second" in again.text
    assert post(admin, "/flows/import", confirmed="y", text="{no").status_code == 422
    edit = "/numbers/4001/edit"
    refused = post(admin, edit, flow="second", _revision=revision(admin, edit))
    assert refused.status_code == 422 and "only a published flow takes calls" in refused.text
    assert post(admin, "/flows/do/publish", key="second", message="first").status_code == 204
    assert post(admin, edit, flow="second", _revision=revision(admin, edit)).status_code == 204
    assert "4001" in admin.get("/flows/ask/delete?key=second", headers=HX).text
    assert post(admin, "/flows/do/delete", key="second").status_code == 409
    page = admin.get("/flows/second").text
    assert "4001" in page and "first" in page and "您好" in page
    exported = admin.get("/flows/second/export?version=1")
    assert exported.json["name"] == "second" and "second-v1.json" in exported.headers["Content-Disposition"]
    assert post(admin, "/numbers/do/unbind", key="4001").status_code == 204
    assert post(admin, "/flows/do/delete", key="second").status_code == 204
    assert admin.get("/flows/second").status_code == 404


def test_a_faulty_flow_is_not_published_and_node_and_field_are_named(admin: FlaskClient) -> None:
    faulty = {**HELLO, "name": "faulty", "nodes": [*HELLO["nodes"], {"id": "lost", "type": "queue", "config": {}}]}
    post(admin, "/flows/import", confirmed="y", text=json.dumps(faulty))
    asked = admin.get("/flows/ask/publish?key=faulty", headers=HX).text
    assert "lost · Skill group" in asked and "Understood" in asked
    assert post(admin, "/flows/do/publish", key="faulty").status_code == 422


def test_rollback_copy_rename(admin: FlaskClient) -> None:
    for text in ("一", "二"):
        nodes = json.loads(json.dumps(HELLO["nodes"]))
        nodes[1]["config"]["prompts"][0]["text"] = text
        post(admin, "/flows/import", confirmed="y", text=json.dumps({**HELLO, "nodes": nodes}), replace="y")
        assert post(admin, "/flows/do/publish", key="hello").status_code == 204
    assert post(admin, "/flows/do/rollback", key="hello:1").status_code == 204
    assert "v3" in admin.get("/flows/hello").text
    assert post(admin, "/flows/do/rollback", key="hello:x").status_code == 422
    assert said(post(admin, "/flows/do/copy", key="hello", name="hello2", title="又一个"))["key"] == "hello2"
    edit = "/flows/hello2/edit"
    old = revision(admin, edit)
    assert post(admin, edit, name="hello3", title="改名", _revision=old).status_code == 204
    assert admin.get("/flows/hello3").status_code == 200
    assert post(admin, "/flows/hello3/edit", name="hello3", title="晚了", _revision="0").status_code == 409


def test_audio(admin: FlaskClient) -> None:
    file = (io.BytesIO(wav()), "welcome.wav")
    assert post(admin, "/audio/upload", name="欢迎", file=file).status_code == 204
    mp3 = (io.BytesIO(b"ID3" + b"\0" * 100), "x.wav")
    refused = post(admin, "/audio/upload", name="假", file=mp3)
    assert refused.status_code == 422 and "MP3" in refused.text
    big = (io.BytesIO(wav(200) + b"\0" * 2_300_000), "big.wav")
    assert post(admin, "/audio/upload", name="大", file=big).status_code == 422
    assert admin.get("/audio/欢迎/wave").mimetype == "image/svg+xml"
    sound = admin.get("/audio/欢迎/file?download=1")
    assert sound.data[:4] == b"RIFF" and "attachment" in sound.headers["Content-Disposition"]
    nodes = json.loads(json.dumps(HELLO["nodes"]))
    nodes[1]["config"]["prompts"] = [{"kind": "audio", "name": "欢迎"}]
    post(admin, "/flows/import", confirmed="y", text=json.dumps({**HELLO, "nodes": nodes}), replace="y")
    assert "hello" in admin.get("/audio/ask/delete?key=欢迎", headers=HX).text
    assert post(admin, "/audio/do/delete", key="欢迎").status_code == 409
    assert post(admin, "/audio/do/replace", key="欢迎", file=(io.BytesIO(wav(1.0)), "n.wav")).status_code == 204
    assert post(admin, "/audio/do/replace", key="欢迎").status_code == 422
    assert "1.0" in admin.get("/audio/").text
    said_so = {"text": "您好", "speed": "1", "volume": "150"}
    for address, more in (("speak", {"name": "说"}), ("listen", {}), ("欢迎/text", {})):
        spoken = post(admin, f"/audio/{address}", **more, **said_so)
        assert spoken.status_code == 503 and "jobs do not answer" in spoken.text
        loud = post(admin, f"/audio/{address}", **more, **said_so | {"volume": "900"})
        assert loud.status_code == 422 and "200" in loud.text
    assert admin.get("/audio/无/text", headers=HX).status_code == 404


def test_an_instance_in_one_step(owner: FlaskClient, store: Store) -> None:
    clash = owner.get("/console/instances/check?name=Demo", headers={**HX, "Accept-Language": "zh"}).text
    assert "您填写的域名已经存在" in clash
    assert "Free" in owner.get("/console/instances/check?title=Neu", headers=HX).text
    assert post(owner, "/console/numbers/new", number="0755-26881234", instance="").status_code == 204
    form = {"title": "华南", "name": "south", "numbers": "075526881234", "recording": "y"}
    assert post(owner, "/console/instances/new", **form).status_code == 204
    assert post(owner, "/console/instances/new", **form).status_code == 409
    assert "south" in owner.get("/console/instances/").text
    assert owner.post("/instance", data={"instance": "south", "csrf_token": token(owner, "/")}).status_code == 302
    numbers = owner.get("/numbers/").text
    assert "075526881234" in numbers and "v1" in numbers
    edit = "/settings/south/edit"
    values = {"title": "华南", "timezone": "UTC", "max_call_min": "30", "max_calls": "5", "break_reasons": "茶\n饭"}
    values["familiar_wait_s"] = "0"
    saved = post(owner, edit, **values, _revision=revision(owner, edit))
    assert saved.status_code == 204, saved.text
    assert "茶" in owner.get("/settings/").text
    assert post(owner, edit, **{**values, "max_calls": "6"}, _revision="1").status_code == 409
    assert owner.get("/settings/demo/edit", headers=HX).status_code == 404
    with store.read() as session:
        assert {"instance.add", "instance.change"} <= {entry.action for entry in audit.find(session, "south")}


def test_log_and_plugins(owner: FlaskClient, app: Flask) -> None:
    post(owner, "/console/numbers/new", number="075526881234")
    assert "number.add" in owner.get("/console/log/?kind=number.").text
    assert "number.add" not in owner.get("/console/log/?kind=flow.").text
    assert "play" in owner.get("/console/plugins/").text
    stranger = app.test_client()
    sign_in(stranger, "fremd")
    page = stranger.get("/console/log/").text
    assert "number.add" not in page and "zhao" not in page
