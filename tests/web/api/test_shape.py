"""Every error in one shape with the right status, for every operation; and what the OpenAPI file promises."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from flask import Flask

from ccc.services import api_keys
from ccc.services.actor import SYSTEM, actor_of
from ccc.services.users import set_active
from ccc.store import Store
from ccc.web.api.app import MAX_BODY
from ccc.web.api.auth import PER_KEY, WRONG_KEYS
from ccc.web.app import create_app
from tests.web.api.conftest import Api
from tests.web.api.operations import Operation, operations

FLOW = {"name": "shape", "nodes": [{"id": "start", "type": "start"}]}


def well_shaped(answer: Any, status: int) -> dict[str, str]:
    assert answer.status_code == status, (answer.status_code, answer.text)
    shape: dict[str, str] = answer.json
    assert {"code", "message", "request_id"} <= set(shape) <= {"code", "message", "field", "request_id"}
    assert all(isinstance(value, str) and value for value in shape.values())
    assert shape["request_id"] == answer.headers["X-Request-ID"]
    assert "Traceback" not in answer.text
    return shape


def test_no_key_a_wrong_key_and_a_cookie_are_401(app: Flask, speak: Callable[[str], Api]) -> None:
    nobody = speak("")
    for each in operations(app):
        answer = nobody.ask(each.method, each.address())
        assert well_shaped(answer, 401)["code"] == "unauthenticated", each
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    for header in ("Basic emhhbzp4", "Bearer", "Bearer ccc_1234", "Bearer é"):
        well_shaped(nobody.get("/flows", headers={"Authorization": header}), 401)
    well_shaped(nobody.get("/flows", headers={"Cookie": "ccc_session=abc"}), 401)


def test_what_is_not_there(app: Flask, admin: Api, speak: Callable[[str], Api]) -> None:
    for api in (admin, speak("")):
        well_shaped(api.get("/nothing"), 404)
        well_shaped(api.get(""), 404)
        refused = api.ask("PATCH", "/flows")
        assert well_shaped(refused, 405) and set(refused.headers["Allow"].split(", ")) >= {"GET", "POST"}
    for each in operations(app):
        if "{" in each.path:
            well_shaped(admin.ask(each.method, each.address("%00"), json={}), each.refusal(404))


@pytest.mark.parametrize("body", ["{", "[1,]", '{"a": NaN}', "\x00", "[" * 50_000, ""])
def test_a_body_that_is_no_json_is_400(app: Flask, admin: Api, body: str) -> None:
    for each in operations(app):
        if each.takes_body:
            answer = admin.ask(each.method, each.address(), data=body, content_type="application/json")
            assert well_shaped(answer, 400)["code"] == "usage", each


def test_another_type_is_415_too_much_is_413(app: Flask, admin: Api) -> None:
    for each in operations(app):
        if each.takes_body:
            for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
                well_shaped(admin.ask(each.method, each.address(), data="a=b", content_type=kind), 415)
            if each.id != "importFlows":
                large = b'{"x": "' + b"x" * MAX_BODY + b'"}'
                well_shaped(admin.ask(each.method, each.address(), data=large, content_type="application/json"), 413)


@pytest.mark.parametrize("body", [5, "x", [], {"nodes": 5}, {"name": 1}, {"surprise": 1}, {"name": "\ud800"}])
def test_a_body_of_another_shape_is_422(app: Flask, admin: Api, body: Any) -> None:
    for each in operations(app):
        if each.takes_body and not (each.id == "publishFlow" and body == []):
            well_shaped(admin.ask(each.method, each.address(), json=body, if_match="*"), 422)


def test_queries_name_their_mistakes(app: Flask, admin: Api) -> None:
    for each in operations(app):
        if each.parameters:
            address = each.address()
            address += ("&" if "?" in address else "?") + "surprise=1"
            assert well_shaped(admin.ask(each.method, address, json={}), 422)["field"] == "surprise", each
    for query, field in (
        ("size=0", "size"), ("size=501", "size"), ("size=x", "size"), ("after=zzz", "after"),
        ("since=2026-01-01", "since"), ("since=2026-01-01T00:00", "since"), ("number=" + "1" * 200, "number"),
    ):  # fmt: skip
        assert well_shaped(admin.get(f"/calls?{query}"), 422)["field"] == field
    assert well_shaped(admin.get("/flows/hello/diff?older=0"), 422)["field"] == "older"
    well_shaped(admin.get("/flows?instance=nowhere"), 404)


def test_chinese_for_who_asks_so(admin: Api) -> None:
    refused = admin.get("/flows/nix", headers={"Accept-Language": "zh-CN"})
    assert "没有" in well_shaped(refused, 404)["message"]


def test_our_own_mistakes_are_500_without_their_story(
    app: Flask, admin: Api, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: Any) -> Any:
        raise RuntimeError("a secret of the inside")

    monkeypatch.setattr("ccc.services.flow_admin.flow_items", broken)
    answer = admin.get("/flows")
    assert well_shaped(answer, 500)["code"] == "internal" and "secret" not in answer.text
    assert answer.json["request_id"] in caplog.text


def test_limits(app: Flask, admin: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    throttle = app.extensions["ccc_api"].extensions["ccc_throttle"]
    assert (PER_KEY, WRONG_KEYS) == ("600 per minute", "20 per minute")
    monkeypatch.setattr(throttle, "per_key", type(throttle.per_key)(2, 1))
    answers = [admin.get("/instances") for _ in range(3)]
    limited = answers[-1]
    assert well_shaped(limited, 429)["code"] == "too-many-requests" and 0 < int(limited.headers["Retry-After"]) <= 60


def test_guessing_keys_is_stopped_by_address(place: Any, store: Store, app: Flask) -> None:
    other = create_app(place, store=store, testing=True)
    guesser, right = Api(other, "ccc_" + "0" * 12 + "_" + "A" * 43), api_keys
    made = right.create_key(store, actor_of(store, "chen"), "guess", 1)
    for _ in range(20):
        assert guesser.get("/instances").status_code == 401
    assert Api(other, made.secret).get("/instances").status_code == 429
    far = {"environ_base": {"REMOTE_ADDR": "192.0.2.1"}}
    assert Api(other, made.secret).get("/instances", **far).status_code == 200


def test_a_revoked_key_and_a_disabled_user_open_nothing(app: Flask, store: Store) -> None:
    chen = actor_of(store, "chen")
    made = api_keys.create_key(store, chen, "soon gone", 1)
    api = Api(app, made.secret)
    assert api.get("/instances").json == {"items": [{"name": "demo", "role": "agent"}]}
    set_active(store, SYSTEM, "chen", False)
    assert well_shaped(api.get("/instances"), 403)["code"] == "forbidden"
    set_active(store, SYSTEM, "chen", True)
    api_keys.revoke_key(store, chen, made.record.id)
    well_shaped(api.get("/instances"), 401)


def test_the_file_describes_every_operation(app: Flask, speak: Callable[[str], Api]) -> None:
    spec = speak("").get("/openapi.json").json
    assert spec["openapi"].startswith("3.1") and spec["servers"] == [{"url": "/api/v1"}]
    schemas, seen = spec["components"]["schemas"], set()
    found: list[Operation] = operations(app)
    routes = [rule for rule in app.extensions["ccc_api"].url_map.iter_rules() if rule.endpoint != "openapi.spec"]
    assert len(found) == sum(len((rule.methods or set()) - {"HEAD", "OPTIONS"}) for rule in routes)
    for each in found:
        raw = each.raw
        assert raw["operationId"] not in seen and raw["summary"] and raw["tags"] and raw["x-roles"], each
        seen.add(raw["operationId"])
        assert {"401", "403", "404", "422", "429", "500"} <= set(raw["responses"]), each
        for body in [raw.get("requestBody"), *(raw["responses"][status] for status in raw["responses"])]:
            for kind, content in (body or {}).get("content", {}).items():
                if kind == "application/json":
                    name = content["schema"]["$ref"].rpartition("/")[2]
                    assert schemas[name]["examples"], name
        for parameter in raw["parameters"]:
            assert parameter["name"] and parameter["schema"]
    assert str(spec).count("'$ref': '#/components/schemas/") == sum(
        str(spec).count(f"'$ref': '#/components/schemas/{name}'") for name in schemas
    )


def test_a_body_in_chunks(admin: Api) -> None:
    chunked = {"Transfer-Encoding": "chunked", "Content-Type": "application/json"}
    read = admin.post("/flows", headers=chunked, input_stream=BytesIO(b'{"name": "in-chunks"}'))
    assert read.status_code == 201
    large = BytesIO(b'{"name": "' + b"x" * MAX_BODY + b'"}')
    well_shaped(admin.post("/flows", headers=chunked, input_stream=large), 413)
    well_shaped(admin.post("/flows", headers=chunked | {"Content-Type": "text/plain"}, input_stream=BytesIO(b"{")), 415)
