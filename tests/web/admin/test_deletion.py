"""Deleting an instance on its page; files larger than a form where files are taken, and nowhere else."""

from __future__ import annotations

import io
from collections.abc import Callable

from ccc.services import numbers
from ccc.services.actor import SYSTEM
from ccc.store import Store
from tests.web.admin.conftest import Htmx, told

As = Callable[[str], Htmx]


def test_an_instance_is_deleted_by_typing_its_address(as_user: As, store: Store) -> None:
    owner = as_user("zhu")
    question = owner.get("/console/instances/ask/delete?key=demo").text
    assert "4001: back to the account" in question and "Call records" in question
    refused = owner.post("/console/instances/do/delete", {"key": "demo", "typed": "demos"})
    assert refused.status_code == 422 and "Type demo to confirm" in refused.text
    told(owner.post("/console/instances/do/delete", {"key": "demo", "typed": "demo"}))
    assert numbers.account_number(store, SYSTEM, "main", "4001").instance == ""
    assert "demo" not in owner.get("/console/instances/").text.split("<tbody>")[1].split("other")[0]
    gone = as_user("zhao").client.get("/agents/", follow_redirects=True)
    assert gone.status_code in (200, 403), "who worked in it is told, not shown an error"


def test_files_are_taken_where_they_are_expected(as_user: As) -> None:
    admin = as_user("zhao")
    big = b"x" * (3 * 1024 * 1024)
    for address, status in (("/audio/upload", 422), ("/audio/do/replace", 422), ("/flows/import", 422)):
        data = {"name": "x", "key": "x", "file": (io.BytesIO(big), "a.wav")}
        answer = admin.client.post(address, data=data, headers=admin.headers, content_type="multipart/form-data")
        assert answer.status_code in (status, 404), (address, answer.status_code)
    data = {"name": "x", "file": (io.BytesIO(big), "a.wav")}
    answer = admin.client.post("/groups/new", data=data, headers=admin.headers, content_type="multipart/form-data")
    assert answer.status_code == 413
