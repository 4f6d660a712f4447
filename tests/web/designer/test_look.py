"""Versions, replay, live and heat map as a signed-in user gets them, without a browser."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from ccc.loader import load
from ccc.services import drafts, flow_admin, flows
from ccc.services.actor import SYSTEM
from ccc.store import Store
from ccc.store.repos import calls as call_rows
from tests.web.conftest import END, HELLO, call_row, sign_in, token


def publish_three(store: Store) -> None:
    """v1 as it is; v2 says something else and has a second node; v3 has lost that node again."""
    registry = load()
    flows.publish_flow(store, registry, SYSTEM, "demo", "hello", "erste")
    nodes: Any = HELLO["nodes"]
    start, say, end = nodes
    config = {"prompts": [{"kind": "tts", "text": "<b>欢迎</b>"}]}
    extra = {"id": "extra", "type": "play", "name": "加播", "config": config}
    lines = [("start", "next", "say"), ("say", "done", "extra"), ("extra", "done", "end")]
    edges = [{"from": source, "exit": exit_, "to": target} for source, exit_, target in lines]
    second = {**HELLO, "nodes": [start, {**say, "config": config}, extra, end], "edges": edges}
    flows.import_flow(store, registry, SYSTEM, "demo", second)
    flows.publish_flow(store, registry, SYSTEM, "demo", "hello", "zweite")
    flows.import_flow(store, registry, SYSTEM, "demo", {**HELLO, "title": "问候三"})
    flows.publish_flow(store, registry, SYSTEM, "demo", "hello", "dritte")


def add_call(store: Store, ident: str, version: int | None, walk: list[Any], **more: Any) -> None:
    """A call of ``hello`` that walked (node, type, entered, left, exit), seconds after its start; a sixth item says in
    which sub-flow."""
    row = call_row(0, END) | {"id": ident, "flow": "hello", "flow_version": version, "recording": ""} | more
    begin = row["started_at"].timestamp()
    row["steps"] = [
        {"n": n, "node": node, "name": "", "type": kind, "entered_at": begin + entered, "exit": exit_,
         "left_at": None if left is None else begin + left, **(inside[0] if inside else {})}
        for n, (node, kind, entered, left, exit_, *inside) in enumerate(walk)
    ]  # fmt: skip
    with store.write() as session:
        call_rows.add_calls(session, [row])


@pytest.fixture
def zhao(app: Flask) -> FlaskClient:
    client = app.test_client()
    assert sign_in(client, "zhao").status_code == 302
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


def test_versions_and_what_differs(zhao: FlaskClient, store: Store) -> None:
    assert "Nothing was published yet" in zhao.get("/designer/hello/versions").text
    publish_three(store)
    page = zhao.get("/designer/hello/versions?a=1&b=2").text
    for text in ("erste", "zweite", "dritte", "加播", "&lt;b&gt;欢迎", "您好"):
        assert text in page
    assert "Prompts · 1 · Text" in page  # nested settings are called as in the form
    assert "<b>欢迎" not in page and "They say the same" not in page
    assert "They say the same" in zhao.get("/designer/hello/versions?a=3&b=draft").text
    assert zhao.get("/designer/hello/versions?a=9&b=2").status_code == 404
    assert "It cannot be published like this" not in page
    flows.import_flow(store, load(), SYSTEM, "demo", {**HELLO, "edges": []})
    assert "It cannot be published like this" in zhao.get("/designer/hello/versions").text
    document = zhao.get("/designer/hello/versions/2").get_json()["document"]
    assert [node["id"] for node in document["nodes"]] == ["start", "say", "extra", "end"]


def test_rollback_asks_first(zhao: FlaskClient, app: Flask, store: Store) -> None:
    publish_three(store)
    assert "Publish v1 again?" in zhao.get("/designer/hello/versions?confirm=1").text
    assert drafts.draft(store, SYSTEM, "demo", "hello").live_version == 3
    data = {"csrf_token": token(zhao, "/"), "version": "1", "message": ""}
    assert zhao.post("/designer/hello/rollback", data=data).status_code == 302
    assert drafts.draft(store, SYSTEM, "demo", "hello").live_version == 4
    assert flow_admin.version_of(store, SYSTEM, "demo", "hello", 4).document["title"] == "问候"
    supervisor = app.test_client()
    sign_in(supervisor, "li")
    assert "Roll back" not in supervisor.get("/designer/hello/versions", headers={"Accept-Language": "en"}).text


def test_replay_shows_the_version_that_ran(zhao: FlaskClient, store: Store) -> None:
    publish_three(store)
    walk: list[Any] = [
        ("start", "start", 0, 0.1, "next"),
        ("say", "play", 0.1, 3, "done"),
        ("extra", "play", 3, None, None),
    ]
    add_call(store, "R1", 2, walk, recording="demo/r.wav")
    page = zhao.get("/designer/hello/replay?call=R1").text
    assert "加播" in page and 'data-step="2"' in page and 'data-peaks="/calls/R1/peaks"' in page
    assert "not kept" not in page
    add_call(store, "R2", None, walk[:2])
    assert "not kept" in zhao.get("/designer/hello/replay?call=R2").text
    assert "There is no call with this id" in zhao.get("/designer/hello/replay?call=nobody").text
    assert "call=R1" in zhao.get("/designer/hello/replay").text
    assert 'href="/designer/hello/replay?call=R1"' in zhao.get("/calls/R1").text


def test_replay_of_a_sub_flow_on_its_own_graph(zhao: FlaskClient, store: Store) -> None:
    publish_three(store)
    flows.import_flow(store, load(), SYSTEM, "demo", {**HELLO, "name": "front"})
    inside = {"flow": "hello", "flow_version": 2, "depth": 1}
    walk: list[Any] = [
        ("start", "start", 0, 0, "next"),
        ("say", "subflow", 0, 3, "done"),
        ("start", "start", 0, 0, "next", inside),
        ("extra", "play", 0, 3, "done", inside),
        ("end", "hangup", 3, None, None),
    ]
    add_call(store, "S1", 1, walk, flow="front")
    outer = zhao.get("/designer/front/replay?call=S1").text
    assert outer.count("in the sub-flow hello") == 2
    assert 'href="/designer/hello/replay?call=S1">hello v2<' in outer
    inner = zhao.get("/designer/hello/replay?call=S1").text
    assert "加播" in inner and "<b>hello v2</b>" in inner and "in the sub-flow" not in inner
    data = re.findall(r'<script[^>]*type="application/json"[^>]*>(.*?)</script>', inner, re.S)[0]
    shown = [step["here"] for step in json.loads(data)["steps"]]
    assert shown == [False, False, True, True, False]
    assert "in the sub-flow hello" in zhao.get("/calls/S1").text
    add_call(store, "S2", 1, walk[:1], flow="front")
    assert zhao.get("/designer/hello/replay?call=S2").headers["Location"] == "/designer/front/replay?call=S2"


def test_heat_counts_calls_of_the_version(zhao: FlaskClient, store: Store) -> None:
    publish_three(store)
    for n in range(3):
        add_call(store, f"H{n}", 3, [("start", "start", 0, 0, "next"), ("say", "play", 0, None, None)])
    add_call(store, "H9", 1, [("start", "start", 0, 0, "next")])
    assert "heat" in zhao.get("/designer/hello/heat?days=90&version=3").text
    assert zhao.get("/designer/hello/heat?days=90&version=all").status_code == 200
    assert zhao.get("/designer/hello/heat?days=9999").status_code == 422
    assert zhao.get("/designer/hello/live").status_code == 200
