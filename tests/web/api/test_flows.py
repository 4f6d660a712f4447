"""The life of a flow over the API, from nothing to a rollback (IVR-7)."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from ccc.flow.document import parse_document
from ccc.services import drafts
from ccc.services.actor import SYSTEM, actor_of
from ccc.services.numbers import set_binding
from ccc.store import Store
from ccc.store.base import utc_now
from ccc.store.repos import audit
from ccc.web.api.flows.models import DOCUMENT
from tests.web.api.conftest import Api

FIXTURES = Path(__file__).resolve().parents[2] / "flow" / "foreign"


def named(name: str, **changes: Any) -> dict[str, Any]:
    return {**DOCUMENT, "name": name, **changes}


def test_from_nothing_to_a_rollback(admin: Api, store: Store) -> None:
    made = admin.post("/flows", json=named("life"))
    assert made.status_code == 201 and made.json["problems"] == []
    assert made.headers["ETag"] == '"r1"' and made.headers["Location"].startswith("/api/v1/flows/life")
    assert admin.get(made.headers["Location"].removeprefix("/api/v1")).json["document"]["title"] == "夜间提示"

    saved = admin.put("/flows/life", json=named("life", title="二"), if_match='"r1"')
    assert (saved.status_code, saved.headers["ETag"], saved.json["revision"]) == (200, '"r2"', 2)
    assert admin.get("/flows/life/check").json == {"publishable": True, "errors": 0, "warnings": 0, "problems": []}

    live = admin.post("/flows/life/publish", json={"message": "first"}, if_match='"r2"')
    assert live.json["changed"] and live.json["version"]["version"] == 1 and live.json["version"]["live"]
    assert admin.post("/flows/life/publish", json={}).json["changed"] is False

    admin.put("/flows/life", json=named("life", title="三"), if_match='"r2"')
    difference = admin.get("/flows/life/diff").json
    assert (
        difference["fields"] == [{"op": "change", "field": "title", "path": ["title"], "old": "二", "new": "三"}]
        and not difference["same"]
    )
    admin.post("/flows/life/publish", json={"message": "second"})
    assert [each["version"] for each in admin.get("/flows/life/versions").json["items"]] == [2, 1]
    assert admin.get("/flows/life/diff?older=1&newer=2").json["fields"][0]["new"] == "三"

    back = admin.post("/flows/life/rollback", json={"version": 1, "message": "back"}).json
    assert back["version"]["version"] == 3
    assert admin.get("/flows/life/versions/3").json["document"]["title"] == "二"
    flow = next(each for each in admin.get("/flows").json["items"] if each["name"] == "life")
    assert flow["state"] == "published" and flow["live_version"] == 3

    with store.read() as session:
        entry = next(each for each in audit.find(session) if each.action == "flow.rollback")
    assert entry.user == "zhao" and entry.detail["key"].startswith("test (")
    assert admin.post("/flows/life/unpublish").status_code == 204
    assert admin.delete("/flows/life").status_code == 204
    assert admin.get("/flows/life").status_code == 404


def test_a_stale_change_loses_nothing(admin: Api) -> None:
    admin.post("/flows", json=named("stale"))
    admin.put("/flows/stale", json=named("stale", title="theirs"), if_match='"r1"')
    refused = admin.put("/flows/stale", json=named("stale", title="mine"), if_match='"r1"')
    assert (refused.status_code, refused.json["code"], refused.json["field"]) == (412, "stale", "If-Match")
    read = admin.get("/flows/stale")
    assert read.json["title"] == "theirs" and read.headers["ETag"] == '"r2"'
    missing = admin.put("/flows/stale", json=named("stale"))
    assert (missing.status_code, missing.json["code"]) == (428, "precondition-required")
    assert admin.post("/flows/stale/publish", json={}, if_match='"r1"').status_code == 412
    assert admin.delete("/flows/stale", if_match='"r1"').status_code == 412
    assert admin.put("/flows/stale", json=named("stale", title="mine"), if_match='"r1", "r2"').status_code == 200
    assert admin.put("/flows/stale", json=named("other"), if_match="*").status_code == 422
    assert admin.delete("/flows/stale", if_match='"r3"').status_code == 204


def test_errors_refuse_and_warnings_ask(admin: Api) -> None:
    admin.post("/flows", json=named("broken", edges=[]))
    check = admin.get("/flows/broken/check").json
    assert not check["publishable"] and check["errors"] == 1 and check["warnings"] > 0
    refused = admin.post("/flows/broken/publish", json={"accept_warnings": True})
    assert (refused.status_code, refused.json["code"]) == (422, "flow-invalid")
    open_end = named("warns", edges=DOCUMENT["edges"][:1], nodes=DOCUMENT["nodes"][:2])
    assert [each["severity"] for each in admin.post("/flows", json=open_end).json["problems"]] == ["warning"]
    asked = admin.post("/flows/warns/publish", json={})
    assert (asked.status_code, asked.json["code"], asked.json["field"]) == (409, "warnings", "accept_warnings")
    assert "node say" in asked.json["message"]
    assert admin.post("/flows/warns/publish", json={"accept_warnings": True}).json["changed"]


def test_a_flow_in_use_stays(admin: Api, store: Store) -> None:
    admin.post("/flows", json=named("bound"))
    admin.post("/flows/bound/publish", json={})
    set_binding(store, actor_of(store, "zhao"), "demo", "4001", "bound", (), 1)
    refused = admin.delete("/flows/bound")
    assert refused.status_code == 409 and "4001" in refused.json["message"]
    assert admin.get("/flows/bound").json["numbers"] == ["4001"]


def test_what_is_there_or_is_not(admin: Api) -> None:
    taken = admin.post("/flows", json=named("hello"))
    assert taken.status_code == 409 and "PUT /api/v1/flows/hello" in taken.json["message"]
    for path in ("", "/check", "/versions", "/versions/1", "/diff"):
        assert admin.get(f"/flows/nowhere{path}").status_code == 404, path
    for action, body in (("publish", {}), ("rollback", {"version": 1}), ("unpublish", {}), ("test", {})):
        assert admin.post(f"/flows/nowhere/{action}", json=body).status_code == 404, action
    assert admin.put("/flows/nowhere", json=named("nowhere"), if_match='"r1"').status_code == 404
    assert admin.get("/flows/hello/diff").status_code == 404  # not published
    assert admin.get("/flows/hello/versions/99999999").status_code == 404
    assert admin.get(f"/flows/hello/versions/{10**30}").status_code == 404


def test_the_tests_of_a_flow(admin: Api) -> None:
    cases = [
        {"name": "hears it", "steps": [{"hears": "非工作时间"}, {"ends": "normal"}]},
        {"name": "hears another thing", "steps": [{"hears": "欢迎"}]},
    ]
    admin.post("/flows", json=named("tested", tests=cases))
    run = admin.post("/flows/tested/test").json
    assert not run["passed"] and run["broken"] is None
    assert [each["passed"] for each in run["cases"]] == [True, False]
    assert run["cases"][0]["path"] == ["start", "say", "end"] and "never came true" in run["cases"][1]["failure"]
    admin.post("/flows", json=named("untestable", edges=[], tests=cases))
    assert "leads nowhere" in admin.post("/flows/untestable/test").json["broken"]


def test_sets_there_and_back(admin: Api) -> None:
    flows = [named("set-a", edges=[*DOCUMENT["edges"]]), named("set-b", title="乙")]
    for flow in flows:
        admin.post("/flows", json=flow)
    text = admin.get("/flow-sets?names=set-b,set-a").text
    assert admin.get("/flow-sets?names=set-a,set-b,set-a").text == text
    packed = json.loads(text)
    assert [flow["name"] for flow in packed["flows"]] == ["set-a", "set-b"]

    again = admin.post("/flow-sets", json=packed).json
    assert again["intact"] is True and {each["done"] for each in again["flows"]} == {"unchanged"}
    packed["flows"][0]["title"] = "by hand"
    refused = admin.post("/flow-sets", json=packed)
    assert refused.status_code == 409 and "set-a" in refused.json["message"] and refused.json["field"] == "replace"
    trial = admin.post("/flow-sets?dry_run=true", json=packed).json
    assert [each["done"] for each in trial["flows"]] == ["replaced", "unchanged"] and trial["intact"] is False
    assert admin.get("/flows/set-a").json["title"] == "夜间提示"
    assert admin.post("/flow-sets?replace=true", json=packed).status_code == 200
    assert admin.get("/flows/set-a").json["title"] == "by hand"
    assert admin.get("/flow-sets?names=nowhere").status_code == 404


def test_what_is_missing_here_is_told(admin: Api) -> None:
    nodes = [*DOCUMENT["nodes"], {"id": "go", "type": "queue", "config": {"skill_group": "nobody"}}]
    nodes += [{"id": "sub", "type": "subflow", "config": {"flow": "partner"}}]
    packed = {"kind": "ccc-flows", "format": 1, "flows": [named("needs", nodes=nodes), named("partner")]}
    report = admin.post("/flow-sets?dry_run=true", json=packed).json
    assert report["missing"] == [
        {"kind": "skill-group", "name": "nobody", "used_by": [{"flow": "needs", "node": "go"}]}
    ]
    assert not any("partner" in problem["message"] for problem in report["flows"][0]["problems"])
    assert admin.get("/flows/needs").status_code == 404


def test_the_vendors_format(admin: Api) -> None:
    raw = json.loads((FIXTURES / "unmapped.json").read_text("utf-8"))
    report = admin.post("/vendor-flows?name=theirs&title=%E6%9D%A5", json=raw).json
    assert "SMART_NAVIGATION" in {each["name"] for each in report["findings"]}
    assert ("node-type", "vendor:SMART_NAVIGATION") in {(each["kind"], each["name"]) for each in report["missing"]}
    flow = admin.get("/flows/theirs").json
    assert flow["title"] == "来" and flow["nodes"] == 4
    assert admin.post("/vendor-flows?name=x", json={"nodes": []}).status_code == 422
    assert admin.post("/vendor-flows?name=Bad Name", json=raw).json["field"] == "name"


def test_templates_can_be_made_into_flows(admin: Api) -> None:
    items = admin.get("/flow-templates").json["items"]
    for each in items:
        document = admin.get(f"/flow-templates/{each['name']}").json
        assert len(parse_document(document).nodes) == each["nodes"]
    made = admin.post("/flows", json=document | {"name": "from-template"})
    assert made.status_code == 201
    assert admin.get("/flow-templates/nothing").status_code == 404


def test_the_designers_lock_is_respected(admin: Api, store: Store, speak: Callable[[str], Api]) -> None:
    admin.post("/flows", json=named("held"))
    held = drafts.take_lock(store, SYSTEM, "demo", "held", token="", shown_name="李静", now=utc_now())
    refused = admin.put("/flows/held", json=named("held", title="x"), if_match='"r1"')
    assert (refused.status_code, refused.json["code"]) == (409, "locked") and "李静" in refused.json["message"]
    assert "when it is closed there" in refused.json["message"]
    drafts.release_lock(store, SYSTEM, "demo", "held", held.token)
    assert speak("li").put("/flows/held", json=named("held", title="x"), if_match='"r1"').status_code == 200
    assert drafts.holder(store, SYSTEM, "demo", "held", utc_now()) is None


def test_a_set_may_be_larger_than_a_flow(admin: Api) -> None:
    flows = [named(f"large-{number}", variables={"x": "a" * 2_500_000}) for number in range(3)]
    packed = {"kind": "ccc-flows", "format": 1, "flows": flows}
    assert admin.post("/flow-sets?dry_run=true", json=packed).status_code == 200
    assert admin.post("/flows", json=flows[0] | {"variables": {"x": "a" * 6_000_000}}).status_code == 413


def test_publishing_is_planned_changed_and_cancelled(admin: Api) -> None:
    admin.ask("POST", "/flows", json=named("later"))
    asked = {"at": "2099-11-22T09:00:00+08:00", "message": "m"}
    assert admin.ask("POST", "/flows/later/schedules", json=asked, if_match='"r7"').status_code == 412
    assert admin.ask("POST", "/flows/later/schedules", json={"at": "2001-01-01T00:00:00Z"}).status_code == 422
    made = admin.ask("POST", "/flows/later/schedules", json=asked)
    assert made.status_code == 422 and made.json["field"] == "at", "two years are the farthest"
    asked["at"] = (utc_now() + timedelta(days=3)).isoformat()
    made = admin.ask("POST", "/flows/later/schedules", json=asked)
    assert made.status_code == 201 and (made.json["state"], made.json["revision"]) == ("waiting", 1), made.json
    assert admin.get("/flows/later").json["plans"] == [made.json]
    place = f"/flows/later/schedules/{made.json['id']}"
    other = (utc_now() + timedelta(days=4)).isoformat()
    assert admin.ask("PATCH", place, json={"at": other}).json["message"] == "m"
    assert admin.ask("DELETE", place).status_code == 204
    assert admin.ask("DELETE", place).status_code == 409
    assert [one["state"] for one in admin.get("/flows/later/schedules").json["items"]] == ["cancelled"]
