"""Emergency closure on the pages: the list of numbers, the designer's switch, the banner everywhere."""

from __future__ import annotations

import html

from flask.testing import FlaskClient

from tests.web.conftest import sign_in
from tests.web.test_setup_pages import HX, post, revision

NUMBER = "4001"


def banner(client: FlaskClient, address: str) -> str:
    text = html.unescape(client.get(address).text)
    start = text.index('class="closed-banner"')
    return text[start : text.index("</div>", start)]


def bound(client: FlaskClient) -> FlaskClient:
    sign_in(client, "zhao")
    assert post(client, "/flows/do/publish", key="hello").status_code == 204
    edit = f"/numbers/{NUMBER}/edit"
    assert post(client, edit, flow="hello", _revision=revision(client, edit)).status_code == 204
    return client


def test_closed_in_the_list_and_opened_in_the_designer(client: FlaskClient) -> None:
    admin = bound(client)
    asked = admin.get(f"/numbers/ask/close?key={NUMBER}", headers=HX).text
    assert NUMBER in asked and "问候" in asked and "out of service" in asked, "it names number and flow"
    refused = post(admin, "/numbers/do/close", key=NUMBER, reason="", says="default")
    assert refused.status_code == 422 and "field-error" in refused.text
    refused = post(admin, "/numbers/do/close", key=NUMBER, reason="x", says="text", text=" ")
    assert refused.status_code == 422 and "1000" in refused.text
    done = post(admin, "/numbers/do/close", key=NUMBER, reason="<b>fire</b>", says="default", until="2099-01-01T09:00")
    assert done.status_code == 204 and '"action"' not in done.text and "/numbers/do/open" in done.headers["HX-Trigger"]

    for address in ("/numbers/", "/flows/", "/flows/hello", "/designer/hello", "/closures/?flow=hello"):
        told = banner(admin, address)
        assert f"{NUMBER} is closed to new calls" in told and "2099-01-01 09:00" in told, address
        assert "<b>fire</b>" not in admin.get(address).text, "what people write is text"
    assert NUMBER in admin.get("/numbers/?bound=closed", headers=HX).text
    assert "Open again" in admin.get("/numbers/", headers=HX).text

    shown = admin.get("/closures/flow/hello", headers=HX).text
    assert NUMBER in shown and "Open again" in shown
    opened = post(admin, "/closures/flow/hello/open", number=NUMBER).text
    assert "is open again" in opened and 'hx-swap-oob="true"' in opened
    assert "is closed" not in banner(admin, "/numbers/")

    form = admin.get(f"/closures/flow/hello?number={NUMBER}", headers=HX).text
    assert 'name="reason"' in form and f"Close {NUMBER} now" in form
    again = post(admin, "/closures/flow/hello/close", number=NUMBER, reason="", says="default")
    assert again.status_code == 422 and 'name="reason"' in again.text
    closed = post(admin, "/closures/flow/hello/close", number=NUMBER, reason="drill", says="default")
    assert f"{NUMBER} is closed to new calls." in closed.text
    post(admin, "/numbers/do/open", key=NUMBER)
    assert "is closed" not in banner(admin, "/numbers/")
