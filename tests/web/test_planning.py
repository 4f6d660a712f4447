"""Publishing planned for later on the pages: dialog of the designer, list, a flow's page; failures with reasons."""

from __future__ import annotations

import html
from datetime import timedelta

from flask.testing import FlaskClient

from ccc.loader import load
from ccc.services import publishing, schedules
from ccc.services.actor import SYSTEM
from ccc.services.flows import draft_of
from ccc.store import Store
from ccc.store.base import utc_now
from tests.web.conftest import sign_in
from tests.web.test_setup_pages import HX, post, said


def local(days: float) -> str:
    """As the browser sends it, on the instance's clock (Asia/Shanghai)."""
    return f"{utc_now() + timedelta(days=days, hours=8):%Y-%m-%dT%H:%M}"


def test_planned_in_the_designer_changed_and_cancelled_on_the_flows_page(client: FlaskClient, store: Store) -> None:
    sign_in(client, "zhao")
    dialog = client.get("/designer/hello/publish").text
    assert 'name="when"' in dialog and "Asia/Shanghai" in dialog
    over = post(client, "/designer/hello/publish", revision="1", when="later", at=local(-1), message="kept")
    assert over.status_code == 422 and "This time is over" in over.text and 'value="kept"' in over.text
    nonsense = post(client, "/designer/hello/publish", revision="1", when="later", at="soon")
    assert nonsense.status_code == 422 and "not a date" in nonsense.text
    made = post(client, "/designer/hello/publish", revision="1", when="later", at=local(2), message="holiday")
    shown = local(2).replace("T", " ")
    assert made.json["planned"] == f"It will be published {shown}."
    assert f"planned for {shown}" in client.get("/designer/hello/publish").text
    assert f"planned for {shown}" in client.get("/flows/").text
    (plan,) = schedules.plans(store, SYSTEM, "demo", "hello")
    page = client.get("/flows/hello").text
    assert shown in page and "holiday" in page and f"plan-cancel?key=hello:{plan.id}" in html.unescape(page)
    assert local(2) in client.get(f"/flows/ask/plan-change?key=hello:{plan.id}", headers=HX).text
    moved = post(client, "/flows/do/plan-change", key=f"hello:{plan.id}", at=local(3), message="m")
    assert moved.status_code == 204
    assert post(client, "/flows/do/plan-cancel", key=f"hello:{plan.id}").status_code == 204
    assert post(client, "/flows/do/plan-cancel", key=f"hello:{plan.id}").status_code == 409
    planned = post(client, "/flows/do/publish", key="hello", at=local(4))
    assert "plan-cancel" in said(planned)["undo"]["url"]
    assert "Cancelled" in client.get("/flows/hello").text


def test_a_failure_is_shown_with_its_reasons_until_somebody_has_read_it(client: FlaskClient, store: Store) -> None:
    sign_in(client, "zhao")
    post(client, "/designer/hello/publish", revision="1", when="later", at=local(1))
    draft = draft_of(store, "demo", "hello")
    try:
        with publishing.under_way(store, SYSTEM, draft, utc_now(), planned=True):
            assert "Publishing…" in client.get("/flows/").text
            raise ValueError("100% <b>lost</b>")
    except ValueError:
        pass
    for address in ("/flows/", "/flows/hello"):
        page = client.get(address).text
        assert "Publishing failed" in page and "ValueError: 100% &lt;b&gt;lost" in page, address
    assert "hello" in client.get("/flows/?state=publish_failed", headers=HX).text
    assert post(client, "/flows/do/understood", key="hello").status_code == 204
    assert "ValueError" not in client.get("/flows/hello").text
    (plan,) = schedules.plans(store, SYSTEM, "demo", "hello")
    (done,) = schedules.publish_due(store, load(entry_points=False), plan.at + timedelta(minutes=5))
    assert done.state == "published" and "5 min late" in client.get("/flows/hello").text
