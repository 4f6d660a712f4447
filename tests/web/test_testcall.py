"""The panel of a test call and its tickets: for whom, for what, and what they say."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from flask.testing import FlaskClient

from ccc.loader import load
from ccc.services import flows, numbers
from ccc.services.actor import SYSTEM
from ccc.store import Store
from tests.web.conftest import sign_in, token

HTMX = {"HX-Request": "true"}


@pytest.fixture
def bound(store: Store) -> Store:
    """4001 runs the flow ``hello``."""
    flows.publish_flow(store, load(entry_points=False), SYSTEM, "demo", "hello")
    item = numbers.instance_number(store, SYSTEM, "demo", "4001")
    numbers.set_binding(store, SYSTEM, "demo", "4001", "hello", (), item.revision)
    return store


def ticket(client: FlaskClient, what: str) -> Any:
    headers = {"X-CSRFToken": token(client, "/"), "Accept": "application/json"}
    return client.post(f"/test-call/{what}/ticket", headers=headers)


def test_a_ticket_names_the_number_and_opens_only_test_calls(client: FlaskClient, bound: Store) -> None:
    sign_in(client, "zhao")
    answer = ticket(client, "number/4001").json
    body = answer["ticket"].partition(".")[0]
    facts = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    assert answer["url"] == "/rt/call"
    assert (facts["user"], facts["instance"], facts["scope"], facts["subject"]) == (
        "zhao", "demo", "call", "number:4001",
    )  # fmt: skip


def test_the_button_the_panel_and_its_address_as_a_page(client: FlaskClient, bound: Store) -> None:
    sign_in(client, "zhao")
    page = client.get("/numbers/").text
    assert 'hx-get="/test-call/number/4001"' in page and "testcall/main.js" in page
    panel = client.get("/test-call/number/4001", headers=HTMX).text
    assert 'data-ticket="/test-call/number/4001/ticket"' in panel and 'data-tc="call"' in panel
    assert client.get("/test-call/number/4001").headers["Location"] == "/numbers/?open=/test-call/number/4001"
    draft = client.get("/test-call/draft/hello", headers=HTMX).text
    assert 'data-ticket="/test-call/draft/hello/ticket"' in draft and "Draft" in draft
    assert "/test-call/draft/hello" in client.get("/flows/hello").text


def test_what_cannot_be_called_says_so(client: FlaskClient, store: Store) -> None:
    sign_in(client, "zhao")
    assert 'data-tc="call"' not in client.get("/test-call/number/4001", headers=HTMX).text
    refused = ticket(client, "number/4001")
    assert refused.status_code == 422 and "No published flow" in refused.json["message"]
    assert ticket(client, "draft/hello").status_code == 503, "there is no telephone side here"
    assert ticket(client, "draft/nothing").status_code == 404


@pytest.mark.parametrize(
    ("who", "status"), [("wang", 403), ("li", 403), ("zhu", 403), ("stranger", 404), ("fremd", 403)]
)
def test_nobody_else(client: FlaskClient, bound: Store, who: str, status: int) -> None:
    """Agent, supervisor, owner of the account, administrator of another instance, another account."""
    sign_in(client, who)
    for what in ("number/4001", "draft/hello"):
        assert client.get(f"/test-call/{what}", headers=HTMX).status_code == status, what
        assert client.get(f"/test-call/{what}").status_code == status, what
        assert ticket(client, what).status_code == status, what
