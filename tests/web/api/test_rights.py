"""Every operation of the OpenAPI file as every role and another tenant: a new one is tried unasked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

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
