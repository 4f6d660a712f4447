"""Every operation of the OpenAPI file as every role and another tenant: a new one is tried unasked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from ccc.store import Store
from ccc.store.repos import audit
from tests.web.api.conftest import SECRETS, Api
from tests.web.api.operations import Operation, operations
from tests.web.test_rights import WHO

ROLES = {role: user for role, user in WHO.items() if role in ("agent", "supervisor", "admin")}
STRANGERS = {"stranger": "admin of another instance", "zhu": "owner, in none", "guan": "manager, in none"}
STRANGERS |= {"fremd": "owner of another account, in none"}


def ask(api: Api, each: Operation, instance: str = "") -> Any:
    """With the body the file gives as example, so that only rights can refuse it."""
    address = each.address()
    if instance and "instance" in each.parameters:
        address += ("&" if "?" in address else "?") + f"instance={instance}"
    body = {"json": each.example} if each.takes_body else {}
    return api.ask(each.method, address, if_match="*", **body)


@pytest.mark.parametrize("role", ROLES)
def test_roles_times_operations(app: Flask, speak: Callable[[str], Api], role: str) -> None:
    refused = 0
    for each in operations(app):
        status = ask(speak(ROLES[role]), each).status_code
        if role in each.roles:
            assert status not in (401, 403, 500), (each.id, status)
        else:
            assert status == 403, (each.id, status)
            refused += each.changes
    assert refused > 5 or role == "admin"


@pytest.mark.parametrize("who", STRANGERS)
def test_another_tenant_finds_nothing(app: Flask, speak: Callable[[str], Api], who: str) -> None:
    tried = 0
    for each in operations(app):
        names_demo = "instance" in each.parameters or each.id == "readInstance"
        for instance in ("demo", "") if names_demo else ("",):
            answer = ask(speak(who), each, instance)
            assert answer.status_code not in (401, 500), (each.id, who, answer.status_code)
            if names_demo and instance:
                assert answer.status_code == 404, (each.id, who, answer.text)
                tried += 1
            for secret in SECRETS:
                assert secret not in answer.text, (each.id, who)
    assert tried > 15


def test_an_agent_sees_the_own_calls_only(speak: Callable[[str], Api]) -> None:
    items = speak("wang").get("/calls?size=500").json["items"]
    assert items and {each["agent"] for each in items} == {"wang"}
    other = next(each for each in speak("li").get("/calls?size=500").json["items"] if each["agent"] == "chen")
    for path in (f"/calls/{other['id']}", f"/calls/{other['id']}/recording"):
        assert speak("wang").get(path).status_code == 404
        assert speak("li").get(path).status_code == 200


def test_a_recording_got_by_a_key_is_in_the_log(speak: Callable[[str], Api], store: Store) -> None:
    call = next(each for each in speak("li").get("/calls").json["items"] if each["recorded"])
    whole = speak("li").get(f"/calls/{call['id']}/recording")
    assert whole.headers["Content-Type"] == "audio/wav" and whole.data[:4] == b"RIFF"
    part = speak("li").get(f"/calls/{call['id']}/recording", headers={"Range": "bytes=44-99"})
    assert part.status_code == 206 and len(part.data) == 56
    beyond = speak("li").get(f"/calls/{call['id']}/recording", headers={"Range": "bytes=99999999-"})
    assert beyond.status_code == 416
    with store.read() as session:
        entry = next(each for each in audit.find(session) if each.action == "recording.play")
    assert (entry.user, entry.object, entry.account, entry.address) == ("li", call["id"], "main", "127.0.0.1")
    assert entry.detail["key"].startswith("test (")


def test_pages_of_calls_follow_one_another(speak: Callable[[str], Api]) -> None:
    found, after = [], None
    while True:
        page = speak("li").get("/calls?size=25" + (f"&after={after}" if after else "")).json
        found += [each["id"] for each in page["items"]]
        after = page["after"]
        if after is None:
            break
    assert len(found) == len(set(found)) == 62 and found == sorted(found)
    narrowed = speak("li").get("/calls?since=2026-11-20T00:00:00Z&until=2026-11-20T06:00:00%2B08:00&cause=abandoned")
    assert {each["cause"] for each in narrowed.json["items"]} <= {"abandoned"}
