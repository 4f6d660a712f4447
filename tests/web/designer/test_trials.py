"""What the pane "Test without a phone" asks the server, and who may."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask

from ccc.flow.document import parse_document
from ccc.home import PROJECT
from ccc.loader import load
from ccc.services import rehearsals
from ccc.services.actor import SYSTEM
from ccc.store import Store
from ccc.store.records import CallRecord
from tests.web.admin.conftest import Htmx, as_user  # noqa: F401 - a fixture

MENU = (PROJECT / "flows" / "menu.json").read_text(encoding="utf-8")


@pytest.fixture
def document() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(MENU)
    return found | {"name": "hello"}


@pytest.fixture
def ask(as_user: Callable[[str], Htmx]) -> Callable[..., Any]:  # noqa: F811
    def post(what: str, body: Any, user: str = "zhao") -> Any:
        person = as_user(user)
        headers = person.headers | {"Accept": "application/json"}
        return person.client.post(f"/designer/hello/{what}", json=body, headers=headers)

    return post


def simulate(ask: Callable[..., Any], document: Any, *decisions: Any, **case: Any) -> Any:
    answer = ask("simulate", {"document": document, "case": {"name": "x", **case}, "decisions": list(decisions)})
    assert answer.status_code == 200, answer.text
    return answer.json


def test_a_call_is_simulated_step_by_step(ask: Callable[..., Any], document: dict[str, Any]) -> None:
    first = simulate(ask, document)
    assert (first["state"], first["asked"]["kind"], first["asked"]["node"]) == ("asks", "key", "menu")
    assert first["uses"]["agents"] == ["sales", "service"]
    pressed = simulate(ask, document, {"press": "1"}, {"wait": 1000}, agents={"sales": "busy"})
    assert (pressed["state"], pressed["cause"], pressed["node"]) == ("ended", "normal", "end")
    assert [stay["node"] for stay in pressed["stays"]] == ["start", "menu", "sales-notice", "sales", "busy", "end"]
    assert pressed["script"][-1] == {"ends": "normal"}


def test_a_flow_with_errors_names_its_nodes(ask: Callable[..., Any], document: dict[str, Any]) -> None:
    document["nodes"][1]["config"]["keys"] = []
    answer = simulate(ask, document)
    assert answer["state"] == "invalid" and any(one["node"] == "menu" for one in answer["problems"])
    assert ask("cases", {"document": document}).json["broken"]


def test_cases_say_in_words_where_they_fail(ask: Callable[..., Any], document: dict[str, Any]) -> None:
    results = ask("cases", {"document": document}).json["results"]
    assert len(results) == 5 and not any(result["failed"] for result in results)
    for edge in document["edges"]:
        if edge["exit"] == "key_1":
            edge["to"] = "goodbye"
    failed = [result for result in ask("cases", {"document": document}).json["results"] if result["failed"]]
    assert failed[0]["node"] == "menu" and failed[0]["line"] == 2
    assert "“销售咨询”" in failed[0]["why"] and failed[0]["why"].startswith("Line 2")


@pytest.mark.parametrize(
    "body",
    [
        [],
        {},
        {"document": {"name": "hello"}},
        {"case": {"name": "x"}, "decisions": [{"hears": "a"}]},
        {"case": {"name": "x", "at": "now"}},
        {"case": {"name": "x"}, "decisions": [{"press": "hello"}]},
        {"case": {"name": "x"}, "decisions": [{"press": "1"}] * 501},
    ],
)
def test_what_makes_no_sense_is_refused_in_words(ask: Callable[..., Any], document: dict[str, Any], body: Any) -> None:
    sent = {"document": document} | body if isinstance(body, dict) and body else body
    answer = ask("simulate", sent)
    assert answer.status_code in (400, 422) and answer.json["message"]


def test_supervisors_may_and_agents_not(ask: Callable[..., Any], document: dict[str, Any]) -> None:
    body = {"document": document, "case": {"name": "x"}}
    assert ask("simulate", body, "li").status_code == 200
    assert ask("simulate", body, "wang").status_code == 403


def test_a_real_call_becomes_a_case(
    document: dict[str, Any], store: Store, monkeypatch: pytest.MonkeyPatch, app: Flask
) -> None:
    """The wrong key, then 2; nobody answered. The case goes the same way."""
    steps = [
        {"node": "start", "exit": "next"},
        {"node": "menu", "exit": "key_2"},
        {"node": "service-notice", "exit": "done"},
        {"node": "service", "exit": "timeout"},
        {"node": "busy", "exit": "done"},
        {"node": "end", "exit": None},
    ]
    at = datetime(2026, 11, 20, 16, 30, tzinfo=UTC)
    record = CallRecord(
        id="c", instance="demo", account="", direction="inbound", caller="02085550100", callee="4001", trunk="",
        started_at=at, answered_at=at, ended_at=at, cause="normal", cause_detail="", flow="hello", flow_version=1,
        agent="", skill_group="service", waited_s=120, talk_s=0, keys="92", recording="", note="", disposition="",
        steps=steps,
    )  # fmt: skip
    monkeypatch.setattr(rehearsals, "get_call", lambda *_: record)
    case, run, _ = rehearsals.case_of_call(
        store, load(entry_points=False), SYSTEM, "demo", parse_document(document), "c", "Asia/Shanghai"
    )
    assert [(stay.node, stay.exit) for stay in run.stays] == [(step["node"], step["exit"]) for step in steps]
    assert (case.agents, case.at) == ({"service": "busy"}, datetime(2026, 11, 21, 0, 30))
    assert [step.press for step in case.steps if step.press] == ["9", "2"]
